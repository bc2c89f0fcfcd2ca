"""feedwright source try, poll, pause, resume: from the address of a page to a source that is polled."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from service import cli
from service import config as configuration
from service import runtime as running
from tests.fakes import Reply
from tests.service.lantern import document, entry

PAGE = b"""<html><head><title>The Mill</title>
<link rel="alternate" type="application/atom+xml" href="/mill.atom">
<link rel="alternate" type="application/rss+xml" href="/comments.rss"></head></html>"""


@pytest.fixture
def run(lantern):
    def invoke(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(cli.main, ["--config", str(lantern.file), "source", *words])
        assert found.exit_code == code, (found.output, found.exception)
        assert not found.exception or isinstance(found.exception, SystemExit), found.exception
        return found.output

    return invoke


@pytest.fixture
def mill(lantern):
    """The page of a site that is no source yet."""
    page = lantern.answers("/mill/", Reply(headers={"Content-Type": "text/html"}, body=PAGE))
    lantern.answers("/mill.atom", Reply(body=document(entry(1), entry(2, title="Sponsored"))))
    return page


def test_a_page_leads_to_its_feed_and_a_table_to_paste(lantern, run, mill):
    before = lantern.file.read_text(encoding="utf-8")
    found = json.loads(run("try", mill, "--json"))
    feed = mill.replace("/mill/", "/mill.atom")
    assert (found["feed"], found["title"], found["added"]) == (feed, "The Lantern", False)
    assert found["others"] == [mill.replace("/mill/", "/comments.rss")]
    assert found["source"] == {
        "slug": "the-lantern",
        "url": feed,
        "name": "The Lantern",
        "home": "https://lantern.example/",
    }
    assert [(it["title"], it["verdict"], it["authors"]) for it in found["entries"]] == [
        ("Story 1", "imported", ["Cleo Duarte", "Max Vey"]),
        ("Sponsored", "imported", ["Cleo Duarte", "Max Vey"]),
    ]
    assert lantern.asked() == ["/robots.txt", "/mill/", "/mill.atom"]
    assert lantern.file.read_text(encoding="utf-8") == before
    pasted = configuration.parse(f"{before}\n{found['toml']}", lantern.file)
    assert pasted.source("the-lantern").url == feed


def test_it_is_added_and_polled(lantern, run, mill):
    told = run("try", mill, "--slug", "mill", "--license", "cc-by", "--add")
    assert "added; `feedwright source poll mill` asks it now" in told
    assert json.loads(run("poll", "mill", "--json"))[0]["imported"] == 2
    assert "config.toml has that feed already, as source 'mill'" in run(
        "try", mill, "--add", code=1
    )
    listed = json.loads(run("try", mill, "--json"))
    assert listed["is_known"]
    assert listed["source"]["slug"] == "mill"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--license", "nobody"), "nobody"),
        (("--slug", "lantern"), "lantern"),
        (("--slug", "No Slug"), "slug"),
    ],
)
def test_what_could_not_be_a_source_is_told_before_it_is_written(lantern, run, mill, words, told):
    before = lantern.file.read_bytes()
    assert told in run("try", mill, "--add", *words, code=1)
    assert lantern.file.read_bytes() == before


def test_robots_are_asked_for_pages_and_not_for_feeds(lantern, run, mill):
    lantern.answers("/robots.txt", Reply(body=b"User-agent: *\nDisallow: /"))
    assert "robots.txt of that site does not let us look" in run("try", mill, code=1)
    feed = mill.replace("/mill/", "/mill.atom")
    assert json.loads(run("try", feed, "--feed", "--json"))["feed"] == feed
    assert lantern.asked() == ["/robots.txt", "/mill.atom"]


def test_what_is_no_feed_and_no_address_is_told(lantern, run):
    page = lantern.answers("/page", Reply(headers={"Content-Type": "text/html"}, body=b"<p>Hello"))
    assert "is no feed, and announces none" in run("try", page, code=1)
    assert "answered 404" in run("try", page + "/none", code=1)
    assert "not a URL" in run("try", "lantern", code=1)
    secret = run("try", "https://me:secret@lantern.example/", code=1)
    assert "no user name" in secret
    assert "secret" not in secret
    refused = run("try", "http://10.0.0.1/", code=1)
    assert "not public; [fetch] allow_networks can allow it" in " ".join(refused.split())


def test_a_pause_lasts_through_reload_and_restart(lantern, run):
    lantern.says(entry(1))
    assert json.loads(run("pause", "lantern", "--json"))["state"] == "paused"
    config = configuration.load(lantern.file)
    running.adopt(lantern.runtime.store, config, lantern.clock)
    running.prepare(config, clock=lantern.clock, serving=True)
    assert lantern.source().state == "paused"
    assert json.loads(run("list", "--json"))[0]["state"] == "paused"
    assert "state:         paused" in run("show", "lantern")
    assert "lantern" not in lantern.due()
    assert run("poll", "lantern").startswith("lantern: new content; 1 imported")
    assert lantern.source().state == "paused"
    assert run("resume", "lantern").startswith("lantern is active, due at ")
    assert lantern.source().state == "active"
    assert "names no source 'nobody'" in run("pause", "nobody", code=1)
