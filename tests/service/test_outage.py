"""HTTP-22: feeds stay readable while the database does not answer. Its connection is really cut."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace
from pydantic import SecretStr
from werkzeug.test import Client

from service import naming
from service import runtime as running
from service.front import Front
from service.front.exchange import Exchange
from service.runtime import Current
from service.store import articles
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW
from tests.serving import until

ATOM, RSS, OTHER = "/feeds/theme/energy.atom", "/feeds/theme/energy.rss", "/feeds/theme/water.atom"


class Line:
    """A way to the PostgreSQL server that can be cut."""

    def __init__(self, server: str) -> None:
        (folder,) = parse_qs(urlsplit(server).query)["host"]
        self._server = f"{folder}/.s.PGSQL.5432"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._is_cut = False
        self.url = server.replace("@/", f"@127.0.0.1:{self._listener.getsockname()[1]}/").split(
            "?"
        )[0]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through any more."""
        self._is_cut = True
        for it in self._open:
            with suppress(OSError):
                it.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """From now on, everybody does."""
        self._is_cut = False

    def close(self) -> None:
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._is_cut:
                    client.close()
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                target.sendall(data)


@pytest.fixture
def line(postgresql):
    held = Line(postgresql)
    yield held
    held.close()


@pytest.fixture
def far(runtime, line, parser, clock):
    """The newsroom's runtime, its database at the other end of the line."""
    storage = runtime.config.storage.model_copy(update={"database": SecretStr(line.url)})
    config = runtime.config.model_copy(update={"storage": storage})
    with running.opened(config, clock=clock, parser=parser) as held:
        yield held


@pytest.fixture
def fronts(far, tmp_path):
    """Two workers of one service."""
    made = []
    for _ in range(2):
        current = Current(far)
        made.append(Front(create_app(current), current, Exchange(tmp_path, 64_000_000)))
    yield made
    for front in made:
        front.close()


def edit(runtime, title: str) -> None:
    with runtime.store.writing() as tx:
        articles.save(tx, [replace(newsroom.everything(), title=title)], now=NOW)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_feeds_stay_readable_while_the_database_does_not_answer(runtime, fronts, line, clock):
    client, second = (Client(it) for it in fronts)
    clock.advance(2)
    whole = client.get(ATOM, headers={"Accept-Encoding": "br"})
    stale = client.get(OTHER)
    edit(runtime, "Tides, corrected")  # by another process
    until(lambda: "Tides, corrected" in client.get(RSS).text, seconds=2)  # the others are stale now
    line.cut()

    until(lambda: "max-age=10," in client.get(ATOM).headers["Cache-Control"], seconds=5)
    held = client.get(ATOM, headers={"Accept-Encoding": "br"})
    assert (held.status_code, held.data) == (200, whole.data)
    for name in ("ETag", "Last-Modified", "Vary", "Content-Encoding", "Link", "Content-Type"):
        assert held.headers[name] == whole.headers[name]
    assert held.headers["Cache-Control"].endswith("stale-if-error=86400")
    tag = {"Accept-Encoding": "br", "If-None-Match": whole.headers["ETag"]}
    assert client.get(ATOM, headers=tag).status_code == 304
    assert client.head(ATOM).data == b""
    assert client.get(OTHER).data == stale.data
    assert second.get(OTHER).data == stale.data  # which it has from the first
    assert "Tides, corrected" in client.get(RSS).text
    for never_asked in ("/feeds/author/ada-marsh.atom", "/", "/feeds.opml"):
        answer = client.get(never_asked)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")

    edit(runtime, "Tides, corrected again")
    line.mend()
    until(lambda: "Tides, corrected again" in client.get(ATOM).text, seconds=10)
    assert "max-age=300," in client.get(ATOM).headers["Cache-Control"]
    assert fronts[0].tallies.total().last_good > 5


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_was_withdrawn_is_not_told_when_the_database_is_down(runtime, fronts, line):
    client, second = (Client(it) for it in fronts)
    hers = "/feeds/author/ada-marsh.atom"
    assert client.get(hers).status_code == 200
    naming.withdraw_author(runtime, "ada-marsh", "At her own request.")
    until(lambda: client.get(hers).status_code == 410, seconds=5)
    assert client.get(ATOM).status_code == 200
    line.cut()

    until(lambda: "max-age=10," in client.get(ATOM).headers["Cache-Control"], seconds=5)
    assert client.get(hers).status_code == 503
    assert second.get(hers).status_code == 503
