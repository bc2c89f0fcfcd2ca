"""Pure: whether a text has what an operator looks for: words, globs, or patterns of RE2 (only user of re2).

All take time that grows with the text alone, whatever the text and the pattern: RE2 knows no backtracking.
It takes its time to load, so it is loaded once a glob or a pattern is there.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from service.words import words

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 500  # characters of a glob or a pattern
_MEMORY = 4 << 20  # bytes that a pattern and its matching may take
_WILD = {"*": ".*", "?": "."}


class BadPattern(ValueError):
    """A pattern that RE2 does not take, and why."""


class Seen:
    """A text to look through, told in each way that is asked for, once."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def folded(self) -> str:
        """Its words without case and accents, with a space around each."""
        return _spaced(words(self._text))

    @cached_property
    def encoded(self) -> bytes:
        """UTF-8, as RE2 wants it."""
        return self._text.encode("utf-8", "replace")


class _Term(Struct, frozen=True):
    written: str  # by the operator
    compiled: Any


class Matcher:
    """Several terms, of which a text has to have one."""

    def __init__(
        self,
        *,
        words: Sequence[str] = (),
        globs: Sequence[str] = (),
        patterns: Sequence[str] = (),
    ) -> None:
        """Raises BadPattern for a pattern that RE2 does not take."""
        self._phrases = [(it, phrase(it)) for it in words]
        self._compiled = [_Term(it, _of_glob(it)) for it in globs]
        self._compiled += [_Term(it, pattern(it)) for it in patterns]

    def found(self, seen: Seen) -> str | None:
        """The first of the terms that the text has, as it was written."""
        for written, folded in self._phrases:
            if folded in seen.folded:
                return written
        for term in self._compiled:
            if term.compiled.search(seen.encoded):
                return term.written
        return None


def phrase(written: str) -> str:
    """What to look for in Seen.folded; two spaces, which no text has, where there is no word in it."""
    return _spaced(words(written))


def pattern(written: str) -> Any:
    """The pattern, compiled.

    Raises:
        BadPattern: RE2 does not take it, or would need too much memory.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    try:
        return re2.compile(written.encode(), options)
    except re2.error as error:
        raise BadPattern(_told(error)) from None


def _told(error: Exception) -> str:
    reason = error.args[0] if error.args else b""
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)


def _of_glob(glob: str) -> Any:
    """A glob has to be the whole of a text, in any case of letters."""
    import re2

    inner = "".join(_WILD.get(it) or re2.escape(it) for it in glob)
    return pattern(rf"(?is)\A{inner}\z")


def _spaced(found: Sequence[str]) -> str:
    return f" {' '.join(found)} "
