"""feedwright explain: every fate of an entry is told, with its reason, and what to do about it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import event

from feeds.model import License
from service import cli, ingest, newsroom, reviewing
from service.store import articles, tracing
from tests.newsroom import NOW
from tests.service.lantern import document, entry

if TYPE_CHECKING:
    from collections.abc import Callable

CLOSED = License(uri="https://terms.example/closed")
PROSE = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(80))


@pytest.fixture
def told(lantern):
    """What the command says of a name."""

    def run(name: str, *options: str, code: int = 0) -> str:
        found = CliRunner().invoke(
            cli.main, ["--config", str(lantern.file), "explain", name, *options]
        )
        assert found.exit_code == code, (found.output, found.exception)
        assert "Traceback" not in found.output
        assert not found.exception or isinstance(found.exception, SystemExit), found.exception
        return found.output

    return run


@pytest.fixture
def story(told) -> Callable[[str], dict[str, Any]]:
    """The only story that the command tells of a name, for machines."""

    def run(name: str) -> dict[str, Any]:
        (found,) = json.loads(told(name, "--json"))["stories"]
        return dict(found)

    return run


def last(story: dict[str, Any]) -> tuple[str, str]:
    (kept,) = story["entries"]
    return kept["verdict"], kept["told"]


def test_imported_by_every_name(lantern, told, story):
    lantern.says(entry(1))
    lantern.poll()
    article = lantern.article(1)
    names = [
        f"https://gazette.example/articles/{article.path}",
        f"https://gazette.example/articles/{article.path}/republish?x=1",
        article.path,
        f"/articles/{article.path}",
        str(article.id),
        entry(1).id,
        "https://lantern.example/1",
        "http://www.lantern.example/1/?utm_source=x",
    ]
    found = [story(name) for name in names]
    assert all(it == found[0] for it in found)
    (kept,) = found[0]["entries"]
    assert (kept["source"], kept["verdict"], len(kept["steps"])) == ("lantern", "imported", 1)
    assert kept["steps"][0]["poll_url"] == lantern.source().url
    assert found[0]["license"] == (
        "CC BY 4.0 (cc-by, of the source lantern): our feeds carry the whole text;"
        " others may republish it"
    )
    assert found[0]["cleaned"].endswith("the current one")
    assert [it["address"].removeprefix("https://gazette.example/feeds/") for it in found[0]["feeds"]] == [
        "all.atom",
        "author/cleo-duarte.atom",
        "author/max-vey.atom",
        "theme/water.atom",
        "source/lantern.atom",
        "language/en.atom",
        "license/cc-by.atom",
        "license/republishable.atom",
    ]  # fmt: skip
    assert all(it["is_shown"] for it in found[0]["feeds"])
    text = told(article.path)
    for part in (
        "stands:     published",
        "sent by The Lantern (lantern), known by its id tag:lantern.example,2026:1",
        f"taken in (poll 1 of {lantern.source().url})",
        "in https://gazette.example/feeds/theme/water.atom",
    ):
        assert part in text


def test_edited(lantern, story):
    lantern.says(entry(1))
    lantern.poll()
    lantern.says_and_is_polled(entry(1, title="Better"))
    found = story(entry(1).id)
    assert found["title"] == "Better"
    assert [it["verdict"] for it in found["entries"][0]["steps"]] == ["imported", "edited"]


def test_excluded_by_a_rule(lantern, told, story):
    lantern.rules('exclude = [{ name = "ads", words = ["sponsored"] }]')
    lantern.says(entry(1, title="Sponsored"))
    lantern.poll()
    reason = "exclude rule “ads”: its title has “sponsored”"
    assert last(story("https://lantern.example/1")) == (
        "excluded",
        f"kept out by a rule of its source: {reason}",
    )
    assert story(entry(1).id)["no_feeds"] == "it is no article"
    assert "`feedwright source reapply lantern`" in told(entry(1).id)


def test_merged(lantern, told, story):
    same = f"<p>{PROSE}</p>"
    lantern.says(entry(1, content=same))
    lantern.poll()
    lantern.serves_other(document(entry(1, content=same, authors=())))
    ingest.poll_named(lantern.runtime, "unclear", owner="test")
    found = story("https://lantern.example/1")
    assert found["standing"] == "published"
    assert [(it["source"], it["verdict"]) for it in found["entries"]] == [
        ("lantern", "imported"),
        ("unclear", "merged"),
    ]
    assert len(found["merges"]) == 1
    reason = f"the same story as /articles/{lantern.article(1).path} from lantern"
    assert found["merges"][0]["reason"] == reason
    assert f"`feedwright merges undo {found['merges'][0]['id']}`" in told(entry(1).id)


def test_too_old(lantern, story):
    lantern.rules('oldest = "2h"')
    lantern.says(entry(3))
    lantern.poll()
    verdict, said = last(story(entry(3).id))
    assert verdict == "too old"
    assert "the source takes what is at most 2h old" in said


def test_waiting_for_review_and_rejected(lantern, told, story):
    lantern.rules("review = true")
    lantern.says(entry(1))
    lantern.poll()
    found = story(entry(1).id)
    assert (found["standing"], found["no_feeds"]) == ("waiting for a review", "it is draft")
    assert f"`feedwright review approve {found['number']}`" in told(entry(1).id)
    reviewing.reject(lantern.runtime, [str(found["number"])], reason="dull")
    assert last(story(entry(1).id)) == ("rejected", "rejected in the review: rejected: dull")


def test_refused_by_its_license(lantern, story):
    text = lantern.file.read_text(encoding="utf-8")
    closed = 'name = "All rights reserved"\n'
    lantern.rewrite(text.replace(closed, f'{closed}uri = "{CLOSED.uri}"\n'))
    lantern.says(entry(1, license=CLOSED))
    lantern.poll()
    assert last(story(entry(1).id)) == (
        "refused",
        "refused: its license 'closed' allows no republication",
    )


def test_cut_by_a_limit_and_taken_in_with_the_next_poll(lantern, told, story):
    text = lantern.file.read_text(encoding="utf-8")
    lantern.rewrite(text.replace("[fetch]\n", "[fetch]\nitems = 1\n"))
    lantern.says(entry(1), entry(2), entry(3))
    assert lantern.poll().imported == 1
    reason = "beyond the 1 entries that [fetch] items allows: it waits for the next poll"
    assert last(story("https://lantern.example/2"))[1].endswith(reason)
    assert last(story(entry(3).id))[0] == "cut"
    assert "`feedwright poll lantern`" in told(entry(2).id)
    lantern.clock.advance(3600)
    assert lantern.poll().imported == 1
    steps = story(entry(2).id)["entries"][0]["steps"]
    assert [it["verdict"] for it in steps] == ["cut", "imported"]
    assert last(story(entry(3).id))[0] == "cut"


def test_scheduled_retracted_expired_unreadable(lantern, story):
    lantern.rules('delay = "90m"')
    lantern.says(entry(1), entry(2), entry(4, valid_until=NOW + timedelta(hours=1)))
    lantern.poll()
    assert story(entry(1).id)["standing"] == "scheduled, comes out at 2026-11-22 12:30 UTC"
    assert story(entry(1).id)["no_feeds"] == "it is scheduled"
    newsroom.retract(lantern.runtime, str(lantern.article(2).id), reason="Wrong")
    assert story(entry(2).id)["standing"].endswith(": Wrong")
    lantern.clock.advance(7200)
    newsroom.settle(lantern.runtime)
    assert story(entry(4).id)["standing"].startswith("expired at ")


def test_what_is_older_than_a_feed_reaches_is_told_so(lantern, story):
    lantern.says(*(entry(number) for number in range(1, 13)))
    lantern.poll()
    by_address = {it["address"]: it for it in story(entry(12).id)["feeds"]}
    named = by_address["https://gazette.example/feeds/language/en.atom"]
    assert (named["is_shown"], named["reason"]) == (
        False,
        "the newest 10 stand there, and it is older",
    )


def test_an_article_of_our_own(lantern, story):
    lantern.says(entry(1))
    lantern.poll()
    ours = replace(
        lantern.article(1),
        id=0, guid=None, path=None, source=None, origins=(), license=None, slug="own",
        canonical_url="https://elsewhere.example/own",
    )  # fmt: skip
    with lantern.runtime.store.writing() as tx:
        articles.save(tx, [ours], now=NOW)
    found = story("https://elsewhere.example/own")
    assert (found["entries"], found["address"]) == (
        [],
        "https://gazette.example/articles/2026/11/own",
    )
    assert "of the site" in found["license"]


def test_originals_of_our_own_articles_are_looked_up(runtime):
    long, asked = f"https://elsewhere.example/{'x' * 600}", []
    ours = next(it for it in newsroom.listed(runtime, status=None, limit=99) if not it.source)
    ours = replace(ours, id=0, guid=None, path=None, slug="long", canonical_url=long)

    def note(_connection, _cursor, statement, parameters, *_others) -> None:
        asked.append((statement, parameters))

    with runtime.store.writing() as tx:
        articles.save(tx, [ours], now=NOW)
        assert len(tracing.copied_from(tx, long)) == 1
        event.listen(tx, "before_cursor_execute", note)
        assert tracing.copied_from(tx, "https://elsewhere.example/nowhere") == []
        event.remove(tx, "before_cursor_execute", note)
        if runtime.store.is_sqlite:
            plans = [
                str(tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {it}", values).all())
                for it, values in asked
            ]
            assert "ix_articles_original" in plans[0]
            assert "ix_origins_url" in plans[1]


def test_a_source_by_slug_and_by_the_address_of_its_feed(lantern, told):
    lantern.says(entry(1), entry(2))
    lantern.poll()
    for name in ("lantern", lantern.source().url):
        (found,) = json.loads(told(name, "--json"))["sources"]
        assert found["verdicts"] == {"imported": 2}
        assert found["polls"][0]["result"] == "new content"
    assert "entries:    2 imported" in told("lantern")


def test_the_same_path_on_another_site_is_another_page(lantern, told):
    page = "https://lantern.example/2026/11/story-1"
    lantern.says(entry(1, id=page, link=page))
    lantern.poll()
    path = lantern.published()[0].path
    for name in (page.replace("lantern", "other"), f"https://other.example/articles/{path}"):
        assert f"nothing is known of '{name}'" in told(name, code=1)
    assert f"known is {page}" in told(page.replace("lantern", "other"), code=1)
    moved = page.replace("https", "http").replace("lantern", "www.lantern")
    assert "stands:     published" in told(moved)


def test_what_is_not_known_is_told_with_what_is_near(lantern, told):
    lantern.says(entry(1), entry(2))
    lantern.poll()
    text = told("https://lantern.example/3", code=1)
    assert "nothing is known of 'https://lantern.example/3'" in text
    assert "an entry of any source by its id" in text
    assert "known is lantern.example/1" in text
    assert "it may be of the source lantern: 2026-11-22 12:00:00 UTC new content" in text
    found = json.loads(told("tag:lantern.example,2026:9", "--json", code=1))
    assert found["nearest"][0].startswith("tag:lantern.example,2026:")
    assert found["looked_for"]
    told("x" * 5000, code=1)
    told("harbour\udc80", code=1)  # bytes that are not UTF-8, as arguments come
    told("http://[::1", code=1)
