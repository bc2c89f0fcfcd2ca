"""Whether an entry that is new is an article that is here already: our own, or one of another source.

Sameness of id or page is asked for once per chunk; only what has it is compared by what it says. Of two
sources the one on whose own site the article stands is its original; else the one that came first.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds.identity import KeyKind, alias, is_absolute, page, site
from feeds.likeness import Told, is_copy
from feeds.matching import told
from service.model import Status
from service.store import articles, copies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from feeds.identity import Key
    from feeds.model import Entry
    from service.config import Config
    from service.model import Article
    from service.store import Transaction
    from service.store.copies import Twin


_COMPARED = 5  # of an article and its copies


class Candidate(Struct, frozen=True):
    """An entry that is to become an article."""

    source: int  # row id
    entry: Entry
    key: Key
    draft: Article


class Ours(Struct, frozen=True):
    """It is an article that came from here."""

    reason: str


class Copied(Struct, frozen=True):
    """It is an article of another source, too."""

    leader: int  # row id of what is shown
    leads: bool  # the entry is the original of it
    reason: str


def met(tx: Transaction, config: Config, found: Sequence[Candidate]) -> list[Ours | Copied | None]:
    """What each entry is already, if anything.

    No two entries of one source are ever of the same article (DED-05).
    """
    if not found:
        return []
    pages = [_pages(it) for it in found]
    returned = _returned(tx, config, found, pages)
    twins = _twins(tx, found, pages)
    if not any(returned) and not any(twins):
        return [None] * len(found)
    numbers = {it.article for some in twins for it in some} | {
        it.leader for some in twins for it in some
    }
    here = {it.id: it for it in articles.of(tx, sorted(numbers))} if numbers else {}
    sources = _sources(tx, here)
    placed: list[Ours | Copied | None] = []
    for it, path, some in zip(found, returned, twins, strict=True):
        if path:
            placed.append(Ours(f"it is /articles/{path}, which came from here"))
            continue
        copied = _copied(config, it, some, here, sources)
        placed.append(copied)
        if copied:
            sources[copied.leader].add(it.draft.source or "")
    return placed


def _returned(
    tx: Transaction, config: Config, found: Sequence[Candidate], pages: Sequence[set[str]]
) -> list[str | None]:
    """The paths of articles of ours that come back: by the id, or by a link to our page (DED-08)."""
    start = (page(f"{config.site.public_url}/articles/-") or "").removesuffix("-")
    paths = [{at.removeprefix(start) for at in some if at.startswith(start)} for some in pages]
    guids = {it.entry.id for it in found if it.entry.id}
    ours = copies.ours(tx, guids, set().union(*paths))
    if not ours:  # as it is with nearly all
        return [None] * len(found)
    return [
        next((ours[name] for name in (it.entry.id, *sorted(at)) if name in ours), None)
        for it, at in zip(found, paths, strict=True)
    ]


def _twins(
    tx: Transaction, found: Sequence[Candidate], pages: Sequence[set[str]]
) -> list[list[Twin]]:
    """For each entry, those of other sources that have its id or its page."""
    aliases = {alias(it.key.value) for it in found if _is_global(it.key)}
    others = copies.twins(tx, aliases, set().union(*pages))
    if not others:  # as it is with most
        return [[] for _ in found]
    return [_some(it for it in others if _is_twin(candidate, it)) for candidate in found]


def _some(twins: Iterable[Twin]) -> list[Twin]:
    """Those that are looked at: of a story that hundreds have sent, the first few copies."""
    seen = Counter[int]()
    found = []
    for it in twins:
        seen[it.leader] += 1
        if seen[it.leader] <= _COMPARED:
            found.append(it)
    return found


def _is_global(key: Key) -> bool:
    """Whether it means the same in every feed: a number does not."""
    return key.kind is KeyKind.ID and is_absolute(key.value)


def _pages(it: Candidate) -> set[str]:
    return {at for at in (page(it.entry.via), page(it.entry.link)) if at}


def _is_twin(it: Candidate, twin: Twin) -> bool:
    if twin.source == it.source:
        return False
    if twin.page in _pages(it):
        return True
    if not _is_global(it.key):
        return False
    at = site(it.key.value)
    return it.key.value == twin.key or (
        at is not None
        and at == site(twin.key)
        and alias(it.key.value) == alias(twin.key)
    )  # fmt: skip


def _sources(tx: Transaction, here: Mapping[int, Article]) -> dict[int, set[str]]:
    """The sources that have an entry of each article."""
    tied = copies.of(tx, here) if here else {}
    return {
        number: {it.source or "", *(copy.source for copy in tied.get(number, ()))}
        for number, it in here.items()
    }


def _copied(
    config: Config,
    it: Candidate,
    twins: Sequence[Twin],
    here: Mapping[int, Article],
    sources: Mapping[int, set[str]],
) -> Copied | None:
    """The first article that says the same, and whether the entry is its original."""
    if not twins:
        return None
    said = told(it.entry)
    is_original = is_at_home(config, it.draft) and it.draft.status is not Status.DRAFT
    for twin in twins:
        article, leader = here[twin.article], here[twin.leader]
        was_original = is_at_home(config, leader)
        if it.draft.source in sources[twin.leader] or not _is_open(leader, was_original):
            continue
        if is_copy(said, _told(article)):
            leads = is_original and not was_original
            told_of = ", of which this is the original" if leads else ""
            reason = f"the same story as /articles/{leader.path} from {leader.source}{told_of}"
            return Copied(twin.leader, leads, reason)
    return None


def _is_open(leader: Article, is_original: bool) -> bool:
    """Whether copies may hide behind it: what waits for a reviewer may never be shown, and who took an
    article back that was another's spoke for nobody else.
    """
    if leader.status is Status.RETRACTED:
        return is_original
    return leader.status in (Status.PUBLISHED, Status.SCHEDULED)


def _told(article: Article) -> Told:
    return Told(article.title, article.content or article.summary or "", article.published)


def is_at_home(config: Config, article: Article) -> bool:
    """Whether it stands on its source's own site, by what the operator tells of that, and names no other."""
    settings = config.source(article.source) if article.source else None
    if settings is None:
        return False
    homes = {at for at in (site(settings.url), site(settings.home or "")) if at}
    origin = next((it for it in article.origins if it.source == article.source), None)
    named = [article.canonical_url, origin.home if origin else None]
    return all(_is_within(it, homes) for it in named if it) and any(named)


def _is_within(url: str, homes: Iterable[str]) -> bool:
    at = site(url) or ""
    return any(at == home or at.endswith(f".{home}") for home in homes)
