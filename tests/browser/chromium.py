"""A headless Chromium, driven over its debugging pipe (the DevTools protocol), without any library."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PROGRAM = Path("/usr/bin/chromium")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'",
    "--remote-debugging-pipe",
)
_KEYS = {"Tab": ("Tab", 9, ""), "Enter": ("Enter", 13, "\r"), "Space": ("Space", 32, " ")}
_COMPLAINTS = {"Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"}


@dataclass(frozen=True, slots=True)
class View:
    """How large the window is, in CSS pixels, and which color scheme its owner prefers."""

    width: int = 1280
    height: int = 1600
    dark: bool = False


class Chromium:
    """Holds one browser with one tab open."""

    def __init__(self, profile: Path) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        flags = " ".join(_FLAGS)
        command = (
            f'exec {PROGRAM} {flags} "--user-data-dir={profile}" 3<&{theirs_in} 4>&{theirs_out}'
        )
        self._process = subprocess.Popen(
            ["/bin/bash", "-c", command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out: IO[bytes] = os.fdopen(ours_out, "wb", buffering=0)
        self._in: IO[bytes] = os.fdopen(ours_in, "rb")
        self._sent = 0
        self._session: str | None = None
        self.complaints: list[str] = []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def close(self) -> None:
        """End the browser."""
        self._session = None
        self.ask("Browser.close")
        self._process.wait(60)
        self._out.close()
        self._in.close()

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self._sent += 1
        message: dict[str, object] = {"id": self._sent, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._sent:
            pass
        assert "error" not in answer, answer
        found: dict[str, Any] = answer["result"]
        return found

    def open(self, url: str, view: View) -> None:
        """Load a page and forget what was complained about the one before."""
        self.look(view)
        self.complaints.clear()
        self.ask("Page.navigate", url=url)
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def look(self, view: View) -> None:
        """Show the page at hand in another window."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if view.dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=view.width,
            height=view.height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        code, number, text = _KEYS[key]
        about = {"key": text or key, "code": code, "windowsVirtualKeyCode": number}
        self.ask("Input.dispatchKeyEvent", type="keyDown", text=text, **about)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **about)

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives on the page at hand, or what it promises to give."""
        answer = self.ask(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        return answer["result"].get("value")

    def picture(self, *, whole: bool = False) -> bytes:
        """The page at hand as a PNG; all of it, or what the window shows."""
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(answer["data"])

    def _next(self) -> dict[str, Any]:
        message = bytearray()
        while (byte := self._in.read(1)) != b"\0":
            assert byte, "the browser has gone"
            message += byte
        found: dict[str, Any] = json.loads(message)
        if found.get("method") in _COMPLAINTS and not _is_about_network(found["params"]):
            self.complaints.append(json.dumps(found["params"]))
        return found


def _is_about_network(parameters: dict[str, Any]) -> bool:
    """Whether the browser only says that it could not reach what lies beyond loopback."""
    return bool(parameters.get("entry", {}).get("source") == "network")
