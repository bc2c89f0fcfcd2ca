"""A newsroom whose whole feed is known by heart, before and after what is scheduled has come.

`python -m tests.service.golden` writes tests/golden/newsroom anew: read the difference before you commit.
"""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from feeds.model import Format, Media, Reference
from service import config as configuration
from service import newsroom as desk
from service import publish
from service import runtime as running
from service.model import Article, Selection, Status
from service.parsing import Parser
from service.runtime import Runtime
from service.store import articles
from tests import newsroom
from tests.fakes import ManualClock
from tests.newsroom import NOW

FOLDER = Path(__file__).parents[1] / "golden" / "newsroom"
SETTINGS = Path(__file__).parents[1] / "data" / "newsroom" / "config.toml"
_GUID = "tag:gazette.example,2026-11-22:article/%d"
MOMENTS = {"before": NOW + timedelta(minutes=59), "after": NOW + timedelta(hours=1)}


def documents(runtime: Runtime, clock: ManualClock) -> dict[str, bytes]:
    """The feed of everything at each moment in each format, by file name."""
    _fill(runtime, clock)
    found = {}
    for name, moment in MOMENTS.items():
        clock.set(moment)
        desk.settle(runtime)
        for kind in Format:
            found[f"{name}.{kind.value}"] = publish.rendered(runtime, Selection(), kind).body
    return found


def _article(number: int, title: str, slug: str, **changed: object) -> Article:
    """With an id of its own, since one that is minted is another each time."""
    return newsroom.article(number, title=title, slug=slug, guid=_GUID % number, **changed)


def _fill(runtime: Runtime, clock: ManualClock) -> None:
    """What the newsroom did until now: it wrote, corrected, withdrew, and scheduled."""
    wrong = _article(3, "Lighthouse is 14 metres tall", "lighthouse")
    gone = _article(4, "Ferry sold", "ferry-sold")
    with runtime.store.writing() as tx:
        articles.save(tx, [*_written(), wrong, gone], now=NOW)
    corrected = replace(wrong, title="Lighthouse is 41 metres tall", updated=NOW)
    with runtime.store.writing() as tx:
        articles.save(tx, [corrected], now=NOW + timedelta(minutes=1))
    clock.set(NOW + timedelta(minutes=2))
    desk.retract(
        runtime, "2026/11/ferry-sold", reason="It was not: <the> harbour & others were misled."
    )


def _written() -> list[Article]:
    episode = Media(
        "https://media.example/fog.mp3", type="audio/mpeg", length=12345678, duration=1834
    )
    # Three authors, an organisation first; two themes, two regions, a report.
    whole = replace(newsroom.everything(), guid=_GUID % 1)
    return [
        whole,
        newsroom.republished(),
        _article(5, "Episode 1: fog", "fog", media=(episode,)),
        _article(
            6,
            "افتتاح الرصيف الثاني (2) في Merrow",
            "rasif",
            language="ar",
            content="<p>بعد أربع سنوات من العمل رست أول سفينة.</p>",
            summary="بعد أربع سنوات من العمل.",
            categories=(newsroom.ISLANDS,),
        ),
        _article(
            7,
            "R&D: 1 < 2 <script>alert('x')</script> ]]> \u202e\U0001f6a2",
            "hostile",
            summary="<img src=x onerror=alert(1)> & “so on”",
        ),
        replace(
            _article(8, "To come", "to-come", in_reply_to=Reference("tag:a.example,2026:1")),
            status=Status.SCHEDULED,
            published=MOMENTS["after"],
            updated=MOMENTS["after"],
        ),
    ]


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "config.toml")
        file.write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
        config, clock, parser = configuration.load(file), ManualClock(NOW), Parser()
        running.prepare(config, clock=clock)
        with running.opened(config, clock=clock, parser=parser) as runtime:
            for name, body in documents(runtime, clock).items():
                (FOLDER / name).write_bytes(body)
        parser.close()


if __name__ == "__main__":
    _write()
