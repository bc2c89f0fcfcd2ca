"""What is one article and what is two: a table with a test for each line of the rules (DED-01 to DED-17)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import select
from werkzeug.test import Client

from feeds.identity import KeyKind
from feeds.model import Category, Entry, License, Media, Person, Tombstone
from feeds.reading import read
from service import ingest
from service import runtime as running
from service.cli import main
from service.config import Config
from service.model import PollResult, Status, Verdict
from service.parsing import Parser
from service.runtime import Current
from service.store import articles
from service.store.schema import entries
from service.web import create_app
from tests import newsroom
from tests.fakes import ManualClock
from tests.newsroom import NOW
from tests.service.pulling import DIALLED, Desk, Wire, document, entry

TABLE: list[tuple[str, Callable[[Desk], None]]] = []


@pytest.fixture
def desk(
    configure: Callable[..., Config], clock: ManualClock, parser: Parser, tmp_path: Path
) -> Iterator[Desk]:
    config = configure(*DIALLED.items())
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as held:
        wire = Wire()
        apart = replace(held, fetcher=wire)
        yield Desk(apart, wire, tmp_path / "config.toml")


def rule(name: str) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
    """Add a case to the table, under the id of its rule."""

    def add(case: Callable[[Desk], None]) -> Callable[[Desk], None]:
        TABLE.append((name, case))
        return case

    return add


RSS = """<rss version="2.0"><channel><title>The Lantern</title><link>https://lantern.example/</link>
<description>News</description>{}</channel></rss>"""


def rss(*items: str) -> bytes:
    return RSS.format("".join(f"<item>{it}</item>" for it in items)).encode()


def item(number: int, guid: str = "", *, link: bool = True, date: str = "") -> str:
    parts = [f"<title>Item {number}</title><description>Text {number}</description>"]
    parts += [f"<link>https://lantern.example/{number}</link>"] if link else []
    parts += [f'<guid isPermaLink="false">{guid}</guid>'] if guid else []
    parts += [f"<pubDate>{date}</pubDate>"] if date else []
    return "".join(parts)


@rule("DED-01")
def keys_fall_back_and_tell_it(desk: Desk) -> None:
    bare = item(3, link=False, date="Mon, 23 Nov 2026 08:00:00 GMT")
    body = rss(item(1, "guid-1"), item(2), bare)
    assert desk.bring_bytes(body).imported == 3
    assert desk.bring_bytes(body + b"\n").unchanged == 3
    assert desk.kept("guid-1").key_kind == KeyKind.ID
    assert desk.kept("https://lantern.example/2").key_kind == KeyKind.LINK
    kinds = [desk.kept(it).key_kind for it in keys(desk)]
    assert sorted(kinds) == ["hash", "id", "link"]


@rule("DED-01")
def one_id_in_two_feeds_is_two_entries(desk: Desk) -> None:
    desk.bring_bytes(rss(item(1, "7")))
    desk.bring_bytes(rss(item(2, "7")), source="unclear")
    assert desk.titles() == ["Item 1", "Item 2"]


@rule("DED-02")
def one_id_on_every_entry_is_told_apart_by_links(desk: Desk) -> None:
    outcome = desk.bring_bytes(rss(item(1, "same"), item(2, "same")))
    assert outcome.imported == 2
    assert "several entries have one id" in outcome.reason
    assert "several entries have one id" not in desk.bring_bytes(rss(item(1, "same"))).reason


@rule("DED-02")
def an_id_that_was_shared_once_tells_nothing_any_more(desk: Desk) -> None:
    """Entries that stand unchanged are passed over unread, so a document may seem to have one entry only."""
    for count in range(1, 5):
        desk.bring_bytes(rss(*(item(n, "same") for n in range(count, 0, -1))))
    assert desk.titles() == [f"Item {n}" for n in range(1, 5)]


@rule("DED-03")
def another_spelling_of_an_id_is_an_update(desk: Desk) -> None:
    desk.bring(entry(1, id="http://lantern.example/2026/story-1"))
    spelled = "https://www.lantern.example/2026/story-1/"
    outcome = desk.bring(entry(1, id=spelled, title="Story 1 of the coast, edited"))
    assert (outcome.imported, outcome.edited) == (0, 1)
    assert desk.titles() == ["Story 1 of the coast, edited"]
    (merge,) = desk.merges()
    assert (merge.old, merge.new) == ("http://lantern.example/2026/story-1", spelled)
    assert desk.shown()[0].guid == "http://lantern.example/2026/story-1"


@rule("DED-03")
def a_spelling_that_flips_is_written_down_once(desk: Desk) -> None:
    for scheme in ("http", "https", "http", "https", "http"):
        desk.bring(entry(1, id=f"{scheme}://lantern.example/2026/story-1", summary=scheme))
    assert len(desk.shown()) == 1
    assert len(desk.merges()) == 2


@rule("DED-03")
def equal_paths_of_a_planet_stay_apart(desk: Desk) -> None:
    for name in ("ada", "ben"):
        url = f"https://{name}.example/2026/hello"
        text = f"<p>I am {name}.</p>"
        published = NOW - timedelta(hours=len(desk.shown()))
        desk.bring(entry(1, id=url, link=url, title="Hello", content=text, published=published))
    assert desk.titles() == ["Hello", "Hello"]


@rule("DED-03")
def a_site_that_moves_doubles_nothing(desk: Desk) -> None:
    desk.bring(entry(1), entry(2))
    there = [
        entry(n, id=f"https://beacon.example/2026/story-{n}", link=f"https://beacon.example/{n}")
        for n in (1, 2)
    ]
    assert desk.bring(*there).imported == 0
    assert len(desk.shown()) == 2


def renamed(number: int, **changed: object) -> Entry:
    return entry(number, id=f"urn:new:{number}", **changed)


def paged(number: int, **changed: object) -> Entry:
    """The same at another page."""
    return renamed(number, link=f"https://lantern.example/new/{number}", **changed)


@rule("DED-04")
def a_changed_id_is_another_entry_unless_the_source_says_otherwise(desk: Desk) -> None:
    desk.bring(entry(1))
    desk.bring(renamed(1))
    assert len(desk.shown()) == 2


@rule("DED-04")
def changed_ids_are_mended_by_page_or_by_text(desk: Desk) -> None:
    desk.mend()
    desk.bring(entry(1), entry(2), entry(3))
    before = desk.shown()
    now = [renamed(1, title="Story 1 of the coasts"), paged(2), entry(3)]
    assert desk.bring(*now).imported == 0
    assert {it.guid for it in desk.shown()} == {it.guid for it in before}
    assert desk.titles()[0] == "Story 1 of the coasts"
    assert {(it.old, it.new) for it in desk.merges()} == {
        (entry(n).id, f"urn:new:{n}") for n in (1, 2)
    }
    assert desk.kept("urn:new:1").article == desk.kept_by(before, entry(1).id)


@rule("DED-04")
def what_is_not_alike_is_new(desk: Desk) -> None:
    desk.mend()
    short = entry(4, content="<p>Short.</p>")
    desk.bring(entry(1), entry(2), entry(3), short)
    now = [
        paged(1, title="Something else altogether"),
        paged(2, published=NOW - timedelta(days=3)),
        paged(3, content=entry(3).content.replace("Report 3", "Report 4")),
        paged(4, content="<p>Short.</p>"),
    ]
    assert desk.bring(*now).imported == 4
    assert len(desk.shown()) == 8


@rule("DED-04")
def what_is_still_there_was_not_renamed(desk: Desk) -> None:
    desk.mend()
    desk.bring(entry(1))
    assert desk.bring(entry(1), paged(1)).imported == 1
    assert desk.bring(entry(1, title="Edited"), paged(1), entry(1, id="urn:third")).imported == 1


@rule("DED-04")
def of_two_that_are_alike_none_is_mended(desk: Desk) -> None:
    desk.mend()
    desk.bring(entry(1), entry(1, id="urn:twin", link="https://lantern.example/twin"))
    assert desk.bring(paged(1)).imported == 1


@rule("DED-04")
def few_are_mended_at_once_and_none_comes_in_twice(desk: Desk) -> None:
    desk.mend()
    desk.bring(*(entry(n) for n in range(1, 13)))
    outcomes = [desk.bring(*(renamed(n) for n in range(1, 13))) for _ in range(4)]
    assert [it.imported for it in outcomes] == [0] * 4
    assert "7 more entries with new ids wait" in outcomes[0].reason
    assert "2 more entries with new ids wait" in outcomes[1].reason
    assert "wait" not in outcomes[2].reason
    assert len(desk.shown()) == len(desk.merges()) == 12


@rule("DED-04")
def a_mended_id_is_parted_again(desk: Desk) -> None:
    desk.mend()
    desk.bring(entry(1))
    desk.bring(renamed(1))
    cli(desk, "merges", "undo", str(desk.merges()[0].id))
    assert {it.guid for it in desk.shown()} == {entry(1).id, "urn:new:1"}
    for items in ([renamed(1)], [renamed(1, title="Theirs")], [entry(1)]):
        assert desk.bring(*items).imported == 0
    assert desk.titles() == sorted([entry(1).title, "Theirs"])


@rule("DED-04")
def a_part_of_a_feed_mends_nothing_and_doubles_nothing(desk: Desk) -> None:
    desk.mend()
    desk.bring(entry(1), entry(2))
    whole = document(renamed(1), entry(2))
    desk.bring_bytes(whole.rpartition(b"<entry>")[0])
    assert (desk.merges(), len(desk.shown())) == ([], 2)
    desk.bring_bytes(whole)
    assert (len(desk.merges()), len(desk.shown())) == (1, 2)


@rule("DED-05")
def two_entries_of_one_document_stay_two(desk: Desk) -> None:
    desk.bring(entry(1, id="http://lantern.example/x/y"))
    desk.bring(
        entry(1, id="http://lantern.example/x/y"), entry(1, id="https://lantern.example/x/y")
    )
    assert len(desk.shown()) == 2


@rule("DED-05")
def an_entry_that_stands_unchanged_is_taken_for_no_other(desk: Desk) -> None:
    first = entry(1, id="http://lantern.example/x/y")
    desk.bring(first)
    desk.bring(first, entry(2, id="https://lantern.example/x/y"))
    assert desk.titles() == [first.title, entry(2).title]


def republished(number: int, **changed: object):
    """The entry as the other source has it: by its own address, with the original named."""
    given = {
        "id": entry(number).id,
        "link": f"https://unclear.example/copy-{number}",
        "via": entry(number).link,
    }
    return entry(number, **{**given, **changed})


@rule("DED-06")
def one_story_of_two_sources_is_one_article_with_two_origins(desk: Desk) -> None:
    desk.bring(entry(1))
    outcome = desk.bring(republished(1), source="unclear")
    (shown,) = desk.shown()
    assert (outcome.imported, shown.source) == (1, "lantern")
    assert [it.title for it in shown.origins] == ["The Lantern", "Unclear Terms Weekly"]
    assert shown.updated == entry(1).updated
    assert desk.kept(entry(1).id, "unclear").verdict is Verdict.MERGED
    assert [(it.status, it.source) for it in desk.listed(Status.MERGED)] == [
        (Status.MERGED, "unclear")
    ]


@rule("DED-06")
def the_original_wins_though_it_comes_last(desk: Desk) -> None:
    desk.bring(republished(1, title="Story 1 of the coast!"), source="unclear")
    (before,) = desk.shown()
    desk.bring(entry(1))
    (after,) = desk.shown()
    assert (after.guid, after.path) == (before.guid, before.path)
    assert (after.source, after.title) == ("lantern", entry(1).title)
    assert [it.title for it in after.origins] == ["The Lantern", "Unclear Terms Weekly"]
    desk.bring(republished(1, title="Story 1 of the coast!!"), source="unclear")
    assert desk.titles() == [entry(1).title]
    desk.bring(entry(1, title="Story 1 of the coast, edited"))
    (edited,) = desk.shown()
    assert edited.title == "Story 1 of the coast, edited"
    assert [it.source for it in edited.origins] == ["lantern", "unclear"]


@rule("DED-06")
def a_spoof_takes_nothing_from_the_original(desk: Desk) -> None:
    """T17: another text under the same id and link is another article."""
    desk.bring(entry(1))
    before = desk.shown()
    spoof = entry(1, title="All lies", content="<p>Believe me instead.</p>")
    stone = Tombstone(entry(1).id, desk.pass_time(hours=1))
    desk.bring(spoof, source="unclear")
    desk.bring(spoof, source="unclear", stones=(stone,))
    assert desk.shown("lantern") == before


@rule("DED-06")
def a_copy_outlives_who_only_passed_it_on(desk: Desk) -> None:
    first = entry(1, link="https://agency.example/1", id="https://agency.example/1")
    desk.bring(first)
    desk.bring(first, source="unclear")
    assert len(desk.shown()) == 1
    stone = Tombstone(first.id, desk.pass_time(hours=1))
    desk.bring(stones=(stone,))
    (shown,) = desk.shown()
    assert (shown.source, [it.source for it in shown.origins]) == ("unclear", ["unclear"])


@rule("DED-06")
def what_the_original_withdraws_is_gone(desk: Desk) -> None:
    desk.bring(entry(1))
    desk.bring(republished(1), source="unclear")
    stone = Tombstone(entry(1).id, desk.pass_time(hours=1))
    assert desk.bring(stones=(stone,), source="unclear").withdrawn == 0
    assert len(desk.shown()) == 1
    assert desk.bring(stones=(stone,)).withdrawn == 1
    assert desk.shown() == []


@rule("DED-06")
def both_origins_are_named_in_feeds_and_on_the_page(desk: Desk) -> None:
    desk.bring(entry(1))
    desk.bring(republished(1), source="unclear")
    site = Client(create_app(Current(desk.runtime)))
    atom, jsonfeed = (site.get(f"/feeds/all.{it}").text for it in ("atom", "json"))
    page = site.get(f"/articles/{desk.shown()[0].path}").text
    for told in (atom, jsonfeed, page):
        assert "The original source of this article is" in told
        assert "It was also published by" in told
        assert "Unclear Terms Weekly" in told
    (kept,) = read(site.get("/feeds/all.rss").data, url="https://gazette.example/").entries
    assert kept.via == entry(1).link
    for said in (atom, site.get("/feeds/all.rss").text):
        assert said.count('rel="via"') == 2


@rule("DED-06")
def a_merge_is_listed_and_can_be_undone(desk: Desk) -> None:
    desk.bring(entry(1))
    desk.bring(republished(1), source="unclear")
    (merge,) = desk.merges()
    assert (merge.kind, merge.source, merge.path) == ("copy", "unclear", desk.shown()[0].path)
    assert "the same story" in merge.reason
    told = cli(desk, "merges", "list", "--json")
    assert [it["id"] for it in json.loads(told)] == [merge.id]
    assert "is undone" in cli(desk, "merges", "undo", str(merge.id))
    assert sorted(it.source for it in desk.shown()) == ["lantern", "unclear"]
    assert all(len(it.origins) == 1 for it in desk.shown())
    assert "was undone at" in cli(desk, "merges", "undo", str(merge.id), code=1)
    assert "there is no merge 99" in cli(desk, "merges", "undo", "99", code=1)
    desk.bring(republished(1, title="Story 1 of the coast, theirs"), source="unclear")
    assert desk.titles() == [entry(1).title, "Story 1 of the coast, theirs"]


@rule("DED-06")
def an_original_gives_the_place_back_that_it_took(desk: Desk) -> None:
    theirs = republished(1, id="tag:unclear.example,2026:1")
    desk.bring(theirs, source="unclear")
    (before,) = desk.shown()
    desk.bring(entry(1))
    cli(desk, "merges", "undo", str(desk.merges()[0].id))
    after = {it.source: it for it in desk.shown()}
    assert (after["unclear"].guid, after["unclear"].path) == (before.guid, before.path)
    assert after["lantern"].guid == entry(1).id
    assert all(len(it.origins) == 1 for it in after.values())


@rule("DED-03")
def another_spelling_that_was_none_is_parted_again(desk: Desk) -> None:
    old, new = "http://lantern.example/x/y", "https://lantern.example/x/y"
    desk.bring(entry(1, id=old))
    desk.bring(entry(1, id=new, title="Story 1 of the coast, new"))
    cli(desk, "merges", "undo", str(desk.merges()[0].id))
    assert len(desk.shown()) == 2
    desk.bring(entry(1, id=old), entry(1, id=new, title="Story 1 of the coast, new"))
    assert desk.titles() == ["Story 1 of the coast", "Story 1 of the coast, new"]
    assert {it.guid for it in desk.shown()} == {old, new}


@rule("DED-08")
def our_own_article_does_not_come_back(desk: Desk) -> None:
    with desk.runtime.store.writing() as tx:
        saved = articles.save(tx, newsroom.articles()[:1], now=NOW)[0]
    ours = f"https://gazette.example/articles/{saved.path}"
    before = desk.shown()
    back = [
        entry(1, id=saved.guid),
        entry(2, link=f"{ours}?utm_source=lantern"),
        entry(3, via=ours.replace("https", "http")),
    ]
    outcome = desk.bring(*back)
    assert (outcome.imported, outcome.refused) == (0, 3)
    assert "came from here" in desk.kept(entry(2).id).reason
    edited = [replace(it, title="Edited") for it in back]
    assert desk.bring(*edited).imported == 0
    stones = tuple(Tombstone(it.id, desk.pass_time(hours=1)) for it in back)
    assert desk.bring(stones=stones).withdrawn == 0
    assert desk.shown() == before


@rule("DED-07")
def dates_and_tracking_alone_are_no_edit(desk: Desk) -> None:
    desk.bring(entry(1))
    before = desk.shown()
    moved = NOW - timedelta(minutes=5)
    churned = entry(1, updated=moved, link=f"{entry(1).link}?utm_source=feed")
    outcome = desk.bring(churned)
    assert (outcome.edited, outcome.unchanged) == (0, 1)
    assert desk.shown() == before
    assert desk.kept(entry(1).id).updated_raw == f"{moved:%Y-%m-%dT%H:%M:%SZ}"


@rule("DED-13")
def what_is_no_feed_changes_nothing(desk: Desk) -> None:
    desk.bring(entry(1))
    for body in (b"", b"<!doctype html><title>Log in</title><p>Who are you?", b"{}", b"\xff\xfe"):
        assert desk.bring_bytes(body, content_type="text/html").result is PollResult.FAILED
    assert len(desk.shown()) == 1


@rule("DED-14")
def a_truncated_document_takes_nothing_away(desk: Desk) -> None:
    whole = document(entry(1), entry(2), entry(3))
    desk.bring_bytes(whole)
    before = desk.shown()
    for cut in range(200, len(whole), 97):
        desk.bring_bytes(whole[:cut])
        assert desk.shown() == before


@rule("DED-14")
def absence_is_not_deletion(desk: Desk) -> None:
    desk.bring(entry(1), entry(2))
    desk.bring(entry(2))
    assert desk.bring(entry(1), entry(2)).imported == 0
    assert len(desk.shown()) == 2


@rule("DED-09")
def dates_that_cannot_be_are_the_day_of_first_sight(desk: Desk) -> None:
    given = ["", "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 23 Nov 2099 08:00:00 GMT", "last week"]
    body = rss(*(item(n, f"guid-{n}", date=date) for n, date in enumerate(given)))
    desk.bring_bytes(body)
    seen = {it.title: it.published for it in desk.shown()}
    assert set(seen.values()) == {NOW}
    desk.pass_time(hours=2)
    desk.bring_bytes(body.replace(b"<title>Item", b"<title>Edited item"))
    assert {it.published for it in desk.shown()} == {NOW}
    for n, date in enumerate(given):
        kept = desk.kept(f"guid-{n}")
        assert (kept.published_raw or "") == date
    assert "before 1990" in desk.kept("guid-1").reason
    assert "in the future" in desk.kept("guid-2").reason
    assert "no date that can be read" in desk.kept("guid-3").reason


@rule("DED-09")
def names_of_time_zones_are_known_or_left_out(desk: Desk) -> None:
    desk.bring_bytes(rss(item(1, "1", date="Sun, 22 Nov 2026 10:00:00 CEST")))
    desk.bring_bytes(rss(item(2, "2", date="Sun, 22 Nov 2026 10:00:00 XYZT")))
    found = {it.title: it.published for it in desk.shown()}
    assert found["Item 1"] == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert found["Item 2"] in (NOW, datetime(2026, 11, 22, 10, tzinfo=UTC))


@rule("DED-10")
def encodings_change_no_identity(desk: Desk) -> None:
    text = rss(item(1, "größe")).decode().replace("Item 1", "Größe – 1")
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        body = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
        desk.bring_bytes(body, content_type="application/rss+xml")
    assert desk.titles() == ["Größe – 1"]


@rule("DED-11")
def links_are_resolved_and_ids_are_not(desk: Desk) -> None:
    body = rss("<title>Relative</title><guid isPermaLink='false'>../7</guid><link>/a/b</link>")
    desk.bring_bytes(body)
    (shown,) = desk.shown()
    assert shown.canonical_url == "https://lantern.example/a/b"
    assert desk.kept("../7")


@rule("DED-12")
def titles_are_unescaped_once(desk: Desk) -> None:
    given = {"AT&amp;T": "AT&T", "1 &lt; 2": "1 < 2", "&lt;b&gt;bold&lt;/b&gt;": "bold"}
    body = rss(*(f"<title>{it}</title><guid>{n}</guid>" for n, it in enumerate(given)))
    desk.bring_bytes(body)
    assert desk.titles() == sorted(given.values())


@rule("DED-15")
def json_feeds_have_ids_and_authors(desk: Desk) -> None:
    people = {"authors": [{"name": "Cleo"}, {"name": "Max"}], "author": {"name": "Nobody"}}
    items = [
        {"id": 17, "title": "Numbered", "content_text": "Text"} | people,
        {"title": "Nameless", "content_text": "Text"},
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "The Lantern", "items": items}
    desk.bring_bytes(json.dumps(told).encode(), content_type="application/feed+json")
    (shown,) = desk.shown()
    assert (shown.title, [it.name for it in shown.authors]) == ("Numbered", ["Cleo", "Max"])
    assert desk.kept("17")


@rule("DED-16")
def what_came_in_goes_out(desk: Desk) -> None:
    given = entry(
        1,
        authors=(Person("Cleo Duarte"), Person("Max Vey")),
        categories=(Category("water", "https://lantern.example/theme", "Water"),),
        rights="Copyright (c) The Lantern",
        license=License("https://creativecommons.org/licenses/by/4.0/"),
        media=(Media("https://lantern.example/1.jpg", type="image/jpeg", credit="Ada Marsh"),),
    )
    desk.bring(given)
    site = Client(create_app(Current(desk.runtime)))
    (kept,) = read(site.get("/feeds/all.atom").data, url="https://gazette.example/").entries
    assert [it.name for it in kept.authors] == ["Cleo Duarte", "Max Vey"]
    assert [(it.term, it.label) for it in kept.categories] == [("water", "Water")]
    assert (kept.id, kept.rights, kept.license.uri) == (given.id, given.rights, given.license.uri)
    assert kept.origin.title == "The Lantern"
    assert [it.credit for it in kept.media] == ["Ada Marsh"]


@rule("DED-17")
def archives_are_followed_at_first_and_known_again(desk: Desk) -> None:
    older = "https://lantern.example/archive/1.atom"
    desk.wire.say(older, document(entry(2), entry(3), url=older))
    current = document(entry(1), entry(2)).replace(
        b"<entry>", f'<link rel="prev-archive" href="{older}"/><entry>'.encode(), 1
    )
    desk.bring_bytes(current)
    for _ in range(3):
        desk.pass_time(hours=2)
        ingest.poll_due(desk.runtime, owner="test")
    assert desk.titles() == [entry(n).title for n in (1, 2, 3)]


def cli(desk: Desk, *words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, ["--config", str(desk.file), *words])
    assert result.exit_code == code, result.output
    return result.output


def keys(desk: Desk) -> list[str]:
    with desk.runtime.store.reading() as tx:
        return list(tx.execute(select(entries.c.key)).scalars())


@pytest.mark.parametrize(
    "case", [it for _, it in TABLE], ids=[f"{name} {it.__name__}" for name, it in TABLE]
)
def test_what_is_one_article(desk: Desk, case: Callable[[Desk], None]) -> None:
    case(desk)
