"""Pure: what search engines read of an article, as a NewsArticle of schema.org in JSON-LD."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from feeds.model import MediaRole
from service import addresses, outgoing
from service.model import AuthorKind

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article, Author, Origin
    from service.terms import Terms

_HEADLINE = 110  # characters that search engines show
_KINDS = {AuthorKind.PERSON: "Person", AuthorKind.ORGANIZATION: "Organization"}
_ESCAPES = {ord(it): f"\\u{ord(it):04x}" for it in "<>&\u2028\u2029"}


def news_article(config: Config, article: Article, held: Terms, about: str) -> dict[str, Any]:
    """An article with all its authors, whose it is, and what it is based on; `about` is its summary."""
    address = addresses.article(config, article)
    media = outgoing.media(config, article)
    pictures = [it.url for it in media if it.role is MediaRole.ILLUSTRATION]
    found = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": address,
        "url": address,
        "mainEntityOfPage": article.canonical_url or address,
        "headline": article.title[:_HEADLINE],
        "description": about,
        "inLanguage": article.language or config.site.language,
        "datePublished": article.published.isoformat(),
        "dateModified": article.updated.isoformat(),
        "author": [_author(config, it) for it in article.authors],
        "contributor": [_author(config, it.author) for it in article.contributors],
        "publisher": _publisher(config),
        "image": pictures,
        "articleSection": [it.label for it in article.shown_under],
        "copyrightNotice": article.rights,
        "license": held.license.uri if held.license else None,
        "discussionUrl": article.discussion_url,
        "isBasedOn": [_original(it) for it in article.origins if it.url],
        "isAccessibleForFree": True,
    }
    return _without_gaps(found)


def script(data: dict[str, Any]) -> Markup:
    """The data as it may stand in a <script>: JSON in which no character can end the element."""
    said = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return Markup(said.translate(_ESCAPES))  # noqa: S704  # no markup is left in it


def _author(config: Config, it: Author) -> dict[str, Any]:
    return _without_gaps(
        {
            "@type": _KINDS[it.kind],
            "name": it.name,
            "url": addresses.author(config, it) if it.withdrawal is None else None,
            "sameAs": it.uri,
            "image": it.avatar,
        }
    )


def _publisher(config: Config) -> dict[str, Any]:
    site = config.site
    return _without_gaps(
        {
            "@type": "NewsMediaOrganization",
            "name": site.publisher or site.title,
            "url": f"{site.public_url}/",
            "logo": site.logo or site.icon,
        }
    )


def _original(it: Origin) -> dict[str, Any]:
    publisher = {"@type": "Organization", "name": it.title, "url": it.home}
    return {"@type": "CreativeWork", "url": it.url, "publisher": _without_gaps(publisher)}


def _without_gaps(found: dict[str, Any]) -> dict[str, Any]:
    """Only what is known: nothing is said of what is empty."""
    return {name: value for name, value in found.items() if value not in (None, "", [])}
