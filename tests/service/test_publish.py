"""A selection in a format: what stands in it, under which id and tag, and what leaves of whose articles."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import update

from feeds.model import Entry, Feed, Format
from feeds.reading import read
from service import newsroom as desk
from service import publish
from service import runtime as running
from service.errors import NotFound, Refused
from service.model import EVERYTHING, Change
from service.runtime import Runtime
from service.store import articles, changelog, schema
from service.written import Written
from tests import newsroom
from tests.newsroom import NOW

ADDRESSES = (
    "all",
    "author/ada-marsh",
    "theme/energy",
    "region/islands",
    "report/tide-lines",
    "source/lantern",
)


def rendered(runtime: Runtime, name: str = "all", kind: Format = Format.ATOM) -> publish.Rendered:
    return publish.rendered(runtime, publish.parse(runtime.config, name), kind)


def feed(runtime: Runtime, name: str = "all", kind: Format = Format.ATOM) -> Feed:
    made = rendered(runtime, name, kind)
    return read(made.body, url="https://reader.example/", content_type=made.media_type)


def entry(runtime: Runtime, title: str, kind: Format = Format.ATOM) -> Entry:
    return next(it for it in feed(runtime, kind=kind).entries if it.title == title)


def retract(runtime: Runtime, path: str) -> None:
    with runtime.store.writing() as tx:
        found = articles.at(tx, path)
        articles.retract(tx, found.id, reason="Told twice", now=NOW + timedelta(minutes=1))


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("kind", Format)
def test_the_same_state_makes_the_same_bytes(runtime, clock, name, kind):
    """ID-08: no clock, no order of chance."""
    first = rendered(runtime, name, kind)
    clock.advance(5)
    assert rendered(runtime, name, kind) == first


@pytest.mark.parametrize("name", ADDRESSES)
def test_feed_ids_are_their_own_and_not_their_address(runtime, name):
    """ID-05."""
    found = feed(runtime, name)
    assert found.id.startswith("tag:gazette.example,2026-11-22:feed/")
    assert found.self_link == f"https://gazette.example/feeds/{name}.atom"
    assert len({feed(runtime, it).id for it in ADDRESSES}) == len(ADDRESSES)


def test_a_site_that_moves_keeps_every_id(runtime):
    """ID-02: another domain, and https."""
    site = runtime.config.site.model_copy(update={"public_url": "http://moved.example/news"})
    config = runtime.config.model_copy(update={"site": site})
    moved = replace(runtime, config=config, written=Written())
    for kind in Format:
        before, after = feed(runtime, kind=kind), feed(moved, kind=kind)
        assert after.self_link == f"http://moved.example/news/feeds/all.{kind.value}"
        assert (after.id, [it.id for it in after.entries]) == (
            before.id,
            [it.id for it in before.entries],
        )


def test_the_newest_stand_first_and_of_one_moment_those_first_saved(bare):
    """ID-10: an order that leaves nothing open."""
    first, second, old = (newsroom.article(number) for number in (5, 3, 9))
    same = replace(second, published=first.published, updated=first.updated)
    with bare.store.writing() as tx:
        articles.save(tx, [old, first, same], now=NOW)
    assert [it.title for it in feed(bare).entries] == [first.title, same.title, old.title]


def test_an_article_has_one_id_everywhere(runtime):
    """ID-03."""
    ids = {
        next(it.id for it in feed(runtime, name, kind).entries if "turbines" in it.title)
        for name in ("all", "author/ben-okoro", "theme/water", "region/islands")
        for kind in Format
    }
    assert len(ids) == 1


@pytest.mark.parametrize("kind", Format)
def test_everything_that_is_owed_leaves_with_a_partners_article(runtime, kind):
    found = entry(runtime, "The Lantern on lighthouses", kind)
    assert found.id == "https://lantern.example/?p=77"
    assert found.via == "https://lantern.example/lighthouses"
    assert found.rights == "Copyright (c) The Lantern and Cleo Duarte, 2026"
    assert found.license.uri == "https://creativecommons.org/licenses/by/4.0/"
    assert found.origin.title == "The Lantern"
    assert found.origin.feed == "https://lantern.example/feed.atom"
    assert found.content.endswith(
        '<p>The original source of this article is <a href="https://lantern.example/lighthouses">'
        "The Lantern</a>.</p>"
    )


def test_the_source_line_can_be_switched_off(runtime):
    settings = runtime.config.source("lantern").model_copy(update={"credit_line": False})
    config = runtime.config.model_copy(update={"sources": (settings,)})
    quiet = replace(runtime, config=config)
    assert "original source" not in entry(quiet, "The Lantern on lighthouses").content


def test_unknown_terms_let_a_summary_and_a_link_leave(runtime):
    """LIC-04."""
    found = entry(runtime, "Unclear terms")
    assert (found.content, found.summary) == (None, "Summary 3.")
    assert found.via == "https://unclear.example/1"


def test_what_may_not_be_republished_does_not_leave(runtime):
    assert "Article number 15" not in {it.title for it in feed(runtime).entries}


def test_drafts_and_what_is_scheduled_are_not_there(runtime):
    """ID-11."""
    titles = {it.title for it in feed(runtime).entries}
    assert not titles & {"Article number 13", "Article number 14"}


def test_the_editors_note_stands_before_the_text(runtime):
    found = entry(runtime, newsroom.everything().title)
    assert found.content.startswith(
        "<aside><p><strong>Editor’s note</strong></p><p>We publish this"
    )
    assert "Ada Marsh, 2026-11-21" in found.content


def test_right_to_left_text_says_so(runtime):
    """Most readers pass over xml:lang."""
    found = next(it for it in feed(runtime).entries if it.language == "ar")
    assert found.content.startswith('<div lang="ar" dir="rtl">')


def test_a_retraction_is_a_tombstone_and_moves_the_feed(runtime):
    """TMB-01."""
    before = rendered(runtime)
    retract(runtime, "2026/11/article-5")
    after = feed(runtime)
    (stone,) = after.tombstones
    assert (stone.when, stone.comment) == (NOW + timedelta(minutes=1), "Told twice")
    assert after.updated == stone.when
    assert rendered(runtime).etag != before.etag


def test_what_is_restored_stands_in_its_feeds_again_and_is_newer_than_its_tombstone(runtime, clock):
    """TMB-04: a reader that took it out takes it back."""
    before = entry(runtime, "Article number 5")
    clock.advance(60)
    desk.retract(runtime, "2026/11/article-5", reason="Told twice")
    (stone,) = feed(runtime).tombstones
    clock.advance(60)
    desk.restore(runtime, "2026/11/article-5")
    after = entry(runtime, "Article number 5")
    assert after.updated > stone.when
    assert replace(after, updated=before.updated) == before
    assert feed(runtime).tombstones == ()
    with runtime.store.writing() as tx:  # as its file, taken in again
        (saved,) = articles.save(tx, [newsroom.article(5)], now=clock.now())
    assert saved.change is Change.UNCHANGED


def test_what_has_expired_is_not_restored(runtime, clock):
    over = newsroom.article(1, slug="over", expires=NOW + timedelta(hours=1))
    desk.write(runtime, over)
    clock.advance(7200)
    desk.settle(runtime)
    with pytest.raises(Refused, match="until 2026-11-22 13:00 UTC only"):
        desk.restore(runtime, "2026/11/over")


def test_a_feed_is_as_new_as_its_newest_entry(runtime):
    """ID-09."""
    found = feed(runtime)
    assert found.updated == max(it.updated for it in found.entries)


def test_last_modified_does_not_go_back_when_the_newest_leaves(runtime):
    """HTTP-02."""
    before = rendered(runtime, "theme/water").last_modified
    with runtime.store.writing() as tx:
        draft = replace(newsroom.everything(), categories=(newsroom.ENERGY,))
        articles.save(tx, [draft], now=NOW + timedelta(minutes=1))
    assert rendered(runtime, "theme/water").last_modified > before


def test_a_closed_report_is_complete(runtime):
    """HIS-04."""
    assert feed(runtime, "report/tide-lines").complete
    assert not feed(runtime, "theme/energy").complete
    assert feed(runtime, "report/tide-lines", Format.JSON).expired


def test_a_feed_without_articles_is_a_feed(bare):
    found = feed(bare, "theme/water")
    assert found.entries == ()
    assert found.updated is not None


def test_a_feed_is_good_until_the_next_release(runtime):
    assert rendered(runtime).good_until == NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "nothing",
        "theme",
        "theme/",
        "theme/none",
        "author/nobody",
        "source/none",
        "theme/energy/x",
    ],
)
def test_what_does_not_exist_is_not_found(runtime, name):
    with pytest.raises(NotFound):
        rendered(runtime, name)


def test_titles_tell_what_a_feed_is_about(runtime):
    titles = [feed(runtime, name).title for name in ADDRESSES]
    assert titles == [
        "The Harbour Gazette",
        *(f"{it} · The Harbour Gazette"
          for it in ("Ada Marsh", "Energy", "Islands", "Tide Lines", "The Lantern")),
    ]  # fmt: skip


def test_what_is_withheld_takes_no_place(bare):
    """A feed is filled up with what may leave, and tells no retraction of what never left."""
    with bare.store.writing() as tx:
        drafts = [newsroom.article(number, license="closed") for number in range(1, 13)]
        saved = articles.save(tx, [*drafts, newsroom.article(20)], now=NOW)
        articles.retract(tx, saved[0].id, reason="No matter", now=NOW + timedelta(minutes=1))
    found = feed(bare)
    assert [it.title for it in found.entries] == ["Article number 20"]
    assert found.tombstones == ()


def test_a_license_that_is_gone_from_the_settings_lets_a_summary_leave(bare):
    with bare.store.writing() as tx:
        articles.save(tx, [newsroom.article(1, license="lost")], now=NOW)
    assert feed(bare).entries[0].content is None


def test_a_summary_is_never_the_text(bare):
    draft = replace(newsroom.republished(), license=None, source="unclear", summary="word " * 999)
    with bare.store.writing() as tx:
        articles.save(tx, [draft], now=NOW)
    assert len(feed(bare).entries[0].summary) < 700


@pytest.mark.parametrize("kind", Format)
def test_how_much_feeds_carry_is_the_operators_to_say(bare, configure, clock, kind):
    """Site wide and by named selection, within what the license of an article allows."""
    said = """[content]
