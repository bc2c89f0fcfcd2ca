"""A partner's feed in config.toml, and the rules by which its entries become articles of ours.

pydantic reads the annotations at run time, so they are not postponed here.
"""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from feeds.text import slugify
from service.config.table import Table
from service.config.values import (
    Duration,
    Embed,
    EntryField,
    Filing,
    Flag,
    FreeSlug,
    Glob,
    Host,
    Language,
    Pattern,
    Phrase,
    Text,
    Url,
    Wait,
    Whole,
)
from service.matching import Matcher

LIST = "list:"  # what the slugs of lists begin with where they stand among sources


class Filter(Table):
    """Tells entries by what stands in them: one of these words, globs or patterns in one of these fields.

    A source that has `[[sources.include]]` takes in only what one of those finds. What one of its
    `[[sources.exclude]]` finds stays out in any case: see [rules](rules.md).
    """

    name: Text | None = None
    """What the rule is called in the records; without it, its number."""
    fields: tuple[EntryField, ...] = ("title", "summary", "content")
    """Where it looks."""
    words: tuple[Phrase, ...] = ()
    """Whole words or phrases, in any case and with or without accents: `["sponsored", "buy now"]`."""
    globs: tuple[Glob, ...] = ()
    """The whole of a field, in any case: `*` stands for any characters, `?` for one."""
    patterns: tuple[Pattern, ...] = ()
    """Regular expressions of RE2, found anywhere in a field: `['(?i)^ad:']`."""

    @cached_property
    def matcher(self) -> Matcher:
        """What finds them."""
        return Matcher(words=self.words, globs=self.globs, patterns=self.patterns)


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
    authors: tuple[Text, ...] = ()
    """Authors of such entries, in place of the organization: `["Cleo Duarte"]`."""
    bylines: dict[Text, tuple[Text, ...]] = {}
    """Upstream names and whose they are here: `{ "cd" = ["Cleo Duarte"] }`; an empty list is nobody's."""
    license: Text | None = None
    """Name of the license of what it sends; without it, only headline, summary and link go out."""
    rights: Text | None = None
    """Copyright line where the feed gives none."""
    language: Language | None = None
    """Language where the feed gives none."""
    categories: dict[Text, tuple[FreeSlug, ...]] = {}
    """Where its entries are filed, by taxonomy: `{ theme = ["energy", "water"] }`."""
    terms: dict[Text, tuple[Filing, ...]] = {}
    """Upstream terms and where they are filed: `{ "Rivers" = ["theme/water"] }`; an empty list is nowhere."""
    include: tuple[Filter, ...] = ()
    """Only what one of these finds is taken in; without any, all is."""
    exclude: tuple[Filter, ...] = ()
    """What one of these finds stays out."""
    oldest: Wait | None = None
    """What was published longer ago when it is first seen stays out; without it, nothing does."""
    mend_ids: Flag = False
    """Take an entry under a new id for the known one that is gone, if title, date and page or text are the
    same; five a poll, others wait. `feedwright merges` lists and undoes it."""
    review: Flag = False
    """New articles wait for `feedwright review approve`."""
    delay: Duration = timedelta()
    """Publish so long after the source did; dates stay those of the source."""
    text: Literal["full", "summary"] = "full"
    """How much of each article is shown, where the license allows as much."""
    media: Literal["all", "no-pictures", "none"] = "all"
    """What of pictures, sounds and films is taken in, with the text and within it."""
    embeds: tuple[Embed, ...] = ()
    """Players that our pages show within its texts, by name or address; all others are links."""
    beacons: tuple[Host, ...] = ()
    """Hosts whose counting pictures stay in its texts, where the partner's terms ask for that."""
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

    @property
    def between_polls(self) -> timedelta:
        """Shortest time between two polls."""
        return self.interval

    @cached_property
    def signatures(self) -> dict[str, tuple[str, ...]]:
        """bylines, by the upstream names without case."""
        return {folded(name): names for name, names in self.bylines.items()}

    @cached_property
    def organizations(self) -> frozenset[str]:
        """What its entries may be signed with that is the source itself, without case."""
        return frozenset({folded(self.name), folded(self.organization or self.name)})

    @cached_property
    def named(self) -> frozenset[str]:
        """The names that may stand in a byline beside people's, without case."""
        return self.organizations.union(self.signatures)

    @cached_property
    def filed(self) -> dict[str, tuple[tuple[str, str], ...]]:
        """terms, by the upstream terms without case: taxonomy and slug of each category."""
        return {
            folded(term): tuple((it.split("/")[0], it.split("/")[1]) for it in places)
            for term, places in self.terms.items()
        }


class ListSettings(SourceSettings):
    """A list of feeds that somebody keeps, as OPML: each feed in it is a source. Repeat the table for each.

    The list says which feeds, under which names and pages. All else stands here: beside these the keys of
    `[[sources]]`, which hold for every source of the list. So no list gives itself a license.
    """

    slug: FreeSlug
    """Lasting short name; the slugs of its sources begin with it: `SLUG-their-name`."""
    url: Url
    """Address of the list."""
    name: Text
    """Name of the list."""
    home: Url | None = None
    """Its web page."""
    refresh: Wait = timedelta(days=1)
    """Time between two looks at the list, at least "1h"."""
    most: Annotated[Whole, Field(ge=1, le=5_000)] = 100
    """Most sources that it may bring; the feeds that it named first go before."""

    @property
    def row(self) -> str:
        """The slug under which the list itself is polled, which no source can have."""
        return f"{LIST}{self.slug}"

    @property
    def between_polls(self) -> timedelta:
        """Shortest time between two polls."""
        return self.refresh


class ListedSource(SourceSettings):
    """A source that a list has brought."""

    of: str
    """The slug of the list."""


def folded(name: str) -> str:
    """An upstream name or term as it is looked up: in any case, with any white space."""
    return " ".join(name.casefold().split())


def free_slug(name: str, taken: Iterable[str]) -> str:
    """A slug for a source of that name which no other has."""
    held = set(taken)
    slug = slugify(name, "source")
    numbered = (slug if number == 1 else f"{slug}-{number}" for number in range(1, len(held) + 2))
    return next(it for it in numbered if it not in held)
