"""Values of any format: addresses, dates, languages, HTML. Each function yields or tells what is wrong."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from feeds import dates, fields, mixed
from feeds.identity import is_absolute
from feeds.linting.findings import Flaw
from feeds.markup import Start, Text, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from feeds.strict.elements import Node

_RFC_822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?\d\d? [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:GMT|UT|[+-]\d{4})"
)
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
_W3C = re.compile(
    r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?"
)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
_SKEW = timedelta(minutes=5)  # between our clock and the publisher's
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+(?:\s*;.*)?")
_PORTS = {"http": ":80", "https": ":443"}
_URLS = ("href", "src", "cite", "poster", "data", "action")
_RISKY = """applet base embed form frame frameset iframe input link meta object plaintext script select
    style textarea"""
_RISKY_TAGS = frozenset(_RISKY.split())
_RISKY_URL = re.compile(r"\s*(?:java|vb)script:", re.IGNORECASE)
_HARMFUL_STYLE = re.compile(r"url\s*\(|expression|behaviou?r|position|@import|\\", re.IGNORECASE)


def full_url(at: Node | str, value: str | None, detail: str = "") -> Iterator[Flaw]:
    """An absolute http(s) URL."""
    if not is_full_url(value):
        yield Flaw("InvalidFullLink", at, detail or value or "nothing")


def is_full_url(value: str | None) -> bool:
    """Whether it is an absolute http(s) URL."""
    return fields.url(value or "") == (value or "").strip() and bool(value)


def identifier(at: Node | str, value: str) -> Iterator[Flaw]:
    """An id that is a URI in its canonical form (RFC 4287 section 4.2.6.1)."""
    if not is_absolute(value):
        yield Flaw("InvalidURI", at, value or "nothing")
    elif _canonical(value) != value:
        yield Flaw("NonCanonicalURI", at, f"{value}, canonical is {_canonical(value)}")


def _canonical(uri: str) -> str:
    """A web address with scheme and host in lower case, without default port, with a path."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    if parts.scheme not in _PORTS:
        return uri
    host = parts.netloc.lower().removesuffix(_PORTS[parts.scheme])
    return parts._replace(netloc=host, path=parts.path or "/").geturl()


def language(at: Node | str, value: str | None) -> Iterator[Flaw]:
    """A language tag (RFC 5646)."""
    if value is not None and not fields.LANGUAGE.fullmatch(value):
        yield Flaw("InvalidLanguage", at, value)


def media_type(at: Node | str, value: str | None) -> Iterator[Flaw]:
    """A media type (RFC 6838)."""
    if value is not None and not _MEDIA_TYPE.fullmatch(value):
        yield Flaw("InvalidMIMEAttribute", at, value)


def whole_number(at: Node | str, name: str, value: str | None) -> Iterator[Flaw]:
    """Digits, if there is a value at all."""
    if value is not None and not re.fullmatch("[0-9]+", value):
        yield Flaw("InvalidIntegerAttribute", at, f"{name} {value}")


def rfc_822(at: Node, value: str, now: datetime | None) -> Iterator[Flaw]:
    """An RSS date."""
    moment = dates.parse(value)
    if moment is None:
        yield Flaw("InvalidRFC2822Date", at, value)
    elif not _RFC_822.fullmatch(value):
        yield Flaw("ProblematicalRFC822Date", at, value)
    elif value[:3] in _WEEKDAYS and value[:3] != _weekday(value):
        yield Flaw("IncorrectDOW", at, value)
    yield from _plausible(at, value, moment, now)


def _weekday(value: str) -> str:
    """Of the date as it stands, in its own zone."""
    day = dates.parse(" ".join(value.split()[1:4]))
    return _WEEKDAYS[day.weekday()] if day else ""


def rfc_3339(at: Node | str, value: str, now: datetime | None) -> Iterator[Flaw]:
    """A date of Atom or JSON Feed."""
    moment = dates.parse(value)
    if moment is None or not _RFC_3339.fullmatch(value):
        yield Flaw("InvalidRFC3339Date", at, value)
    yield from _plausible(at, value, moment, now)


def w3c(at: Node, value: str, now: datetime | None) -> Iterator[Flaw]:
    """A date of Dublin Core."""
    if not _W3C.fullmatch(value):
        yield Flaw("InvalidW3CDTFDate", at, value)
    yield from _plausible(at, value, dates.parse(value), now)


def _plausible(
    at: Node | str, value: str, moment: datetime | None, now: datetime | None
) -> Iterator[Flaw]:
    if moment and now and not _OLDEST <= moment <= now + _SKEW:
        yield Flaw("ImplausibleDate", at, value)


def plain(at: Node | str, value: str, rule: str) -> Iterator[Flaw]:
    """Plain text: no tag that HTML knows stands in it."""
    if any(not isinstance(token, Text) for token in mixed.tokens(value)):
        yield Flaw(rule, at, value[:60])


def html(at: Node | str, value: str, *, based: bool = False) -> Iterator[Flaw]:
    """HTML that readers can show as it stands; `based` tells that relative addresses have a base."""
    flaws = (flaw for token in tokens(value) for flaw in _of_tag(at, token, based))
    yield from {(flaw.id, flaw.detail): flaw for flaw in flaws}.values()


def _of_tag(at: Node | str, token: object, based: bool) -> Iterator[Flaw]:
    if not isinstance(token, Start):
        return
    if token.name in _RISKY_TAGS:
        yield Flaw("SecurityRisk", at, f"<{token.name}>")
    for name, value in token.attributes().items():
        yield from _of_attribute(at, token.name, name, value, based)


def _of_attribute(at: Node | str, tag: str, name: str, value: str, based: bool) -> Iterator[Flaw]:
    told = f"<{tag} {name}>"
    if name.startswith("on") or (name in _URLS and _RISKY_URL.match(value)):
        yield Flaw("SecurityRisk", at, told)
    elif name == "style" and _HARMFUL_STYLE.search(value):
        yield Flaw("DangerousStyleAttr", at, told)
    elif name in _URLS and not based and not is_absolute(value.strip().replace(" ", "")):
        yield Flaw("ContainsRelRef", at, f"{told} {value[:60]}")


def repeated(values: Iterable[tuple[Node | str, str]], rule: str) -> Iterator[Flaw]:
    """Each value that came before."""
    seen: set[str] = set()
    for at, value in values:
        if value in seen:
            yield Flaw(rule, at, value)
        seen.add(value)


def identities(ids: Sequence[tuple[Node | str, str]]) -> Iterator[Flaw]:
    """Ids that tell entries apart."""
    if len(ids) > 1 and len({value for _, value in ids}) == 1:
        yield Flaw("DuplicateIds", ids[0][0], ids[0][1])
    else:
        yield from repeated(ids, "DuplicateEntries")
