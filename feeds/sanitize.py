"""Safe HTML: what may stand in an article's text, on pages and in feeds.

nh3 judges, on a parser like a browser's. Before it the markup is tamed (properly nested, bounded in
depth and size), because nh3 takes time quadratic in the nesting.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import nh3

from feeds.markup import End, Start, Text, tokens
from feeds.taming import tame
from feeds.text import from_html, plain, shorten
from feeds.tidy import tidied
from feeds.tracking import is_beacon, may_have_beacons, untracked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from feeds.markup import Token

POLICY_VERSION = 4  # to be raised with every change of what clean() gives

MAX_SIZE = 256 * 1024  # characters of what clean() gives
MAX_DEPTH = 64
_MAX_ROUNDS = 5
_WEB_LINK_REL = "noopener nofollow external"

_TAGS = """a abbr address article aside audio b bdi bdo blockquote br caption center cite code col
    colgroup dd del details dfn div dl dt em figcaption figure h2 h3 h4 h5 h6 hgroup hr i img ins kbd
    li mark ol p picture pre q rp rt ruby s samp section small source span strike strong sub summary
    sup table tbody td tfoot th thead time tr track tt u ul var video wbr"""
_EVERYWHERE = frozenset({"dir", "lang", "title"})
_SIZE = {"height", "width"}
_ATTRIBUTES = {
    "a": {"href", "hreflang"},
    "audio": {"controls", "src"},
    "blockquote": {"cite"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"cite", "datetime"},
    "details": {"open"},
    "img": {"alt", "loading", "sizes", "src", "srcset"} | _SIZE,
    "ins": {"cite", "datetime"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "q": {"cite"},
    "source": {"media", "sizes", "src", "srcset", "type"} | _SIZE,
    "td": {"colspan", "rowspan"},
    "th": {"abbr", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
    "track": {"kind", "label", "src", "srclang"},
    "video": {"controls", "poster", "src"} | _SIZE,
}
ALLOWED = {tag: _EVERYWHERE | _ATTRIBUTES.get(tag, set()) for tag in _TAGS.split()}
# Media that nobody can start are of no use.
_ADDED = {"audio": {"controls": ""}, "video": {"controls": ""}}

_SMALL = re.compile(r"[0-9]{1,4}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_SHAPES = {
    "colspan": _SMALL,
    "dir": re.compile(r"ltr|rtl|auto", re.IGNORECASE),
    "height": _SMALL,
    "lang": re.compile(r"[A-Za-z0-9-]*"),
    "loading": re.compile(r"lazy|eager", re.IGNORECASE),
    "rowspan": _SMALL,
    "span": _SMALL,
    "start": _NUMBER,
    "value": _NUMBER,
    "width": _SMALL,
}

# Where scripts find what they load later, and what stands in its place until then.
_LATE = ("data-src", "data-original")
_PLACEHOLDER = re.compile(r"\s*(?:\Z|about:|data:)", re.IGNORECASE)
_LINK_ALONE = re.compile(r'<p><a href="[^"]*">[^<]*</a></p>')

SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_URLS = frozenset({"cite", "href", "poster", "src"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_USUAL = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?:/[!-\[\]-~]*)?")
_UNSAFE = re.compile(r"[\x00-\x20\\\x7f]")
_CANDIDATE = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s+([^,]*))?", re.ASCII)
_DESCRIPTOR = re.compile(r"(?:[0-9]+w|[0-9]+(?:\.[0-9]+)?x)?")


def clean(html: str, *, base: str | None, spared: Collection[str] | None = ()) -> str:
    """The HTML with allowed tags, attributes and URLs only; cleaning it again changes nothing.

    Relative URLs are made absolute against `base`, or dropped when it is no web address; so are those
    that lead to another place of the same page. Frames become links, pictures that scripts would load
    are loaded at once. Of a text beyond MAX_SIZE the beginning is kept. What follows readers around goes:
    parameters of links, and pictures to be counted, but for those from the hosts `spared`; None leaves all.
    """
    task = _Task(base, spared)
    for _ in range(_MAX_ROUNDS):
        before, html = html, _pass(html, task)
        if html == before:
            return html
    # Markup that never comes to rest may be read in more ways than one.
    return _pass(escape(from_html(html) or "", quote=False), task)


def web_links(html: str) -> str:
    """Clean HTML with the rel attribute that links carry on our web pages."""
    return _judged(html, _Task(None, None), _WEB_JUDGE)


def without_media(html: str, *, pictures_only: bool = False) -> str:
    """Clean HTML without pictures and their captions, and without sounds and films unless `pictures_only`."""
    bare = _judged(html, _Task(None, None), _WITHOUT_PICTURES if pictures_only else _WITHOUT_MEDIA)
    return clean(bare, base=None, spared=None)


def summary(html: str, limit: int = 300) -> str:
    """The beginning of clean HTML's prose, on one line, in at most `limit` characters.

    A paragraph that is nothing but a link, as frames become, is no prose.
    """
    if "<p><a " in html:
        return shorten(from_html(_LINK_ALONE.sub(" ", html)) or "", limit)
    beginning = from_html(html[: 4 * limit]) or ""
    if len(beginning) < 2 * limit:  # it is all, or full of tags
        beginning = from_html(html) or ""
    return shorten(beginning, limit)


class _Task(NamedTuple):
    """How a text is cleaned."""

    base: str | None  # what relative URLs resolve against
    spared: (
        Collection[str] | None
    )  # hosts whose pictures may count readers; None: all may, and links, too


def _pass(html: str, task: _Task) -> str:
    tidy = tidied(html, ALLOWED) if len(html) <= MAX_SIZE else None
    if tidy is not None and len(tidy) <= MAX_SIZE and not _may_track(html, task):
        return _judged(tidy, task)
    found = _as_part_of_a_page(_loaded(tokens(html), task), task.base)
    return _judged(tame(found, ALLOWED, depth=MAX_DEPTH, size=MAX_SIZE), task)


def _may_track(html: str, task: _Task) -> bool:
    return task.spared is not None and may_have_beacons(html)


def _loaded(found: Iterable[Token], task: _Task) -> Iterator[Token]:
    """Pictures and frames with an address, each once: what is loaded late stands in a noscript too."""
    last: tuple[str | None, bool] = None, False
    for token in found:
        if not isinstance(token, Start) or token.name not in {"iframe", "img"}:
            yield token
            continue
        given = token.attributes()
        url, is_late = _source(given, task.base)
        is_again = url == last[0] and (is_late or last[1])
        last = url, is_late
        if is_again or not (url or "srcset" in given) or _counts(token, given, url, task):
            continue
        yield _at(url, token) if url and is_late else token


def _counts(token: Start, given: Mapping[str, str], url: str | None, task: _Task) -> bool:
    """Whether a picture is there to be counted."""
    return token.name == "img" and task.spared is not None and is_beacon(given, url, task.spared)


def _source(given: Mapping[str, str], base: str | None) -> tuple[str | None, bool]:
    """The address of a picture or frame, and whether it is for a script to load."""
    name = next((it for it in ("src", *_LATE) if not _PLACEHOLDER.match(given.get(it, ""))), "src")
    return _absolute(given.get(name, ""), base), name != "src"


def _at(url: str, token: Start) -> Start:
    return token._replace(markup=f' src="{escape(url)}"{token.markup}')


def _as_part_of_a_page(found: Iterable[Token], base: str | None) -> Iterator[Token]:
    """Frames become links; a page has its main heading already, so another becomes the next lower."""
    for token in found:
        if isinstance(token, Start) and token.name == "iframe":
            yield from _link(token.attributes(), base)
        elif isinstance(token, End) and token.name == "br":
            yield Start("br", "")  # as browsers take it
        elif not isinstance(token, Text) and token.name == "h1":
            yield token._replace(name="h2")
        else:
            yield token


def _link(frame: Mapping[str, str], base: str | None) -> Iterator[Token]:
    url = _absolute(frame.get("src", ""), base) or ""
    if host := urlsplit(url).hostname:
        yield Start("p", "")
        yield Start("a", f' href="{escape(url)}"')
        yield Text(plain(frame.get("title")) or f"Embedded content at {host}")
        yield End("a")
        yield End("p")


def _judged(html: str, task: _Task, judge: nh3.Cleaner | None = None) -> str:
    before = _TASK.set(task)
    try:
        return (judge or _JUDGE).clean(html)
    finally:
        _TASK.reset(before)


def _kept(_tag: str, name: str, value: str) -> str | None:
    """An attribute's value as it may stand."""
    if name in _URLS:
        base, spared = _TASK.get()
        url = _absolute(value, base)
        return untracked(url) if url and spared is not None else url
    if name == "srcset":
        return _absolute_srcset(value, _TASK.get().base)
    shape = _SHAPES.get(name)
    return value if shape is None or shape.fullmatch(value) else None


