"""Pure: under which tag an answer goes out, and whether the reader holds it already.

RFC 9110 sections 8.8.3.3 (a strong tag for each coding) and 13 (conditions).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from werkzeug.http import parse_date, parse_etags

from service.web.codings import Coding, coding_for

if TYPE_CHECKING:
    from datetime import datetime

_SUFFIXES = {Coding.IDENTITY: "", Coding.GZIP: ".gz", Coding.BROTLI: ".br", Coding.ZSTD: ".zst"}
# What servers that compress on the way add, and do not take off again: Apache "-gzip", Jetty "--gzip".
_ADDED = re.compile(r"(?:--?|;)(?:gzip|br|zstd|deflate)\Z")


class Asked(Struct, frozen=True):
    """The request headers that an answer hangs on, as they came."""

    accept_encoding: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None


class Decision(Struct, frozen=True):
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
    """Answer GET and HEAD alike; `etag` is the opaque tag of the body before any coding.

    Also a tag that was altered on the way counts (HTTP-05): weakened by a proxy, renamed by one that
    compresses, which may have asked for the body without coding.
    """
    coding = coding_for(asked.accept_encoding)
    if asked.if_none_match is not None:
        unchanged = _is_named(asked.if_none_match, etag, coding)
    else:
        unchanged = _is_as_new(asked.if_modified_since, last_modified)
    return Decision(coding, tagged(etag, coding), unchanged)


def tagged(etag: str, coding: Coding) -> str:
    """The tag of the body in that coding, as it stands in a header."""
    return f'"{etag}{_SUFFIXES[coding]}"'


def _is_named(if_none_match: str, etag: str, coding: Coding) -> bool:
    """Whether the tag is among those, compared weakly (RFC 9110 section 13.1.2)."""
    held = parse_etags(if_none_match.strip())
    if held.star_tag:
        return True
    tag = etag + _SUFFIXES[coding]
    tags = held.as_set(include_weak=True)
    return tag in tags or any(_ADDED.sub("", it) in (tag, etag) for it in tags if _ADDED.search(it))


def _is_as_new(if_modified_since: str | None, last_modified: datetime | None) -> bool:
    """Whether nothing changed since that date, by whole seconds (RFC 9110 section 13.1.3)."""
    since = parse_date(if_modified_since)
    if since is None or last_modified is None:
        return False
    return last_modified.replace(microsecond=0) <= since
