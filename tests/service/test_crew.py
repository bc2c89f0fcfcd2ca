"""A round of many hosts is shared among processes; what one cannot do is told, and delays no other."""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import active_children
from pathlib import Path
from threading import Event

import pytest

from service import config as configuration
from service import runtime
from service.errors import Refused
from service.ingest.crew import poll_round
from tests.fakes import Reply, Request, Upstream
from tests.service.lantern import document, entry
from tests.serving import until

HOSTS = 50
AT_ONCE = 16
HEAD = """
[site]
title = "The Lighthouse"
description = "Invented."
public_url = "http://127.0.0.1:8000"

[fetch]
allow_networks = ["127.0.0.0/8"]
allow_ports = [{port}]
read = "60s"
total = "60s"

[storage]
database = "sqlite:test.db"
"""
SOURCE = """
[[sources]]
slug = "partner-{n}"
name = "Partner {n}"
url = "http://127.0.2.{n}:{port}/{n}"
"""


pytestmark = pytest.mark.skipif(
    len(os.sched_getaffinity(0)) == 1, reason="one processor has one process"
)


def test_hosts_of_a_process_that_is_killed_are_told_and_the_others_are_polled(tmp_path):
    with under_way(tmp_path) as (server, process, answer):
        first, second = children(process.pid)
        os.kill(first, signal.SIGKILL)
        answer.set()
        told, complaints = process.communicate(timeout=60)
        outcomes = json.loads(told)
        paths = [it.path for it in server.journal]
    assert process.returncode == 1
    assert len({it["source"] for it in outcomes}) == len(outcomes) == HOSTS - AT_ONCE // 2
    assert [it["id"] for it in outcomes] == sorted(it["id"] for it in outcomes)
    assert {it["http_status"] for it in outcomes} == {404}
    assert complaints.startswith(f"{AT_ONCE // 2} hosts could not be polled to the end")
    assert "the process that polled them ended with SIGKILL" in complaints
    assert not is_alive(second)
    assert len(paths) == len(set(paths)) == HOSTS


def test_ctrl_c_ends_all_of_them(tmp_path):
    with under_way(tmp_path) as (_, process, _answer):
        pollers = children(process.pid)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=20)
        assert len(pollers) == 2
        assert not any(map(is_alive, pollers))
    assert process.returncode == 1
    assert "Traceback" not in complaints


def test_each_stays_on_a_processor_of_its_own_but_for_what_reads(tmp_path):
    ours = set(os.sched_getaffinity(0))
    with under_way(tmp_path, Reply(body=document(entry(1)))) as (_, process, _answer):
        pollers = children(process.pid)
        until(lambda: any(map(children, pollers)))
        readers = [it for poller in pollers for it in children(poller)]
        until(lambda: os.sched_getaffinity(readers[0]) == ours)
        assert sorted(map(sorted, map(os.sched_getaffinity, pollers))) == [
            [it] for it in sorted(ours)[:2]
        ]
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


def test_where_a_process_cannot_be_started_no_other_stays(tmp_path, monkeypatch):
    before = set(active_children())  # the readers of other tests
    with Upstream("0.0.0.0") as server:
        file = settings(tmp_path, server.port)
        config = configuration.load(file)
        runtime.prepare(config)
        fork, left = os.fork, iter([True])

        def forked_once() -> int:
            if next(left, False):
                return fork()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

        monkeypatch.setattr(os, "fork", forked_once)
        with pytest.raises(Refused, match="starts no process to poll with"):
            poll_round(config, only_due=False)
    assert set(active_children()) <= before


def test_where_no_temporary_file_can_be_written_that_is_told(tmp_path, monkeypatch):
    config = configuration.load(settings(tmp_path, 9))
    runtime.prepare(config)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    with pytest.raises(Refused, match="a temporary file cannot be written"):
        poll_round(config, only_due=False)


def test_where_the_file_gets_no_room_none_of_the_hosts_goes_missing(tmp_path):
    """The system writes as much as there is room for, and says so by a number only."""
    config = configuration.load(settings(tmp_path, 9))
    runtime.prepare(config)
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    with runtime.opened(config) as held, held.store.reading():  # whose files are there by then
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, most))
        try:
            with pytest.raises(Refused, match="a temporary file cannot be written"):
                poll_round(config, only_due=False)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def under_way(
    folder: Path, reply: Reply | None = None
) -> Iterator[tuple[Upstream, subprocess.Popen[str], Event]]:
    """A round that has asked as many hosts as it may. They answer after the event; one may reply at once."""
    answering = Event()

    def answer(_request: Request) -> Reply:
        answering.wait(60)
        return Reply(404)

    with Upstream("0.0.0.0") as server:
        file = settings(folder, server.port)
        for n in range(1, HOSTS + 1):
            server.script(f"/{n}", answer)
        if reply:
            server.script("/10", reply)  # the first that is asked
        command = [sys.executable, "-m", "service.cli", "--config", str(file), "poll", "--all"]
        with subprocess.Popen(
            [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                until(lambda: len(server.journal) >= AT_ONCE)
                yield server, process, answering
            finally:
                answering.set()


def settings(folder: Path, port: int) -> Path:
    file = folder / "config.toml"
    sources = (SOURCE.format(n=n, port=port) for n in range(1, HOSTS + 1))
    file.write_text(HEAD.format(port=port) + "".join(sources), encoding="utf-8")
    return file


def children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(it) for task in tasks for it in task.read_text().split()]


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()
