"""Pure: an article as the entry that readers get, with its note, its source line and its rights."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from feeds import sanitize
from feeds.languages import directed
from feeds.model import Category, Entry, License, Origin, Person, Tombstone
from feeds.text import shorten
from service import addresses, terms
from service.terms import Extent

_SUMMARY = 600  # characters

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article, Author, EditorsNote
    from service.model import Origin as ArticleOrigin


def leaves(config: Config, article: Article) -> bool:
    """Whether its license lets anything of an article leave."""
    return terms.of(config, article).extent is not Extent.NONE


def entry(config: Config, article: Article) -> Entry:
    """The entry of an article, in full or as summary and link, as its terms allow."""
    held = terms.of(config, article)
    is_full = held.extent is Extent.FULL
    return Entry(
        id=article.guid,
        title=article.title,
        link=addresses.article(config, article),
        authors=tuple(_person(config, author) for author in article.authors),
        contributors=tuple(
            Person(credit.author.name, credit.author.uri, role=credit.role)
            for credit in article.contributors
        ),
        published=article.published,
        updated=article.updated,
        summary=_summary(article),
        content=content(config, article) if is_full else None,
        categories=tuple(
            Category(term=it.slug, scheme=addresses.scheme(config, it.scheme), label=it.label)
            for it in article.categories
        ),
        media=article.media if is_full else (),
        rights=_rights(config, article),
        license=_license(held),
        origin=_origin(article),
        via=article.origin.url if article.origin else None,
        discussion=article.discussion_url,
        language=article.language if article.language != config.site.language else None,
    )


def _summary(article: Article) -> str | None:
    """The summary; one that is as long as a text is cut, since terms may let only a summary leave."""
    return shorten(article.summary or sanitize.summary(article.content), _SUMMARY) or None


def _rights(config: Config, article: Article) -> str | None:
    """Whose it is: what the feed's head says holds for our own articles only (ATM-12)."""
    if article.rights or not terms.is_foreign(article):
        return article.rights or config.site.rights
    return f"© {article.origin.title}" if article.origin else None


def content(config: Config, article: Article) -> str:
    """The text as it leaves: the editor's note set apart, the text, the line that names the origin."""
    parts = [
        _note(config, article.editors_note) if article.editors_note else "",
        text(config, article),
        _source_line(article.origin) if shows_origin(config, article) else "",
    ]
    whole = "\n".join(part for part in parts if part)
    return directed(whole, article.language or config.site.language)


def text(config: Config, article: Article) -> str:
    """The article's own text, its links to our pages on the public URL."""
    return addresses.settled(config, article.content)


def note_text(config: Config, note: EditorsNote) -> str:
    """The text of an editor's note, its links to our pages on the public URL."""
    return addresses.settled(config, note.html)


def shows_origin(config: Config, article: Article) -> bool:
    """Whether the text ends with the line that names the original source."""
    if article.origin is None:
        return False
    source = config.source(article.source) if article.source else None
    return source.credit_line if source else True


def _note(config: Config, note: EditorsNote) -> str:
    signed = [note.author.name] if note.author else []
    signed += [f"{note.date:%Y-%m-%d}"] if note.date else []
    signature = f"<p>{escape(', '.join(signed))}</p>" if signed else ""
    return (
        f"<aside><p><strong>Editor’s note</strong></p>{note_text(config, note)}{signature}</aside>"
    )


def _source_line(origin: ArticleOrigin | None) -> str:
    if origin is None:
        return ""
    name = escape(origin.title)
    target = origin.url or origin.home
    linked = f'<a href="{escape(target)}">{name}</a>' if target else name
    return f"<p>The original source of this article is {linked}.</p>"


def publisher(config: Config) -> Person:
    """The newsroom itself, as the author of its feeds (ATM-02)."""
    return Person(name=config.site.publisher or config.site.title, uri=f"{config.site.public_url}/")


def editor(config: Config) -> str | None:
    """RSS managingEditor: "mail@example.org (Name)"."""
    mail = config.site.contacts.editor
    return f"{mail} ({config.site.publisher or config.site.title})" if mail else None


def tombstone(article: Article) -> Tombstone:
    """What says that an article was retracted (RFC 6721)."""
    if article.guid is None or article.retracted is None:
        raise ValueError(f"article {article.id} is not retracted")
    return Tombstone(article.guid, article.retracted, article.retraction_reason)


def _person(config: Config, author: Author) -> Person:
    return Person(name=author.name, uri=addresses.author(config, author), avatar=author.avatar)


def _license(held: terms.Terms) -> License | None:
    if held.license is None or held.license.uri is None:
        return None
    return License(held.license.uri, held.license.name)


def _origin(article: Article) -> Origin | None:
    """The feed it was first published in; RFC 4287 wants an id and a date, known or not."""
    origin = article.origin
    if origin is None:
        return None
    return Origin(
        id=origin.feed_id or origin.feed or origin.home,
        title=origin.title,
        home=origin.home,
        feed=origin.feed,
        updated=origin.updated or article.published,
        authors=origin.authors,
        rights=origin.rights,
        license=License(origin.license) if origin.license else None,
    )
