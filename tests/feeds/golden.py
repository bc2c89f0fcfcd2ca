"""The golden cases, found by name: tests/golden/NAME.py holds FEED, beside it lie NAME.atom, .rss, .json.

`python -m tests.feeds.regenerate` writes the documents anew: read the difference before it is committed.
"""

from __future__ import annotations

import runpy
from datetime import UTC, datetime
from pathlib import Path

from feeds.model import Feed, Format, Person

FOLDER = Path(__file__).parent.parent / "golden"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
DOCUMENTS = [(name, kind) for name in NAMES for kind in Format]

THEMES = "https://courier.example/theme"
REGIONS = "https://courier.example/region"
REPORTS = "https://courier.example/report"


def feed(name: str) -> Feed:
    """The feed of a case."""
    found = runpy.run_path(str(FOLDER / f"{name}.py"))["FEED"]
    assert isinstance(found, Feed)
    return found


def document(name: str, kind: Format) -> Path:
    """Where the document of a case lies."""
    return FOLDER / f"{name}.{kind.value}"


def at(day: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


# The head that most cases share.
COURIER = Feed(
    id="tag:courier.example,2026:feed/all",
    title="The Harbour Courier",
    subtitle="Research and news from the coast",
    link="https://courier.example/",
    self_link="https://courier.example/feeds/all",
    language="en",
    updated=at(20, 12),
    authors=(Person("The Harbour Courier", "https://courier.example/about"),),
    rights="© 2026 The Harbour Courier",
    generator="feedwright",
    docs="https://courier.example/feeds/documentation",
)
