"""What this process answers from, handed to every view by the app: one runtime for the whole of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g, request

from service import locales, publish
from service.errors import Moved
from service.selection import SEARCH

if TYPE_CHECKING:
    from flask import Flask

    from service.config import Config
    from service.locales import Texts
    from service.model import Selection
    from service.runtime import Current, Runtime

_KEY = "current"


def hold(app: Flask, it: Current) -> None:
    """Let the app answer from what is current."""
    app.extensions[_KEY] = it


def current() -> Current:
    """What the app that is answering answers from."""
    held: Current = current_app.extensions[_KEY]
    return held


def runtime() -> Runtime:
    """The runtime for the request at hand, the same from its first use to its end."""
    if "runtime" not in g:
        g.runtime = current().runtime
    held: Runtime = g.runtime
    return held


def keep_up() -> None:
    """Answer the request at hand by the settings that are in force by now."""
    current().keep_up()
    g.pop("runtime", None)


def config() -> Config:
    """The configuration in force."""
    return runtime().config


def texts() -> Texts:
    """What to say things with: the interface texts in the site's language."""
    return locales.texts(config().site.language)


def selection(name: str) -> Selection:
    """The selection that the address at hand names.

    Raises:
        NotFound: It names none.
        Moved: It is not in canonical spelling.
    """
    query = request.args.get("q") if name == SEARCH else None
    found = publish.parse(config(), name, query)
    if found.path != name or found.query != query:
        raise Moved(found)
    return found
