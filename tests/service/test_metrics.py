"""Metrics of a whole site, and where they may be asked for (T27)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from service.care import standing
from service.config import Config
from service.errors import Refused
from service.supervisor import telling
from service.telemetry import metrics, sharing
from tests.serving import Site, free_port, served, until

CANARY = "CaNaRy7f3a"


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


@pytest.fixture
def settings(configure: Callable[..., Config], ports: tuple[int, int]) -> Config:
    server = f"[server]\nport = {ports[0]}\nmetrics_port = {ports[1]}\n\n[fetch]"
    return configure(("[fetch]", server))


@pytest.fixture
def site(settings: Config, ports: tuple[int, int]) -> Iterator[Site]:
    with served(settings.file, ports[0]) as it:
        yield it


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Each number by its name and the values of its labels."""
    answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=30)
    assert answer.status_code == 200
    assert CANARY not in answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_a_site_tells_what_all_its_processes_do_and_only_on_that_port(site, ports):
    held = site.get("/feeds/all.atom").headers["ETag"]
    for _ in range(3):
        assert site.get("/feeds/all.atom", **{"If-None-Match": held}).status_code == 304
    assert site.get(f"/NOWHERE?token={CANARY}").status_code == 404
    counted = until(lambda: _with(scraped(ports[1]), ("feedwright_answers_total", "unchanged"), 3))
    assert counted["feedwright_answers_total", "whole"] >= 1
    assert counted["feedwright_answers_total", "rendered"] == 1
    assert counted["feedwright_requests_total", "none", "404"] >= 1
    assert counted["feedwright_render_seconds_count", "atom"] == 1
    until(lambda: _with(scraped(ports[1]), ("feedwright_polls_total", "failed"), 2))
    assert counted["feedwright_database_up",] == 1
    assert counted["feedwright_beat_age_seconds",] < 30
    assert counted["feedwright_sources", "active"] == 2
    assert counted["feedwright_database_bytes",] > 0
    assert counted["feedwright_settings_since_seconds",] > 0
    assert any(name[0] == "feedwright_build_info" for name in counted)
    # T27: the public port has none, whatever a request claims: where it says it comes from is nobody's proof
    forged = {"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-IP": "::1"}
    assert site.get("/metrics", **forged).status_code == 404


def _with(
    found: dict[tuple[str, ...], float], name: tuple[str, ...], number: float
) -> dict[tuple[str, ...], float] | None:
    return found if found.get(name, 0) >= number else None


@contextmanager
def exposed(settings: Config) -> Iterator[None]:
    """As the process does that tells them."""
    with (
        sharing.shared() as folder,
        closing(telling(settings.server)) as listener,
        standing.exposed(settings, listener, folder),
    ):
        yield


def test_they_are_on_loopback_only_and_nothing_else_is_told_there(settings, ports):
    with exposed(settings):
        assert scraped(ports[1])["feedwright_database_up",] == 1
        with socket.socket() as probe:
            probe.bind(("127.0.0.2", ports[1]))  # free, so it is not on every address
        assert requests.get(f"http://127.0.0.1:{ports[1]}/", timeout=30).status_code == 404
    with pytest.raises(requests.ConnectionError):
        scraped(ports[1])


def test_a_taken_port_is_told(settings):
    with (
        closing(telling(settings.server)),
        pytest.raises(Refused, match=r"set another \[server\] metrics_port"),
    ):
        telling(settings.server)


def test_without_a_port_there_are_none(config):
    assert telling(config.server) is None


def test_a_database_that_does_not_answer_is_told(settings, ports):
    lost = settings.storage.model_copy(update={"database": _nowhere()})
    with exposed(settings.model_copy(update={"storage": lost})):
        assert scraped(ports[1]) == {("feedwright_database_up",): 0.0}


def _nowhere():
    from pydantic import SecretStr

    return SecretStr(f"postgresql://ada:{CANARY}@127.0.0.1:1/nowhere")


def test_tallies_are_followed_to_the_last():
    def answered():
        return metrics.ANSWERS.labels("whole")._value.get()

    before, tallies = answered(), {"whole": 0}
    with suppress(KeyboardInterrupt), metrics.followed(lambda: tallies, every=0.01):
        tallies["whole"] = 3
        until(lambda: answered() == before + 3)
        tallies["whole"] = 5
        raise KeyboardInterrupt
    assert answered() == before + 5
