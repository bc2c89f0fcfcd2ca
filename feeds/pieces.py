"""Documents put together from entries that were written before: what is shared by many feeds is made once.

The bytes are those that write() gives for the whole. What an entry looks like hangs on the feed by its
language and docs alone, as long as every entry has a date and the feed has authors of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds.model import Format
from feeds.writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.model import Entry, Feed


class _Frame(Struct, frozen=True):
    """What stands around the entries of a document.

    No text can look like it: < is written as a reference, and a line's end within JSON as an escape.
    """

    first: re.Pattern[bytes]  # the beginning of an entry
    ending: bytes  # after the last entry
    between: bytes = b""  # two entries
    opening: bytes = b""  # before the first entry
    without: bytes = b""  # what a feed without entries has in place of opening and ending


_FRAMES = {
    Format.ATOM: _Frame(re.compile(rb"^  <entry\b", re.M), b"</feed>\n", without=b"</feed>\n"),
    Format.RSS: _Frame(
        re.compile(rb"^    <item\b", re.M),
        b"  </channel>\n</rss>\n",
        without=b"  </channel>\n</rss>\n",
    ),
    Format.JSON: _Frame(
        re.compile(rb"^  \{$", re.M),
        b"\n ]\n}\n",
        between=b",\n",
        opening=b'\n "items": [\n',
        without=b'\n "items": []\n}\n',
    ),
}


def pieces(feed: Feed, entries: Sequence[Entry], kind: Format) -> list[bytes]:
    """Each of these entries as it stands in a document of the feed; empty where it may not stand there.

    Their ids have to differ, also without what XML cannot carry.

    Raises:
        UnwritableFeed: The feed lacks what the format demands.
    """
    found = _pieces(replace(feed, entries=tuple(entries)), kind)
    if len(found) == len(entries):
        return found
    return [b"".join(_pieces(replace(feed, entries=(it,)), kind)) for it in entries]


def document(feed: Feed, entries: Sequence[bytes], kind: Format) -> bytes:
    """The document of a feed that brings no entries itself, with these pieces in their order.

    Raises:
        UnwritableFeed: The feed lacks what the format demands.
    """
    frame = _FRAMES[kind]
    bare = write(feed, kind)
    shown = [it for it in entries if it]
    if not shown:
        return bare
    head = bare.removesuffix(frame.without)
    return head + frame.opening + frame.between.join(shown) + frame.ending


def _pieces(feed: Feed, kind: Format) -> list[bytes]:
    frame = _FRAMES[kind]
    whole = write(feed, kind).removesuffix(frame.ending)
    if (opening := whole.find(frame.opening)) < 0:
        return []
    starts = [it.start() for it in frame.first.finditer(whole, opening)]
    ends = [*starts[1:], len(whole) + len(frame.between)]
    return [
        whole[start : end - len(frame.between)] for start, end in zip(starts, ends, strict=False)
    ]
