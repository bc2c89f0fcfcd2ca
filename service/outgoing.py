"""Pure: an article as the entry that readers get, with its note, its source line and its rights."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from msgspec.structs import replace

from feeds import sanitize
from feeds.languages import directed
from feeds.model import (
    Category,
    Entry,
    Format,
    License,
    Media,
    Origin,
    Person,
    Place,
    Reference,
    Tombstone,
)
from feeds.text import shorten
from service import addresses, signals, terms
from service.locales import texts
from service.model import Selection
from service.terms import Extent

if TYPE_CHECKING:
    from datetime import datetime

    from service.config import Config, PartnerSettings
    from service.model import Article, Author, EditorsNote
    from service.model import Origin as ArticleOrigin
    from service.terms import Terms

_SUMMARY = 600  # characters
_EVERYTHING = Selection()


def leaves(config: Config, article: Article, now: datetime) -> bool:
    """Whether its license lets anything of an article leave."""
    return terms.of(config, article, now).extent is not Extent.NONE


def entry(config: Config, article: Article, now: datetime) -> Entry:
    """The entry of an article, in full or as summary and link, as its terms allow."""
    held = terms.of(config, article, now)
    return _entry(config, article, held, is_full=held.extent is Extent.FULL)


def brief(it: Entry) -> Entry:
    """The entry without its text, where a feed carries summaries by choice: what else it has stays."""
    return replace(it, content=None)


def entry_for(
    config: Config, article: Article, now: datetime, partner: PartnerSettings
) -> Entry | None:
    """The entry that a partner gets, or none where the article's terms forbid it (LIC-03)."""
    held = terms.of(config, article, now)
    extent = terms.for_partner(held, partner)
    if extent is Extent.NONE:
        return None
    made = _entry(config, article, held, is_full=extent is Extent.FULL)
    return made if extent is Extent.FULL else link_only(made)


def link_only(it: Entry) -> Entry:
    """An entry as a partner gets it without its text: who prints the link sends readers to the original."""
    return replace(it, content=None, link=it.via or it.link)


def _entry(config: Config, article: Article, held: Terms, *, is_full: bool) -> Entry:
    rights = signals.rights(config, article)
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
            for it in article.shown_under
        ),
        media=_media(config, article, rights) if is_full else (),
        rights=rights,
        license=signals.license_of(config, held),
        origin=_origin(article),
        via=article.origin.url if article.origin else None,
        copies=tuple(it.url for it in article.further_origins if it.url),
        discussion=article.discussion_url,
        in_reply_to=_reference(config, article),
        places=_places(config, article),
        valid_until=article.expires,
        language=article.language if article.language != config.site.language else None,
        terms=signals.of_article(config, article, held),
    )


def media(config: Config, article: Article) -> tuple[Media, ...]:
    """The media objects, pictures that we keep on the public URL."""
    return tuple(replace(it, url=addresses.settled(config, it.url)) for it in article.media)


def _media(config: Config, article: Article, rights: str | None) -> tuple[Media, ...]:
    """The media objects; what says nothing else is under the copyright of the article."""
    return tuple(replace(it, rights=it.rights or rights) for it in media(config, article))


def _reference(config: Config, article: Article) -> Reference | None:
    """What the article follows; one of ours stands in the feed of everything."""
    reply = article.in_reply_to
    if reply is None or not (reply.href or "").startswith(addresses.OWN):
        return reply
    everything = addresses.feed(config, _EVERYTHING, Format.ATOM)
    return replace(reply, href=addresses.settled(config, reply.href or ""), source=everything)


def _places(config: Config, article: Article) -> tuple[Place, ...]:
    """Where the regions lie that it is filed under, as far as config.toml tells."""
    terms_of = ((config.taxonomies.get(it.scheme), it.slug) for it in article.categories)
    declared = (taxonomy.terms.get(slug) for taxonomy, slug in terms_of if taxonomy)
    return tuple(Place(*it.point) for it in declared if it and it.point)


def _summary(article: Article) -> str | None:
    """The summary; one that is as long as a text is cut, since terms may let only a summary leave."""
    return shorten(article.summary or sanitize.summary(article.content), _SUMMARY) or None


def content(config: Config, article: Article) -> str:
    """The text as it leaves: the editor's note set apart, the text, the line that names the origin."""
    parts = [
        _note(config, article.editors_note) if article.editors_note else "",
        text(config, article),
        _source_line(config, article) if shows_origin(config, article) else "",
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
    title = escape(texts(config.site.language).say("Editor’s note"))
    return f"<aside><p><strong>{title}</strong></p>{note_text(config, note)}{signature}</aside>"


def _source_line(config: Config, article: Article) -> str:
    if article.origin is None:
        return ""
    said = texts(config.site.language)
    origin = _named(article.origin)
    line = said.say("The original source of this article is %(origin)s.", origin=origin)
    if others := said.listed(map(_named, article.further_origins)):
        line += " " + said.say("It was also published by %(others)s.", others=others)
    return f"<p>{line}</p>"


def _named(origin: ArticleOrigin) -> str:
    name, target = escape(origin.title), origin.url or origin.home
    return f'<a href="{escape(target)}">{name}</a>' if target else name


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
    page = addresses.author(config, author) if author.withdrawal is None else None
    return Person(name=author.name, uri=page, avatar=author.avatar)


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
