"""Answers that are small on the wire and huge once unpacked, that lie, or that never end."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from functools import cache

import pytest

from tests.fakes import Reply, Upstream

GROWTH = 32 * 1024  # kilobytes that one process may grow by over all of them
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LENGTH = b"Content-Length: %b\r\n\r\n"
GZIP = {"Content-Encoding": "gzip"}
FEED = b"<feed xmlns='http://www.w3.org/2005/Atom'/>" * 1000
LINES = 700_000  # 14 MB, a fifth of it packed


@cache
def zeros(megabytes, wbits):
    packer = zlib.compressobj(9, wbits=wbits)
    parts = [packer.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return b"".join([*parts, packer.flush()])


def lines():
    return b"<entry>%d</entry>" * LINES % tuple(range(LINES))


def gzip_again(times):
    body = zeros(200, 31)
    for _ in range(times):
        body = gzip.compress(body)
    return body


def length(told, body):
    return Reply(raw=True, body=OK + LENGTH % told + body)


def packed(coding, body):
    return Reply(headers={"Content-Encoding": coding}, body=body)


def endless(head, piece):
    """The head, and then the piece for ever."""
    return Reply(raw=True, body=head, endless=piece)


PIECE = b"x" * 65536
BOMBS = {  # what ends each, and how it is made
    "gzip": ("TooLarge", lambda: packed("gzip", zeros(200, 31))),
    "deflate": ("TooLarge", lambda: packed("deflate", zeros(20, 15))),
    "bare deflate": ("TooLarge", lambda: packed("deflate", zeros(20, -15))),
    "gzip in many members": ("TooLarge", lambda: packed("gzip", zeros(3, 31) * 60)),
    "gzip twice": ("FetchError", lambda: packed("gzip, gzip", gzip_again(1))),
    "gzip six times": ("FetchError", lambda: packed("gzip, " * 5 + "gzip", gzip_again(5))),
    "brotli": ("FetchError", lambda: packed("br", zeros(1, 31))),
    "below the ratio": ("TooLarge", lambda: packed("gzip", gzip.compress(lines()))),
    "redirect": ("200", lambda: Reply(302, {"Location": "/feed", **GZIP}, zeros(200, 31))),
    "error page": ("500", lambda: Reply(500, GZIP, zeros(200, 31))),
    "body": ("TooLarge", lambda: endless(OK + b"\r\n", PIECE)),
    "chunks": ("TooLarge", lambda: endless(CHUNKED, b"10000\r\n" + PIECE + b"\r\n")),
    "small chunks": ("TooLarge", lambda: endless(CHUNKED, b"9\r\nxxxxxxxxx\r\n" * 4000)),
    "chunk size": ("Unreachable", lambda: endless(CHUNKED, b"0" * 65536)),
    "trailers": ("TooLarge", lambda: endless(CHUNKED + b"0\r\n", b"A: b\r\n" * 10_000)),
    "status line": ("TooLarge", lambda: endless(b"HTTP/1.1 200 ", PIECE)),
    "header": ("TooLarge", lambda: endless(OK + b"A: ", PIECE)),
    "headers": ("Unreachable", lambda: endless(OK, b"A: b\r\n")),
    "large headers": ("TooLarge", lambda: endless(OK, b"A: " + PIECE[:6000] + b"\r\n")),
    "interim answers": ("TooLarge", lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "length too long": ("Unreachable", lambda: length(b"99999999999", b"short")),
    "length of endless body": ("TooLarge", lambda: endless(OK + LENGTH % (b"9" * 12), PIECE)),
    "length too short": ("200", lambda: length(b"5", PIECE * 160)),
    "length below zero": ("TooLarge", lambda: length(b"-5", PIECE * 160)),
    "two lengths": ("Unreachable", lambda: length(b"5\r\nContent-Length: 6", b"short!")),
}


@pytest.fixture(scope="module")
def outcomes():
    """What one process makes of all of them: name, error, kilobytes grown since an ordinary feed."""
    with Upstream() as upstream:
        urls = [upstream.script("/feed", packed("gzip", gzip.compress(FEED)))]
        urls += [upstream.script(f"/{n}", make()) for n, (_, make) in enumerate(BOMBS.values())]
        command = [sys.executable, "-m", "tests.service.fetching_apart", str(upstream.port), *urls]
        told = subprocess.run(
            command, check=True, timeout=90, capture_output=True, text=True
        ).stdout
    (_, at_first), *lines = [line.split() for line in told.splitlines()]
    return {
        name: (error, int(peak) - int(at_first))
        for name, (error, peak) in zip(BOMBS, lines, strict=True)
    }


@pytest.mark.parametrize("name", list(BOMBS))
def test_a_bomb_is_stopped_within_limits(outcomes, name):
    error, grown = outcomes[name]
    assert error == BOMBS[name][0]
    assert grown < GROWTH


def test_the_bombs_are_small_on_the_wire():
    assert len(zeros(200, 31)) < 200_000
    assert len(gzip_again(1)) < 1000
