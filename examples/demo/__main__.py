"""`make demo`: the invented partner, and feedwright polling it every three seconds."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

from examples.demo.partner import Partner, Server, running

_HERE = Path(__file__).parent
_PORT = 8001
_RHYTHM = 7  # seconds between two acts of the partner: some polls find nothing new, and get a 304


def main() -> int:
    """Run until Ctrl-C or SIGTERM; each run starts from nothing."""
    shutil.rmtree(_HERE / "data", ignore_errors=True)
    partner = Partner(f"http://127.0.0.1:{_PORT}")
    stop = threading.Event()
    with contextmanager(running)(Server(partner, _PORT)):
        threading.Thread(target=_live, args=(partner, stop), daemon=True).start()
        print(f"The partner's feed: http://127.0.0.1:{_PORT}/feed.atom", file=sys.stderr)
        service = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "--config", _HERE / "config.toml", "serve"]
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: service.send_signal(signal.SIGTERM))
        code = service.wait()
        stop.set()
    return code


def _live(partner: Partner, stop: threading.Event) -> None:
    while not stop.is_set():
        partner.step()
        stop.wait(_RHYTHM)


sys.exit(main())
