"""Pure: what people search by, and what they find it in, as the same plain words.

Words are letters and digits without case and accents. In scripts that put no spaces between words each
character is a word, and several that stand together are a phrase. Nothing that can be typed is an error.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.text import without_tags

if TYPE_CHECKING:
    from collections.abc import Iterable

Phrase = tuple[str, ...]  # of at least one word

LONGEST = 200  # characters of a query
_MOST = 16  # words of a query
_WORD_LENGTH = 60
_LONGEST_TEXT = 200_000  # characters kept of an article's words
_CASTS = str.maketrans(
    {
        "æ": "ae", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ł": "l", "ø": "o", "œ": "oe", "þ": "th",
        "“": '"', "”": '"', "„": '"', "‟": '"', "«": '"', "»": '"',
    }
)  # fmt: skip
_UNSPACED = (  # Thai, Lao, Myanmar, Khmer; kana; Han
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_NO_LONG_WORD = re.compile(rf"(?:.{{0,{_WORD_LENGTH}}} )*+.{{0,{_WORD_LENGTH}}}")
_NO_LETTER = re.compile(r"[^\x00-\u02ff\w]")  # below it are no accents
_CAST = re.compile(f"[{''.join(map(chr, _CASTS))}]")
_IN_ASCII = {it: chr(it).lower() if chr(it).isalnum() else " " for it in range(128)}
_ASKED = re.compile(r'(-?)(?:"([^"]*)"?|([^\s"]+))')


class Query(Struct, frozen=True):
    """What an article has to say, all of it, and what it must not."""

    wanted: tuple[Phrase, ...]
    refused: tuple[Phrase, ...]

    def __str__(self) -> str:
        """The query in its one canonical spelling."""
        return " ".join([*map(_spelt, self.wanted), *(f"-{_spelt(it)}" for it in self.refused)])


def _spelt(phrase: Phrase) -> str:
    return phrase[0] if len(phrase) == 1 else f'"{" ".join(phrase)}"'


def words(text: str) -> list[str]:
    """The words of a text, in order."""
    return _spaced(text).split()


def spoken(title: str | None, summary: str | None, content: str | None) -> str:
    """The words of an article's texts, of which the last is clean HTML, with blanks between them."""
    said = (title or "", summary or "", without_tags(content or ""))
    return " ".join(filter(None, map(_spaced, said)))[:_LONGEST_TEXT]


def _spaced(text: str) -> str:
    """The words of a text; those of ASCII with blanks too many, as to take them apart costs more."""
    found = _in_ascii(text).strip() if text.isascii() else " ".join(_parted(_folded(text)))
    if _NO_LONG_WORD.fullmatch(found):
        return found
    return " ".join(it[:_WORD_LENGTH] for it in found.split())


def _in_ascii(text: str) -> str:
    return text.translate(_IN_ASCII)


def _parted(folded: str) -> list[str]:
    return _in_ascii(folded).split() if folded.isascii() else _WORD.findall(folded)


def signed(spoken: str, names: Iterable[str]) -> str:
    """The words of an article's texts, and those of its authors' names behind them."""
    return " ".join(filter(None, (spoken, *map(_spaced, names))))[:_LONGEST_TEXT]


def _folded(text: str) -> str:
    bare = _NO_LETTER.sub(_without_accent, unicodedata.normalize("NFKD", text.casefold()))
    whole = unicodedata.normalize("NFC", bare)
    return _CAST.sub(lambda it: _CASTS[ord(it[0])], whole).casefold()


def _without_accent(found: re.Match[str]) -> str:
    """Nothing for an accent; a blank for dashes and quotes, without which most texts are ASCII."""
    if "\u2000" <= found[0] <= "\u206f":
        return " "
    return "" if unicodedata.category(found[0]) == "Mn" else found[0]


def query(text: str) -> Query | None:
    """What a text asks for: words, "phrases", -what is not wanted; None if that is nothing, or too much."""
    if len(text) > LONGEST:
        return None
    wanted: list[Phrase] = []
    refused: list[Phrase] = []
    for minus, quoted, bare in _ASKED.findall(text.translate(_CASTS)):
        phrase = tuple(words(quoted or bare))
        if phrase:
            (refused if minus else wanted).append(phrase)
    found = Query(tuple(sorted(set(wanted))), tuple(sorted(set(refused))))
    is_some = 0 < sum(len(it) for it in (*found.wanted, *found.refused)) <= _MOST
    return found if is_some else None
