"""Pure: every signal of a license to feeds and machines, from its one record; `web.conditions` tells people.

Nothing here decides what may leave; that is `terms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds import rsl
from feeds.model import License, MachineTerms
from feeds.rsl import Asset
from service import addresses, terms

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config
    from service.config import License as Record
    from service.model import Article
    from service.terms import Terms

UNSPECIFIED = "http://purl.org/atompub/license#unspecified"  # RFC 4946 section 2.1


def license_of(config: Config, held: Terms) -> License:
    """What an entry says of its license: never nothing, or it would inherit its feed's (LIC-01)."""
    if held.license is None or held.name is None:
        return License(UNSPECIFIED)
    uri = held.license.uri or addresses.license_terms(config, held.name)
    return License(uri, held.license.name)


def rights(config: Config, article: Article) -> str | None:
    """Whose an article is: what the site says of itself holds for its own articles only (ATM-12)."""
    if article.rights or not terms.is_foreign(article):
        return article.rights or config.site.rights
    return f"© {article.origin.title}" if article.origin else None


def of_article(config: Config, article: Article, held: Terms) -> MachineTerms | None:
    """What machines may do with an article; None where its license says nothing to them."""
    if held.license is None or held.name is None or not speaks(held.license):
        return None
    foreign = article.origin.title if article.origin and terms.is_foreign(article) else None
    return _machine_terms(
        config,
        held.license,
        holder=foreign or config.site.publisher or config.site.title,
        about=addresses.license_terms(config, held.name),
        document=addresses.machine_terms_of(config, article),
    )


def speaks(license_: Record) -> bool:
    """Whether a license says anything to machines."""
    return bool(license_.permits or license_.prohibits or license_.payment)


def whole_site(config: Config, now: datetime) -> Asset | None:
    """What holds for every address of the site: what all licenses in force allow, and what any forbids.

    Single articles may allow more, and say so themselves. None where no license speaks to machines.
    """
    speaking = [
        _machine_terms(config, it)
        for it in config.licenses.values()
        if speaks(it) and not terms.has_ended(config, it, now)
    ]
    if not speaking:
        return None
    if len(speaking) == 1:
        (only,) = speaking
        permits, prohibits = only.permits, only.prohibits
    else:
        permits, prohibits = rsl.strictest(speaking)
    return Asset(
        path(config, f"{config.site.public_url}/"),
        MachineTerms(
            permits=permits,
            prohibits=prohibits,
            holder=config.site.publisher or config.site.title,
            contact=config.site.contacts.publications,
            about=addresses.terms(config),
        ),
    )


def path(config: Config, address: str) -> str:
    """An address of ours as RFC 9309 names it: from the root of the host, special signs escaped."""
    root = urlsplit(config.site.public_url)
    below = address.removeprefix(f"{root.scheme}://{root.netloc}") or "/"
    return below.replace("*", "%2A").replace("$", "%24")


def robots(config: Config, now: datetime) -> str:
    """robots.txt: the machine terms (LIC-06), that everything may be read, and the list of pages."""
    licensed = whole_site(config, now) is not None
    return "\n".join(
        [
            *([f"License: {addresses.machine_terms(config)}", ""] if licensed else []),
            "User-agent: *",
            "Disallow:",
            "",
            f"Sitemap: {addresses.sitemap(config)}",
            "",
        ]
    )


def _machine_terms(
    config: Config,
    license_: Record,
    *,
    holder: str | None = None,
    about: str | None = None,
    document: str | None = None,
) -> MachineTerms:
    return MachineTerms(
        permits=license_.permits,
        prohibits=license_.prohibits,
        users=license_.users,
        payment=license_.payment,
        payment_url=license_.payment_url,
        license=license_.uri,
        republish=license_.republish,
        valid_until=license_.valid_until,
        holder=holder,
        contact=license_.contact or config.site.contacts.publications,
        about=about,
        document=document,
    )
