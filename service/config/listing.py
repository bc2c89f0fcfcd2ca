"""Sources that lists bring: what the list says of each, under what config.toml says of the list."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from msgspec import Struct
from pydantic import ValidationError

from feeds.identity import canonical_url
from service.config.sourcing import ListedSource, ListSettings, SourceSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from service.config.model import Config

_OWN = {"slug", "url", "name", "home"}  # what a source has by the list, or for itself
_HANDED_ON = SourceSettings.model_fields.keys() - _OWN


class Listed(Struct, frozen=True):
    """A feed in a list."""

    slug: str  # of the source
    of: str  # slug of the list
    url: str
    name: str
    home: str | None = None


def with_listed(config: Config, found: Iterable[Listed]) -> Config:
    """The settings with the sources that lists have brought, in place of those that they had before.

    What config.toml says of a source itself, by its slug or its address, goes before. Of each list the first
    are taken, as many as it may bring.
    """
    listed = tuple(_sources(config, found))
    told = json.dumps([it.model_dump(mode="json") for it in listed])
    digest = config.file_digest
    if listed:
        digest += f"+{sha256(told.encode()).hexdigest()[:16]}"
    return config.with_provenance(digest=digest, listed=listed)


def _sources(config: Config, found: Iterable[Listed]) -> Iterator[ListedSource]:
    lists = {it.slug: it for it in config.lists}
    slugs = {it.slug for it in config.sources}
    urls = {canonical_url(it.url) for it in config.sources}
    brought = Counter[str]()
    for it in found:
        settings = lists.get(it.of)
        if settings is None or it.slug in slugs or canonical_url(it.url) in urls:
            continue
        source = listed_source(settings, it)
        if source and brought[it.of] < settings.most:
            brought[it.of] += 1
            yield source


def listed_source(settings: ListSettings, found: Listed) -> ListedSource | None:
    """The source that a feed in a list becomes; None where it can be none, whatever release has kept it."""
    rules = {name: getattr(settings, name) for name in _HANDED_ON}
    own = {"slug": found.slug, "url": found.url, "name": found.name, "home": found.home}
    try:
        return ListedSource.model_validate(rules | own | {"of": found.of})
    except ValidationError:
        return None
