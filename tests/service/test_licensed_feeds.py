"""Feeds by license: selections like all others, of whatever license holds by the settings in force."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace

from feeds.model import Format
from feeds.opml import read_opml
from feeds.reading import read
from service import endings, numbering, publish
from service import newsroom as desk
from service import runtime as running
from service.errors import ConfigError, NotFound
from service.store import articles, changelog
from tests import newsroom
from tests.newsroom import NOW


def feed(runtime, name, archive=None):
    made = publish.rendered(runtime, publish.parse(runtime.config, name), Format.ATOM, archive)
    return read(made.body, url="https://reader.example/", content_type=made.media_type)


def titles(runtime, name):
    return {it.title for it in feed(runtime, name).entries}


def test_they_hold_what_is_under_a_license_and_join_with_other_terms(runtime):
    open_, house = titles(runtime, "license/cc-by"), titles(runtime, "license/house")
    assert "The Lantern on lighthouses" in open_
    assert "Article number 5" in house
    assert not open_ & house
    either = titles(runtime, "license/cc-by,house")
    assert either == titles(runtime, "license/republishable")
    assert either <= open_ | house
    assert titles(runtime, "source/lantern/license/cc-by") == {"The Lantern on lighthouses"}
    assert titles(runtime, "theme/energy/not/license/house") - open_ == {"Unclear terms"}
    assert titles(runtime, "license/closed") == set()  # none of it may leave
    with pytest.raises(NotFound):
        feed(runtime, "license/nothing")


def test_they_say_what_they_are(runtime):
    assert feed(runtime, "license/cc-by").title == "CC BY 4.0 · The Harbour Gazette"
    found = feed(runtime, "theme/energy/license/house")
    assert found.title == "Energy and Gazette cross-posting terms · The Harbour Gazette"
    assert found.subtitle == "Articles in Energy and under Gazette cross-posting terms"
    free = feed(runtime, "license/republishable")
    assert free.title == "Free to republish · The Harbour Gazette"
    assert free.subtitle == "Articles that others may republish in full"


def test_nothing_is_too_old_for_them(bare):
    """The newest are followed by archives, down to the first (RFC 5005 section 4)."""
    rest = [newsroom.article(number) for number in range(1, 121)]
    with bare.store.writing() as tx:
        articles.save(tx, [newsroom.article(9_000, license="cc-by"), *rest], now=NOW)
    assert titles(bare, "license/cc-by") == {"Article number 9000"}
    assert walked(bare, "license/house") == {it.title for it in rest}


def walked(runtime, name):
    """The titles of a feed and of all its archives."""
    document, found = feed(runtime, name), set()
    while document.previous_archive:
        found |= {it.title for it in document.entries}
        number = int(document.previous_archive.rpartition("/")[2].partition(".")[0])
        document = feed(runtime, name, number)
    return found | {it.title for it in document.entries}


def test_what_others_may_republish_has_archives_of_its_own(bare, configure, clock):
    """Numbered by the scheduler, once all is filed under the licenses that hold."""
    drafts = [newsroom.article(n, license="closed" if n % 2 else None) for n in range(1, 241)]
    desk.write(bare, newsroom.article(300, license="cc-by"))
    with bare.store.writing() as tx:
        articles.save(tx, drafts, now=NOW)
    assert feed(bare, "license/republishable").previous_archive is None
    numbering.settle(bare)
    assert feed(bare, "license/republishable").previous_archive is None
    endings.refile(bare)
    numbering.settle(bare)
    assert feed(bare, "license/republishable").previous_archive is not None
    free = {it.title for it in drafts if not it.license} | {"Article number 300"}
    assert walked(bare, "license/republishable") == free
    clock.advance(60)
    desk.write(bare, newsroom.article(1, license="house"))
    numbering.settle(bare)
    assert walked(bare, "license/republishable") == free | {"Article number 1"}
    config = configure(('republish = "none"', 'republish = "full"'))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=bare.parser) as held:
        running.adopt(held.store, config, clock)
        numbering.settle(held)
        endings.refile(held)
        numbering.settle(held)
        everything = {it.title for it in drafts} | free
        assert walked(held, "license/republishable") == everything
        with held.store.reading() as tx:
            before = changelog.last(tx)
        numbering.settle(held)
        with held.store.reading() as tx:
            assert changelog.last(tx) == before


def test_they_tell_what_was_withdrawn(runtime):
    desk.retract(runtime, "2026/11/article-5", reason="Wrong")
    for name in ("license/house", "license/republishable"):
        assert [it.comment for it in feed(runtime, name).tombstones] == ["Wrong"]
    assert feed(runtime, "license/cc-by").tombstones == ()


def test_they_stand_in_the_directory_and_in_the_list_of_all_feeds(client):
    directory = client.get("/feeds").text
    listed = {
        urlsplit(outline.xml_url).path
        for group in read_opml(client.get("/feeds.opml").data).outlines
        for outline in (group, *group.children)
        if outline.xml_url
    }
    for name in ("cc-by", "house", "republishable"):
        address = f"/feeds/license/{name}.atom"
        assert address in listed
        assert address in directory
        assert client.get(address).status_code == 200
        assert client.get(f"/license/{name}").status_code == 200
    assert client.get("/license/").status_code == 200
    whole = client.get("/feeds/license/cc-by.rss")
    known = {"If-None-Match": whole.headers["ETag"]}
    assert client.get("/feeds/license/cc-by.rss", headers=known).status_code == 304


def test_other_settings_file_all_articles_anew(runtime, configure, clock):
    before = feed(runtime, "license/cc-by")
    config = configure(('license = "house"', 'license = "cc-by"'))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=runtime.parser) as held:
        running.adopt(held.store, config, clock)
        clock.advance(60)
        endings.refile(held)
        assert titles(held, "license/house") == set()
        assert titles(held, "license/cc-by") > {it.title for it in before.entries}
        desk.write(held, replace(newsroom.article(20), title="Written since"))
        assert "Written since" in titles(held, "license/cc-by")


def test_a_license_that_ends_frees_nothing_any_more(bare, configure, clock):
    config = configure(('name = "CC BY 4.0"', 'name = "CC BY 4.0"\nvalid_until = 2026-11-22'))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=bare.parser) as held:
        running.adopt(held.store, config, clock)
        desk.write(held, newsroom.article(1, license="cc-by"))
        desk.write(held, newsroom.article(2))
        assert titles(held, "license/republishable") == {"Article number 1", "Article number 2"}
        clock.set(NOW + timedelta(days=1))
        desk.settle(held)
        assert titles(held, "license/republishable") == {"Article number 2"}


def test_what_a_source_gives_by_summaries_is_not_free(runtime, configure, clock):
    config = configure(('license = "cc-by"\n\n[[', 'license = "cc-by"\ntext = "summary"\n\n[['))
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=runtime.parser) as held:
        running.adopt(held.store, config, clock)
        endings.refile(held)
        assert "The Lantern on lighthouses" in titles(held, "license/cc-by")
        assert "The Lantern on lighthouses" not in titles(held, "license/republishable")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_license_is_called_republishable(configure):
    with pytest.raises(ConfigError, match=r"republishable.*take another name"):
        configure(("[licenses.cc-by]", "[licenses.republishable]"))
