"""A document put together from pieces is, byte for byte, the one that is written whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from msgspec.structs import replace

from feeds import text
from feeds.model import Entry, Feed, Format, Person
from feeds.pieces import document, pieces
from feeds.writing import write
from tests.feeds import golden, strategies


def put_together(feed: Feed, kind: Format) -> bytes:
    found = pieces(replace(feed, entries=()), feed.entries, kind)
    return document(replace(feed, entries=()), found, kind)


def fit(feed: Feed) -> Feed:
    """As the service makes them: signed, all entries dated and with ids of their own."""
    once = {text.legal(it.id or ""): it for it in reversed(feed.entries)}
    newest = max((it.updated for it in feed.entries if it.updated), default=None)
    updated = feed.updated or newest or datetime(2026, 1, 1, tzinfo=UTC)
    entries = tuple(replace(it, updated=it.updated or updated) for it in reversed(once.values()))
    return replace(
        feed, updated=updated, authors=feed.authors or (Person("Ada Marsh"),), entries=entries
    )


@given(feed=strategies.feeds.map(fit))
def test_the_pieces_make_the_whole(feed: Feed) -> None:
    for kind in Format:
        assert put_together(feed, kind) == write(feed, kind)


@pytest.mark.parametrize(("name", "kind"), golden.DOCUMENTS)
def test_the_pieces_of_a_golden_feed_make_it(name: str, kind: Format) -> None:
    feed = fit(golden.feed(name))
    assert put_together(feed, kind) == write(feed, kind)


@pytest.mark.parametrize("kind", Format)
def test_an_entry_that_may_not_stand_in_a_feed_is_an_empty_piece(kind: Format) -> None:
    feed = golden.feed("plain")
    nameless = Entry(id="\x00", title="No id that XML can carry")
    found = pieces(feed, [feed.entries[0], nameless, *feed.entries[1:]], kind)
    assert [bool(it) for it in found] == [True, False, *[True] * len(feed.entries[1:])]
    bare = replace(feed, entries=())
    assert document(bare, found, kind) == write(feed, kind)


@pytest.mark.parametrize("kind", Format)
def test_without_entries_it_is_the_bare_feed(kind: Format) -> None:
    bare = replace(golden.feed("plain"), entries=())
    assert pieces(bare, [], kind) == []
    assert document(bare, [], kind) == document(bare, [b""], kind) == write(bare, kind)
