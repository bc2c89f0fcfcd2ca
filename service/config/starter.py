"""The config file that a new site starts from."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import tomlkit


def starter_text(title: str, public_url: str) -> str:
    """A commented config file for a site of that name at that address, without sources and articles."""
    template = files("service.config").joinpath("starter.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomlkit.parse(template)
    document["site"].update(title=title, public_url=public_url)
    return tomlkit.dumps(document)
