"""A bare WSGI callable under Granian, as service/supervisor starts it: `python -m benchmarks.bare FILE`.

The file is JSON: where to listen, and the one answer that everybody gets.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from service.config import Server
from service.supervisor import listening, server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


def main(file: str) -> None:
    """Serve until SIGTERM."""
    told = json.loads(Path(file).read_text())
    settings = Server(port=told["port"], workers=told["workers"], threads=told["threads"])
    server.run(settings, listening(settings), partial(_load, file))


def _load(file: str) -> WSGIApplication:
    told = json.loads(Path(file).read_text())
    status = f"{told['status']} {HTTPStatus(told['status']).phrase}"
    headers = [(name, value) for name, value in told["headers"]]
    body = [bytes.fromhex(told["body"])]

    def application(_environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        start_response(status, headers)
        return body

    return application


if __name__ == "__main__":
    main(sys.argv[1])
