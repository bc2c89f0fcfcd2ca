"""A site for a browser to look at, served from this process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import make_server

from service.front import Front
from service.runtime import Current
from service.web import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.runtime import Runtime


@contextmanager
def looked_at(runtime: Runtime) -> Iterator[str]:
    """The address where that newsroom is served while the block lasts."""
    current = Current(runtime)
    front = Front(create_app(current), current)
    server = make_server("127.0.0.1", 0, front, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        front.close()
