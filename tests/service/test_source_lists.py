"""feedwright source import, export: OPML lists from and for other readers."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from feeds.opml import read_opml
from service import cli
from service import config as configuration

LIST = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Coast"><outline text="The Mill" type="rss" xmlUrl="https://mill.example/feed"
 htmlUrl="https://mill.example/"/><outline text="The Mill" xmlUrl="https://other.example/feed"/></outline>
<outline text="The Mill again" xmlUrl="HTTPS://mill.example:443/feed"/>
<outline text="Private" type="rss" xmlUrl="https://me:hush@private.example/feed"/>
<outline text="No feed"/></body></opml>"""


@pytest.fixture
def file(config):
    return config.file


@pytest.fixture
def run(file):
    def invoke(*words: str, code: int = 0, **options):
        found = CliRunner().invoke(cli.main, ["--config", str(file), "source", *words], **options)
        assert found.exit_code == code, (found.output, found.exception)
        assert not found.exception or isinstance(found.exception, SystemExit), found.exception
        return found

    return invoke


@pytest.fixture
def opml(tmp_path):
    path = tmp_path / "list.opml"
    path.write_bytes(LIST)
    return str(path)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_trial_writes_nothing_and_a_bad_list_is_refused(file, run, opml, tmp_path):
    before = file.read_bytes()
    told = run("import", opml, "--dry-run", code=1)
    assert 'slug = "the-mill-2"' in told.stdout
    assert "2 would be added, 1 known already" in told.stdout
    for body in (b"", b"<html/>", b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml/>", b"x" * 6_000_000):
        bad = tmp_path / "bad.opml"
        bad.write_bytes(body)
        assert "the list cannot be read: " in run("import", str(bad), code=1).stderr
    assert file.read_bytes() == before


def test_feeds_of_a_list_become_sources_once(file, run, opml):
    found = json.loads(run("import", opml, "--json", code=1).stdout)
    assert found["added"] == [
        {
            "slug": "the-mill",
            "url": "https://mill.example/feed",
            "name": "The Mill",
            "home": "https://mill.example/",
        },
        {"slug": "the-mill-2", "url": "https://other.example/feed", "name": "The Mill"},
    ]
    assert found["known"] == ["The Mill again"]
    ((name, reason),) = [(it["name"], it["reason"]) for it in found["refused"]]
    assert name == "Private"
    assert "without user name and password" in reason
    assert "hush" not in json.dumps(found)
    listed = json.loads(run("list", "--json").stdout)
    assert [it["slug"] for it in listed] == ["lantern", "the-mill", "the-mill-2", "unclear"]
    again = run("import", opml, code=1)
    assert "0 added, 3 known already" in again.stdout
    assert configuration.load(file).source("the-mill-2").name == "The Mill"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_exported_can_be_imported_and_has_no_secrets(file, run, tmp_path):
    with file.open("a", encoding="utf-8") as more:
        more.write(
            '\n[[sources]]\nslug = "members"\nname = "Members"\n'
            'url = "https://members.example/feed?token=hushhush"\n'
        )
    path = tmp_path / "out.opml"
    told = run("export", str(path))
    assert told.stderr == "left out, as its address may hold a secret: members\n"
    assert b"hushhush" not in path.read_bytes()
    assert run("export").stdout_bytes == path.read_bytes()
    assert [it.text for it in read_opml(path.read_bytes()).outlines] == [
        "The Lantern",
        "Unclear Terms Weekly",
    ]
    assert "0 added, 2 known already" in run("import", str(path)).stdout
