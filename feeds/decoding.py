"""The bytes of a document as text, by a fixed rule. The first of these that fits decides:

1. the byte order mark, or the zero bytes beside the first "<";
2. the charset of the HTTP header;
3. the encoding of the XML declaration;
4. UTF-8;
5. windows-1252, byte by byte where the text is not UTF-8.

A charset fits when the whole document decodes by it, an unfinished last character aside. By a charset of
single bytes every document decodes: it does not fit one that is UTF-8 beyond ASCII. JSON is UTF-8 whatever
is said of it (RFC 8259 section 8.1). What was encoded twice stays as it is: to undo that is to guess.
"""

from __future__ import annotations

import codecs
import re

from msgspec import Struct

from feeds import text
from feeds.repair import CDATA

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
# Subsets are read as what contains them, as the Encoding Standard has it.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
# What a label may name, by Python's names. UTF-7 serves attackers only; UTF-16 and UTF-32 show by their
# bytes, whatever a label says.
_USABLE = re.compile(
    r"utf-8|iso8859-\d+|cp(?:125\d|866|874|932|949)|koi8-[ru]|mac-(?:cyrillic|roman)|big5(?:hkscs)?"
    r"|gb18030|euc_jp|iso2022_jp"
)
_SINGLE_BYTE = re.compile(r"iso8859-\d+|cp(?:125\d|866|874)|koi8-[ru]|mac-(?:cyrillic|roman)")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_DECLARED = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)""")
_DECLARED_WITHIN = 400  # bytes
_STRAY = re.compile("[\udc80-\udcff]")
_REFERENCE = re.compile("&#(?:[xX]([0-9A-Fa-f]++)|([0-9]++));")
_CDATA_OR_REFERENCE = re.compile(f"{CDATA}|{_REFERENCE.pattern}")


class Decoded(Struct, frozen=True):
    """The text of a document, and what was wrong with its bytes."""

    text: str  # legal in XML 1.0
    problems: tuple[str, ...] = ()


def decode(body: bytes, content_type: str | None) -> Decoded:
    """The text by the rule above, without byte order mark and without characters illegal in XML."""
    labels = {} if _is_json(body) else _labels(body, content_type)
    encoding, written = _decoded(body, list(labels.values()))
    problems = [
        f"{place} says {label}, the text is {encoding}"
        for place, label in labels.items()
        if _codec(label) != encoding.removesuffix("-le").removesuffix("-be")
    ]
    clean = text.legal(written)
    if not is_json(clean):  # in which "&#0;" is text like any other
        clean = _with_legal_references(clean)
    if clean != written:
        problems.append("characters that are not legal in XML were left out")
    return Decoded(clean, tuple(problems))


def is_json(document: str) -> bool:
    """Whether the document is a JSON object rather than markup."""
    return document.lstrip().startswith("{")


def _is_json(body: bytes) -> bool:
    return body.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def _labels(body: bytes, content_type: str | None) -> dict[str, str]:
    found = {
        "the HTTP header": _charset(content_type),
        "the XML declaration": _declaration(body),
    }
    return {place: label for place, label in found.items() if label}


def _decoded(body: bytes, labels: list[str]) -> tuple[str, str]:
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            decoded = _mended(body) if encoding == "utf-8" else body.decode(encoding, "replace")
            return encoding, decoded.removeprefix("\ufeff")
    for encoding in _candidates(body, labels):
        fitting = _fitting(body, encoding)
        if fitting is not None:
            return encoding, fitting
    return "cp1252", _mended(body)


def _candidates(body: bytes, labels: list[str]) -> list[str]:
    named = [*map(_codec, labels), "utf-8"]
    others = [encoding for encoding in named if not _SINGLE_BYTE.fullmatch(encoding)]
    if others == named or body.isascii() or _fitting(body, "utf-8") is None:
        return named
    return others


def _fitting(body: bytes, encoding: str) -> str | None:
    if not _USABLE.fullmatch(encoding):
        return None
    try:
        return codecs.getincrementaldecoder(encoding)().decode(body)
    except UnicodeDecodeError:
        return None


def _mended(body: bytes) -> str:
    """UTF-8 where it is UTF-8, windows-1252 where it is not."""
    return _STRAY.sub(
        lambda stray: bytes([ord(stray[0]) - 0xDC00]).decode("cp1252", "replace"),
        body.decode("utf-8", "surrogateescape"),
    )


def _charset(content_type: str | None) -> str | None:
    found = _CHARSET.search(content_type or "")
    return found[1] if found else None


def _declaration(body: bytes) -> str | None:
    found = _DECLARED.search(body[:_DECLARED_WITHIN].replace(b"\0", b""))
    return found[1].decode("ascii", "replace") if found else None


def _codec(label: str) -> str:
    """Python's name of the encoding that the label stands for, or the label where there is none."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return label
    return _SUPERSETS.get(name, name)


def _with_legal_references(written: str) -> str:
    """The text without references to characters illegal in XML; in CDATA nothing is a reference."""
    if all(map(_is_legal, _REFERENCE.finditer(written))):  # as in all but a few documents
        return written
    return _CDATA_OR_REFERENCE.sub(lambda it: it[0] if _is_legal(it) else "", written)


def _is_legal(found: re.Match[str]) -> bool:
    if found[0].startswith("<"):
        return True
    hexadecimal, decimal = found.groups()
    digits = (hexadecimal or decimal).lstrip("0")
    number = int(digits or "0", 16 if hexadecimal else 10) if len(digits) < 8 else -1
    return 0 <= number <= 0x10FFFF and bool(text.legal(chr(number)))
