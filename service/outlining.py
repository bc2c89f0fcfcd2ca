"""Sources as OPML, both ways: lists that other readers have made become sources, and the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.errors import InvalidOutline
from feeds.identity import canonical_url
from feeds.opml import MAX_BYTES as MOST
from feeds.opml import Outline, Outlines, read_opml, write_opml
from service.config import free_slug, urls
from service.errors import Refused
from service.telemetry import redact

__all__ = ["MOST", "Listed", "fault", "feeds_of", "read", "write"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.config import Config


class Listed(Struct, frozen=True):
    """What a list of feeds comes to."""

    tables: list[dict[str, str]]  # of new sources, as they stand in config.toml
    known: list[str]  # names of feeds that are sources already, or stand in the list twice
    refused: list[tuple[str, str]]  # names of others, and why they cannot be sources


def read(config: Config, body: bytes) -> Listed:
    """The feeds of an OPML document that are no sources yet, whatever groups they stand in.

    Raises:
        Refused: It is no OPML, or more than is read of it.
    """
    try:
        outlines = read_opml(body).outlines
    except InvalidOutline as error:
        raise Refused(f"the list cannot be read: {error}") from error
    found = Listed([], [], [])
    here = {canonical_url(it.url) for it in config.every_source}
    slugs = {it.slug for it in config.every_source}
    for it in feeds_of(outlines):
        url, name = it.xml_url or "", it.text or it.xml_url or "a feed without name"
        if canonical_url(url) in here:
            found.known.append(name)
        elif reason := fault(url):
            found.refused.append((name, reason))
        else:
            slug = free_slug(name, slugs)
            slugs.add(slug)
            here.add(canonical_url(url))
            found.tables.append(_table(slug, url, name, it.html_url))
    return found


def feeds_of(outlines: tuple[Outline, ...]) -> Iterator[Outline]:
    """Each outline that has the address of a feed, or was meant to."""
    for it in outlines:
        if it.xml_url or it.type == "rss":
            yield it
        yield from feeds_of(it.children)


def fault(url: str) -> str | None:
    """Why no source can be at an address, without the address."""
    if not url:
        return "the list gives no address that a source can have: http(s), without user name and password"
    try:
        urls.url(url)
    except ValueError as error:
        return str(error)
    return None


def _table(slug: str, url: str, name: str, home: str | None) -> dict[str, str]:
    table = {"slug": slug, "url": url, "name": name}
    return table | {"home": home} if home and fault(home) is None else table


def write(config: Config) -> tuple[bytes, list[str]]:
    """The sources as an OPML document, and the slugs of those that are left out.

    These have something in their addresses that may be a secret.
    """
    told = [it for it in config.every_source if redact(it.url) == it.url]
    left_out = [it.slug for it in config.every_source if it not in told]
    outlines = tuple(
        Outline(
            text=it.name,
            title=it.name,
            xml_url=it.url,
            html_url=it.home if redact(it.home) == it.home else None,
            language=it.language,
        )
        for it in told
    )
    title = f"Sources of {config.site.title}"
    return write_opml(Outlines(title=title, outlines=outlines)), left_out
