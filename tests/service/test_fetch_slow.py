"""Servers that drip or fall silent, wherever they do: the fetch ends when its time is over."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from itertools import groupby

import pytest

from service.errors import TooSlow
from service.fetch import Fetcher
from service.guard import Guard
from tests.fakes import Listener, ManualClock, Reply, Upstream
from tests.service.fetching import within

TOTAL = timedelta(seconds=0.4)
LATE = 0.5  # seconds that a fetch may end after its deadline
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
RECORD = b"\x16\x03\x03\x40\x00"  # of TLS, RFC 8446 section 5.1: 16 kilobytes of handshake follow


def fetching(port, *, total=TOTAL, clock=None, resolve=lambda _host, _port: ["127.0.0.1"]):
    config = within(allow_networks=("127.0.0.1",), allow_ports=(port,), total=total)
    guard = Guard(networks=config.fetch.networks, ports=[port], resolve=resolve)
    return Fetcher(config, guard=guard, clock=clock)


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


def ends_in_time(fetcher, url):
    started = time.monotonic()
    with pytest.raises(TooSlow, match="no whole answer within"):
        fetcher.get(url)
    took = time.monotonic() - started
    assert TOTAL.total_seconds() <= took < TOTAL.total_seconds() + LATE


def dripping(head, drop):
    """The head at once, and then the drop every tenth of a second."""
    return Reply(raw=True, body=head, endless=drop, pause=0.1)


DRIPS = {
    "status line": dripping(b"HTTP/1.1 200 ", b"O"),
    "header": dripping(HEAD + b"Server: ", b"x"),
    "headers": dripping(HEAD, b"A: b\r\n"),
    "interim answers": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": dripping(HEAD + b"\r\n", b"x"),
    "body of known length": dripping(HEAD + b"Content-Length: 99\r\n\r\n", b"x"),
    "chunk size": dripping(CHUNKED, b"0"),
    "chunks": dripping(CHUNKED, b"1\r\nx\r\n"),
    "trailers": dripping(CHUNKED + b"0\r\n", b"A: b\r\n"),
    "silence": Reply(pause=60, raw=True, body=HEAD),
    "silence in the body": Reply(pause=60, body=b"x"),
}


@pytest.mark.parametrize("reply", DRIPS.values(), ids=DRIPS)
def test_a_dripping_answer_ends_at_the_deadline(upstream, reply):
    ends_in_time(fetching(upstream.port), upstream.script("/", reply))


def test_dripping_redirects_share_one_deadline(upstream):
    for n in range(6):
        onward = b"HTTP/1.1 302 Found\r\nLocation: /%d\r\n\r\n" % (n + 1)
        upstream.script(f"/{n}", Reply(body=onward, raw=True, piece=10, pause=0.08))
    ends_in_time(fetching(upstream.port), upstream.url("/0"))
    assert len(upstream.journal) > 1


@contextmanager
def serving(talk):
    """A server that talks to its one client until the test is over."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                try:
                    talk(connection, over)
                except OSError:
                    over.wait(5)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        over.set()
        thread.join()


def drip(connection, over, first):
    connection.sendall(first)
    while not over.wait(0.1):
        connection.sendall(b"\0")


def test_a_dripping_tls_handshake_ends_at_the_deadline():
    with serving(lambda connection, over: drip(connection, over, RECORD)) as port:
        ends_in_time(fetching(port), f"https://partner.example:{port}/")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_silence_after_connecting_ends_at_the_deadline(scheme):
    with serving(lambda _connection, over: over.wait(5)) as port:
        ends_in_time(fetching(port), f"{scheme}://partner.example:{port}/")


def test_a_server_that_does_not_accept_ends_at_the_deadline():
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(3):  # what the backlog takes in all the same
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        port = server.getsockname()[1]
        ends_in_time(fetching(port), f"http://partner.example:{port}/")


def test_a_slow_name_ends_at_the_deadline(upstream):
    over = threading.Event()

    def resolve(host, port):
        over.wait(5)
        return ["127.0.0.1"]

    fetcher = fetching(upstream.port, resolve=resolve)
    ends_in_time(fetcher, f"http://partner.example:{upstream.port}/")
    over.set()
    assert upstream.journal == []


def test_a_slow_name_takes_no_more_than_the_time_to_connect(upstream):
    over = threading.Event()
    config = within(allow_ports=(upstream.port,), connect=timedelta(seconds=0.1))
    guard = Guard(ports=[upstream.port], resolve=lambda _host, _port: [str(over.wait(5))])
    with pytest.raises(TooSlow, match=r"looking up partner\.example took longer"):
        Fetcher(config, guard=guard).get(f"http://partner.example:{upstream.port}/")
    over.set()


def test_fifty_slow_hosts_do_not_hold_up_a_healthy_one(upstream):
    over = threading.Event()

    def resolve(host, port):
        if host == "lost.example":
            over.wait(20)
        return ["127.0.0.1"]

    body = upstream.script("/body", Reply(body=b"x" * 999, piece=1, pause=0.05))
    head = upstream.script("/head", Reply(body=HEAD * 99, raw=True, piece=1, pause=0.05))
    lost = f"http://lost.example:{upstream.port}/"
    fine = upstream.script("/fine", Reply(body=b"<rss/>"))
    fetcher = fetching(upstream.port, total=timedelta(seconds=20), resolve=resolve)
    slow = [body, head] * 20 + [lost] * 10
    with ThreadPoolExecutor(len(slow)) as pool:
        asked = [pool.submit(fetcher.get, url) for url in slow]
        while len(upstream.journal) < 40:
            time.sleep(0.01)
        answers = [fetcher.get(fine).body for _ in range(20)]
        assert not any(it.done() for it in asked)
        over.set()
        upstream.close()
        assert all(it.exception() for it in asked)
    assert answers == [b"<rss/>"] * 20


def test_the_time_may_have_begun_before(upstream):
    clock = ManualClock()
    clock.advance(100)
    fetcher = fetching(upstream.port, total=timedelta(seconds=20), clock=clock)
    url = upstream.script("/", Reply(body=b"<rss/>"))
    assert fetcher.get(url, started=81).body == b"<rss/>"
    assert fetcher.get(url, started=81).milliseconds == 0
    with pytest.raises(TooSlow, match="20s"):
        fetcher.get(url, started=80)
    assert len(upstream.journal) == 2


class Stopping(ManualClock):
    """A clock by which the process is stopped for an hour after so many looks at it."""

    def __init__(self, looks):
        super().__init__()
        self._looks = looks

    def monotonic(self):
        self._looks -= 1
        if self._looks == 0:
            self.advance(3600)
        return super().monotonic()


def fetched(port, clock):
    try:
        return fetching(port, clock=clock).get(f"http://127.0.0.1:{port}/", started=0).body
    except TooSlow:
        return None


def test_a_process_that_was_stopped_sends_nothing_any_more():
    """Whenever it was stopped: before connecting, between connecting and sending, while reading."""
    heard: list[list[bool]] = []
    answer = None
    while answer is None:
        with Listener(lambda _: HEAD + b"Content-Length: 6\r\n\r\n<rss/>") as listener:
            answer = fetched(listener.port, Stopping(len(heard) + 1))
            fetched(listener.port, ManualClock())
            heard.append([bool(said) for _, said in listener.heard[:-1]])
    assert answer == b"<rss/>"
    assert [it for it, _ in groupby(heard)] == [[], [False], [True]]
