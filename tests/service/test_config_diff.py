"""What a reload would change, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

from service import runtime as running
from service.cli import main
from service.clock import SystemClock
from service.config import Config
from service.config.differing import Difference, differences
from service.reload import between
from service.store import Store


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ["~ a.b = 1 -> 2"]),
        ({}, {"a": {"b": "x"}}, ['+ a = {"b": "x"}']),
        ({"a": [1]}, {}, ["- a = [1]"]),
        (
            {"sources": [{"slug": "x", "url": "1"}, {"slug": "y", "url": "2"}]},
            {"sources": [{"slug": "y", "url": "3"}, {"slug": "x", "url": "1"}]},
            ['~ sources.y.url = "2" -> "3"'],
        ),
        (
            {"sources": [{"slug": "x", "url": "1"}]},
            {"sources": [{"slug": "z", "url": "1"}]},
            ['- sources.x = {"url": "1"}', '+ sources.z = {"url": "1"}'],
        ),
        ({"sources": [{"slug": "x", "url": "1"}]}, {"sources": []}, ['- sources.x = {"url": "1"}']),
    ],
)
def test_differences(before: dict, after: dict, told: list[str]) -> None:
    assert [str(it) for it in differences(before, after)] == told


def test_two_files(configure: Callable[..., Config]) -> None:
    before = configure()
    after = configure(("The Harbour Gazette", "The Harbour Courant"), ('gap = "0s"', 'gap = "2s"'))
    assert [it.key for it in between(before, after)] == ["fetch.gap", "site.title"]


def test_the_command(configure: Callable[..., Config], store: Store) -> None:
    def diff(*words: str):
        return CliRunner().invoke(main, ["--config", str(config.file), "config", "diff", *words])

    config = configure()
    assert "never started" in diff().stderr
    running.prepare(config, serving=True)
    assert diff().stdout == ("nothing: these settings are in force\n")
    config = configure(("The Harbour Gazette", "The Harbour Courant"))
    changes = json.loads(diff("--json").stdout)["changes"]
    expected = Difference("site.title", '"The Harbour Gazette"', '"The Harbour Courant"')
    assert [Difference(**it) for it in changes] == [expected]
    config = configure(("[fetch]", "[server]\nport = 8001\n\n[fetch]\nhosts_at_once = 3"))
    assert diff().stdout.splitlines() == [
        "~ fetch.hosts_at_once = 16 -> 3  (at the next start)",
        "~ server.port = 8000 -> 8001  (at the next start)",
    ]
    running.adopt(store, config, SystemClock())
    assert diff().stdout.count("(at the next start)") == 2
    running.prepare(config, serving=True)
    assert diff().stdout == "nothing: these settings are in force\n"
