"""What may stand in an address of ours; anything else is not found before a view is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.routing import BaseConverter, IntegerConverter

if TYPE_CHECKING:
    from flask import Flask


class Slug(BaseConverter):
    """The lasting short name of one thing: "west-africa"."""

    regex = "[a-z0-9]+(?:-[a-z0-9]+)*"


class Address(BaseConverter):
    """Several names, as in "2026/11/slug" or "theme/energy"."""

    regex = "[a-z0-9,-]+(?:/[a-z0-9,-]+)*"
    part_isolating = False
    weight = 200  # asked after those of a known number of names


class Ordinal(IntegerConverter):
    """A number from 1 on, in its one spelling."""

    regex = "[1-9][0-9]{0,8}"


class ArticlePath(BaseConverter):
    """The path of an article: "2026/11/slug"."""

    regex = f"[0-9]{{4}}/[0-9]{{2}}/{Slug.regex}"
    part_isolating = False


def register(app: Flask) -> None:
    """Let routes say <slug:name>, <address:name>, <article:path> and <ordinal:number>."""
    app.url_map.converters.update(slug=Slug, address=Address, article=ArticlePath, ordinal=Ordinal)
