"""What this process answers from, handed to every view by the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config
    from service.runtime import Runtime

_KEY = "runtime"


def hold(app: Flask, it: Runtime) -> None:
    """Let the app answer from this runtime."""
    app.extensions[_KEY] = it


def runtime() -> Runtime:
    """The runtime of the app that is answering."""
    held: Runtime = current_app.extensions[_KEY]
    return held


def config() -> Config:
    """The configuration in force."""
    return runtime().config
