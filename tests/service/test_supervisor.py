"""`feedwright serve` as an operator meets it: it starts, it ends when told, it says what is in its way."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import requests

from service.config import Config, Server
from service.errors import Refused
from service.supervisor import listening
from service.supervisor.part import Pauses
from tests.fakes import Reply, Upstream
from tests.household import household, kill, roles
from tests.serving import Site, free_port, served, served_at_once, until

# for what does not depend on the database
on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
by_an_operator = pytest.mark.parametrize("site", [served], ids=["by_an_operator"], indirect=True)


@pytest.fixture
def settings(configure: Callable[..., Config]) -> tuple[Path, int]:
    port = free_port()
    config = configure(("[fetch]", f"[server]\nport = {port}\n\n[fetch]"))
    assert config.file is not None
    return config.file, port


@pytest.fixture
def site(settings: tuple[Path, int], request: pytest.FixtureRequest) -> Iterator[Site]:
    start = getattr(request, "param", served_at_once)
    with start(*settings) as it:
        yield it


def family(pid: int) -> set[int]:
    """The process and all that came from it, by /proc."""
    found = {pid}
    parents = {int(it.name): _parent(it) for it in Path("/proc").iterdir() if it.name.isdecimal()}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parent(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.mark.parametrize(
    ("database", "number"),
    [("sqlite", signal.SIGINT), ("postgresql", signal.SIGTERM)],
    indirect=["database"],
)
@by_an_operator
def test_it_says_in_ps_what_it_is_ends_cleanly_and_leaves_nobody_behind(site, settings, number):
    assert site.get("/").ok
    said = {"web worker-1", "scheduler", f"serve {settings[0]}"}
    until(lambda: titles(site) >= {f"feedwright: {it}" for it in said})
    pids = family(site.process.pid)
    assert len(pids) >= 3
    assert len(threads(site.process.pid)) == 1  # or it could not fork
    assert site.stop(number) == 0
    until(lambda: not alive(pids))


@on_sqlite
@by_an_operator
def test_ctrl_c_on_a_terminal_ends_it_soon_and_quietly(site):
    assert site.get("/").ok
    pids = family(site.process.pid)
    begun = time.monotonic()
    assert site.ctrl_c() == 0
    assert time.monotonic() - begun < 10
    said = site.said()
    told = [line for line in said.splitlines() if "[info " not in line]
    assert told == [f"The Harbour Gazette: {site.url}/ (Ctrl-C stops)"]
    assert "service starts" in said
    assert "order=SIGINT" in said
    assert "service has ended" in said
    until(lambda: not alive(pids))


def threads(pid: int) -> list[str]:
    """What /proc tells of each thread of a process."""
    return [(it / "status").read_text() for it in Path(f"/proc/{pid}/task").iterdir()]


@on_sqlite
def test_one_thread_waits_for_the_order_to_stop(site):
    """All others block it: a signal that interrupts one just before it sleeps on a lock is seen by nobody."""
    for part in ("worker 1", "scheduler"):
        until(partial(is_one_open, site, part))


def is_one_open(site: Site, part: str) -> bool:
    return sum(not blocks(it) for it in threads(roles(site)[part])) == 1


def blocks(status: str) -> bool:
    """Whether a thread of this status blocks SIGTERM."""
    mask = int(re.search(r"SigBlk:\s+(\w+)", status)[1], 16)
    return bool(mask >> (signal.SIGTERM - 1) & 1)


@on_sqlite
def test_readers_of_feeds_come_before_partners(site):
    """P10: a backlog of polls takes the processors only when nobody asks for a page."""
    assert site.get("/").ok
    until(lambda: "feedwright: scheduler" in titles(site))
    pids = roles(site)
    nice = {part: os.getpriority(os.PRIO_PROCESS, pids[part]) for part in ("parent", "worker 1")}
    assert nice["worker 1"] == nice["parent"]
    nicer = min(nice["parent"] + 10, 19)
    until(lambda: os.getpriority(os.PRIO_PROCESS, pids["scheduler"]) == nicer)


def titles(site: Site) -> set[str]:
    return {process.command.strip() for process in household(site)}


@on_sqlite
def test_ctrl_c_twice_is_as_good_as_once(site):
    os.killpg(site.process.pid, signal.SIGINT)
    assert site.ctrl_c() == 0


@on_sqlite
def test_a_second_order_ends_it_at_once(site):
    """Its parts are made to hang, so that the first order does not."""
    pids = family(site.process.pid)
    for part in ("worker 1", "scheduler"):
        os.kill(roles(site)[part], signal.SIGSTOP)
    site.process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert site.process.poll() is None
    begun = time.monotonic()
    assert site.stop() == 1
    assert time.monotonic() - begun < 5
    assert site.said().count("the order to stop came twice") == 2
    until(lambda: not alive(pids))


@on_sqlite
def test_a_slow_partner_does_not_hold_up_the_end(configure):
    port = free_port()
    with Upstream() as partner:
        url = partner.script("/feed.atom", Reply(body=b" " * 100, piece=1, pause=1))
        config = configure(
            ("http://127.0.0.1:9/feed.atom", url),
            (
                "[fetch]",
                f"[server]\nport = {port}\n\n[fetch]\nallow_ports = [{partner.port}]\n"
                'allow_networks = ["127.0.0.0/8"]',
            ),
        )
        with served_at_once(config.file, port) as site:
            until(lambda: partner.journal)
            begun = time.monotonic()
            assert site.stop() == 0
            assert time.monotonic() - begun < 10


def test_pauses_grow_while_a_part_keeps_dying_and_are_forgotten_after_a_minute_of_life():
    pauses = Pauses()
    assert [pauses.after(1) for _ in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]
    assert pauses.after(61) == 0
    assert [pauses.after(59) for _ in range(3)] == [1, 2, 4]


@on_sqlite
def test_a_part_that_always_dies_is_started_again_after_growing_pauses(site, database):
    """The database becomes one that this release cannot use."""
    scheduler = until(lambda: roles(site).get("scheduler"))
    with sqlite3.connect(database.removeprefix("sqlite:")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    kill(scheduler)
    until(lambda: site.said().count("process=scheduler") >= 4)
    told = [line for line in site.said().splitlines() if "process=scheduler" in line]
    assert "signal=SIGKILL" in told[0]
    assert "code=1" in told[1]
    pauses = [re.search(r"after_seconds=(\S+)", line)[1] for line in told]
    assert pauses[:4] == ["0.0", "1.0", "2.0", "4.0"]
    assert site.get("/feeds/all.atom").status_code in (200, 503)
    begun = time.monotonic()
    assert site.stop() == 0
    assert time.monotonic() - begun < 10


@on_sqlite
def test_a_taken_port_is_told(settings):
    path, port = settings
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        said = refused(path)
    assert said == _in_the_way(port)


def _in_the_way(port: int) -> str:
    return (
        f"Error: cannot listen on 127.0.0.1:{port} (Address already in use);"
        " stop what runs there, or set another [server] port\n"
    )


def refused(path: Path) -> str:
    """What `serve` says that does not come to serving."""
    command = [sys.executable, "-m", "service.cli", "--config", str(path), "serve"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    return ended.stderr


@on_sqlite
def test_a_second_one_is_refused_before_it_does_anything(site, settings):
    assert refused(settings[0]).startswith("Error: cannot listen on 127.0.0.1:")


@on_sqlite
def test_of_two_that_start_at_the_same_moment_one_serves(settings):
    path, port = settings
    command = [sys.executable, "-m", "service.cli", "--config", str(path), "serve"]
    rivals = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(2)
    ]
    loser = until(lambda: next((it for it in rivals if it.poll() is not None), None))
    (winner,) = (it for it in rivals if it is not loser)
    assert (loser.returncode, loser.communicate()[1]) == (1, _in_the_way(port))
    assert requests.get(f"http://127.0.0.1:{port}/feeds/all.atom", timeout=30).ok
    winner.terminate()
    winner.communicate()
    assert winner.returncode == 0


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_a_host_that_is_not_ours_is_told(host):
    with pytest.raises(Refused, match=r"set \[server\] host to an address of this machine"):
        listening(Server(host=host, port=free_port()))


@on_sqlite
def test_first_articles_are_taken_even_after_another_command(configure, tmp_path):
    folder, port = tmp_path / "articles", free_port()
    folder.mkdir()
    (folder / "one.md").write_text("+++\ntitle = 'One'\ndate = 2026-03-14\n+++\nText.\n")
    config = configure(
        ("[content]", f"[server]\nport = {port}\n[content]\nfirst_articles = '{folder}'")
    )
    command = [sys.executable, "-m", "service.cli", "--config", str(config.file), "article", "list"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    with served(config.file, port) as site:
        assert "One" in site.get("/feeds/all.atom").text
        site.stop()
        assert site.said().startswith("1 first articles taken in\n")
