"""A process that fetches what it is told and says what came of it, and how much memory it has ever held.

Arguments: the port that may be dialled, then addresses. For each address a line: error, kilobytes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from service.errors import FetchError
from service.fetch import Fetcher
from tests.service.fetching import within


def peak_kilobytes() -> int:
    """The most memory held so far; not ru_maxrss, in which the parent's may count."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1])


def fetched(fetcher: Fetcher, url: str) -> str:
    """The name of the error that ended the fetch, or its status."""
    try:
        return str(fetcher.get(url).status)
    except FetchError as error:
        return type(error).__name__


def main(port: str, *urls: str) -> None:
    """Fetch one after the other."""
    fetcher = Fetcher(within(allow_networks=("127.0.0.0/8",), allow_ports=(int(port),)))
    for url in urls:
        sys.stdout.write(f"{fetched(fetcher, url)} {peak_kilobytes()}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
