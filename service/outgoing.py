"""Pure: an article as the entry that readers get, with its note, its source line and its rights."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from feeds import sanitize
from feeds.model import Category, Entry, License, Origin, Person, Tombstone
from service import addresses, terms
from service.terms import Extent

if TYPE_CHECKING:
    from service.config import Config
    from service.model import Article, Author, EditorsNote
    from service.model import Origin as ArticleOrigin


def entry(config: Config, article: Article) -> Entry | None:
    """The entry of an article; None when its license lets nothing leave."""
    held = terms.of(config, article)
    if held.extent is Extent.NONE:
        return None
    is_full = held.extent is Extent.FULL
    return Entry(
        id=article.guid,
        title=article.title,
        link=addresses.article(config, article),
        authors=tuple(_person(config, author) for author in article.authors),
        contributors=tuple(
            _person(config, credit.author, credit.role) for credit in article.contributors
        ),
        published=article.published,
        updated=article.updated,
        summary=article.summary or sanitize.summary(article.content) or None,
        content=content(config, article) if is_full else None,
        categories=tuple(
            Category(term=it.slug, scheme=addresses.scheme(config, it.scheme), label=it.label)
            for it in article.categories
        ),
        media=article.media if is_full else (),
        rights=article.rights or (None if article.origins else config.site.rights),
        license=_license(held),
        origin=_origin(article),
        via=article.origin.url if article.origin else None,
        discussion=article.discussion_url,
        language=article.language if article.language != config.site.language else None,
    )


def content(config: Config, article: Article) -> str:
    """The text as it leaves: the editor's note set apart, the text, the line that names the origin."""
    parts = [
        _note(article.editors_note) if article.editors_note else "",
        article.content,
        _source_line(article.origin) if shows_origin(config, article) else "",
    ]
    return "\n".join(part for part in parts if part)


def shows_origin(config: Config, article: Article) -> bool:
    """Whether the text ends with the line that names the original source."""
    if article.origin is None:
        return False
    source = config.source(article.source) if article.source else None
    return source.credit_line if source else True


def _note(note: EditorsNote) -> str:
    signed = [note.author.name] if note.author else []
    signed += [f"{note.date:%Y-%m-%d}"] if note.date else []
    signature = f"<p>{escape(', '.join(signed))}</p>" if signed else ""
    return f"<aside><p><strong>Editor’s note</strong></p>{note.html}{signature}</aside>"


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


def _person(config: Config, author: Author, role: str | None = None) -> Person:
    return Person(
        name=author.name, uri=addresses.author(config, author), avatar=author.avatar, role=role
    )


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
        rights=origin.rights,
        license=License(origin.license) if origin.license else None,
    )
