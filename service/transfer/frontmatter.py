"""Front matter: the TOML (`+++`) or YAML (`---`) block that a Markdown file begins with.

What YAML can do beyond plain values (anchors, aliases, tags, deep nesting) is refused before anything
is built of it, so a file of a few bytes cannot grow into gigabytes.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

import yaml

from service.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST: Final = 64_000  # characters
DEEPEST: Final = 8  # tables and lists within each other

_HALF_CHARACTER: Final = re.compile("[\ud800-\udfff]")


class Unusable(ServiceError):
    """A file cannot be taken as an article; `problems` holds all that has to be mended in it."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


def split(text: str, *, name: str) -> tuple[dict[str, object], str]:
    """The front matter as plain values, and the body below it.

    Raises:
        Unusable: There is no front matter, or it is not valid TOML or YAML.
    """
    lines = text.removeprefix("\ufeff").splitlines(keepends=True)
    fence = lines[0].rstrip() if lines else ""
    if fence not in _READERS:
        raise Unusable([f"{name}: has no front matter; begin the file with a line +++ or ---"])
    end = next((n for n, line in enumerate(lines) if n and line.rstrip() == fence), None)
    if end is None:
        raise Unusable([f"{name}: the front matter never ends; close it with a line {fence}"])
    source = "\n" + "".join(
        lines[1:end]
    )  # the empty line stands for the fence: lines count as in the file
    return _values(source, fence, name), "".join(lines[end + 1 :])


def _values(source: str, fence: str, name: str) -> dict[str, object]:
    if len(source) > LONGEST:
        raise Unusable(
            [f"{name}: the front matter is over {LONGEST} characters; move text below it"]
        )
    language, read = _READERS[fence]
    try:
        values = read(source)
    except yaml.YAMLError as error:
        raise Unusable([f"{name}: {_yaml_problem(error)}"]) from error
    except (ValueError, OverflowError, RecursionError) as error:
        raise Unusable([f"{name}: the front matter is not {language}: {error}"]) from error
    if not isinstance(values, dict):
        raise Unusable([f"{name}: the front matter is not a table; write lines of key: value"])
    return values


def _yaml(source: str) -> object:
    depth = 0
    for event in yaml.parse(source, Loader=yaml.SafeLoader):
        if getattr(event, "anchor", None) or getattr(event, "tag", None):
            raise ValueError(
                "anchors (&), aliases (*) and tags (!) are not taken; write the value out"
            )
        if _HALF_CHARACTER.search(getattr(event, "value", "")):
            raise ValueError("an escape stands for half a character; write the character itself")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise ValueError(f"lists and tables are nested more than {DEEPEST} deep")
    return yaml.safe_load(source) or {}


_READERS: Final[dict[str, tuple[str, Callable[[str], object]]]] = {
    "+++": ("TOML", tomllib.loads),
    "---": ("YAML", _yaml),
}


def _yaml_problem(error: yaml.YAMLError) -> str:
    reason = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be read"
    mark = getattr(error, "problem_mark", None)
    where = f" (at line {mark.line + 1}, column {mark.column + 1})" if mark else ""
    return f"the front matter is not YAML: {reason}{where}; quote text that holds a colon"