def _cleaner(
    link_rel: str | None, *, without: frozenset[str] = frozenset(), unasked: str = ""
) -> nh3.Cleaner:
    """`without` are elements that go with all that is in them, `unasked` an attribute that goes."""
    attributes = {tag: names - {unasked} for tag, names in ALLOWED.items() if tag not in without}
    return nh3.Cleaner(
        tags=set(attributes),
        clean_content_tags=set(without),
        attributes=attributes,
        attribute_filter=_kept,
        set_tag_attribute_values={tag: it for tag, it in _ADDED.items() if tag not in without},
        url_schemes=set(SCHEMES),
        url_relative=lambda _url: None,  # "deny" would act before the filter
        link_rel=link_rel,
    )


# Made once: that takes longer than judging a text. How a text is cleaned is told apart.
_TASK: ContextVar[_Task] = ContextVar("task")
_JUDGE = _cleaner(None)
_WEB_JUDGE = _cleaner(_WEB_LINK_REL)
_PICTURES = frozenset({"figure", "img", "picture"})
_WITHOUT_PICTURES = _cleaner(None, without=_PICTURES, unasked="poster")
_WITHOUT_MEDIA = _cleaner(None, without=_PICTURES | {"audio", "video"})


def _absolute(url: str, base: str | None) -> str | None:
    if _USUAL.fullmatch(url):
        return url
    url = re.sub(r"[\t\n\r]", "", url).strip()
    if not url or url.startswith("#"):  # it would lead to the page it stands on
        return None
    try:
        url = url if _SCHEME.match(url) else urljoin(base or "", url)
        url = _UNSAFE.sub(lambda match: quote(match[0]), url)
        return url if _is_usable(urlsplit(url)) else None
    except ValueError:
        return None


def _is_usable(url: SplitResult) -> bool:
    if url.scheme in {"http", "https"}:
        return bool(url.hostname) and url.port != 0 and "@" not in url.netloc
    return url.scheme in SCHEMES and bool(url.path)


def _absolute_srcset(value: str, base: str | None) -> str | None:
    candidates = []
    for url, descriptor in _CANDIDATE.findall(value.strip(", \t\n\f\r")):
        address = _absolute(url, base)
        if address and _DESCRIPTOR.fullmatch(descriptor.strip()):
            candidates.append(f"{address} {descriptor.strip()}".strip())
    return ", ".join(candidates) or None
