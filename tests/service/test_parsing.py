"""Reading in processes of their own: what kills one of them costs its document and nothing else."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from msgspec import msgpack, to_builtins

from feeds import errors
from feeds.errors import FeedError, ForbiddenMarkup, NotAFeed
from feeds.model import Feed
from feeds.opml import Outlines
from feeds.preparing import prepared
from feeds.reading import read
from service.errors import ReaderUnavailable, Unreadable
from service.packing import packed, unpacked
from service.parsing import Parser, line, messages, process, worker
from service.parsing.process import Process
from service.words import spoken
from tests.conftest import DATA
from tests.serving import until

FEED = b"""<rss version="2.0"><channel><title>Lantern</title><link>https://lantern.example/</link>
<description>News</description><item><guid>1</guid><title>One</title></item></channel></rss>"""
SLOW = b"<rss version='2.0'><channel><title>" + b"&" * 8_000_000  # four seconds
ASKED: dict[str, Any] = {
    "url": "https://lantern.example/feed",
    "content_type": "application/rss+xml",
}
DOCUMENTS = sorted(it for it in (DATA / "reading").iterdir() if "expected" not in it.name)
HARM = Path(tempfile.gettempdir(), "feedwright-came-to-harm")  # made by code that nobody may run
LABELS = """ascii iso-8859-1 iso-8859-15 windows-1252 koi8-r macintosh x-mac-cyrillic big5 gb2312 gbk gb18030
    euc-jp euc-kr iso-2022-jp shift_jis tis-620 utf-7 utf-8 utf-16 utf-32 idna punycode zlib base64 rot13
    unicode_escape mbcs undefined x-nobody-knows .. a.b"""


@pytest.fixture
def alone() -> Iterator[Parser]:
    """A parser with one process, not shared with other tests."""
    parser = Parser(1)
    yield parser
    parser.close()


@pytest.fixture
def patient() -> Iterator[Parser]:
    """The same, with time for what is interrupted."""
    parser = Parser(1, seconds=60)
    yield parser
    parser.close()


def readers() -> set[int]:
    """The processes of all parsers of this process."""
    return {it.pid for it in multiprocessing.active_children()}


def started_by(use: Callable[[], object]) -> set[int]:
    before = readers()
    use()
    return readers() - before


def asked(parser: Parser, body: bytes = FEED) -> Feed:
    return parser.read(body, **ASKED, known=frozenset())


def under_way(parser: Parser, body: bytes) -> tuple[threading.Thread, list[object]]:
    """A thread that reads the document; what comes of it is put on the list."""
    outcome: list[object] = []

    def reads() -> None:
        try:
            outcome.append(asked(parser, body))
        except Exception as error:
            outcome.append(error)

    thread = threading.Thread(target=reads)
    thread.start()
    return thread, outcome


def here(body: bytes) -> Feed:
    """The same, read and made ready in this process."""
    return prepared(read(body, **ASKED), url=ASKED["url"], pack=packed, words=spoken)


def test_reads_as_feeds_does(parser):
    feed = asked(parser)
    assert feed == here(FEED)
    assert feed.entries[0].words == here(FEED).entries[0].words != ""
    assert feed.entries[0].raw == ""
    assert unpacked(feed.entries[0].markup) == read(FEED, **ASKED).entries[0].raw != ""
    digest = feed.entries[0].raw_digest
    assert parser.read(FEED, **ASKED, known={digest}).unchanged == (digest,)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda it: it.name)
def test_a_confined_process_reads_every_document_as_this_one_does(parser, document):
    body = document.read_bytes()
    assert outcome_of(lambda: asked(parser, body)) == outcome_of(lambda: here(body))


@pytest.mark.parametrize("label", LABELS.split())
def test_a_confined_process_knows_every_encoding(parser, label):
    body = f"<?xml version='1.0' encoding='{label}'?>".encode() + FEED
    assert outcome_of(lambda: asked(parser, body)) == outcome_of(lambda: here(body))


def outcome_of(reading: Callable[[], Feed]) -> object:
    try:
        return to_builtins(reading(), builtin_types=(bytes, datetime))
    except FeedError as error:
        return type(error), str(error)


def test_tells_what_is_wrong_with_a_document(parser):
    with pytest.raises(NotAFeed, match="web page"):
        asked(parser, b"<html></html>")
    with pytest.raises(ForbiddenMarkup, match="declarations"):
        asked(parser, b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>")


def test_every_error_survives_the_way_back():
    for kind in vars(errors).values():
        if is_error(kind):
            error = messages.unpacked(messages.packed(kind("why")), is_list=False)
            assert (type(error), str(error)) == (kind, "why")


def is_error(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def serve_with_a_fault(sock: socket.socket) -> None:
    """As worker.serve(), with a reader that has a fault of its own."""

    def stumbling(body: bytes, **circumstances: Any) -> Feed:
        return read(body if body != b"stumble" else None, **circumstances)

    worker.read = stumbling  # type: ignore[attr-defined]  # which it imports for itself
    worker.serve(sock)


def test_a_fault_of_the_readers_own_is_told_with_its_place(monkeypatch):
    monkeypatch.setattr(process, "serve", serve_with_a_fault)
    parser = Parser(1)
    with pytest.raises(messages.Failure, match="AttributeError") as told:
        asked(parser, b"stumble")
    assert any("decoding.py" in note for note in told.value.__notes__)
    assert asked(parser).title == "Lantern"
    parser.close()


def serve_pickles(sock: socket.socket) -> None:
    """A process that hostile markup has taken over, and that answers with code."""
    line.send(sock, b"")
    while line.receive(sock):
        line.send(sock, pickle.dumps(Harm()))


class Harm:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(HARM),)


def serve_without_end(sock: socket.socket) -> None:
    line.send(sock, b"")
    while line.receive(sock):
        sock.sendall(b"\xff" * 8)


def serve_depths(sock: socket.socket) -> None:
    """Arrays in arrays, where nobody looks for anything."""
    line.send(sock, b"")
    while line.receive(sock):
        head = msgpack.encode({"type": "_Feed", "read": {"more": 0}})[:-1]
        line.send(sock, head + b"\x91" * 100_000 + b"\x90")


def serve_outlines(sock: socket.socket) -> None:
    """A list, where a feed was asked for."""
    line.send(sock, b"")
    while line.receive(sock):
        line.send(sock, messages.packed(Outlines()))


@pytest.mark.parametrize("serve", [serve_pickles, serve_without_end, serve_depths, serve_outlines])
def test_what_no_reader_tells_is_not_taken(serve, monkeypatch):
    monkeypatch.setattr(process, "serve", serve)
    parser = Parser(1)
    with pytest.raises(Unreadable, match="an answer that is none"):
        asked(parser)
    assert not HARM.exists()
    parser.close()


def test_nothing_is_started_before_there_is_something_to_read():
    assert started_by(lambda: Parser(2).close()) == set()
    code = (
        "import service.cli, service.parsing, sys; sys.exit('multiprocessing.spawn' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_one_process_can_do_starts_no_second():
    parser = Parser(4)
    assert len(started_by(lambda: [asked(parser) for _ in range(8)])) == 1
    parser.close()


def test_a_process_outlives_the_thread_that_asked_first(alone):
    pids = started_by(lambda: under_way(alone, FEED)[0].join())
    time.sleep(0.2)  # the signal would come with the end of that thread
    assert asked(alone).title == "Lantern"
    assert readers() >= pids
    assert len(pids) == 1


def test_a_process_is_exchanged_before_its_memory_fills(alone):
    first = started_by(lambda: asked(alone))
    for _ in range(1000):
        asked(alone)
    assert not first & readers()


def test_a_process_killed_between_documents_is_replaced(alone):
    for seconds in (0, 0.05, 0.3):
        (pid,) = started_by(lambda: asked(alone)) or {max(readers())}
        os.kill(pid, signal.SIGKILL)
        time.sleep(seconds)
        assert asked(alone).title == "Lantern"
        assert pid not in readers()


def test_a_document_whose_process_is_killed_once_is_read_all_the_same(patient):
    (pid,) = started_by(lambda: asked(patient))
    thread, outcome = under_way(patient, b"<rss><channel>" + b"&" * 500_000)
    time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    thread.join()
    assert isinstance(outcome[0], Feed | FeedError)


def test_a_document_that_kills_is_given_up_and_the_next_is_read(patient):
    pids = started_by(lambda: asked(patient))
    others = readers() - pids
    thread, outcome = under_way(patient, SLOW)
    while thread.is_alive():
        for pid in filter(is_busy, readers() - others):
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    thread.join()
    assert str(outcome[0]) == "2 processes that read it ended, the last with exit code -9"
    assert asked(patient).title == "Lantern"


def test_a_document_whose_process_is_stopped_once_is_read_all_the_same():
    parser = Parser(1, seconds=2)
    (pid,) = started_by(lambda: asked(parser))
    thread, outcome = under_way(parser, b"<rss><channel>" + b"&" * 500_000)
    time.sleep(0.1)
    os.kill(pid, signal.SIGSTOP)
    thread.join()
    assert isinstance(outcome[0], Feed | FeedError)
    assert pid not in readers()
    parser.close()


def test_readers_that_do_not_start_leave_nothing_behind(alone):
    before = readers()
    thread, outcome = under_way(alone, FEED)
    while thread.is_alive():
        for pid in readers() - before:
            kill_if_there(pid)
        time.sleep(0.01)
    assert isinstance(outcome.pop(), ReaderUnavailable)
    assert asked(alone).title == "Lantern"
    gc.collect()
    assert sum(isinstance(it, Process) and it.ended for it in gc.get_objects()) == 0


def is_busy(pid: int) -> bool:
    """Whether it has used so much processor time that it must have begun to read."""
    try:
        used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except FileNotFoundError:
        return False
    return sum(map(int, used)) > 1.0 * os.sysconf("SC_CLK_TCK")


@pytest.mark.parametrize("kills", [6, pytest.param(300, marks=pytest.mark.soak)])
def test_killing_readers_in_turn_stops_nobody(kills):
    parser, before, ended = Parser(2), readers(), threading.Event()
    found: list[object] = []

    def reads() -> None:
        while not ended.is_set():
            found.append(outcome_of_any(parser))

    with ThreadPoolExecutor(8) as threads:
        work = [threads.submit(reads) for _ in range(8)]
        try:
            for _ in range(kills):
                until(partial(has_more, found, len(found) + 10))
                kill_if_there(min(readers() - before))
            for pid in readers() - before:
                kill_if_there(pid)
            assert asked(parser).title == "Lantern"
        finally:
            ended.set()
        for each in work:
            each.result()
    parser.close()
    assert len(found) - found.count("Lantern") <= kills / 2


def kill_if_there(pid: int) -> None:
    with suppress(ProcessLookupError):  # it was about to be exchanged
        os.kill(pid, signal.SIGKILL)


def has_more(found: list[object], than: int) -> bool:
    return len(found) > than


def outcome_of_any(parser: Parser) -> object:
    try:
        return asked(parser).title
    except (Unreadable, ReaderUnavailable) as error:
        return type(error)


def test_a_document_that_takes_too_long_holds_up_no_other():
    parser = Parser(2, seconds=1)
    for warming, _ in [under_way(parser, FEED) for _ in range(2)]:
        warming.join()
    thread, outcome = under_way(parser, SLOW)
    for _ in range(20):
        assert asked(parser).title == "Lantern"
    assert not outcome
    thread.join()
    assert isinstance(outcome[0], Unreadable)
    assert str(outcome[0]) == "reading it takes more than 1 seconds"
    parser.close()


def test_a_document_that_takes_too_much_memory_is_given_up(alone):
    with pytest.raises(Unreadable, match=r"memory|ended"):
        asked(alone, b"<rss version='2.0'><channel><title>" + "\U0001f4a3".encode() * 30_000_000)
    assert asked(alone).title == "Lantern"


def test_a_parser_ends_at_once_whatever_is_under_way():
    parser = Parser(2)
    pids = started_by(lambda: asked(parser))
    threads = [under_way(parser, SLOW) for _ in range(4)]
    until(lambda: len(readers() - pids) >= 1)
    begun = time.monotonic()
    parser.close()
    assert time.monotonic() - begun < 10  # and not after what is under way
    for thread, outcome in threads:
        thread.join(5)
        assert isinstance(outcome[0], ReaderUnavailable)
    assert not readers() & pids
    with pytest.raises(ReaderUnavailable):
        asked(parser)


def test_no_reader_outlives_a_service_that_is_killed():
    code = f"""
