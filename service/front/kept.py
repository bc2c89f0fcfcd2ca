"""An answer of Flask's as it is kept: packed, with the headers of every coding ready to be sent."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from zlib import crc32

from msgspec import Struct
from msgspec.structs import asdict, replace
from werkzeug.http import http_date

from service.web.caching import cache_control, told_until
from service.web.codings import Coding, coded, coding_for, plain
from service.web.conditional import Asked, decide, shown, tagged

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from service.publish import Rendered
_OVERHEAD = 4_000  # bytes that an answer takes beside its body
_SPELLINGS = 8  # of Accept-Encoding, remembered for each answer
_SPELLING = 100  # characters of one, at most
_SECOND = timedelta(seconds=1)
_UNSURE = 10  # seconds that caches may keep what may be stale by now
_OF_EACH_ANSWER = frozenset(
    {"etag", "cache-control", "content-type", "content-length", "content-encoding", "last-modified"}
)


class Damaged(Exception):
    """Bytes that are no answer, or not a whole one."""


class Ready(Struct, frozen=True):
    """An answer in one coding, for as long as time does not change it."""

    coding: Coding
    etag: str  # quoted
    last_modified: datetime | None
    of_whole: list[tuple[str, str]]  # headers, once there is a body
    of_unchanged: list[tuple[str, str]]  # headers
    body: bytes  # empty until somebody has asked for the whole
    until: datetime | None

    def is_over(self, now: datetime) -> bool:
        """Whether it has to be made anew."""
        return self.until is not None and now >= self.until


class Origin(Struct, frozen=True, kw_only=True):
    """Where an answer comes from, and what it says beside its body."""

    scopes: list[str]
    change: int
    good_until: datetime | None
    fresh: int  # seconds that caches may keep it, at most
    etag: str  # of the body before any coding, without quotes
    last_modified: datetime
    media_type: str  # a whole Content-Type
    headers: list[tuple[str, str]]  # without those that differ from answer to answer

    @classmethod
    def revived(cls, values: dict[str, Any]) -> Self:
        """From what json made of it."""
        good_until = values["good_until"]
        return cls(
            **values
            | {
                "good_until": datetime.fromisoformat(good_until) if good_until else None,
                "last_modified": datetime.fromisoformat(values["last_modified"]),
                "headers": [(name, value) for name, value in values["headers"]],
            }
        )


class Kept:
    """A feed for the next reader. Packed only: few ask for it otherwise, and it takes a fifth of the room.

    Each coding is made when it is first asked for; a 304 needs none.
    """

    __slots__ = ("_lock", "_of", "_packed", "change", "good_until", "known", "scopes")

    def __init__(self, of: Origin, packed: bytes) -> None:
        self.scopes = frozenset(of.scopes)
        self.change = of.change
        self.good_until = of.good_until
        self.known: dict[str | None, Ready] = {}  # packed answers, by Accept-Encoding as it came
        self._of = of
        self._packed = {Coding.GZIP: packed}
        self._lock = threading.Lock()  # whoever packs it

    @classmethod
    def made(cls, rendered: Rendered, headers: Headers) -> Self:
        """What Flask has just answered."""
        of = Origin(
            scopes=sorted(rendered.scopes),
            change=rendered.change,
            good_until=rendered.good_until,
            fresh=rendered.fresh,
            etag=rendered.etag,
            last_modified=rendered.last_modified,
            media_type=headers["Content-Type"],
            headers=[pair for pair in headers if pair[0].lower() not in _OF_EACH_ANSWER],
        )
        return cls(of, coded(rendered.body, Coding.GZIP))

    def written(self, label: str) -> bytes:
        """The whole of it under a label, for parse()."""
        packed = self._packed[Coding.GZIP]
        head = json.dumps([label, crc32(packed), asdict(self._of)], default=_iso).encode()
        return head + b"\n" + packed

    @classmethod
    def parse(cls, data: bytes, label: str) -> Self:
        """What written() gave under the same label.

        Raises:
            Damaged: It is something else, or not the whole.
        """
        head, _, packed = data.partition(b"\n")
        try:
            found, checksum, of = json.loads(head)
        except ValueError as error:
            raise Damaged from error
        if found != label or checksum != crc32(packed):
            raise Damaged
        return cls(Origin.revived(of), packed)

    @property
    def size(self) -> int:
        """Bytes that keeping it takes; more with each coding."""
        return sum(map(len, tuple(self._packed.values()))) + _OVERHEAD

    def is_over(self, now: datetime) -> bool:
        """Whether time alone has changed what it tells."""
        return self.good_until is not None and now >= self.good_until

    def last_good(self) -> Kept:
        """The same for readers who are to come back soon, since nobody can tell whether it still holds."""
        kept = Kept(replace(self._of, good_until=None, fresh=_UNSURE), b"")
        kept._packed = self._packed
        return kept

    def ready(self, accept_encoding: str | None, now: datetime) -> Ready:
        """The answer for a reader that takes these codings; the body may be lacking that whole() makes."""
        coding = coding_for(accept_encoding)
        ready = self._ready(coding, self._packed.get(coding, b""), now)
        if coding is not Coding.IDENTITY and len(accept_encoding or "") <= _SPELLING:
            if len(self.known) >= _SPELLINGS:
                self.known.clear()
            self.known[accept_encoding] = ready
        return ready

    def whole(self, accept_encoding: str | None, now: datetime) -> Ready:
        """The same answer with its body, in a coding that is kept from now on."""
        coding = coding_for(accept_encoding)
        if coding is Coding.IDENTITY:
            return self._ready(coding, plain(self._packed[Coding.GZIP]), now)
        with self._lock:
            if coding not in self._packed:
                self._packed[coding] = coded(plain(self._packed[Coding.GZIP]), coding)
        return self.ready(accept_encoding, now)

    def is_held(self, tag: str | None, since: str | None, ready: Ready) -> bool:
        """Whether the reader has it already, by its If-None-Match or If-Modified-Since."""
        if tag is None and since is None:
            return False
        asked = Asked(ready.coding, tag, since)
        return decide(asked, self._of.etag, ready.last_modified).unchanged

    def _ready(self, coding: Coding, body: bytes, now: datetime) -> Ready:
        etag = tagged(self._of.etag, coding)
        last_modified = shown(self._of.last_modified, now)
        always = [
            ("ETag", etag),
            ("Cache-Control", cache_control(self.good_until, now, self._of.fresh)),
            *self._of.headers,
        ]
        whole = [
            *always,
            ("Content-Type", self._of.media_type),
            ("Content-Length", str(len(body))),
        ]
        if coding is not Coding.IDENTITY:
            whole.append(("Content-Encoding", coding))
        if last_modified is not None:
            whole.append(("Last-Modified", http_date(last_modified)))
        return Ready(coding, etag, last_modified, whole, always, body, self._until(now))

    def _until(self, now: datetime) -> datetime | None:
        """When the headers say something else: Last-Modified once it is told, Cache-Control near the end."""
        moments = [told_until(self.good_until, now, self._of.fresh)]
        if shown(self._of.last_modified, now) is None:
            moments.append(self._of.last_modified.replace(microsecond=0) + _SECOND)
        return min((it for it in moments if it is not None), default=None)


def _iso(moment: datetime) -> str:
    return moment.isoformat()
