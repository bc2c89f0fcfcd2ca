"""/healthz tells that the process lives, /readyz whether it can do its work (P22)."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from werkzeug.test import Client

from service import config as configuration
from service import runtime as running
from service import tasks
from service.care import readiness
from service.errors import StoreError
from service.front import Front
from service.runtime import Current
from service.store import beats, revisions
from service.web import create_app
from tests.conftest import DATA, postgresql_server
from tests.serving import free_port, served_at_once, until

HEAD = revisions.known(revisions.SCRIPTS)[-1]

HONEST_WITHIN = 5.0  # seconds


def told(client):
    answer = client.get("/readyz")
    checks = {it.pop("name"): it for it in json.loads(answer.data)["checks"]}
    assert (answer.status_code == 200) == all(it["ok"] for it in checks.values())
    return checks


@pytest.fixture
def at_work(runtime, client):
    tasks.beat(Current(runtime))
    return client


def test_all_is_well(at_work):
    answer = at_work.get("/readyz")
    assert answer.status_code == 200
    assert answer.content_type == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.data)["ready"] is True
    assert set(told(at_work)) == {"database", "schema", "scheduler", "disk"}


def test_a_scheduler_that_was_never_there(client):
    assert told(client)["scheduler"] == {"ok": False, "reason": "it has never been at work"}


def test_a_scheduler_that_stands_still_and_goes_on(runtime, at_work):
    with runtime.store.writing() as tx:
        tx.exec_driver_sql("UPDATE beats SET at = at - 4600000")
    assert told(at_work)["scheduler"]["ok"] is False
    tasks.beat(Current(runtime))
    assert told(at_work)["scheduler"]["ok"] is True


def test_beats_are_counted_by_the_databases_clock(runtime, clock):
    clock.advance(-86_400)
    tasks.beat(Current(runtime))
    tasks.beat(Current(runtime))
    with runtime.store.reading() as tx:
        age = beats.age(tx, beats.SCHEDULER)
    assert 0 <= age.total_seconds() < 30


def test_a_database_of_an_older_release(runtime, at_work):
    with runtime.store.writing() as tx:
        tx.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    try:
        checks = told(at_work)
    finally:
        with runtime.store.writing() as tx:
            tx.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{HEAD}'")
    assert checks["database"]["ok"] is True
    assert "feedwright db upgrade" in checks["schema"]["reason"]


def test_a_full_disk(at_work, monkeypatch):
    monkeypatch.setattr(readiness, "LEAST_DISK", 1.01)
    assert told(at_work)["disk"]["ok"] is False


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_reading_and_for_any_host(at_work, path):
    assert at_work.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200
    head = at_work.head(path)
    assert (head.status_code, head.data) == (200, b"")
    for method in ("POST", "PUT", "DELETE"):
        assert at_work.open(path, method=method).status_code == 405


def test_nobody_outside_learns_where_the_database_is(configure, tmp_path, clock):
    """A file that went away: new connections are refused, though old ones go on."""
    config = configure()
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock) as held:
        if held.store.sqlite_path is None:
            return
        client = create_app(Current(held)).test_client()
        held.store.sqlite_path.rename(tmp_path / "away.db")
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text
        assert client.get("/healthz").text == "ok\n"
        (tmp_path / "away.db").rename(held.store.sqlite_path)


@pytest.fixture
def server(tmp_path):
    """A PostgreSQL server of this test's own, to be stopped and started."""
    os.environ["XDG_RUNTIME_DIR"] = str(tmp_path)
    held = [postgresql_server(tmp_path / "data")]
    yield held, lambda: held.append(postgresql_server(tmp_path / "data"))
    held[-1].cleanup()


def _becomes(client, *, ready: bool) -> float:
    """Seconds until it tells so."""
    begun = time.monotonic()
    until(lambda: client.get("/readyz").status_code == (200 if ready else 503))
    return time.monotonic() - begun


@pytest.fixture
def lone(server, clock, tmp_path):
    """The settings of a site on that server."""
    held, _ = server
    text = (DATA / "newsroom" / "config.toml").read_text(encoding="utf-8")
    file = tmp_path / "lone.toml"
    file.write_text(f'{text}\n[storage]\ndatabase = "{held[0].get_uri()}"\n', encoding="utf-8")
    config = configuration.load(file)
    running.prepare(config, clock=clock)
    return config


@pytest.mark.parametrize("how", ["gone", "frozen"])
def test_a_lost_database_is_told_soon_and_its_return_too(lone, clock, tmp_path, server, how):
    held, start = server
    with running.opened(lone, clock=clock) as runtime:
        current = Current(runtime)
        front = Front(create_app(current), current)
        client = Client(front)
        tasks.beat(current)
        assert client.get("/readyz").status_code == 200
        postmaster = int((tmp_path / "data" / "postmaster.pid").read_text().split()[0])
        family = [postmaster, *_children(postmaster)]
        lose = partial(_signal, family, signal.SIGSTOP) if how == "frozen" else held[-1].cleanup
        bring_back = partial(_signal, family, signal.SIGCONT) if how == "frozen" else start
        lose()
        assert _becomes(client, ready=False) < HONEST_WITHIN
        assert client.get("/healthz").status_code == 200
        bring_back()
        begun = time.monotonic()
        until(lambda: _beats(current))
        _becomes(client, ready=True)
        assert time.monotonic() - begun < HONEST_WITHIN
        front.close()


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # one that ended, reaped since by the one who leads them
            os.kill(pid, number)


def _beats(current: Current) -> bool:
    try:
        tasks.beat(current)
    except StoreError:
        return False
    return True


def _children(pid: int) -> list[int]:
    return [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _scheduler(parent: int) -> int:
    """The child that was started last, and runs our code."""
    commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in _children(parent)}
    return max(pid for pid, command in commands.items() if b"feedwright: " in command)


def test_a_scheduler_that_is_stopped_by_hand_is_told_and_its_return_too(configure):
    port = free_port()
    config = configure(("[fetch]", f"[server]\nport = {port}\n\n[fetch]"))
    with served_at_once(config.file, port) as site:
        until(lambda: site.get("/readyz").status_code == 200)
        scheduler = _scheduler(site.process.pid)
        os.kill(scheduler, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            until(lambda: site.get("/readyz").status_code == 503)
            assert time.monotonic() - begun < HONEST_WITHIN
            assert site.get("/healthz").text == "ok\n"
        finally:
            os.kill(scheduler, signal.SIGCONT)
        begun = time.monotonic()
        until(lambda: site.get("/readyz").status_code == 200)
        assert time.monotonic() - begun < HONEST_WITHIN
