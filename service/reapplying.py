"""Changed rules, applied to what a source sent before: what that changes, and saving it.

What would change is found out by changing it, in a transaction that is undone: what is shown is what a
save does.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import Struct, field

from feeds.changes import Compared, Kind, Known
from feeds.identity import Key, KeyKind
from feeds.text import from_html, shorten
from service import intake
from service.errors import Refused
from service.intake import Delivery
from service.model import KEPT_OUT, Status, Verdict
from service.replaying import replayed, source_of
from service.store import articles, cleaning, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from service.config import SourceSettings
    from service.intake import Decision
    from service.model import Article, EntryRecord, Source
    from service.replaying import Replayed
    from service.runtime import Runtime
    from service.store import Transaction
    from service.store.cleaning import Version

_NOTE = "by changed rules"
_SETTLED = frozenset({Verdict.WITHDRAWN, Verdict.REJECTED})  # by others than rules
_EXCERPT = 100  # characters


class Difference(Struct, frozen=True):
    """What the rules make of an entry now, where that is something else than before."""

    key: str
    title: str
    before: Verdict
    after: Verdict
    reason: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # before and after, as text

    @property
    def is_real(self) -> bool:
        """Whether anything is else: what others keep out, rules may let in in vain."""
        return self.before is not self.after or bool(self.fields)


class Reapplied(Struct, frozen=True):
    """All that changes, or was changed."""

    differences: list[Difference]
    unread: int  # entries that cannot be read again, and so stay as they are


class _Undo(Exception):
    pass


def reapply(
    runtime: Runtime,
    slug: str,
    *,
    save: bool,
    progress: Callable[[int, int], None] | None = None,
) -> Reapplied:
    """Run the rules of a source over everything that is kept of it. Nothing is changed unless `save`.

    `progress` is told how many entries are done, and how many there are.

    Raises:
        NotFound: config.toml names no such source.
        Refused: Texts of it were cleaned by an older release, which would mix up two kinds of changes.
    """
    source, settings = source_of(runtime, slug)
    with runtime.store.reading() as tx:
        if cleaning.is_outdated(tx, source.id):
            raise Refused("texts of an older cleaning are there; run `feedwright reclean` first")
    differences: list[Difference] = []
    unread = 0
    for batch in replayed(runtime, source, progress=progress):
        unread += sum(it.entry is None and it.record.verdict is not Verdict.CUT for it in batch)
        readable = [it for it in batch if it.entry and it.record.verdict not in _SETTLED]
        for _, some in groupby(readable, key=lambda it: it.record.head):
            delivery, compared = _delivered(runtime, source, settings, list(some))
            differences += _changed(runtime, delivery, compared, save=save)
    return Reapplied(differences, unread)


def _delivered(
    runtime: Runtime, source: Source, settings: SourceSettings, some: Sequence[Replayed]
) -> tuple[Delivery, list[Compared]]:
    """Entries of one head, as if they had just come, and each were edited."""
    known = {it.record.key: entries.as_known(it.record) for it in some}
    compared = [
        Compared(
            it.entry,
            Key(KeyKind(it.record.key_kind), it.record.key),
            Kind.EDITED,
            Known(it.record.key, it.record.alias, it.record.content_digest),
            it.record.content_digest,
            _NOTE,
        )
        for it in some
        if it.entry
    ]
    return Delivery(source.id, None, settings, runtime.config, some[0].head, known), compared


def _changed(
    runtime: Runtime, delivery: Delivery, compared: Sequence[Compared], *, save: bool
) -> list[Difference]:
    """What the rules change of these entries; only what that is of is saved."""
    tried = _tried(runtime, delivery, compared, save=False)
    real = [(it, difference) for it, difference in tried if difference.is_real]
    if save and real:
        _tried(runtime, delivery, [it for it, _ in real], save=True)
    return [difference for _, difference in real]


def _tried(
    runtime: Runtime, delivery: Delivery, compared: Sequence[Compared], *, save: bool
) -> list[tuple[Compared, Difference]]:
    """What becomes of these entries; undone unless `save`."""
    found: list[tuple[Compared, Difference]] = []
    with suppress(_Undo), runtime.store.writing() as tx:
        now = runtime.clock.now()
        differing = _differing(tx, delivery, compared, now)
        numbers = [delivery.known[it.key.value].id for it in differing if it.key]
        before = _stands(tx, numbers)
        intake.take(tx, [intake.portion(delivery, differing, now)], now=now)
        pairs = zip(before, _stands(tx, numbers), strict=True)
        differences = [_difference(*pair) for pair in pairs]
        found = list(zip(differing, differences, strict=True))
        if not (save and differing):
            raise _Undo
    return found


def _differing(
    tx: Transaction, delivery: Delivery, compared: Sequence[Compared], now: datetime
) -> list[Compared]:
    decisions = [intake.decide(delivery, it, it.key, now) for it in compared if it.key]
    held = [it.known.article for it in decisions if it.known and it.known.article]
    versions = cleaning.versions(tx, held)
    return [it.compared for it in decisions if _differs(it, versions)]


def _differs(decision: Decision, versions: dict[int, Version]) -> bool:
    """Whether something else becomes of an entry than what became of it."""
    known = decision.known
    was = known.verdict if known else None
    if decision.refusal:
        return was is not decision.refusal.verdict
    version = versions.get(known.article or 0) if known else None
    if version is None or decision.draft is None:
        return True
    if version.status is Status.RETRACTED and not intake.is_withheld(version.retraction_reason):
        return False
    return was in KEPT_OUT or version.digest != cleaning.digest(decision.draft)


_Stand = tuple["EntryRecord", "Article | None"]


def _stands(tx: Transaction, numbers: Sequence[int]) -> list[_Stand]:
    """These entries with the articles that they became."""
    found = entries.of(tx, numbers)
    held = list(dict.fromkeys(it.article for it in found if it.article))
    by_number = {it.id: it for it in articles.of(tx, held)}
    return [(it, by_number.get(it.article or 0)) for it in found]


def _difference(was: _Stand, becomes: _Stand) -> Difference:
    (before, old), (after, new) = was, becomes
    shown_before, shown_after = _shown(old), _shown(new)
    names = dict.fromkeys((*shown_before, *shown_after))
    article = new or old
    return Difference(
        key=after.key,
        title=article.title if article else after.key,
        before=before.verdict,
        after=after.verdict,
        reason=after.reason,
        fields={
            name: (shown_before.get(name, ""), shown_after.get(name, ""))
            for name in names
            if shown_before.get(name, "") != shown_after.get(name, "")
        },
    )


def _shown(it: Article | None) -> dict[str, str]:
    """What a person would compare of an article."""
    if it is None:
        return {}
    credits_of = [f"{credit.author.name} ({credit.role})" for credit in it.contributors]
    return {
        "status": it.status.value,
        "title": it.title,
        "authors": ", ".join(author.name for author in it.authors),
        "contributors": ", ".join(credits_of),
        "categories": ", ".join(f"{category.scheme}/{category.slug}" for category in it.categories),
        "summary": shorten(it.summary or "", _EXCERPT),
        "text": _excerpt(it.content),
        "media": ", ".join(medium.url for medium in it.media),
        "language": it.language or "",
        "license": it.license or "",
        "rights": it.rights or "",
        "published": f"{it.published:%Y-%m-%d %H:%M}",
    }


def _excerpt(html: str) -> str:
    """How a text begins, and how long it is: most changes of it show in one or the other."""
    return f"{shorten(from_html(html) or '', _EXCERPT)} ({len(html)} characters)" if html else ""
