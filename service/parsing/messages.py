"""What goes to a process that reads, and what comes back, packed for the way."""

from __future__ import annotations

import copyreg
import pickle
from io import BytesIO
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds import model

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from feeds.opml import Outlines

    Document = model.Feed | Outlines
    Outcome = Document | Exception


class Job(NamedTuple):
    """A document to read, as feeds.read() takes it."""

    body: bytes
    url: str
    content_type: str | None
    known: Collection[str]
    seconds: int  # of processor time that it may take
    spared: Collection[str] = ()  # hosts whose pictures may count readers
    is_list: bool = False  # it is OPML


class Lost(Exception):
    """The process ended before it had an answer."""

    def __init__(self, reason: str, *, reading: bool) -> None:
        super().__init__(reason)
        self.reading = reading  # whether the document was under way, and may be the cause


class Failure(Exception):
    """The reader broke off with an error that no reader should raise; its note is the traceback."""


_PACKED = (
    model.Category,
    model.Entry,
    model.Feed,
    model.License,
    model.Media,
    model.Origin,
    model.Person,
    model.Tombstone,
)


def _reducer(kind: type) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """Pack by position: the way that dataclasses with slots bring along takes several times as long."""
    values = attrgetter(*kind.__match_args__)  # type: ignore[attr-defined]  # every dataclass has them
    return lambda it: (kind, values(it))


_TABLE = copyreg.dispatch_table | {kind: _reducer(kind) for kind in _PACKED}


def packed(outcome: Outcome) -> bytes:
    """The outcome as bytes."""
    out = BytesIO()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _TABLE
    pickler.dump(outcome)
    return out.getvalue()


def unpacked(data: bytes | bytearray) -> Outcome:
    """The outcome that was packed."""
    outcome: Outcome = pickle.loads(data)  # noqa: S301  (what our own process wrote)
    return outcome
