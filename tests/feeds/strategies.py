"""Hypothesis strategies for feeds as the service makes them, and for any text at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from hypothesis import strategies as st

from feeds import text
from feeds.model import (
    Category,
    Entry,
    Feed,
    License,
    Media,
    MediaRole,
    Origin,
    Person,
    Place,
    Reference,
    Tombstone,
)
from feeds.periods import DAYS

T = TypeVar("T")


def structs(kind: type[T], *fields: st.SearchStrategy[Any], **named: st.SearchStrategy[Any]) -> Any:
    """What st.builds() gives, without a look at annotations: these name what only type checkers import."""
    given = st.tuples(st.tuples(*fields), st.fixed_dictionaries(named))
    return given.map(lambda it: kind(*it[0], **it[1]))


anything = st.text(st.characters())  # control characters, noncharacters and lone surrogates too

_words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
lines = _words.map(text.plain).filter(bool)  # plain texts on one line
_slugs = st.from_regex(r"[a-zé][a-z0-9ü-]{0,8}", fullmatch=True)
urls = st.builds("https://{}.example/{}?n={}".format, st.sampled_from("abc"), _slugs, st.integers())
ids = st.one_of(urls, st.builds("tag:a.example,2026:{}".format, _slugs))
_since_1990 = st.timedeltas(timedelta(), timedelta(days=40_000))
moments = _since_1990.map(lambda elapsed: datetime(1990, 1, 1, tzinfo=UTC) + elapsed)
languages = st.sampled_from(["ar", "en", "fr-CA", "zh-Hans"])
html = st.builds("<p>{}</p>".format, lines)
_flags = st.booleans()


def _maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


def _tuples(
    values: st.SearchStrategy[Any], unique_by: Callable[[Any], object] | None = None
) -> st.SearchStrategy[Any]:
    return st.lists(values, max_size=3, unique_by=unique_by).map(tuple)


_names = lines.filter(lambda it: '"' not in it and "@" not in it)  # no parts of mail addresses
people = structs(
    Person,
    name=_names,
    uri=_maybe(urls),
    email=_maybe(st.just("ada@courier.example")),
    avatar=_maybe(urls),
    role=_maybe(lines),
)
bylines = _tuples(people, unique_by=lambda it: it.name.casefold())
_creative_commons = st.just("https://creativecommons.org/licenses/by/4.0/")
licenses = structs(License, uri=urls | _creative_commons, name=_maybe(lines))
categories = _tuples(
    structs(Category, term=lines, scheme=_maybe(urls), label=_maybe(lines)),
    unique_by=lambda it: it,
)
_sizes = {name: _maybe(st.integers(1, 10**9)) for name in ("length", "duration", "width", "height")}
_captions = {name: _maybe(lines) for name in ("title", "credit", "description", "rights")}
_places = structs(
    Place,
    latitude=st.integers(-9_000_000, 9_000_000).map(lambda it: it / 100_000),
    longitude=st.integers(-18_000_000, 18_000_000).map(lambda it: it / 100_000),
)
# What is to be downloaded is no picture: of those, RSS tells illustrations only.
_downloads = structs(
    Media,
    url=urls,
    type=_maybe(st.sampled_from(["audio/mpeg", "video/mp4", "application/pdf"])),
    **_sizes,
    **_captions,
)
_pictures = structs(
    Media,
    url=urls,
    role=st.just(MediaRole.ILLUSTRATION),
    type=_maybe(st.just("image/png")),
    **_sizes,
    **_captions,
)
origins = structs(
    Origin,
    id=_maybe(ids),
    title=_maybe(lines),
    home=_maybe(urls),
    feed=_maybe(urls),
    updated=_maybe(moments),
    authors=bylines,
    rights=_maybe(lines),
    license=_maybe(licenses),
)
entries = structs(
    Entry,
    id=ids,
    title=_maybe(lines),
    link=_maybe(urls),
    authors=bylines,
    contributors=bylines,
    published=_maybe(moments),
    updated=_maybe(moments),
    summary=_maybe(lines),
    content=_maybe(html),
    categories=categories,
    media=_tuples(_downloads | _pictures, unique_by=lambda it: it.url),
    rights=_maybe(lines),
    license=_maybe(licenses),
    origin=_maybe(origins),
    via=_maybe(urls),
    discussion=_maybe(urls),
    in_reply_to=_maybe(structs(Reference, ref=ids, href=_maybe(urls), source=_maybe(urls))),
    places=_tuples(_places, unique_by=lambda it: it),
    valid_until=_maybe(moments),
    language=_maybe(languages),
)
several_entries = _tuples(entries, unique_by=lambda it: it.id)
tombstones = structs(Tombstone, ref=ids, when=moments, comment=_maybe(lines))
feeds = structs(
    Feed,
    id=ids,
    title=lines,
    subtitle=_maybe(lines),
    link=urls,
    self_link=urls,
    language=_maybe(languages),
    updated=moments,
    authors=bylines,
    editor=_maybe(lines),
    rights=_maybe(lines),
    license=_maybe(licenses),
    categories=categories,
    icon=_maybe(urls),
    logo=_maybe(urls),
    generator=_maybe(lines),
    docs=_maybe(urls),
    hubs=_tuples(urls),
    ttl=_maybe(st.integers(1, 10**6)),
    skip_hours=st.sets(st.integers(0, 23)).map(sorted).map(tuple),
    skip_days=st.sets(st.sampled_from(DAYS)).map(lambda it: tuple(sorted(it, key=DAYS.index))),
    update_seconds=_maybe(st.sampled_from([900, 3600, 7200, 43200, 86400, 604800, 31536000])),
    previous_archive=_maybe(urls),
    next_archive=_maybe(urls),
    current=_maybe(urls),
    next_page=_maybe(urls),
    archive=_flags,
    complete=_flags,
    expired=_flags,
    entries=several_entries,
    tombstones=_tuples(tombstones),
)
