"""What may stand in an address of ours; anything else is not found before a view is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import BaseConverter

if TYPE_CHECKING:
    from flask import Flask


class Slug(BaseConverter):
    """The lasting short name of one thing: "west-africa"."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


class Address(BaseConverter):
    """Several names, as in "2026/11/slug" or "theme/energy"."""

    regex = "[a-z0-9,-]+(?:/[a-z0-9,-]+)*"
    part_isolating = False


def register(app: Flask) -> None:
    """Let routes say <slug:name> and <address:name>."""
    app.url_map.converters.update(slug=Slug, address=Address)
