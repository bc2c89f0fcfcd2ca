"""Drives the feed readers that people use, each in a home of its own: newsboat and sfeed, Debian's."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_SECONDS = 20  # more than any reader needs for a page of feed
_ESCAPES = {r"\t": "\t", r"\n": "\n", r"\\": "\\"}
_ROWS = "SELECT * FROM rss_item ORDER BY pubDate DESC"


class Item(Struct, frozen=True, kw_only=True):
    """An entry as a reader keeps it; empty is what it has nothing for."""

    id: str
    title: str
    link: str
    author: str
    content: str
    published: datetime
    enclosure: str = ""
    content_type: str = "html"  # or "plain"; newsboat takes all for HTML
    categories: tuple[str, ...] = ()  # newsboat keeps none


class Newsboat:
    """One subscription in a newsboat that has never seen another."""

    def __init__(self, home: Path, address: str) -> None:
        self._home = home
        home.mkdir()
        (home / "urls").write_text(f"{address}\n", encoding="utf-8")
        (home / "config").write_text(f"error-log {home / 'errors'}\n", encoding="utf-8")

    def reload(self) -> list[Item]:
        """Fetch the feed; gives the items then in the cache, the newest first."""
        self._execute("reload")
        errors = self._home / "errors"
        assert not errors.exists() or not errors.read_text(encoding="utf-8")
        return [
            Item(
                id=row["guid"],
                title=row["title"],
                link=row["url"],
                author=row["author"],
                content=row["content"],
                published=datetime.fromtimestamp(row["pubDate"], UTC),
                enclosure=row["enclosure_url"],
            )
            for row in self._rows(_ROWS)
        ]

    def feed(self) -> sqlite3.Row:
        """What the cache says of the feed itself."""
        (row,) = self._rows("SELECT * FROM rss_feed")
        return row

    def unread(self) -> str:
        """What newsboat tells a status bar."""
        return self._execute("print-unread").strip()

    def _execute(self, command: str) -> str:
        places = [("-C", "config"), ("-u", "urls"), ("-c", "cache.db")]
        options = [word for option, name in places for word in (option, str(self._home / name))]
        return _run("newsboat", *options, "-x", command, home=self._home)

    def _rows(self, query: str) -> list[sqlite3.Row]:
        with closing(sqlite3.connect(self._home / "cache.db")) as cache:
            cache.row_factory = sqlite3.Row
            return cache.execute(query).fetchall()


def sfeed(document: bytes, home: Path) -> list[Item]:
    """The document's entries as sfeed prints them (sfeed(5)), in the document's order."""
    lines = _run("sfeed", home=home, standard_input=document).split("\n")
    return [_sfeed_item(*line.split("\t")) for line in lines if line]


def _sfeed_item(
    seconds: str, title: str, link: str, content: str, content_type: str,
    guid: str, author: str, enclosure: str, categories: str,
) -> Item:  # fmt: skip
    return Item(
        id=guid,
        title=title,
        link=link,
        author=author,
        content_type=content_type,
        content=re.sub(r"\\.", lambda escape: _ESCAPES[escape[0]], content),
        published=datetime.fromtimestamp(int(seconds), UTC),
        enclosure=enclosure,
        categories=tuple(filter(None, categories.split("|"))),
    )


def _run(program: str, *arguments: str, home: Path, standard_input: bytes = b"") -> str:
    """What the program prints."""
    done = subprocess.run(
        [program, *arguments],
        input=standard_input,
        capture_output=True,
        check=False,
        env={"HOME": str(home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        timeout=_SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """The address on loopback where the application answers for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
