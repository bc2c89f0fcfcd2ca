"""Where the processes of a service put their numbers together, and where these are told.

prometheus-client decides when it is first imported whether it counts for one process or for several, by the
environment. So the folder is made before anything is loaded that counts.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"  # of the port for metrics
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared() -> Iterator[Path]:
    """A folder that this process, and those that it starts, count in until the block ends."""
    with TemporaryDirectory(prefix="feedwright-metrics-") as folder:
        os.environ[_FOLDER] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ[_FOLDER]
