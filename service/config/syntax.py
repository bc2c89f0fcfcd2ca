"""Where and why a document is not TOML, in plain words."""

from __future__ import annotations

import re

_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_WORDS = (  # how tomllib's reason begins, and what it comes to
    ("Invalid value", 'no value that TOML knows; text stands in quotes: key = "text"'),
    ("Cannot overwrite a value", "this key is set a second time"),
    ("Duplicate inline table key", "a key is set a second time here"),
    ("Cannot declare", "this table is opened a second time"),
    ("Cannot redefine", "this table is opened a second time"),
    ("Cannot mutate", "this table is complete already, where it was written in braces or brackets"),
    ("Illegal character '\\n'", "a closing quote is missing on this line"),
    ("Unterminated string", "a closing quote is missing"),
    ("Expected '='", "a key, then =, then a value: something of it is missing here"),
    ("Expected newline", "something stands behind the value that does not belong there"),
    ("Invalid statement", "this is neither a [table] nor a key = value"),
)


def syntax_fault(error: Exception, data: bytes) -> tuple[int, str]:
    """The line and the reason of an error that decoding or tomllib raised; line 0 is the whole file."""
    if isinstance(error, UnicodeDecodeError):
        return data.count(b"\n", 0, error.start) + 1, "this is not UTF-8; save the file as UTF-8"
    if isinstance(error, RecursionError):
        return 0, "lists or tables are nested too deeply"
    place = _PLACE.search(str(error))
    if place is None:
        return 0, "a number in it is too long to be read"
    reason = str(error)[: place.start()]
    words = next((words for start, words in _WORDS if reason.startswith(start)), reason)
    line = int(place[1]) if place[1] else len(data.splitlines())
    return line, f"this is not TOML: {words}"
