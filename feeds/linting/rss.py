"""RSS 2.0 with the RSS Board's profile, and the modules in use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds import periods
from feeds.linting import common, values
from feeds.linting.findings import Flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from feeds.strict.elements import Node

_CHANNEL = """title link description language copyright managingEditor webMaster pubDate lastBuildDate
    category generator docs cloud ttl image rating textInput skipHours skipDays item"""
_ITEM = "title link description author category comments enclosure guid pubDate source"
_NAMES = {"channel": frozenset(_CHANNEL.split()), "item": frozenset(_ITEM.split())}
_MANY = {"category", "enclosure", "item"}
_MAIL = re.compile(r"[^\s@()<>]+@[^\s@()<>]+(?: \((.+)\))?")
_PICTURE = re.compile(r"\.(?:gif|jpe?g|png)\Z|/[^./]*\Z", re.IGNORECASE)
_LARGEST = {"width": (144, "InvalidWidth"), "height": (400, "InvalidHeight")}
_HOURS = {str(hour) for hour in range(24)}
# Pairs of elements that say the same.
_SYNONYMS = (
    ("author", "dc:creator"),
    ("pubDate", "dc:date"),
    ("title", "dc:title"),
    ("description", "dc:description"),
    ("source", "dc:source"),
)


def flaws(root: Node, url: str | None, now: datetime | None) -> Iterator[Flaw]:
    """What is wrong with the document."""
    if root.get("version") != "2.0":
        yield Flaw("ObsoleteVersion", root, root.get("version") or "none")
    channel = root.first("channel")
    if channel is None:
        yield Flaw("MissingElement", root, "channel")
        return
    items = list(channel.each("item"))
    for check in _OF_CHANNEL:
        yield from check(channel)
    yield from common.self_link(channel, "MissingAtomSelfLink", url)
    yield from common.links(channel, in_entry=False)
    yield from common.history(channel)
    yield from _dates(channel, now)
    for item in items:
        for check in _OF_ITEM:
            yield from check(item)
        yield from common.links(item, in_entry=True)
        yield from common.media(item)
        yield from common.modules(item, now)
        yield from _dates(item, now)
    guids = [(it, it.value.strip()) for item in items if (it := item.first("guid"))]
    yield from values.identities(guids)


def _elements(channel: Node) -> Iterator[Flaw]:
    yield from common.demanded(channel, ("title", "link", "description"))
    yield from _known(channel, _NAMES["channel"])
    names = [child.tag for child in channel.element]
    if "item" in names and set(names[names.index("item") :]) != {"item"}:
        yield Flaw("MisplacedItem", channel)
    for text in channel.each("title", "description"):
        yield from values.plain(text, text.value, "ContainsHTML")
    if input_ := channel.first("textInput"):
        yield Flaw("AvoidTextInput", input_)


def _known(parent: Node, known: frozenset[str]) -> Iterator[Flaw]:
    """Elements of RSS itself, none of them twice."""
    for name in parent.children:
        if ":" not in name and "{" not in name and name not in known:
            yield Flaw("UndefinedElement", parent, name)
    yield from common.once(parent, known - _MANY)


def _addresses(channel: Node) -> Iterator[Flaw]:
    for address in channel.each("link", "docs"):
        yield from values.full_url(address, address.value.strip())
    for person in channel.each("managingEditor", "webMaster"):
        yield from _mailbox(person)
    for tag in channel.each("language"):
        yield from values.language(tag, tag.value.strip())


def _mailbox(person: Node) -> Iterator[Flaw]:
    found = _MAIL.fullmatch(person.value.strip())
    if found is None:
        yield Flaw("InvalidContact", person, person.value.strip())
    elif not found[1]:
        yield Flaw("MissingRealName", person, found[0])


def _image(channel: Node) -> Iterator[Flaw]:
    image = channel.first("image")
    if image is None:
        return
    url = image.line("url") or ""
    yield from values.full_url(image, url)
    if not _PICTURE.search(url.partition("?")[0]):
        yield Flaw("ImageUrlFormat", image, url)
    if image.line("title") != channel.line("title"):
        yield Flaw("ImageTitleDoesntMatch", image, image.line("title") or "")
    if image.line("link") != channel.line("link"):
        yield Flaw("ImageLinkDoesntMatch", image, image.line("link") or "")
    for name, (largest, rule) in _LARGEST.items():
        size = image.line(name) or "1"
        if not (size.isdecimal() and 1 <= int(size) <= largest):
            yield Flaw(rule, image, size)


def _pace(channel: Node) -> Iterator[Flaw]:
    for skipped, child, known, rule in (
        ("skipHours", "hour", _HOURS, "NotEnoughHoursInTheDay"),
        ("skipDays", "day", set(periods.DAYS), "EightDaysAWeek"),
    ):
        for parent in channel.each(skipped):
            told = [it.value.strip() for it in parent.each(child)]
            if not set(told) <= known or len(set(told)) < len(told):
                yield Flaw(rule, parent, ", ".join(told))
    for period in channel.each("sy:updatePeriod"):
        if period.value.strip() not in periods.SECONDS:
            yield Flaw("InvalidUpdatePeriod", period, period.value.strip())
    for number in channel.each("ttl", "sy:updateFrequency"):
        if not re.fullmatch("0*[1-9][0-9]*", number.value.strip()):
            yield Flaw("InvalidPositiveInteger", number, number.value.strip())


def _item_elements(item: Node) -> Iterator[Flaw]:
    yield from _known(item, _NAMES["item"])
    if not {"title", "description"} & set(item.children):
        yield Flaw("ItemMustContainTitleOrDescription", item)
    for pair in _SYNONYMS:
        if set(pair) <= set(item.children):
            yield Flaw("DuplicateItemSemantics", item, " and ".join(pair))
    names = [child.tag for child in item.element]
    encoded = item.first("content:encoded")
    if encoded and "description" not in names[: names.index(encoded.element.tag)]:
        yield Flaw("NeedDescriptionBeforeContent", encoded)


def _item_texts(item: Node) -> Iterator[Flaw]:
    for title in item.each("title"):
        yield from values.plain(title, title.value, "ContainsHTML")
    for text in item.each("description", "content:encoded"):
        yield from values.html(text, text.value)
    for person in item.each("author"):
        yield from _mailbox(person)
    for address in item.each("link", "comments"):
        yield from values.full_url(address, address.value.strip())
    for source in item.each("source"):
        yield from values.full_url(source, source.element.get("url"))


def _guid(item: Node) -> Iterator[Flaw]:
    guid = item.first("guid")
    if guid is None or not guid.value.strip():
        yield Flaw("MissingGuid", item)
        return
    is_link = guid.element.get("isPermaLink", "true")
    if is_link not in ("true", "false"):
        yield Flaw("InvalidPermalink", guid, is_link)
    elif is_link == "true" and not values.is_full_url(guid.value):
        yield Flaw("InvalidHttpGUID", guid, guid.value.strip())


def _enclosure(item: Node) -> Iterator[Flaw]:
    found = list(item.each("enclosure"))
    if len(found) > 1:
        yield Flaw("DuplicateEnclosure", item, str(len(found)))
    for enclosure in found:
        for name in ("url", "length", "type"):
            if enclosure.element.get(name) is None:
                yield Flaw("MissingAttribute", enclosure, name)
        yield from values.full_url(enclosure, enclosure.element.get("url"))
        yield from values.media_type(enclosure, enclosure.get("type"))
        yield from values.whole_number(enclosure, "length", enclosure.get("length"))


def _dates(parent: Node, now: datetime | None) -> Iterator[Flaw]:
    for date in parent.each("pubDate", "lastBuildDate"):
        yield from values.rfc_822(date, date.value.strip(), now)


_OF_CHANNEL: tuple[Callable[[Node], Iterator[Flaw]], ...] = (_elements, _addresses, _image, _pace)
_OF_ITEM: tuple[Callable[[Node], Iterator[Flaw]], ...] = (
    _item_elements,
    _item_texts,
    _guid,
    _enclosure,
)
