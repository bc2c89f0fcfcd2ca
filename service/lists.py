"""Lists that somebody keeps elsewhere: the sources that they bring come and go with what they name.

A list says which feeds there are, under which names and pages, and nothing else. What it leaves out stays a
source until it was missed twice in a row: a slip of its keeper, or an answer cut short, takes nothing away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from feeds.identity import canonical_url, site
from service import runtime as running
from service.config import Listed, free_slug, listed_source, with_listed
from service.outlining import fault, feeds_of
from service.store import listed
from service.store.listed import Membership
from service.store.sources import host_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from feeds.opml import Outline, Outlines
    from service.config import Config, ListSettings
    from service.runtime import Runtime
    from service.store import Transaction

_MISSES = 2  # looks in a row, until a source goes


class Turnover(Struct, frozen=True):
    """What a look at a list came to."""

    came: int = 0
    went: int = 0
    stayed: int = 0
    remarks: tuple[str, ...] = ()  # on what it names and was not taken, or misses


def names_feeds(outlines: Outlines) -> bool:
    """Whether a document names any feed that can be a source; one that names none is no list (any more)."""
    return bool(_named(outlines)[0])


def take(
    tx: Transaction, held: Runtime, settings: ListSettings, outlines: Outlines, now: datetime
) -> Turnover:
    """Let the sources of a list be what it names now.

    Raises:
        StoreAhead: The settings in force are of another release.
    """
    named, faults = _named(outlines)
    before = {canonical_url(it.listed.url): it for it in listed.of(tx, settings.slug)}
    after = {url: _seen(it, named.get(url)) for url, it in before.items()}
    taken = listed.slugs(tx) | {it.slug for it in held.config.sources}
    own = host_of(held.config.site.public_url)
    for url, it in named.items():
        known = before.get(url)
        if (known and not known.gone) or host_of(url) == own:
            continue
        slug = known.listed.slug if known else free_slug(f"{settings.slug} {_name(it)}", taken)
        found = Listed(slug, settings.slug, it.xml_url or "", _name(it), _home(it))
        if listed_source(settings, found) is None:
            faults += 1
            continue
        taken.add(slug)
        after.pop(url, None)  # it goes to the end
        after[url] = Membership(found)
    remarks = [f"{faults} have no address or name that a source can have"] if faults else []
    return _kept(tx, held, settings, before, after, now, remarks)


def confirm(tx: Transaction, held: Runtime, settings: ListSettings, now: datetime) -> Turnover:
    """The list is as it was: what it missed before it misses again.

    Raises:
        StoreAhead: The settings in force are of another release.
    """
    before = {canonical_url(it.listed.url): it for it in listed.of(tx, settings.slug)}
    after = {url: _missed(it) if it.missed and not it.gone else it for url, it in before.items()}
    return _kept(tx, held, settings, before, after, now, [])


def origins(tx: Transaction, config: Config) -> dict[str, str]:
    """Slugs of lists by those of the sources that they have brought, also of former ones.

    What config.toml names by now itself is not among them.
    """
    own = {it.slug for it in config.sources}
    return {slug: name for slug, name in listed.lists(tx).items() if slug not in own}


def _named(outlines: Outlines) -> tuple[dict[str, Outline], int]:
    """The feeds of a list by their addresses in one spelling, and how many can be no source."""
    found: dict[str, Outline] = {}
    faults = 0
    for it in feeds_of(outlines.outlines):
        if it.xml_url and fault(it.xml_url) is None:
            found.setdefault(canonical_url(it.xml_url), it)
        else:
            faults += 1
    return found, faults


def _name(it: Outline) -> str:
    """What the list calls a feed; never its address, in which a secret may stand."""
    name = it.text.strip()
    return name if name and name != it.xml_url else site(it.xml_url or "") or "a feed"


def _home(it: Outline) -> str | None:
    return it.html_url if it.html_url and fault(it.html_url) is None else None


def _seen(known: Membership, now: Outline | None) -> Membership:
    """How a feed stands in its list after a look that found it, or did not."""
    if known.gone:
        return known
    if now is None:
        return _missed(known)
    told = replace(known.listed, url=now.xml_url or "", name=_name(now), home=_home(now))
    return Membership(told)


def _missed(known: Membership) -> Membership:
    missed = known.missed + 1
    return replace(known, missed=missed, gone=missed >= _MISSES)


def _kept(
    tx: Transaction,
    held: Runtime,
    settings: ListSettings,
    before: Mapping[str, Membership],
    after: Mapping[str, Membership],
    now: datetime,
    remarks: list[str],
) -> Turnover:
    """Keep how the feeds stand, let the service go by it, and tell what has changed."""
    was = _brought(held.config, settings, before)
    if after != before:
        listed.keep(tx, settings.slug, after.values())
        running.heed_lists(tx, held, now)
    stands = _brought(held.config, settings, after)
    named = sum(not it.gone for it in after.values())
    if named > settings.most:
        remarks.append(f"it names {named} feeds, of which most allows {settings.most}")
    if missing := sum(bool(it.missed) and not it.gone for it in after.values()):
        remarks.append(f"{missing} are missing, and go if they are missing at the next look")
    return Turnover(len(stands - was), len(was - stands), len(was & stands), tuple(remarks))


def _brought(
    config: Config, settings: ListSettings, found: Mapping[str, Membership]
) -> frozenset[str]:
    """The slugs of the sources that a list brings when its feeds stand so."""
    named = [it.listed for it in found.values() if not it.gone]
    return frozenset(it.slug for it in with_listed(config, named).listed if it.of == settings.slug)
