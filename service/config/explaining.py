"""What the models refuse, said so that the operator sees how to mend it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from service.config.describing import describe
from service.config.outline import section, sections
from service.config.wording import described, did_you_mean, dotted, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from service.config.lines import Key

_OF_A_KEY = "[key]"  # pydantic's mark behind the name of a table that is itself at fault


def explained(error: ValidationError) -> Iterator[tuple[Key, str]]:
    """Every fault that pydantic found: the key it lies in, and what to do about it."""
    for fault in error.errors(include_url=False):
        key = fault["loc"][:-1] if fault["loc"][-1:] == (_OF_A_KEY,) else fault["loc"]
        yield key, _SPECIAL.get(fault["type"], _phrase)(key, fault)


def _phrase(_: Key, fault: ErrorDetails) -> str:
    phrase = _PHRASES.get(fault["type"], "cannot be {found}")
    return phrase.format(found=described(fault["input"]), **fault.get("ctx", {}))


_PHRASES = {
    "string_type": "must be text in quotes, not {found}",
    "path_type": "must be a path in quotes, not {found}",
    "int_type": "must be a whole number without quotes, not {found}",
    "bool_type": "must be true or false without quotes, not {found}",
    "dict_type": "must be a table whose keys are names, not {found}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "value_error": "{error}",
}


def _missing(key: Key, _: ErrorDetails) -> str:
    if found := section(key):
        return f"missing; add a table {found.header}"
    name, around = str(key[-1]), section(key[:-1])
    describe()
    about = around.model.model_fields[name].description if around else None
    return f"missing; add {name} = ... ({(about or name).rstrip('.')})"


def _unknown(key: Key, fault: ErrorDetails) -> str:
    name, around = str(key[-1]), section(key[:-1])
    kind = "table" if _is_table(fault["input"]) else "key"
    known = list(around.model.model_fields) if around else []
    hint = _home(name) or did_you_mean(name, known) or f"; known here: {', '.join(known)}"
    return f"unknown {kind}{hint}"


def _is_table(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, dict)


def _home(name: str) -> str:
    """Where a key belongs, when there is one place only."""
    homes = [found for found in sections() if name in found.model.model_fields]
    return f"; it belongs in {homes[0].header}" if len(homes) == 1 and homes[0].path else ""


def _not_a_list(key: Key, fault: ErrorDetails) -> str:
    item = section((*key, 0))
    if item and isinstance(fault["input"], dict):
        return f"can stand several times; write {item.header} with double brackets"
    return f"must be a list in [brackets], not {described(fault['input'])}"


def _not_a_table(key: Key, fault: ErrorDetails) -> str:
    if isinstance(fault["input"], list) and _is_table(fault["input"]):
        return f"stands once; write [{dotted(key)}] with single brackets"
    return f"must be a table, not {described(fault['input'])}"


def _no_choice(_: Key, fault: ErrorDetails) -> str:
    choices = re.findall(r"'([^']*)'", fault["ctx"]["expected"])
    given = fault["input"]
    if not isinstance(given, str):
        return f"must be one of {listed(choices)}, not {described(given)}"
    return f"{quoted(given)} is not one of {listed(choices)}{did_you_mean(given, choices)}"


_SPECIAL: dict[str, Callable[[Key, ErrorDetails], str]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "tuple_type": _not_a_list,
    "model_type": _not_a_table,
    "literal_error": _no_choice,
}
