"""Pure: which coding an answer takes and whether the reader holds it already.

RFC 9110 sections 8.8.3.3 (a strong tag for each coding), 12.5.3 (Accept-Encoding) and 13 (conditions).
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from werkzeug.sansio.http import is_resource_modified

if TYPE_CHECKING:
    from datetime import datetime


class Coding(StrEnum):
    """How a body travels; the value is its Content-Encoding."""

    IDENTITY = "identity"
    GZIP = "gzip"


_SUFFIXES = {Coding.IDENTITY: "", Coding.GZIP: ".gz"}
_PROXY_SUFFIX = "-gzip"  # Apache adds it when it compresses, and does not take it off again


@dataclass(frozen=True, slots=True)
class Asked:
    """The request headers that an answer hangs on, as they came."""

    accept_encoding: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """How to answer: in which coding, under which tag (quoted), and whether a 304 will do."""

    coding: Coding
    etag: str
    unchanged: bool


def shown(last_modified: datetime | None, now: datetime) -> datetime | None:
    """The Last-Modified that may be told: none while its second lasts, as more may change within it.

    A client that compares whole seconds would take the later change for what it has (RFC 9110
    section 8.8.2.2).
    """
    if last_modified is None or int(now.timestamp()) <= int(last_modified.timestamp()):
        return None
    return last_modified


def decide(asked: Asked, etag: str, last_modified: datetime | None = None) -> Decision:
    """Answer GET and HEAD alike; `etag` is the opaque tag of the body before any coding."""
    coding = coding_for(asked.accept_encoding)
    tag = etag + _SUFFIXES[coding]
    spellings = (tag, tag + _PROXY_SUFFIX, etag + _PROXY_SUFFIX)
    unchanged = any(_is_held(asked, spelling, last_modified) for spelling in spellings)
    return Decision(coding, f'"{tag}"', unchanged)


def coding_for(accept_encoding: str | None) -> Coding:
    """The coding the reader likes best; gzip on a tie, identity when nothing was asked for."""
    accepted = parse_accept_header(accept_encoding, Accept)
    gzip, identity = accepted.quality("gzip"), accepted.quality("identity")
    if accepted.find("gzip") < 0:  # only a reader that refuses identity gets it unasked
        is_refused = accepted.find("identity") >= 0 and not identity
        return Coding.GZIP if is_refused else Coding.IDENTITY
    return Coding.GZIP if gzip and gzip >= identity else Coding.IDENTITY


def coded(body: bytes, coding: Coding) -> bytes:
    """The body in that coding; the same bytes each time, as a strong tag promises."""
    return gzip.compress(body, mtime=0) if coding is Coding.GZIP else body


def _is_held(asked: Asked, etag: str, last_modified: datetime | None) -> bool:
    """Whether the reader's copy is of that tag, or as new where it names no tag at all."""
    since = asked.if_modified_since if asked.if_none_match is None else None
    return not is_resource_modified(
        http_if_none_match=asked.if_none_match,
        http_if_modified_since=since,
        etag=etag,
        last_modified=last_modified,
    )
