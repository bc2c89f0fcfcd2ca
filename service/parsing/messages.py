"""What goes to a process that reads, and what comes back, packed for the way.

Whatever a document has done to that process, it can only tell values of these types: MessagePack is data,
where a pickle would be code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from msgspec import DecodeError, Struct, msgpack

from feeds import errors
from feeds.model import Feed
from feeds.opml import Outlines

if TYPE_CHECKING:
    from typing_extensions import Buffer

Document: TypeAlias = Feed | Outlines
Outcome: TypeAlias = Document | Exception


class Job(Struct, frozen=True):
    """A document to read, as feeds.read() takes it."""

    body: bytes
    url: str
    content_type: str | None
    known: frozenset[str]
    seconds: int  # of processor time that it may take
    spared: tuple[str, ...] = ()  # hosts whose pictures may count readers
    is_list: bool = False  # it is OPML


class Lost(Exception):
    """The process ended before it had an answer."""

    def __init__(self, reason: str, *, reading: bool) -> None:
        super().__init__(reason)
        self.reading = reading  # whether the document was under way, and may be the cause


class Failure(Exception):
    """The reader broke off with an error that no reader should raise; its note is the traceback."""


class _Feed(Struct, frozen=True, tag=True):
    read: Feed


class _List(Struct, frozen=True, tag=True):
    read: Outlines


class _Error(Struct, frozen=True, tag=True):
    kind: str
    text: str
    notes: tuple[str, ...]


_KINDS = (
    errors.FeedError,
    errors.ForbiddenMarkup,
    errors.InvalidOutline,
    errors.NotAFeed,
    errors.UnwritableFeed,
    Failure,
    MemoryError,
)
_ERRORS: dict[str, type[Exception]] = {it.__name__: it for it in _KINDS}
_pack = msgpack.Encoder().encode
_unpack_job = msgpack.Decoder(Job).decode
_unpack_feed = msgpack.Decoder(_Feed | _Error).decode
_unpack_list = msgpack.Decoder(_List | _Error).decode


def packed_job(job: Job) -> bytes:
    """A job as bytes."""
    return _pack(job)


def unpacked_job(data: Buffer) -> Job:
    """The job that was packed."""
    return _unpack_job(data)


def packed(outcome: Outcome) -> bytes:
    """The outcome as bytes."""
    if isinstance(outcome, Exception):
        notes = tuple(getattr(outcome, "__notes__", ()))
        return _pack(_Error(type(outcome).__name__, str(outcome), notes))
    return _pack(_Feed(outcome) if isinstance(outcome, Feed) else _List(outcome))


def unpacked(data: Buffer, *, is_list: bool) -> Outcome:
    """The outcome of a job that was packed.

    Raises:
        msgspec.DecodeError: It is nothing that a reader tells of such a job.
    """
    told: _Feed | _List | _Error
    try:
        told = _unpack_list(data) if is_list else _unpack_feed(data)
    except RecursionError as depth:
        raise DecodeError("values in values, beyond all measure") from depth
    if not isinstance(told, _Error):
        return told.read
    error = _ERRORS.get(told.kind, Failure)(told.text)
    for note in told.notes:
        error.add_note(note)
    return error
