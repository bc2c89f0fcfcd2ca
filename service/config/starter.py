"""The config file that a new site starts from."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import tomlkit

_OWN_PORT = re.compile(r"http://(?:127\.0\.0\.1|localhost):([0-9]{1,5})(?:/|$)")


def starter_text(title: str, public_url: str) -> str:
    """A commented config file for a site of that name at that address, without sources and articles.

    An address on this machine is the one it serves at.
    """
    template = files("service.config").joinpath("starter.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomlkit.parse(template)
    document["site"].update(title=title, public_url=public_url)
    if own := _OWN_PORT.match(public_url):
        document["server"]["port"] = int(own[1])
    return tomlkit.dumps(document)
