"""What runs in a process that reads: it gets memory, time and no more, reads documents and hands them back.

A document comes and goes by a socket that is open already; the process can open nothing else.
"""

from __future__ import annotations

import encodings
import pkgutil
import resource
import signal
import sys
import time
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from feeds.errors import FeedError
from feeds.opml import read_opml
from feeds.preparing import prepared
from feeds.reading import read
from service import packing, processes, words
from service.parsing import line, messages
from service.parsing.messages import Failure

if TYPE_CHECKING:
    import socket

    from service.parsing.messages import Job, Outcome

MEMORY = (
    512 * 1024 * 1024
)  # bytes of address space for a document, beyond what the process has when warm
_NO_MORE_FILES = 1  # file 0 is open: what would be opened had a number beyond the limit
_SAMPLES = (
    b"<rss version='2.0'><channel><item><pubDate>Mon, 23 Nov 2026 12:00:00 GMT</pubDate></item>"
    b"</channel></rss>",
    b"<rss version='2.0'><channel><item><author>a@b.example (A)</author><b></item></channel></rss>",
    b"<feed xmlns='http://www.w3.org/2005/Atom'><entry><updated>2026-11-23T12:00:00Z</updated></entry></feed>",
    b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1, "content_html": "<p>1</p>"}]}',
)


def serve(sock: socket.socket) -> None:
    """Read the documents that come by that socket, each as it is asked for, until nobody asks any more."""
    begin()
    line.send(sock, b"")  # which tells that the process is there
    with suppress(EOFError):
        while True:
            line.send(sock, answer(messages.unpacked_job(line.receive(sock))))


def begin() -> None:
    """Make this process ready to read."""
    processes.call("reader")
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # which ends it in the midst of a C function too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the one that asks
    _warm_up()
    _confine()


def answer(job: Job) -> bytes:
    """The feed in a document, or the error of reading it, packed."""
    _allow(job.seconds)
    try:
        return messages.packed(_outcome(job))
    except MemoryError as error:  # it was read, and is too large to be told
        return messages.packed(error)


def _outcome(job: Job) -> Outcome:
    try:
        if job.is_list:
            return read_opml(job.body)
        feed = read(job.body, url=job.url, content_type=job.content_type, known=job.known)
        return prepared(
            feed, url=job.url, pack=packing.packed, spared=job.spared, words=words.spoken
        )
    except (FeedError, MemoryError) as error:
        return error
    except Exception as error:  # the process that asked tells it, with all that is known here
        failure = Failure(f"{type(error).__name__}: {error}")
        failure.add_note(traceback.format_exc())
        return failure


def _warm_up() -> None:
    """Have every module loaded that a document may need: later none can be opened."""
    for name in (f"encodings.{module.name}" for module in pkgutil.iter_modules(encodings.__path__)):
        try:
            import_module(name)
        except ImportError:  # it belongs to another system
            sys.modules[name] = None  # type: ignore[assignment]  # which import takes for "there is none"
    for sample in _SAMPLES:
        feed = read(sample, url="http://localhost/")
        prepared(feed, url="http://localhost/", pack=packing.packed, words=words.spoken)


def _confine() -> None:
    """Bound what this process can take: memory, files, sockets; no dump of it when it crashes."""
    _limit(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _limit(resource.RLIMIT_AS, pages * resource.getpagesize() + MEMORY)
    _limit(resource.RLIMIT_NOFILE, _NO_MORE_FILES)


def _limit(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _allow(seconds: int) -> None:
    """Let the process take that many seconds of processor time from now on; the kernel counts from its start.

    Beyond them it is ended by SIGXCPU. The hard limit stays: it could never be raised again.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time()) + 1 + seconds
    soft = soft if hard == resource.RLIM_INFINITY else min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
