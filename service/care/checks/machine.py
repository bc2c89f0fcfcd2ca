"""The machine: disk, libraries, ports, and who may read the files."""

from __future__ import annotations

import socket
import ssl
import stat
from contextlib import suppress
from pyexpat import EXPAT_VERSION
from typing import TYPE_CHECKING

from lxml import etree

from service.care.findings import bad, good, warning
from service.care.readiness import MARK, disk, mark, nearest
from service.config.database import secrets
from service.store.sqlite import sqlite_is_sound, sqlite_module
from service.telemetry.sharing import HOST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from service.care.findings import Finding
    from service.config import Config
    from service.store import Store

    Version = tuple[int, ...]

_OTHERS = stat.S_IRWXO
_PATIENCE = 2  # seconds
_ENOUGH = 4096  # bytes
_PARTS = 4  # that an answer may come in
_NOBODY = "nobody listens on {place}; the service does not run, or with another port"
_MOVE = "stop it, or set another [server] port"
_QUESTION = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
_WELL = b"\r\n\r\nok\n"
_LEAST_EXPAT = (2, 6, 0)  # older ones are quadratic on large tokens (CVE-2023-52425)
_LEAST_LIBXML2 = (2, 11, 0)  # older ones take unbounded time over entities
_LEAST_OPENSSL = (3, 0, 0)  # older ones get no fixes any more


def examined(config: Config, store: Store) -> Iterator[Finding]:
    """Everything outside the database."""
    yield _disk(store.sqlite_path.parent if store.sqlite_path else config.folder)
    yield from _libraries(store)
    yield from _files(config, store)
    yield from _ports(config, store)


def _disk(folder: Path) -> Finding:
    found = disk(folder)
    told = f"{found.reason} at {nearest(folder)}"
    if found.ok:
        return good("disk", told)
    return warning("disk", told, "make room")


def _libraries(store: Store) -> Iterator[Finding]:
    engine = sqlite_module().sqlite_version_info
    if store.is_sqlite and not sqlite_is_sound(engine):
        told = f"SQLite {_dotted(engine)} can lose a write-ahead log"
        yield bad("library SQLite", told, "install pysqlite3 0.6.1 or newer")
    else:
        yield good("library SQLite", _dotted(engine))
    expat = tuple(int(it) for it in EXPAT_VERSION.removeprefix("expat_").split("."))
    yield _library(
        "expat",
        expat,
        _LEAST_EXPAT,
        "update it; some systems mend old ones under the same number",
    )
    yield _library("libxml2", etree.LIBXML_VERSION, _LEAST_LIBXML2, "update lxml")
    yield good("library lxml", _dotted(etree.LXML_VERSION))
    yield _library("OpenSSL", _openssl(), _LEAST_OPENSSL, "update Python, or the system's OpenSSL")


def _openssl() -> Version:
    """Since 3.0 the third number is always 0, and the fourth is the patch."""
    major, minor, fix, patch, _ = ssl.OPENSSL_VERSION_INFO
    return (major, minor, patch if major >= _LEAST_OPENSSL[0] else fix)


def _library(name: str, found: Version, least: Version, remedy: str) -> Finding:
    if found >= least:
        return good(f"library {name}", _dotted(found))
    told = f"{_dotted(found)} has known weaknesses; {_dotted(least)} is the oldest to use"
    return warning(f"library {name}", told, remedy)


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))


def _files(config: Config, store: Store) -> Iterator[Finding]:
    """Whether others on this machine may read what holds secrets or drafts."""
    wanted = [(config.file, bool(secrets(store.url))), (store.sqlite_path, True)]
    for path, is_private in wanted:
        mode = _mode(path)
        if mode is None:
            continue
        if is_private and mode & _OTHERS:
            told = f"everybody on this machine may read {path} ({stat.filemode(mode)})"
            yield warning("permissions", told, f"chmod o= {path}")
        else:
            yield good("permissions", f"{path} {stat.filemode(mode)}")


def _mode(path: Path | None) -> int | None:
    """None when there is nothing to be seen; the check of the database tells why."""
    try:
        return path.stat().st_mode if path else None
    except OSError:
        return None


def _ports(config: Config, store: Store) -> Iterator[Finding]:
    """Whether the service listens where it should, and nobody else does."""
    server = config.server
    yield _port("port", server.host, server.port, f"{MARK}: {mark(store)}\r\n")
    if server.metrics_port is not None:
        yield _port("metrics port", HOST, server.metrics_port)


def _port(about: str, host: str, port: int, own: str = "") -> Finding:
    """Who answers there; the service's own answer holds the line `own`."""
    place = f"{host}:{port}"
    try:
        with socket.create_connection((_reached(host), port), timeout=_PATIENCE) as connection:
            connection.sendall(_QUESTION)
            answer = _answer(connection)
    except ConnectionRefusedError:
        return good(about, _NOBODY.format(place=place))
    except OSError as error:
        told = f"{place} does not answer ({error.strerror or error})"
        return warning(about, told, f"see what listens there: ss -ltnp 'sport = {port}'")
    if about == "port" and _WELL not in answer:
        told = f"something else than this service listens on {place}"
        return warning(about, told, _MOVE)
    if own.lower().encode() not in answer.lower():
        told = f"a feedwright of another database, or of an older release, listens on {place}"
        return warning(about, told, _MOVE)
    return good(about, f"the service answers on {place}")


def _answer(connection: socket.socket) -> bytes:
    """The answer's beginning; its body may come apart from its head."""
    found = connection.recv(_ENOUGH)
    with suppress(TimeoutError):
        for _ in range(_PARTS - 1):
            if _WELL in found:
                break
            found += connection.recv(_ENOUGH)
    return found


def _reached(host: str) -> str:
    """Where a server is reached that listens on every address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)
