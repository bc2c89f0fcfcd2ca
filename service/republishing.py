"""Pure: an article as another site may republish it, with credit, or the reason why it may not."""

from __future__ import annotations

from enum import Enum
from html import escape
from typing import TYPE_CHECKING

from msgspec import Struct

from feeds import sanitize
from feeds.languages import direction
from feeds.plaintext import plain_text
from service import addresses, outgoing, signals, terms
from service.terms import Extent

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article
    from service.terms import Terms

_CREDIT = "“{title}” by {authors} first appeared in {source}: {url}"
_SAFE = ("http://", "https://")


class Reason(Enum):
    """Why an article may not be republished."""

    UNKNOWN = "its terms are not known"
    ENDED = "its license has ended"
    FORBIDDEN = "its license forbids it"


class Copy(Struct, frozen=True):
    """What to paste where the article is republished."""

    html: str
    text: str
    head: str  # advice to search engines, for the head of the page
    original: str  # the address to credit


def refusal(held: Terms) -> Reason | None:
    """Why an article under these terms may not be republished; None where at least a summary may."""
    if held.has_ended:
        return Reason.ENDED
    if held.license is None:
        return Reason.UNKNOWN
    return Reason.FORBIDDEN if held.republish is Extent.NONE else None


def contact(config: Config, article: Article, held: Terms) -> str | None:
    """The mail address to ask at; of a partner's article under terms that name none, it is not ours."""
    named = config.licenses.get(held.name or "")
    if named and named.contact:
        return named.contact
    site = config.site.contacts
    return None if terms.is_foreign(article) else site.publications or site.editor


def copy(config: Config, article: Article, held: Terms) -> Copy:
    """The article, in full or as its summary, with everything that the license asks for."""
    original = article.canonical_url or addresses.article(config, article)
    authors = _listed([it.name for it in article.authors])
    body = _body(config, article, held, original)
    credit = _credit(config, article, held, authors, original)
    rights = signals.rights(config, article)
    license_ = held.license
    name = license_.name if license_ else ""
    named = (
        f'<a rel="license" href="{escape(license_.uri)}">{escape(name)}</a>'
        if license_ and license_.uri
        else escape(name)
    )
    parts = [
        f"<h1>{escape(article.title)}</h1>",
        f"<p>{escape(f'By {authors}')}</p>" if authors else "",
        body,
        f"<p>{credit}</p>",
        f"<p>{escape(rights)}</p>" if rights else "",
        f"<p>License: {named}.</p>",
    ]
    whole = "\n".join(part for part in parts if part)
    language = article.language or config.site.language
    html = f'<article lang="{escape(language)}" dir="{direction(language)}">\n{whole}\n</article>\n'
    return Copy(html, plain_text(whole) + "\n", _head(original), original)


def _body(config: Config, article: Article, held: Terms, original: str) -> str:
    """The text with absolute links; what a reader's browser could run was never in it."""
    if held.republish is Extent.FULL:
        return outgoing.text(config, article)
    summary = escape(article.summary or sanitize.summary(article.content))
    return f'<p>{summary}</p>\n<p><a href="{escape(original)}">Read the whole article</a></p>'


def _credit(config: Config, article: Article, held: Terms, authors: str, original: str) -> str:
    """The credit line that the license asks for, as HTML; there is always a link in it."""
    template = (held.license.attribution if held.license else None) or _CREDIT
    link = f'<a href="{escape(original)}">{escape(original)}</a>'
    is_linked = "{url}" in template and original.startswith(_SAFE)
    source = article.origin.title if article.origin else config.site.title
    line = escape(template, quote=False).format(
        title=escape(article.title),
        authors=escape(authors or source),
        source=escape(source),
        url=link,
    )
    return line if is_linked else f"{line} {link}"


def _head(original: str) -> str:
    """For the head of the page: LIC-11 asks for noindex as well, as engines may overlook a canonical link."""
    return f'<link rel="canonical" href="{escape(original)}">\n<meta name="robots" content="noindex">\n'


def _listed(names: list[str]) -> str:
    *most, last = names or [""]
    return f"{', '.join(most)} and {last}" if most else last
