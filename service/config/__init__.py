"""config.toml: its model, and how it is found, read and checked."""

from __future__ import annotations

from service.config.durations import duration_text
from service.config.listing import Listed, listed_source, with_listed
from service.config.loading import Problem, check, find, load, parse
from service.config.model import (
    Config,
    Contacts,
    Content,
    Fetch,
    License,
    NamedSelection,
    PartnerSettings,
    Server,
    Site,
    Storage,
    SupportLink,
    Taxonomy,
    TermSettings,
    database_url,
    media_folder,
)
from service.config.reviving import begun_with, kept, revived
from service.config.salvaging import Salvaged, salvaged
from service.config.sourcing import LIST, Filter, ListSettings, SourceSettings, free_slug

__all__ = [
    "LIST",
    "Config",
    "Contacts",
    "Content",
    "Fetch",
    "Filter",
    "License",
    "ListSettings",
    "Listed",
    "NamedSelection",
    "PartnerSettings",
    "Problem",
    "Salvaged",
    "Server",
    "Site",
    "SourceSettings",
    "Storage",
    "SupportLink",
    "Taxonomy",
    "TermSettings",
    "begun_with",
    "check",
    "database_url",
    "duration_text",
    "find",
    "free_slug",
    "kept",
    "listed_source",
    "load",
    "media_folder",
    "parse",
    "revived",
    "salvaged",
    "with_listed",
]
