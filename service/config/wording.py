"""Plain words for what is wrong: how a value, a choice and a suggestion are spelled out to the operator."""

from __future__ import annotations

import json
import re
from datetime import date, time
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

_LONGEST = 60
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_KINDS = (
    (bool, "true or false"),
    (int, "a number"),
    (float, "a number with a fraction"),
    (date | time, "a date or time"),
    (list, "a list"),
    (dict, "a table"),
)


def quoted(text: str) -> str:
    """The text in double quotes on one line, cut when it is long."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def described(value: object) -> str:
    """What a TOML value is: 'the text "8000"', "a table"."""
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return next(words for kind, words in _KINDS if isinstance(value, kind))


def listed(names: Iterable[str]) -> str:
    """The names one after the other, each in double quotes."""
    return ", ".join(map(quoted, names))


def did_you_mean(given: str, known: Collection[str]) -> str:
    """A question to append when one of the known names is near, upper case or lower; else nothing."""
    folded = {name.lower(): name for name in known}
    near = get_close_matches(given.lower()[:_LONGEST], folded, n=1)
    return f"; did you mean {quoted(folded[near[0]])}?" if near else ""


def dotted(key: Iterable[str | int]) -> str:
    """A key the way people write it: sources[1].interval."""
    path = ""
    for part in key:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += "." * bool(path) + (part if _BARE_KEY.fullmatch(part) else quoted(part))
    return path
