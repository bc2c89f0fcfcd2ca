"""A feed that is no source yet: found from a page, read, and shown as what its entries would become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from feeds import changes, links
from feeds.errors import FeedError
from service import config as configuration
from service import merging, rules
from service.config import editing, urls
from service.errors import ConfigError, NotFound, Refused, Unreadable
from service.model import Status, Verdict
from service.robots import Robots

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from feeds.changes import Compared
    from feeds.links import Link
    from feeds.model import Entry, Feed
    from service.config import Config, SourceSettings
    from service.fetch import Answer
    from service.model import Article
    from service.runtime import Runtime

_OK = 200
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_PERMANENT = frozenset({301, 308})


class Preview(Struct, frozen=True, kw_only=True):
    """What would become of an entry."""

    title: str | None
    link: str | None
    published: datetime | None
    verdict: Verdict
    reason: str
    authors: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)  # "theme/energy"


class Tried(Struct, frozen=True, kw_only=True):
    """A feed, as a source of config.toml, and what it would bring."""

    feed: str  # its address
    title: str | None
    others: list[str]  # addresses of further feeds that the page announces
    source: dict[str, Any]  # the keys of its table
    toml: str  # the same to paste
    is_known: bool  # config.toml has it already
    entries: list[Preview]
    problems: list[str]  # of the document


class _Read(Struct, frozen=True):
    address: str
    feed: Feed
    others: list[str]


def try_feed(runtime: Runtime, url: str, *, is_feed: bool, given: dict[str, str]) -> Tried:
    """Read the feed at an address, or the first that the page there announces, and apply the rules to it.

    Of an address that may be a page, robots.txt is asked first. `given` are keys of the source that the
    operator knows better than its feed. Nothing is saved.

    Raises:
        Refused: There is no feed, robots.txt forbids to look, or the keys cannot be used.
        FetchError: The server cannot be asked.
    """
    try:
        urls.url(url)
    except ValueError as error:
        raise Refused(str(error)) from error
    found = _read(runtime, url, is_feed=is_feed)
    known = next((it for it in runtime.config.every_source if it.url in (url, found.address)), None)
    if known:
        table, config = (
            known.model_dump(mode="json", exclude_defaults=True, exclude={"of"}),
            runtime.config,
        )
    else:
        table = _table(runtime.config, found, given)
        config = with_source(runtime.config, table)
    settings = config.source(str(table["slug"]))
    if settings is None:
        raise NotFound(f"config.toml names no source {table['slug']!r}")
    return Tried(
        feed=found.address,
        title=found.feed.title,
        others=found.others,
        source=table,
        toml=editing.source_toml([table]),
        is_known=known is not None and known in runtime.config.sources,
        entries=_previews(runtime, config, settings, found.feed),
        problems=list(found.feed.problems),
    )


def with_source(config: Config, table: dict[str, Any]) -> Config:
    """The settings with one more source.

    Raises:
        Refused: It cannot be used; tells every reason.
    """
    file = file_of(config)
    text = file.read_text(encoding="utf-8-sig")
    try:
        return configuration.parse(editing.with_sources(text, [table]), file)
    except ConfigError as error:
        raise Refused(str(error)) from error


def file_of(config: Config) -> Path:
    """The file that settings came from.

    Raises:
        Refused: They came from none.
    """
    if config.file is None:
        raise Refused("the settings came from no file that a source could be added to")
    return config.file


def _read(runtime: Runtime, url: str, *, is_feed: bool) -> _Read:
    if not is_feed:
        _require_allowed(runtime, url)
    answer = _asked(runtime, url)
    announced = [] if is_feed else [it for it in _announced(answer) if it != answer.url]
    if answer.media_type in _HTML and announced:
        return _followed(runtime, announced)
    try:
        return _Read(_lasting(url, answer), _feed(runtime, answer), [])
    except Refused:
        if not announced:
            raise
        return _followed(runtime, announced)


def _require_allowed(runtime: Runtime, url: str) -> None:
    if not Robots(runtime.fetcher, runtime.clock).allow(url):
        raise Refused(
            "robots.txt of that site does not let us look at this page; if it is the address of the feed"
            " itself, which its publisher agreed to, add --feed"
        )
    runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())


def _asked(runtime: Runtime, url: str) -> Answer:
    answer = runtime.fetcher.get(url)
    if answer.status != _OK:
        raise Refused(f"{url} answered {answer.status}; there is nothing to read")
    return answer


def _announced(answer: Answer) -> list[str]:
    """The feeds that a page names, in its head or beside it."""
    named: list[Link] = [*links.discover(answer.body, answer.url)]
    named += [
        it
        for it in links.parse_header(answer.headers.get("Link", ""), answer.url)
        if it.rel == "alternate" and it.type in links.FEED_TYPES
    ]
    return list(dict.fromkeys(it.href for it in named))


def _followed(runtime: Runtime, announced: list[str]) -> _Read:
    first, *others = announced
    runtime.clock.sleep(runtime.config.fetch.gap.total_seconds())
    answer = _asked(runtime, first)
    return _Read(_lasting(first, answer), _feed(runtime, answer), others)


def _lasting(url: str, answer: Answer) -> str:
    """The address to ask for from now on: where it has moved for good."""
    is_permanent = all(hop.status in _PERMANENT for hop in answer.hops)
    return answer.url if answer.hops and is_permanent else url


def _feed(runtime: Runtime, answer: Answer) -> Feed:
    content_type = answer.headers.get("Content-Type")
    try:
        return runtime.parser.read(
            answer.body, url=answer.url, content_type=content_type, known=frozenset()
        )
    except (FeedError, Unreadable) as error:
        raise Refused(f"{answer.url} is no feed, and announces none: {error}") from error


def _table(config: Config, found: _Read, given: dict[str, str]) -> dict[str, Any]:
    name = given.get("name") or found.feed.title or urls.split(found.address).hostname or "feed"
    known = found.feed.license.uri if found.feed.license else None
    license_ = next((key for key, it in config.licenses.items() if known and it.uri == known), None)
    table = {
        "slug": given.get("slug")
        or configuration.free_slug(name, (it.slug for it in config.every_source)),
        "url": found.address,
        "name": name,
        "home": found.feed.link,
        "license": given.get("license") or license_,
        "language": found.feed.language,
    }
    return {key: value for key, value in table.items() if value}


def _previews(
    runtime: Runtime, config: Config, settings: SourceSettings, feed: Feed
) -> list[Preview]:
    now = runtime.clock.now()
    most = config.fetch.items
    compared = changes.compare(feed.entries[:most], ())
    found = [
        (it, rules.apply(it.entry, feed, settings, config, first_seen=now, now=now))
        for it in compared
        if it.kind is not changes.Kind.REPEATED
    ]
    drafts = [(it, made) for it, made in found if it.key and not isinstance(made, rules.Refusal)]
    candidates = [merging.Candidate(0, it.entry, it.key, made) for it, made in drafts if it.key]
    with runtime.store.reading() as tx:
        met = merging.met(tx, config, candidates)
    placed = {id(it): place for (it, _), place in zip(drafts, met, strict=True)}
    told = [_preview(it, made, placed.get(id(it))) for it, made in found]
    return told + [_left(it, most) for it in feed.entries[most:]]


def _preview(
    it: Compared,
    made: Article | rules.Refusal,
    place: merging.Ours | merging.Copied | None,
) -> Preview:
    entry = it.entry
    if it.key is None:
        return _kept_out(entry, Verdict.REFUSED, it.note)
    if isinstance(made, rules.Refusal):
        return _kept_out(entry, made.verdict, made.reason)
    if isinstance(place, merging.Ours):
        return _kept_out(entry, Verdict.REFUSED, place.reason)
    waits = Verdict.WAITING if made.status is Status.DRAFT else Verdict.IMPORTED
    return Preview(
        title=made.title,
        link=entry.link,
        published=made.published,
        verdict=Verdict.MERGED if place else waits,
        reason=place.reason if place else "",
        authors=[author.name for author in made.authors],
        categories=[f"{category.scheme}/{category.slug}" for category in made.categories],
    )


def _left(entry: Entry, most: int) -> Preview:
    return _kept_out(entry, Verdict.CUT, f"beyond [fetch] items = {most}")


def _kept_out(entry: Entry, verdict: Verdict, reason: str) -> Preview:
    return Preview(
        title=entry.title,
        link=entry.link,
        published=entry.published or entry.updated,
        verdict=verdict,
        reason=reason,
    )
