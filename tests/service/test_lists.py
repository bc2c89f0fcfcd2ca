"""Lists that somebody keeps elsewhere: their feeds are sources, under settings that are ours."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from feeds.opml import Outline, Outlines, read_opml, write_opml
from service import cli, ingest, reload
from service import config as configuration
from service import runtime as running
from service.care import doctor
from service.model import PollOutcome, PollResult, SourceState
from service.runtime import Current
from service.store import sources
from tests.fakes import Reply, Script, conditional
from tests.service.lantern import Lantern, document, entry

MILL, QUAY, WEIR = "/mill.atom", "/quay.atom", "/weir.atom"
TABLE = """
[[lists]]
slug = "allies"
name = "Allies of the coast"
url = "{url}"
license = "cc-by"
categories = {{ theme = ["energy"] }}
most = 3
"""


class Allies:
    """A list on the partner's server, and the newsroom that goes by it."""

    def __init__(self, lantern: Lantern) -> None:
        self.desk = lantern
        self._url = lantern.answers("/allies.opml", Reply())
        self.plain = lantern.file.read_text(encoding="utf-8")
        self.settle(self.plain + TABLE.format(url=self._url))

    def settle(self, text: str) -> None:
        """Go by that config.toml."""
        self.desk.rewrite(text)
        self.keep_up()

    def keep_up(self) -> None:
        """Go by the settings in force, as every process does within a second."""
        current = Current(self.desk.runtime)
        current.keep_up()
        self.desk.runtime = current.runtime

    def url(self, path: str) -> str:
        return self._url.replace("/allies.opml", path)

    def names(self, *paths: str, **titles: str) -> bytes:
        """The list with these feeds."""
        found = [(path.strip("/").split(".")[0].title(), self.url(path)) for path in paths]
        found += [(title, self.url(f"/{slug}")) for slug, title in titles.items()]
        outlines = tuple(Outline(text=name, xml_url=url) for name, url in found)
        return write_opml(Outlines(outlines=(Outline(text="Coast", children=outlines),)))

    def look(self, *replies: Script) -> PollOutcome:
        """Poll the list, which answers so from now on."""
        if replies:
            self.desk.answers("/allies.opml", *replies)
        self.desk.clock.advance(timedelta(days=1).total_seconds())
        outcome = ingest.poll_named(self.desk.runtime, "list:allies", owner="test")
        self.keep_up()
        return outcome

    def look_at(self, *paths: str, **titles: str) -> PollOutcome:
        """Poll the list, which names these from now on."""
        return self.look(conditional(Reply(body=self.names(*paths, **titles))))

    def standing(self) -> dict[str, SourceState]:
        """What the list has ever brought, and how that stands."""
        with self.desk.runtime.store.reading() as tx:
            found = sources.listed(tx)
        return {it.slug: it.state for it in found if it.slug.startswith("allies-")}

    def active(self) -> list[str]:
        """The slugs of its sources."""
        return [slug for slug, it in self.standing().items() if it is SourceState.ACTIVE]

    def run(self, *words: str, code: int = 0) -> str:
        """What a command says."""
        found = CliRunner().invoke(cli.main, ["--config", str(self.desk.file), *words])
        assert found.exit_code == code, (found.output, found.exception)
        return found.output


@pytest.fixture
def allies(lantern: Lantern) -> Allies:
    return Allies(lantern)


def test_feeds_of_a_list_are_sources_under_its_settings(allies):
    outcome = allies.look_at(MILL, QUAY)
    assert (outcome.result, outcome.imported) == (PollResult.NEW_CONTENT, 2)
    assert outcome.next_at >= outcome.at + timedelta(hours=20)
    assert allies.active() == ["allies-mill", "allies-quay"]
    held = allies.desk.runtime
    mill = held.config.source("allies-mill")
    assert (mill.name, mill.license, mill.url) == ("Mill", "cc-by", allies.url(MILL))
    allies.desk.answers(MILL, Reply(body=document(entry(7))))
    ingest.poll_named(held, "allies-mill", owner="test")
    (article,) = allies.desk.published()
    assert (article.source, article.categories[0].slug) == ("allies-mill", "energy")
    assert allies.look_at(MILL, QUAY).result is PollResult.NOT_MODIFIED
    with running.opened(configuration.load(allies.desk.file)) as restarted:
        assert restarted.config.digest == held.config.digest
        assert restarted.config.source("allies-quay")


def test_what_is_missed_twice_goes_and_its_articles_stay(allies):
    allies.look_at(MILL, QUAY)
    allies.desk.answers(MILL, Reply(body=document(entry(7))))
    ingest.poll_named(allies.desk.runtime, "allies-mill", owner="test")
    once = allies.look_at(QUAY)
    assert "1 are missing" in once.reason
    assert allies.active() == ["allies-mill", "allies-quay"]
    twice = allies.look()
    assert (twice.http_status, twice.withdrawn) == (304, 1)
    assert allies.standing()["allies-mill"] is SourceState.REMOVED
    assert allies.desk.runtime.config.source("allies-mill") is None
    assert [it.source for it in allies.desk.published()] == ["allies-mill"]
    allies.look_at(MILL, QUAY)
    assert allies.active() == ["allies-mill", "allies-quay"]
    allies.look_at(QUAY)
    allies.look_at(MILL, QUAY)
    allies.look_at(QUAY)
    assert allies.active() == ["allies-mill", "allies-quay"]


