"""A Markdown file with front matter, read into an article."""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from feeds import fields, sanitize
from feeds.identity import is_absolute
from feeds.model import Media, MediaRole, Reference
from feeds.text import slugify
from service import addresses
from service.model import Article, Author, Category, Contributor, EditorsNote, Origin, Status
from service.transfer.frontmatter import Unusable, split
from service.transfer.keys import examined
from service.transfer.markdown import opening, to_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.config import Config
    from service.transfer.album import Album
    from service.transfer.keys import Byline, Front, MediaKeys, NoteKeys, OriginKeys

_LEADING_DATE: Final = re.compile(r"^\d{4}-\d{2}-\d{2}[-_ ]*")


def read_article(
    text: str, *, name: str, config: Config, now: datetime, album: Album | None = None
) -> Article:
    """The article that a file holds; docs/articles.md describes the keys.

    `name` is the file's name: it begins every problem, and its stem is the slug where the file gives none.
    Pictures beside it are taken along where there is an `album` to take them from.
    A date after `now` makes the article a scheduled one; without a time zone it is in the site's.

    Raises:
        Unusable: Holds everything that has to be mended before the file can be taken.
    """
    values, body = split(text, name=name)
    front, problems = examined(values, config)
    if not body.strip():
        problems.append("there is no text below the front matter")
    if front is None or problems:
        raise Unusable([f"{name}: {problem}" for problem in problems])
    article = _article(front, body, name=name, config=config, now=now, album=album)
    if album and album.problems:
        raise Unusable([f"{name}: {problem}" for problem in album.problems])
    return article


def _article(
    front: Front, body: str, *, name: str, config: Config, now: datetime, album: Album | None
) -> Article:
    article = _bare(front, name=name, config=config, now=now)
    home = f"{addresses.OWN}articles/{addresses.article_path(article.published, article.slug)}"
    original = front.origin.url if front.origin else None
    take = partial(album.take, needed=not original) if album else None
    content = to_html(body, base=original or home, pictures=take)
    return replace(
        article,
        content=content,
        summary=article.summary or opening(body) or sanitize.summary(content) or None,
        authors=tuple(_author(byline) for byline in front.authors),
        contributors=tuple(
            Contributor(author=_author(it), role=it.role) for it in front.contributors
        ),
        media=tuple(_medium(item, album) for item in front.media),
        editors_note=_note(front.editors_note, home) if front.editors_note else None,
    )


def _bare(front: Front, *, name: str, config: Config, now: datetime) -> Article:
    """The article without what is written in Markdown."""
    return Article(
        title=front.title,
        content="",
        published=front.date,
        updated=front.updated or front.date,
        slug=front.slug or _slug(name, front.title),
        status=_status(front, now),
        summary=front.summary,
        language=front.language,
        categories=tuple(dict.fromkeys(_categories(front, config))),
        origins=(_origin(front.origin),) if front.origin else (),
        rights=front.rights,
        license=front.license,
        canonical_url=front.canonical_url,
        discussion_url=front.discussion_url,
        in_reply_to=_reference(front.in_reply_to, config) if front.in_reply_to else None,
        expires=front.expires,
        guid=front.id or _original_id(front),
    )


def _medium(item: MediaKeys, album: Album | None) -> Media:
    """A length of 0 is none: feeds write it where nothing is known. Of a file, the file itself tells."""
    said = item.model_dump(exclude={"file", "role"}) | {"length": item.length or None}
    if item.file is None:
        return Media(**said, role=item.role or MediaRole.ENCLOSURE)
    if album is None:
        raise Unusable([f"picture {item.file}: import the article's file, so that it can be found"])
    taken, role = album.take(item.file), item.role or MediaRole.ILLUSTRATION
    if taken is None:  # which is a problem of the album's by now, or an address in place of a file
        return Media(**said | {"url": item.file}, role=role)
    told = {"url": taken.address, "type": taken.kind.type, "length": taken.length}
    return Media(**said | told | {"width": taken.width, "height": taken.height}, role=role)


def _reference(named: str, config: Config) -> Reference:
    """The article that is named by path, by id or by its page; the store knows which are ours."""
    named = named.removeprefix(f"{config.site.public_url}/articles/")
    return Reference(named, fields.url(named))


def _original_id(front: Front) -> str | None:
    """The first publisher's id, kept verbatim, if an Atom feed can carry it (RFC 4287 section 4.2.6)."""
    original = front.origin.id if front.origin else None
    return original if original and is_absolute(original) else None


def _slug(name: str, title: str) -> str:
    """The file's name without date and ending, else the title."""
    stem = _LEADING_DATE.sub("", PurePath(name).stem)
    return slugify(stem, "") or slugify(title, "article")


def _status(front: Front, now: datetime) -> Status:
    if front.status == "draft":
        return Status.DRAFT
    return Status.SCHEDULED if front.date > now else Status.PUBLISHED


def _categories(front: Front, config: Config) -> Iterator[Category]:
    for scheme, labels in front.categories.items():
        for label in labels:
            yield _category(config, scheme, label)


def _category(config: Config, scheme: str, label: str) -> Category:
    """The term that config.toml declares, by its slug or its label, else a new one labelled as written."""
    terms = config.taxonomies[scheme].terms
    named = (slug for slug, term in terms.items() if term.label.casefold() == label.casefold())
    slug = next(named, slugify(label))
    known = terms.get(slug)
    if known is None:
        return Category(scheme=scheme, slug=slug, label=label)
    return Category(
        scheme=scheme,
        slug=slug,
        label=known.label,
        description=known.description,
        closed=known.closed,
    )


def _author(byline: Byline) -> Author:
    return Author(
        name=byline.name,
        kind=byline.kind,
        slug=byline.slug,
        uri=byline.uri,
        bio=to_html(byline.bio, base=addresses.OWN) if byline.bio else None,
    )


def _note(note: NoteKeys, base: str) -> EditorsNote:
    return EditorsNote(
        html=to_html(note.text, base=base),
        author=_author(note.author) if note.author else None,
        date=note.date,
    )


def _origin(origin: OriginKeys) -> Origin:
    return Origin(
        title=origin.title,
        home=origin.home,
        feed=origin.feed,
        url=origin.url,
        entry_id=origin.id,
        updated=origin.updated,
        rights=origin.rights,
        license=origin.license,
    )
