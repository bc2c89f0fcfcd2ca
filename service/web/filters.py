"""What templates say things with: dates, directions, and the address of everything."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from feeds import sanitize
from feeds.embeds import framed
from feeds.languages import direction
from feeds.model import Format
from service import addresses
from service.locales import marked
from service.model import Selection
from service.store.articles import COUNTED
from service.web import catalog, discovery, structured
from service.web.current import config, runtime, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from flask import Flask
    from jinja2 import Environment

    from service.model import Article, Origin

ROLES = (  # that have translations; others are shown as they were written
    marked("editor"),
    marked("illustrator"),
    marked("photographer"),
    marked("translator"),
)

# What templates call with everything but the settings.
_WHOLE: dict[str, Callable[..., str]] = {  # for people to copy
    "feed_url": addresses.feed,
    "outline_url": addresses.outline,
    "subscribe_outline_url": addresses.subscribe_outline,
}
_LOCAL: dict[str, Callable[..., str]] = {  # for links on our own pages
    "article_url": addresses.article,
    "author_url": addresses.author,
    "category_url": addresses.category,
    "directory_url": addresses.directory,
    "index_url": addresses.index,
    "page_url": addresses.page,
    "search_url": addresses.search,
    "republish_url": addresses.republishing,
    "subscribe_url": addresses.subscribe,
    "terms_url": addresses.terms,
}


def day(moment: datetime) -> str:
    """The day in the site's time zone, in its language: "13 December 2016"."""
    return texts().day(moment.astimezone(config().site.zone))


def iso(moment: datetime) -> str:
    """The moment in the site's time zone, for machines (RFC 3339)."""
    return moment.astimezone(config().site.zone).isoformat(timespec="seconds")


def host(url: str) -> str:
    """The host of an address, as people say it."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def here(url: str) -> str:
    """An address of ours as it is linked to from our own pages, without scheme and host."""
    return url.removeprefix(_origin(config().site.public_url)) or "/"


@cache
def _origin(public_url: str) -> str:
    parts = urlsplit(public_url)
    return f"{parts.scheme}://{parts.netloc}"


def number(it: int) -> str:
    """A whole number in the site's language."""
    return texts().number(it)


def size(length: int) -> str:
    """A number of bytes in the site's language."""
    return texts().size(length)


def listed(items: Iterable[str]) -> Markup:
    """Several things in one phrase of the site's language."""
    return Markup(texts().listed(str(escape(it)) for it in items))  # noqa: S704  # escaped


def outlets(origins: Iterable[Origin]) -> Markup:
    """Publishers in one phrase, each with a link to its page of the article."""
    return listed(map(_outlet, origins))


def _outlet(it: Origin) -> str:
    target = it.url or it.home
    return (
        Markup('<a rel="noopener" href="{}">{}</a>').format(target, it.title)
        if target
        else it.title
    )


def css_string(text: str) -> Markup:
    """A text as CSS says it: in quotes, with every character escaped that might mean something."""
    said = re.sub(r"[^\w .,:;]", lambda it: f"\\{ord(it[0]):x} ", text)
    return Markup(f'"{said}"')  # noqa: S704  # neither markup nor a quote is left in it


def body(html: str, source: str | None = None) -> Markup:
    """HTML that was cleaned when it came in, with the links it has on a page of ours.

    Players that its source, by slug, may embed are shown.
    """
    settings = config().source(source) if source else None
    safe = framed(sanitize.web_links(html), settings.embeds if settings else ())
    return Markup(_unmarked(safe, config().site.public_url))  # noqa: S704  # web_links() cleans it


def _unmarked(html: str, public_url: str) -> str:
    """Take off links to our own pages what web_links() says of those to others'."""
    own = rf'(<a [^>]*?\bhref="{re.escape(escape(public_url))}/[^>]*?) rel="[^"]*"'
    return re.sub(own, r"\1", html)


def teaser(it: Article) -> str:
    """The summary, or else the beginning of the text."""
    return it.summary or sanitize.summary(it.content)


def static_url(name: str) -> str:
    """A file of the site's own, under an address that changes with it."""
    return here(f"{config().site.public_url}/static/{name}?v={_version(name)}")


@cache
def _version(name: str) -> str:
    return sha256(files("service.web").joinpath("static", name).read_bytes()).hexdigest()[:12]


def register(app: Flask) -> None:
    """Give the templates these filters, and the address of everything."""
    app.jinja_env.filters.update(
        body=body,
        commonest=catalog.commonest,
        css_string=css_string,
        day=day,
        direction=direction,
        host=host,
        iso=iso,
        json_ld=structured.script,
        listed=listed,
        number=number,
        outlets=outlets,
        size=size,
        teaser=teaser,
    )
    _install_texts(app.jinja_env)
    app.jinja_env.globals.update(
        counted=COUNTED,
        everything=Selection(),
        formats=tuple(Format),
        static_url=static_url,
        **{name: _address(make) for name, make in _WHOLE.items()},
        **{name: _local_address(make) for name, make in _LOCAL.items()},
    )
    app.context_processor(_everywhere)


def _install_texts(environment: Environment) -> None:
    """Let templates say {{ _("...") }} and {% trans %} in the site's language."""
    environment.policies["ext.i18n.trimmed"] = True
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda message: texts().gettext(message),
        lambda one, many, count: texts().ngettext(one, many, count),
        newstyle=True,
    )


def _address(make: Callable[..., str]) -> Callable[..., str]:
    return lambda *given: make(config(), *given)


def _local_address(make: Callable[..., str]) -> Callable[..., str]:
    return lambda *given: here(make(config(), *given))


def _everywhere() -> dict[str, object]:
    return {
        "site": config().site,
        "taxonomies": config().taxonomies,
        "machine_terms": discovery.machine_terms(config(), runtime().clock.now()),
    }
