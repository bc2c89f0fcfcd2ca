"""TLS to the checked address, with the certificate of the name that was asked for."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from service.errors import TooSlow, Unreachable
from service.fetch import Fetcher
from service.guard import Guard
from tests.service.fetching import within

CERTIFICATE = Path(__file__).parent.parent / "data" / "tls" / "partner.pem"  # of partner.example
OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def serving(talk):
    """A server with that certificate, for one client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                try:
                    with context.wrap_socket(connection, server_side=True) as secured:
                        talk(secured)
                except OSError:
                    pass  # the client has seen or heard enough

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def fetcher(port, **limits):
    config = within(allow_networks=("127.0.0.1",), allow_ports=(port,), **limits)
    guard = Guard(
        networks=config.fetch.networks, ports=[port], resolve=lambda _host, _port: ["127.0.0.1"]
    )
    return Fetcher(config, guard=guard)


@pytest.fixture
def trusted(monkeypatch):
    """The certificate is one of those that requests trusts."""
    monkeypatch.setattr(requests.adapters, "DEFAULT_CA_BUNDLE_PATH", str(CERTIFICATE))


def answer(connection):
    assert b"Host: partner.example:" in connection.recv(4096)
    connection.sendall(OK + b"Content-Length: 6\r\n\r\n<rss/>")


@pytest.mark.usefixtures("trusted")
def test_the_certificate_is_that_of_the_name():
    with serving(answer) as port:
        assert fetcher(port).get(f"https://partner.example:{port}/").body == b"<rss/>"


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
def test_a_certificate_of_another_name_is_refused(host):
    heard = []
    listening = serving(lambda connection: heard.append(connection.recv(4096)))
    with listening as port, pytest.raises(Unreachable, match="certificate"):
        fetcher(port).get(f"https://{host}:{port}/")
    assert heard in ([], [b""])


def test_a_certificate_that_nobody_vouches_for_is_refused():
    with serving(answer) as port, pytest.raises(Unreachable, match="certificate"):
        fetcher(port).get(f"https://partner.example:{port}/")


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("first", [b"HTTP/1.1 200 ", OK + b"Server: ", OK + b"\r\n"])
def test_a_dripping_answer_ends_at_the_deadline(first):
    def drip(connection):
        connection.recv(4096)
        connection.sendall(first)
        for _ in range(100):
            time.sleep(0.05)
            connection.sendall(b"x")

    with serving(drip) as port:
        started = time.monotonic()
        with pytest.raises(TooSlow, match=r"within"):
            fetcher(port, total=timedelta(seconds=0.5)).get(f"https://partner.example:{port}/")
        assert 0.5 <= time.monotonic() - started < 1