def test_no_answer_that_is_no_list_takes_a_source_away(allies):
    allies.look_at(MILL, QUAY)
    whole = allies.names(MILL, QUAY)
    bad = {
        "a page": Reply(body=b"<html><body>Please sign in</body></html>"),
        "nothing": Reply(body=b""),
        "cut short": Reply(body=whole[:-30]),
        "cut short on the wire": Reply(headers={"Content-Length": "9999"}, body=whole),
        "without feeds": Reply(body=allies.names()),
        "with feeds nowhere": Reply(
            body=b"<opml><body><outline type='rss' text='a'/></body></opml>"
        ),
        "a document type": Reply(body=b"<!DOCTYPE opml [<!ENTITY a 'b'>]>" + whole[39:]),
        "a feed": Reply(body=document(entry(1))),
        "an error": Reply(503),
        "only what is new": Reply(226, {"IM": "feed"}, allies.names(QUAY)),
    }
    for name, reply in bad.items():
        for _ in range(3):
            assert allies.look(reply).result is PollResult.FAILED, name
        assert allies.active() == ["allies-mill", "allies-quay"], name
    assert allies.look_at(MILL, QUAY).result is not PollResult.FAILED


def test_what_a_list_may_bring_is_bounded(allies):
    taken = allies.desk.runtime.config.source("lantern").url
    outcome = allies.look(
        Reply(
            body=f"""<opml version="2.0"><body>
            <outline text="Ours" xmlUrl="{allies.desk.runtime.config.site.public_url}/feeds/all.atom"/>
            <outline text="Known" xmlUrl="{taken}"/>
            <outline text="Private" xmlUrl="https://me:hush@private.example/feed"/>
            <outline text="Files" type="rss" xmlUrl="file:///etc/passwd"/>
            <outline text="Lantern" xmlUrl="{allies.url("/a")}" license="house" review="false"/>
            <outline text="Lantern" xmlUrl="{allies.url("/b")}"/>
            <outline xmlUrl="{allies.url("/c")}?token=hushhush"/>
            <outline text="Fourth" xmlUrl="{allies.url("/d")}"/>
            <outline text="Again" xmlUrl="{allies.url("/a")}"/>
            </body></opml>""".encode()
        )
    )
    host = allies.url("").split("//")[1].split(":")[0]
    assert allies.active() == ["allies-127-0-0-1", "allies-lantern", "allies-lantern-2"]
    config = allies.desk.runtime.config
    assert config.source("allies-127-0-0-1").name == host
    assert config.source("allies-lantern").license == "cc-by"
    assert "1 have no address or name" in outcome.reason
    assert "it names 5 feeds, of which most allows 3" in outcome.reason
    assert "hush" not in outcome.reason
    allies.settle(allies.desk.file.read_text(encoding="utf-8").replace("most = 3", "most = 4"))
    assert "allies-fourth" in allies.active()


def test_config_toml_goes_before_a_list(allies):
    allies.look_at(MILL, QUAY)
    text = allies.desk.file.read_text(encoding="utf-8")
    own = f'\n[[sources]]\nslug = "allies-mill"\nname = "The Mill"\nurl = "{allies.url(MILL)}"\n'
    allies.settle(text + own)
    config = allies.desk.runtime.config
    assert (config.source("allies-mill").name, config.source("allies-mill").license) == (
        "The Mill",
        None,
    )
    assert config.source("allies-quay").license == "cc-by"
    allies.settle(text.replace('slug = "allies"', 'slug = "allies"\npaused = true'))
    assert set(allies.standing().values()) == {SourceState.PAUSED}
    allies.settle(allies.plain)
    assert set(allies.standing().values()) == {SourceState.REMOVED}
    allies.settle(text)
    assert allies.active() == ["allies-mill", "allies-quay"]
    assert not reload.pending(configuration.load(allies.desk.file)).changes


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_commands_tell_what_a_list_has_brought(allies):
    allies.look_at(MILL, QUAY)
    listed = {it["slug"]: it["list"] for it in json.loads(allies.run("source", "list", "--json"))}
    assert listed == {
        "allies-mill": "allies", "allies-quay": "allies", "lantern": None, "list:allies": None,
        "unclear": None,
    }  # fmt: skip
    assert "list:allies" in allies.run("source", "list")
    told = {it.about: it.told for it in doctor.examine(allies.desk.file)}
    assert told["settings in force"].startswith("those of")
    assert "list:allies" in allies.run("source", "show", "allies-mill")
    assert "the list allies" in allies.run("explain", "allies-mill")
    allies.desk.answers(MILL, Reply(body=document(entry(7))))
    assert 'license = "cc-by"' in allies.run("source", "try", allies.url(MILL), "--feed", "--add")
    assert {it["slug"]: it["list"] for it in json.loads(allies.run("source", "list", "--json"))} == {
        **listed, "allies-mill": None,
    }  # fmt: skip
    assert "[[sources]] first" in allies.run("source", "pause", "allies-quay", code=1)
    exported = [it.text for it in read_opml(allies.run("source", "export").encode()).outlines]
    assert exported == ["The Lantern", "Unclear Terms Weekly", "Mill", "Quay"]
    allies.desk.answers("/allies.opml", Reply(body=allies.names(MILL, QUAY, WEIR)))
    assert "1 imported" in allies.run("source", "poll", "list:allies")
    assert "allies-weir" in allies.run("source", "list")
