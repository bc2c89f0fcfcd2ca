"""The story of an entry, an article or a source, told from the records: `feedwright explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from service import addresses, lists, terms
from service.explain import finding, words
from service.explain.placing import Placed, feeds_of
from service.model import Status
from service.store import merges, polls, tracing
from service.terms import Extent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from service.config import Config
    from service.explain.finding import Found
    from service.model import Article, PollOutcome, Source, Verdict
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.merges import Merge
    from service.store.tracing import Kept, Step

__all__ = ["Decided", "EntryStory", "Explanation", "Placed", "SourceStory", "Story", "explain"]

_POLLS = 10


class Decided(Struct, frozen=True, kw_only=True):
    """What was decided about an entry at some time."""

    at: datetime
    verdict: Verdict
    told: str  # the verdict in words, and its reason
    poll: (
        int | None
    )  # number of the poll; None for what a person did, or where it is not kept any more
    poll_url: str | None


class EntryStory(Struct, frozen=True, kw_only=True):
    """What a source sent, and what became of it."""

    source: str  # slug
    source_name: str
    id: str  # the key that it is known by
    known_by: str  # "id", "link", "hash"
    first_seen: datetime | None
    verdict: Verdict
    told: str  # the verdict in words, and its reason
    advice: str  # what to do about that
    published_as_written: str | None
    updated_as_written: str | None
    steps: list[Decided]  # every decision, the oldest first


class Story(Struct, frozen=True, kw_only=True):
    """An article, or an entry that became none, with everything known of it."""

    standing: str
    number: int | None = None  # of the article
    title: str | None = None
    address: str | None = None  # of its page here
    id: str | None = None  # in every feed
    original: str | None = None  # address of the page it comes from
    published: datetime | None = None
    license: str | None = None  # and what it allows
    cleaned: str | None = None  # by which version of the cleaning
    feeds: list[Placed] = field(default_factory=list)
    no_feeds: str  # why it is in none
    merges: list[Merge]  # the latest first
    entries: list[EntryStory]


class SourceStory(Struct, frozen=True, kw_only=True):
    """A source, its latest polls, and how many of its entries met which fate."""

    source: Source
    list: str | None  # slug of the list in config.toml that has brought it
    polls: Sequence[PollOutcome]
    verdicts: dict[Verdict, int]


class Explanation(Struct, frozen=True, kw_only=True):
    """All that a name means; where it means nothing, what is near."""

    asked: str
    stories: list[Story]
    sources: list[SourceStory]
    nearest: list[str]
    hosts: list[SourceStory]  # sources of the same site, where nothing is known

    @property
    def is_known(self) -> bool:
        """Whether the name means anything."""
        return bool(self.stories or self.sources)


def explain(runtime: Runtime, name: str) -> Explanation:
    """Tell the story of what is known by that name.

    It is the address of a page here or of an original, an entry id, a path, a number, a source's slug, or
    the address of a source's feed.

    Raises:
        Outdated: Other settings are in force by now.
    """
    with runtime.store.reading() as tx:
        found = finding.find(tx, runtime.config, name)
        told = [_story(tx, runtime, it) for it in found]
        named = [_source(tx, runtime.config, it) for it in finding.sources_of(tx, name)]
        is_known = bool(told or named)
        near = [] if is_known else finding.nearest(tx, name)
        hosts = (
            []
            if is_known
            else [_source(tx, runtime.config, it) for it in finding.hosts_of(tx, name)]
        )
    stories = [
        replace(it, feeds=feeds_of(runtime, found_.shown)) if found_.shown else it
        for it, found_ in zip(told, found, strict=True)
    ]
    return Explanation(asked=name, stories=stories, sources=named, nearest=near, hosts=hosts)


def _story(tx: Transaction, runtime: Runtime, found: Found) -> Story:
    articles = [it.id for it in (found.shown, *found.copies) if it]
    merged = merges.about(tx, [it.entry.id for it in found.kept], articles)
    entries = [_entry(tx, it, _merge_of(it, merged)) for it in found.kept]
    article = found.shown
    if article is None:
        (entry,) = entries
        return Story(
            standing=f"it is no article: {entry.told}",
            no_feeds="it is no article",
            merges=merged,
            entries=entries,
        )
    config, now = runtime.config, runtime.clock.now()
    last = next((it.entry.verdict for it in found.kept if it.entry.article == article.id), None)
    return Story(
        number=article.id,
        title=article.title,
        address=addresses.article(config, article),
        id=article.guid,
        original=article.canonical_url,
        standing=words.standing(article, last),
        published=article.published,
        license=words.licensed(config, article, now),
        cleaned=words.cleaned(tracing.policy(tx, article.id)),
        no_feeds=_no_feeds(config, article, now),
        merges=merged,
        entries=entries,
    )


def _merge_of(kept: Kept, merged: list[Merge]) -> Merge | None:
    """What made a copy of an entry, as it holds still."""
    tied = (it for it in merged if it.copy == kept.entry.article and not it.undone)
    return next(tied, None)


def _entry(tx: Transaction, kept: Kept, merge: Merge | None) -> EntryStory:
    it = kept.entry
    return EntryStory(
        source=kept.source,
        source_name=kept.name,
        id=it.key,
        known_by=it.key_kind,
        first_seen=it.first_seen,
        verdict=it.verdict,
        told=words.told(it.verdict, it.reason),
        advice=words.advice(kept, merge),
        published_as_written=it.published_raw,
        updated_as_written=it.updated_raw,
        steps=[_decided(step) for step in tracing.steps(tx, it.id)],
    )


def _decided(step: Step) -> Decided:
    told = words.told(step.verdict, step.reason)
    return Decided(
        at=step.at, verdict=step.verdict, told=told, poll=step.poll, poll_url=step.poll_url
    )


def _no_feeds(config: Config, article: Article, now: datetime) -> str:
    """Why an article is in no feed of ours; empty where it is in some."""
    if article.status is not Status.PUBLISHED:
        return f"it is {article.status.value}"
    if terms.of(config, article, now).extent is Extent.NONE:
        return "its license lets nothing of it leave"
    return ""


def _source(tx: Transaction, config: Config, source: Source) -> SourceStory:
    latest = polls.listed(tx, source.id, limit=_POLLS)
    return SourceStory(
        source=source,
        list=lists.origins(tx, config).get(source.slug),
        polls=latest,
        verdicts=tracing.verdicts(tx, source.id),
    )