import multiprocessing, threading, time
from service.words import spoken
from service.parsing import Parser
body = b"<rss><channel><title>" + b"&" * 30_000_000
parser = Parser(2, seconds=60)
for _ in range(2):
    threading.Thread(target=lambda: parser.read(body, **{ASKED!r}, known=())).start()
while len(multiprocessing.active_children()) < 2:
    time.sleep(0.05)
time.sleep(0.3)
print(*[it.pid for it in multiprocessing.active_children()], flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as service:
        assert service.stdout is not None
        pids = service.stdout.readline().split()
        assert len(pids) == 2
        service.kill()
    begun = time.monotonic()
    until(lambda: not any(is_running(int(it)) for it in pids))
    assert time.monotonic() - begun < 5  # what they read takes them longer


def is_running(pid: int) -> bool:
    """Whether there is such a process that is no mere entry in the table."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_reader_can_open_nothing():
    code = """
import os, socket, subprocess
from service.words import spoken
from service.parsing import worker
worker.begin()
for deed in (
    lambda: open("/etc/hostname"),
    lambda: os.listdir("/"),
    lambda: os.open("/tmp", os.O_RDONLY),
    lambda: socket.socket(),
    lambda: socket.socketpair(),
    lambda: subprocess.Popen(["true"]),
):
    try:
        deed()
    except OSError as error:
        print(error.strerror)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout == "Too many open files\n" * 6
