"""`feedwright lint`: files and addresses, for people and machines."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from service import cli
from tests.fakes import Reply, Upstream

GOLDEN = Path(__file__).parents[1] / "golden"


def lint(*arguments, code):
    result = CliRunner().invoke(cli.main, [*map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


def test_a_file_is_checked_without_settings(tmp_path):
    broken = tmp_path / "broken.rss"
    sound = (GOLDEN / "plain.rss").read_bytes()
    broken.write_bytes(sound.replace(b'isPermaLink="false"', b""))
    told = lint("lint", GOLDEN / "plain.rss", broken, code=1).output.splitlines()
    assert told[0] == f"{GOLDEN}/plain.rss: 0 errors, 0 warnings"
    assert told[1] == f"{broken}: 1 error, 0 warnings"
    assert told[2].startswith("  error   line ")
    assert told[2].endswith('say isPermaLink="false" (InvalidHttpGUID)')


def test_warnings_alone_are_no_failure(tmp_path):
    file = tmp_path / "warned.atom"
    file.write_bytes((GOLDEN / "plain.atom").read_bytes().replace(b'rel="self"', b'rel="via"'))
    (document,) = json.loads(lint("lint", file, "--json", code=0).output)
    assert document["document"] == str(file)
    assert [(it["id"], it["severity"]) for it in document["findings"]] == [
        ("MissingSelf", "warning")
    ]


def test_a_file_may_have_any_name(tmp_path):
    file = tmp_path / "plain\udc80.atom"  # which is no UTF-8
    file.write_bytes((GOLDEN / "plain.atom").read_bytes())
    (document,) = json.loads(lint("lint", file, "--json", code=0).output)
    assert document == {"document": str(file), "findings": []}


def test_an_address_is_asked_through_the_guard(configure):
    with Upstream() as server:
        headers = {"Content-Type": "text/html"}
        server.script(
            "/feed.atom", Reply(body=(GOLDEN / "plain.atom").read_bytes(), headers=headers)
        )
        server.script("/gone", Reply(status=410))
        closed = configure().file
        told = lint("--config", closed, "lint", server.url("/feed.atom"), code=1).output
        assert "[fetch] allow_ports can allow it" in told
        allowed = f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{server.port}]'
        file = configure(("[fetch]", allowed)).file
        told = lint("--config", file, "lint", server.url("/feed.atom"), "--json", code=1).output
        ids = [it["id"] for it in json.loads(told)[0]["findings"]]
        assert ids == ["UnexpectedContentType", "SelfDoesntMatchLocation"]
        told = lint("--config", file, "lint", server.url("/gone"), code=1).output
        assert "answered 410; there is nothing to check" in told


def test_what_is_no_feed_is_told(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("<html><title>Welcome</title></html>")
    assert "it is a web page, called “Welcome”" in lint("lint", page, code=1).output
    assert "cannot be read: No such file" in lint("lint", tmp_path / "none", code=1).output


def test_the_sites_own_feeds_are_checked_wherever_it_stands(configure):
    """As `make serve` has it: on this machine, with a port of its own."""
    with Upstream() as server:
        headers = {"Content-Type": "application/atom+xml"}
        server.script("/a.atom", Reply(body=(GOLDEN / "plain.atom").read_bytes(), headers=headers))
        file = configure(("https://gazette.example", server.url("").rstrip("/"))).file
        told = lint("--config", file, "lint", server.url("/a.atom"), code=0).output
        assert "0 errors" in told
