"""The process that tests fork others from: everything is imported, one thread, no database open.

To start the interpreter and to import the service takes as long as most of what tests do with a process.
"""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

from service import cli

NURSERY = multiprocessing.get_context("forkserver")
NURSERY.set_forkserver_preload(["tests.loaded"])


def serve(config: Path, told: Path) -> None:
    """`feedwright serve`, as the process of a session of its own that writes all it says into that file."""
    os.setsid()
    with told.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    cli.main(["--config", str(config), "serve"])
