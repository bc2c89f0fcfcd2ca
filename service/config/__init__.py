"""config.toml: its model, and how it is found, read and checked."""

from __future__ import annotations

from service.config.durations import duration_text
from service.config.loading import Problem, check, find, load, parse
from service.config.model import (
    Config,
    Contacts,
    Content,
    Fetch,
    License,
    Server,
    Site,
    SourceSettings,
    Storage,
    SupportLink,
    Taxonomy,
    TermSettings,
    database_url,
)

__all__ = [
    "Config",
    "Contacts",
    "Content",
    "Fetch",
    "License",
    "Problem",
    "Server",
    "Site",
    "SourceSettings",
    "Storage",
    "SupportLink",
    "Taxonomy",
    "TermSettings",
    "check",
    "database_url",
    "duration_text",
    "find",
    "load",
    "parse",
]
