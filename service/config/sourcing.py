"""A partner's feed in config.toml, and the rules by which its entries become articles of ours.

pydantic reads the annotations at run time, so they are not postponed here.
"""

from datetime import timedelta

from service.config.table import Table
from service.config.values import Flag, FreeSlug, Language, Text, Url, Wait


class SourceSettings(Table):
    """A partner's feed to pull. Repeat the table for each."""

    slug: FreeSlug
    """Lasting short name, kept when the URL changes; stands in `/feeds/source/SLUG.atom`."""
    url: Url
    """Address of the feed: RSS, Atom or JSON Feed."""
    name: Text
    """Name of the partner outlet."""
    home: Url | None = None
    """Its web page; without it, what the feed says."""
    organization: Text | None = None
    """Author of entries signed by nobody or by "admin"; without it, the name."""
    license: Text | None = None
    """Name of the license of what it sends; without it, only headline, summary and link go out."""
    rights: Text | None = None
    """Copyright line where the feed gives none."""
    language: Language | None = None
    """Language where the feed gives none."""
    categories: dict[Text, tuple[FreeSlug, ...]] = {}
    """Where its entries are filed, by taxonomy: `{ theme = ["energy", "water"] }`."""
    interval: Wait = timedelta(hours=1)
    """Shortest time between polls, at least "1h"; rare news and what the feed asks for make it longer."""
    interval_most: Wait | None = None
    """Longest time between polls while all is well; without it, that of `[fetch]`."""
    interval_agreed: Flag = False
    """The partner agreed to be polled more often than hourly."""
    credit_line: Flag = True
    """Name the original source in the last line of each article."""
    paused: Flag = False
    """Do not poll for now."""