entries = "summary"
"""
    named = """
[selections.whole]
title = "Whole"
path = "theme/energy"
entries = "full"

[selections.brief]
title = "Brief"
path = "theme/energy"

[[sources]]
slug = "lantern\""""
    config = configure(("[content]\n", said), ('\n[[sources]]\nslug = "lantern"', named))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=bare.parser) as held:
        unclear = next(it for it in newsroom.articles() if it.slug == "unclear-terms")
        with held.store.writing() as tx:
            articles.save(tx, [newsroom.everything(), unclear], now=NOW)

        def found(name: str) -> list[tuple[bool, bool, int]]:
            said = [(it.content or "", it) for it in feed(held, name, kind).entries]
            return [("The plan" in text, "Text" in text, len(it.media)) for text, it in said]

        brief = [(False, False, 2), (False, False, 0)]
        assert found("all") == found("named/brief") == brief
        assert found("named/whole") == [(True, False, 2), (False, False, 0)]
        assert found("all") == brief


def test_nothing_foreign_is_claimed_by_the_head_of_the_feed(runtime):
    """ATM-12: what has no copyright line of its own would inherit ours."""
    assert entry(runtime, "Unclear terms").rights == "© Unclear Terms Weekly"


def test_an_article_due_elsewhere_keeps_no_feed_from_being_kept(runtime):
    assert rendered(runtime, "source/lantern").good_until is None


