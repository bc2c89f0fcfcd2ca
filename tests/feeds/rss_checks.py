"""Our own checks of RSS 2.0 documents, each named by the message of the W3C feed validator it stands for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml import etree

_PREFIXES = {
    "http://www.w3.org/2005/Atom": "atom:",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
    "http://purl.org/syndication/history/1.0": "fh:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
}
_CHANNEL = """title link description language copyright managingEditor lastBuildDate generator ttl
    image skipHours skipDays sy:updatePeriod sy:updateFrequency fh:archive fh:complete"""
_ITEM = """title link description content:encoded guid pubDate dcterms:modified comments enclosure source
    dc:rights dc:language creativeCommons:license"""
_REPEATED = {"category", "dc:creator", "dc:contributor", "atom:link", "media:content"}
_DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
_PERIODS = {"hourly", "daily", "weekly", "monthly", "yearly"}
_RFC_822 = re.compile(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|[+-]\d{4})")
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

_Element = etree._Element


def problems(document: bytes) -> list[str]:
    """What is wrong with the document, as message ids; empty when nothing is."""
    if not document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<rss "):
        return ["Encoding"]
    if document.count(b"xmlns") != document.partition(b"<channel>")[0].count(b"xmlns"):
        return ["NamespaceNotOnRoot"]
    (channel,) = etree.fromstring(document)
    items = channel.findall("item")
    found = [message for check in _OF_CHANNEL for message in check(channel)]
    found += [message for item in items for check in _OF_ITEM for message in check(item)]
    guids = [_text(item, "guid") for item in items]
    return found + ["DuplicateIds"] * (len(guids) - len(set(guids)))


def _elements(channel: _Element) -> Iterator[str]:
    names = [_name(child) for child in channel]
    yield from _unknown_or_repeated([name for name in names if name != "item"], _CHANNEL)
    yield from (f"Missing {name}" for name in ("title", "link", "description") if name not in names)
    if "item" in names and set(names[names.index("item") :]) != {"item"}:
        yield "MisplacedItem"


def _self_link(channel: _Element) -> Iterator[str]:
    links = [it for it in channel if _name(it) == "atom:link" and it.get("rel") == "self"]
    if [it.get("type") for it in links] != ["application/rss+xml"]:
        yield "MissingAtomSelfLink"
    if any(not _is_full_url(it.get("href")) for it in links):
        yield "RelativeSelf"


def _image(channel: _Element) -> Iterator[str]:
    for image in channel.findall("image"):
        if _text(image, "title") != _text(channel, "title"):
            yield "ImageTitleDoesntMatch"
        if _text(image, "link") != _text(channel, "link"):
            yield "ImageLinkDoesntMatch"


def _pace(channel: _Element) -> Iterator[str]:
    hours = [it.text for it in channel.iterfind("skipHours/hour")]
    days = [it.text for it in channel.iterfind("skipDays/day")]
    if not set(hours) <= {str(hour) for hour in range(24)} or len(set(hours)) < len(hours):
        yield "NotEnoughHoursInTheDay"
    if not set(days) <= _DAYS or len(set(days)) < len(days):
        yield "EightDaysAWeek"
    if not re.fullmatch("[1-9][0-9]*", _text(channel, "ttl") or "1"):
        yield "InvalidTtl"
    if (_text(channel, "sy:updatePeriod") or "daily") not in _PERIODS:
        yield "InvalidUpdatePeriod"
    if not re.fullmatch("[1-9][0-9]*", _text(channel, "sy:updateFrequency") or "1"):
        yield "InvalidUpdateFrequency"


def _dates(parent: _Element) -> Iterator[str]:
    for written in filter(None, (_text(parent, it) for it in ("lastBuildDate", "pubDate"))):
        if not _RFC_822.fullmatch(written):
            yield "ProblematicalRFC822Date"
        elif parsedate_to_datetime(written).strftime("%a") != written[:3]:
            yield "IncorrectDOW"
    if not _RFC_3339.fullmatch(_text(parent, "dcterms:modified") or "2026-11-22T10:00:00Z"):
        yield "InvalidW3CDTFDate"


def _language(parent: _Element) -> Iterator[str]:
    written = _text(parent, "language") or _text(parent, "dc:language") or "en"
    if not _LANGUAGE.fullmatch(written):
        yield "InvalidLanguage"


def _item_elements(item: _Element) -> Iterator[str]:
    names = [_name(child) for child in item]
    yield from _unknown_or_repeated(names, _ITEM)
    if not {"title", "description"} & set(names):
        yield "ItemMustContainTitleOrDescription"
    if "content:encoded" in names and "description" not in names[: names.index("content:encoded")]:
        yield "NeedDescriptionBeforeContent"
    media = names.index("media:content") if "media:content" in names else len(names)
    if {"title", "description", "content:encoded"} & set(names[media:]):
        yield "MediaBeforeText"  # MED-02, which the validator does not know


def _guid(item: _Element) -> Iterator[str]:
    guid = item.find("guid")
    if guid is None or not guid.text:
        yield "MissingGuid"
    elif guid.get("isPermaLink") == "true" and not _is_full_url(guid.text):
        yield "InvalidHttpGUID"
    elif guid.get("isPermaLink") not in ("true", "false"):
        yield "InvalidPermalink"


def _urls(item: _Element) -> Iterator[str]:
    links = [it.get("href") for it in item if _name(it) == "atom:link"]
    sources = [
        it.get("url") for it in item if _name(it) in ("source", "enclosure", "media:content")
    ]
    plain = [it.text for it in item if _name(it) in ("link", "comments")]
    yield from ("InvalidFullLink" for url in (*links, *sources, *plain) if not _is_full_url(url))


def _enclosure(item: _Element) -> Iterator[str]:
    for enclosure in item.findall("enclosure"):
        if not (enclosure.get("length") or "").isdigit():
            yield "MissingAttribute length"
        if "/" not in (enclosure.get("type") or ""):
            yield "InvalidMIMEAttribute"


_OF_CHANNEL: tuple[Callable[[_Element], Iterator[str]], ...] = (
    _elements,
    _self_link,
    _image,
    _pace,
    _dates,
    _language,
)
_OF_ITEM: tuple[Callable[[_Element], Iterator[str]], ...] = (
    _item_elements,
    _guid,
    _urls,
    _enclosure,
    _dates,
    _language,
)


def _unknown_or_repeated(names: list[str], known: str) -> Iterator[str]:
    once = set(known.split())
    yield from (f"UndefinedElement {name}" for name in set(names) - once - _REPEATED)
    counted = Counter(names)
    yield from (
        f"DuplicateElement {name}" for name in counted if name in once and counted[name] > 1
    )


def _name(element: _Element) -> str:
    name = etree.QName(element)
    return _PREFIXES.get(name.namespace or "", "") + name.localname


def _text(parent: _Element, name: str) -> str | None:
    return next(("".join(map(str, it.itertext())) for it in parent if _name(it) == name), None)


def _is_full_url(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in ("http", "https") and bool(parts.hostname)
