"""kill -9 in the midst of an import: what was taken in stays, nothing is doubled, the rest follows."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from service.config import Config
from service.store import Store
from service.store.schema import articles, bylines, positions

_FILES = 400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "articles"
    found.mkdir()
    for number in range(_FILES):
        front = f'title = "Story {number}"\ndate = 2026-01-01T00:00:00Z\nauthors = ["Ada Marsh", "Ben Okoro"]'
        (found / f"story-{number}.md").write_text(f"+++\n{front}\n+++\n\nText {number}.\n")
    return found


def start(config: Config, folder: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "service.cli",
        "--config",
        str(config.file),
        "import",
        str(folder),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def kept(database: str) -> int:
    """How many articles there are; each whole, each once."""
    store = Store(database)
    with store.reading() as tx:
        if store.is_sqlite:
            assert tx.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        count = tx.execute(select(func.count()).select_from(articles)).scalar_one()
        titles = tx.execute(select(func.count(articles.c.title.distinct()))).scalar_one()
        credits_ = tx.execute(select(func.count()).select_from(bylines)).scalar_one()
        numbered = tx.execute(
            select(func.count(), func.max(positions.c.number)).where(positions.c.scope == "all")
        ).one()
    store.close()
    assert (titles, credits_, tuple(numbered)) == (count, 2 * count, (count, count or None))
    return int(count)


@pytest.mark.parametrize("kills", [pytest.param(4), pytest.param(60, marks=pytest.mark.soak)])
@pytest.mark.timeout(600)
def test_an_import_that_is_killed_loses_and_doubles_nothing(
    configure: Callable[..., Config], database: str, folder: Path, kills: int
) -> None:
    config, chance, seen = configure(), random.Random(kills), [0]
    for _ in range(kills):
        process = start(config, folder)
        while process.poll() is None and kept(database) <= seen[-1] and seen[-1] < _FILES:
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait()
        seen.append(kept(database))
    assert seen == sorted(seen)
    assert seen[1] > 0, "nothing was ever taken in before a kill"
    assert start(config, folder).wait() == 0
    assert kept(database) == _FILES