def test_a_change_of_the_settings_touches_every_feed(runtime, configure, clock):
    before = rendered(runtime, "theme/water").last_modified
    clock.advance(60)
    renamed = configure(("The Harbour Gazette", "The Harbour Courant"))
    running.prepare(renamed, clock=clock, serving=True)
    after = rendered(replace(runtime, config=renamed), "theme/water")
    assert after.last_modified == clock.now() > before


@pytest.mark.parametrize("kind", Format)
def test_a_broken_article_breaks_no_feed(runtime, kind, capsys):
    """HTTP-21: it is left out, and the operator is told."""
    before = feed(runtime, kind=kind)
    with runtime.store.writing() as tx:
        tx.execute(update(schema.media).values(role="hologram"))
        tx.execute(
            update(schema.origins).where(schema.origins.c.source == "unclear").values(authors=[1])
        )
        changelog.append(tx, [EVERYTHING], NOW)
    after = feed(runtime, kind=kind)
    broken = {newsroom.everything().title, "Unclear terms"}
    assert [it.title for it in after.entries] == [
        it.title for it in before.entries if it.title not in broken
    ]
    assert "".join(capsys.readouterr()).count("article cannot be shown") == len(broken)
    retract(runtime, "2026/11/article-5")
    with runtime.store.writing() as tx:
        articles.retract(tx, 3, reason="Told twice", now=NOW)
    assert len(feed(runtime, kind=kind).entries) == len(after.entries) - 1


def test_caches_may_drop_a_feed_with_what_it_is_about(runtime):
    """HTTP-16."""
    assert rendered(runtime).keys == {"all"}
    assert len(rendered(runtime, "theme/energy,water").keys) == 2
