"""kill -9 at any moment: what was acknowledged stays, nothing is doubled, the next life carries on.

P1 (an accepted write survives) and P3 (an upstream entry is published exactly once), on both databases.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service import runtime as running
from service.config import Config
from tests.crashes import trials
from tests.crashes.audit import Auditor
from tests.crashes.campaign import EVERYWHERE, Campaign
from tests.crashes.lives import Nursery
from tests.crashes.partners import Partners
from tests.fakes import ManualClock
from tests.newsroom import NOW

# the audit waits until the server has no connection of the dead
pytestmark = [pytest.mark.long(25), pytest.mark.usefixtures("own_connections")]

Start = Callable[..., Campaign]


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    with Nursery(tmp_path_factory.mktemp("nursery") / "log") as held:
        yield held


@pytest.fixture
def start(nursery: Nursery, configure: Callable[..., Config], database: str, tmp_path: Path):
    """Begin a campaign on a database that knows its settings."""
    with closing(Auditor(database, tmp_path / "audit")) as auditor:

        def begin(trial, *settings: tuple[str, str]) -> Campaign:
            config = configure(*settings)
            running.prepare(config, clock=ManualClock(NOW))
            return Campaign(trial, nursery, config.file, auditor, tmp_path)

        yield begin


def hit_everything(campaign: Campaign) -> None:
    named = (*EVERYWHERE, *campaign.trial.points)
    if campaign.kills >= 2 * len(named):
        assert {str(point) for point in named} == campaign.hit


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills", [34, pytest.param(700, marks=pytest.mark.soak)])
def test_an_import_that_is_killed_loses_and_doubles_nothing(start: Start, tmp_path: Path, kills):
    campaign = start(trials.imports(tmp_path / "files"))
    campaign.fight(kills)
    hit_everything(campaign)
    campaign.rest()


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills", [30, pytest.param(600, marks=pytest.mark.soak)])
def test_an_editor_who_is_killed_loses_and_doubles_nothing(start: Start, kills):
    campaign = start(trials.saves())
    campaign.fight(kills)
    hit_everything(campaign)
    campaign.rest(rounds=16)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kills", [36, pytest.param(700, marks=pytest.mark.soak)])
def test_a_poll_that_is_killed_loses_and_doubles_nothing(start: Start, kills):
    with Partners() as partners:
        campaign = start(partners, *partners.settings)
        campaign.fight(kills)
        hit_everything(campaign)
        partners.stand_still()
        campaign.rest(rounds=2)
        with campaign.auditor.asking() as tx:
            assert partners.unheard(tx) == []
