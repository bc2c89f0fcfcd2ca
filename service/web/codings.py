"""Pure: how a body travels: the coding that the reader likes best, and the bytes in it.

RFC 9110 section 12.5.3 (Accept-Encoding), RFC 7932 (br), RFC 8878 (zstd).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import brotli
from isal import igzip, isal_zlib
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from service import packing


class Coding(StrEnum):
    """How a body travels; the value is its Content-Encoding."""

    IDENTITY = "identity"
    GZIP = "gzip"
    BROTLI = "br"
    ZSTD = "zstd"


_GZIP_LEVEL = 3  # of igzip: a hundredth larger than zlib at its best, in a fifteenth of the time
_GZIP_WINDOW = 31  # of the largest size, with gzip's head and foot
_BROTLI_QUALITY = 5  # a tenth smaller than gzip, in eight times its time
_ZSTD_LEVEL = 6  # nearly as small as that, in a third of the time
_NAMED = (Coding.ZSTD, Coding.BROTLI, Coding.GZIP)
_UNNAMED = (
    Coding.GZIP,
    Coding.IDENTITY,
    Coding.BROTLI,
    Coding.ZSTD,
)  # "*" may mean what one has not
_UNASKED = (
    0.0001  # how much identity is liked where nothing is said of it: less than anything named
)


@lru_cache(maxsize=256)
def coding_for(accept_encoding: str | None) -> Coding:
    """The coding the reader likes best, on a tie the one that is best for both.

    Identity when nothing was asked for, or nothing is left to choose from. A reader that refuses identity
    and names nothing gets gzip.
    """
    accepted = parse_accept_header(accept_encoding, Accept)
    named = {name.lower() for name in accepted.values()}
    liked = {coding: accepted.quality(coding.value) for coding in Coding}
    if accepted.find(Coding.IDENTITY.value) < 0:
        liked[Coding.IDENTITY] = _UNASKED
    offered = [*(it for it in _NAMED if it.value in named), *_UNNAMED]
    left = [it for it in offered if liked[it]]
    otherwise = Coding.GZIP if named == {"identity"} else Coding.IDENTITY
    return max(left, key=lambda it: liked[it], default=otherwise)  # the first of the best


def coded(body: bytes, coding: Coding) -> bytes:
    """The body in that coding; the same bytes each time, as a strong tag promises."""
    match coding:
        case Coding.GZIP:
            return igzip.compress(body, _GZIP_LEVEL, mtime=0)
        case Coding.BROTLI:
            packed: bytes = brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY)
            return packed
        case Coding.ZSTD:
            return packing.compressed(body, _ZSTD_LEVEL)
        case Coding.IDENTITY:
            return body


def plain(packed: bytes) -> bytes:
    """What was packed with gzip."""
    return isal_zlib.decompress(packed, _GZIP_WINDOW)
