"""compare(): new, edited, the same, respelled, repeated."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.changes import Compared, Kind, Known, compare
from feeds.identity import alias, content_digest, entry_key, page
from feeds.matching import told
from feeds.model import Entry


def entry(name: str, title: str = "Title", **more: object) -> Entry:
    made = Entry(
        name or None,
        title=title,
        link=f"https://news.example/{name or title}",
        published=datetime(2026, 11, 20, tzinfo=UTC),
    )
    return replace(made, **more)


def kept(known: Entry) -> Known:
    key = entry_key(known)
    assert key
    return Known(
        key.value, alias(key.value), content_digest(known), key.kind, page(known.link), told(known)
    )


def kinds(found: tuple[Compared, ...]) -> list[Kind]:
    return [it.kind for it in found]


def test_new_edited_and_the_same() -> None:
    before = [kept(entry("1")), kept(entry("2"))]
    found = compare([entry("1"), entry("2", "Edited"), entry("3")], before)
    assert kinds(found) == [Kind.SAME, Kind.EDITED, Kind.NEW]
    assert [it.known for it in found] == [*before, None]
    assert [it.entry.id for it in found] == ["1", "2", "3"]
    assert found[1].content_digest == content_digest(entry("2", "Edited"))
    assert not any(it.respelled or it.note for it in found)


def test_what_is_missing_from_the_document_is_not_mentioned() -> None:
    assert compare([], [kept(entry("1"))]) == ()


def test_a_moved_id_is_the_known_entry() -> None:
    before = kept(entry("http://news.example/2026/wells"))
    moved = entry(
        "https://www.new.example/2026/wells/", link=entry("http://news.example/2026/wells").link
    )
    (found,) = compare([moved], [before])
    assert (found.kind, found.known, found.respelled) == (Kind.SAME, before, True)


def test_an_alias_counts_for_nothing_beside_the_known_key() -> None:
    first, second = entry("http://news.example/2026/wells"), entry("https://new.example/2026/wells")
    assert kinds(compare([second, first], [kept(first)])) == [Kind.NEW, Kind.SAME]


def test_two_entries_of_one_document_are_never_the_same_known_one() -> None:
    before = kept(entry("http://a.example/2026/wells"))
    found = compare(
        [entry("https://a.example/2026/wells", "A"), entry("http://www.a.example/2026/wells", "B")],
        [before],
    )
    assert sorted(kinds(found)) == [Kind.EDITED, Kind.NEW]


def test_equal_paths_of_a_planet_stay_apart() -> None:
    """DED-03: the host is no part of an alias, so what is said has to be the same."""
    before = kept(entry("https://ada.example/2026/hello", "Hello", content="<p>I am Ada.</p>"))
    later = datetime(2026, 11, 21, tzinfo=UTC)
    other = entry(
        "https://ben.example/2026/hello", "Hello", content="<p>I am Ben.</p>", published=later
    )
    assert kinds(compare([other], [before])) == [Kind.NEW]


def test_a_site_that_moves_keeps_its_entries_through_small_edits() -> None:
    before = kept(entry("https://old.example/2026/wells", "Wells run dry"))
    moved = entry("https://new.example/2026/wells", "The wells run dry")
    (found,) = compare([moved], [before])
    assert (found.kind, found.known) == (Kind.EDITED, before)


def test_an_entry_that_gains_or_loses_its_id_is_known_by_its_page() -> None:
    bare, named = entry("", link="http://www.a.example/x/"), entry("7", link="https://a.example/x")
    for before, now in ((bare, named), (named, bare)):
        (found,) = compare([now], [kept(before)])
        assert (found.known, found.respelled) == (kept(before), True)
    assert kinds(compare([entry("8", link=named.link)], [kept(named)])) == [Kind.NEW]


def test_an_entry_whose_key_was_changed_is_the_known_one() -> None:
    before = kept(entry("1"))
    (found,) = compare([entry("2")], [before], renamed={"2": "1"})
    assert (found.known, found.respelled) == (before, True)
    both = compare([entry("2"), entry("1")], [before], renamed={"2": "1"})
    assert kinds(both) == [Kind.NEW, Kind.SAME]


def test_a_hash_has_no_other_spelling() -> None:
    nameless = Entry(None, title="Wells", published_raw="today")
    assert kinds(compare([nameless], [Known("/x/y", kept(nameless).key, "")])) == [Kind.NEW]


def test_one_id_on_every_entry_is_told_apart_by_links() -> None:
    found = compare([entry("", "A", id="same"), entry("", "B", id="same")], [])
    assert kinds(found) == [Kind.NEW, Kind.NEW]
    assert [it.key.value for it in found if it.key] == [
        "https://news.example/A",
        "https://news.example/B",
    ]
    assert all("same id" in it.note for it in found)
    assert found[0].entry.id == "same"
    again = compare([entry("", "A", id="same"), entry("", "B", id="same")], [kept(entry("", "A"))])
    assert kinds(again) == [Kind.SAME, Kind.NEW]


def test_an_id_that_some_share_is_told_apart_by_links_and_stays_so() -> None:
    twins = entry("", "A", id="same"), entry("", "B", id="same")
    found = compare([*twins, entry("other")], [])
    assert kinds(found) == [Kind.NEW] * 3
    assert [bool(it.note) for it in found] == [True, True, False]
    (alone,) = compare([entry("", "C", id="same")], [kept(entry("", "A"))], shared={"same"})
    assert (alone.kind, alone.key.value) == (Kind.NEW, "https://news.example/C")


def test_of_two_revisions_the_last_updated_counts() -> None:
    old = entry("1", "old", updated=datetime(2026, 11, 21, tzinfo=UTC))
    new = entry("1", "new", updated=datetime(2026, 11, 22, tzinfo=UTC))
    undated = entry("1", "undated")
    found = compare([undated, old, new], [kept(old)])
    assert kinds(found) == [Kind.REPEATED, Kind.REPEATED, Kind.EDITED]
    assert "newer" in found[0].note
    assert kinds(compare([undated, undated], [])) == [Kind.NEW, Kind.REPEATED]


def test_an_id_and_a_link_may_be_one_key() -> None:
    by_id, by_link = entry("https://news.example/x"), entry("", link="https://news.example/x")
    assert kinds(compare([by_id, by_link], [])) == [Kind.NEW, Kind.REPEATED]


def test_an_entry_without_any_name_is_only_reported() -> None:
    (found,) = compare([Entry(None, content="text")], [])
    assert (found.kind, found.key, found.respelled) == (Kind.NAMELESS, None, False)


IDS = st.sampled_from(
    ["1", "2", "http://a.example/x/y", "https://b.example/x/y", "https://www.b.example/x/y/", ""]
)
ENTRIES = st.lists(
    st.builds(
        entry, IDS, st.sampled_from("AB"), updated=st.none() | st.datetimes(timezones=st.just(UTC))
    ),
    max_size=6,
)


@given(before=ENTRIES, now=ENTRIES)
def test_no_key_and_no_known_entry_is_met_twice(before: list[Entry], now: list[Entry]) -> None:
    known = tuple({it.key: it for it in map(kept, before)}.values())
    found = compare(now, known)
    assert [it.entry for it in found] == now
    counted = [it for it in found if it.kind is not Kind.REPEATED]
    assert max(Counter(it.key for it in counted).values(), default=1) == 1
    assert max(Counter(it.known for it in counted if it.known).values(), default=1) == 1
    assert {it.key for it in found} == {it.key for it in counted}


@given(
    order=st.permutations(
        ["1", "2", "http://a.example/x", "https://a.example/y", "tag:a.example,2026:x"]
    )
)
def test_order_does_not_matter(order: list[str]) -> None:
    known = [kept(entry(name)) for name in ("2", "http://old.example/y", "tag:a.example,2026:x")]
    found = {it.entry.id: it.kind for it in compare([entry(name) for name in order], known)}
    assert found == {it.entry.id: it.kind for it in compare(map(entry, sorted(order)), known[::-1])}
