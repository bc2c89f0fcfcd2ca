"""`feedwright stats`: tables for people, JSON for machines, a picture for the newsroom's wall."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from service import cli
from service.audience import Counts
from service.cli import plot
from service.cli.stats import bar, sparkline
from service.clock import SystemClock
from service.runtime import Runtime
from service.store import audience

ENERGY = "/feeds/theme/energy.atom"


@pytest.fixture
def run(runtime: Runtime):
    today = SystemClock().now().date()
    for ago in range(3):
        counts = Counts(())
        notes = [(ENERGY, f"Feedly/1.0 ({40 - ago} subscribers)", "198.51.100.1", "", 2000)]
        notes += [(ENERGY, "newsboat", f"198.51.100.{number}", "", None) for number in range(3)]
        counts.add(notes + [("/feeds/all.rss", "<b>", "198.51.100.9", "", 100)] * (ago == 0), b"s")
        with runtime.store.writing() as tx:
            audience.add(tx, today - timedelta(days=ago), counts.taken())

    def invoke(*words: str, code: int = 0) -> Result:
        result = CliRunner().invoke(
            cli.main, ["--config", str(runtime.config.file), "stats", *words]
        )
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return invoke


def test_every_feed(run, tmp_path):
    lines = run().stdout.splitlines()
    assert re.split(r" {2,}", lines[0]) == [
        "feed", "subscribers", "readers a day", "requests", "unchanged", "sent", "day by day (UTC)",
    ]  # fmt: skip
    assert lines[1].split()[:7] == [ENERGY, "40", "3", "12", "75%", "5.9", "KiB"]
    assert lines[1].endswith("███")
    assert lines[2].split()[:5] == ["/feeds/all.rss", "0", "1", "1", "0%"]
    energy, everything = json.loads(run("--json", "--days", "2").stdout)["feeds"]
    assert energy == {
        "feed": ENERGY, "subscribers": 40, "readers": 3, "requests": 8, "unchanged": 6, "bytes": 4000,
        "daily": [42, 43],
    }  # fmt: skip
    assert everything["feed"] == "/feeds/all.rss"
    picture = tmp_path / "readers.svg"
    run("--plot", str(picture))
    drawn = etree.fromstring(picture.read_bytes())
    assert len(drawn.findall(".//{*}g")) == 30
    assert "cannot write" in run("--plot", str(tmp_path / "no" / "x.svg"), code=1).stderr


@pytest.mark.parametrize("name", ["theme/energy.atom", ENERGY, "https://gazette.example" + ENERGY])
def test_one_feed_day_by_day(run, name):
    told = run(name).stdout
    assert [line.count("█") for line in told.splitlines()[1:4]] == [23, 24, 24]
    assert "Feedly      40" in told
    found = json.loads(run(name, "--json").stdout)
    assert [it["subscribers"] for it in found["days"]] == [38, 39, 40]
    assert [it["name"] for it in found["aggregators"]] == ["Feedly"]


def test_a_feed_that_nobody_asked_for(run):
    assert "nobody asked for /feeds/theme/nope.atom since" in run("theme/nope.atom", code=1).stderr


def test_lines_of_text():
    assert sparkline([0, 1, 4, 8, 0]) == " ▁▄█"
    assert sparkline([]) == sparkline([0]) == ""
    assert (bar(0, 0), bar(1, 24), bar(24, 24)) == ("", "█", "█" * 24)


@pytest.mark.parametrize("numbers", [[0], [1], [3, 4], [10**9, 7]])
def test_a_picture_of_any_numbers(numbers):
    days = [date(2026, 11, 1) + timedelta(days=it) for it in range(len(numbers))]
    drawn = etree.fromstring(plot.drawn("A <b> & “c”", days, numbers, numbers).encode())
    assert drawn.find("{*}title").text.startswith(
        "Subscribers and readers of A <b> & “c”, 2026-11-01"
    )
    assert drawn.get("role") == "img"
