"""What tells entries apart: their keys, the spellings of a key, and digests of what they say."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import zip_longest
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from feeds.markup import PLAIN_TAG, WITHOUT_PROSE, Start, Text, decoded, tokens
from feeds.model import MediaRole
from feeds.text import without
from feeds.tracking import NO_SIZE, PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from urllib.parse import SplitResult

    from feeds.markup import Token
    from feeds.model import Entry, Feed, Media, Person

READER_VERSION = 3  # to be raised with every change of what the readers make of an entry
_DIGEST_VERSION = b"1"  # to be raised with every change of a normalisation in content_digest()

_INDEXABLE = 2048  # bytes
_ADDRESSES = (
    2048  # kept with what was made of them: each is asked for a dozen times while it is new
)

_WEB = ("http", "https")
# What gives a text its shape, and where it leads; all other tags and attributes come and go.
_SHAPES = """blockquote caption dd dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre table td th
    tr ul"""
_STRUCTURE = frozenset(_SHAPES.split())
_TARGETS = {"a": "href", "audio": "src", "img": "src", "source": "src", "video": "src"}
_SPACES_IN_ASCII = bytes(it for it in range(0x80) if chr(it).isspace())
_PORTS = {"http": 80, "https": 443}
# Most are so already: no default port, no query, no fragment.
_CANONICAL = re.compile(
    r"https?://([a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?!80/|443/)[1-9][0-9]{0,3})?)(/[!$-;=@-Z_a-z~]*)"
)
_OTHER = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*:", re.IGNORECASE)  # a URI, and no web address
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
# RFC 4151 section 2.1
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_AUTHORITY = re.compile(rf"(?:[A-Za-z0-9._-]+@)?{_LABEL}(?:\.{_LABEL})*")
_SPECIFIC = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})+")


class KeyKind(StrEnum):
    """What an entry is known by."""

    ID = "id"
    LINK = "link"  # it has no id
    HASH = "hash"  # of title and date: it has neither


class Key(Struct, frozen=True):
    """What tells an entry from all others of its feed."""

    kind: KeyKind
    value: str


def entry_key(entry: Entry) -> Key | None:
    """The id as written, or else the canonical link, or else a hash of title and date as written.

    None for an entry that has nothing of these.
    """
    if entry.id:
        return Key(KeyKind.ID, entry.id)
    if entry.link:
        return Key(KeyKind.LINK, indexable(canonical_url(entry.link)))
    dated = entry.published_raw or entry.updated_raw
    if entry.title or dated:
        return Key(KeyKind.HASH, _digest((entry.title or "", dated or "")))
    return None


def indexable(value: str) -> str:
    """The value itself, or a digest of one that is too long for a database to index."""
    return value if len(value.encode()) <= _INDEXABLE else f"sha256:{_digest((value,))}"


def is_absolute(value: str) -> bool:
    """Whether the value is a URI with a scheme, as an entry id has to be (RFC 3986 section 4.3)."""
    return _ABSOLUTE.fullmatch(value) is not None


@lru_cache(_ADDRESSES)
def alias(value: str) -> str:
    """What stays of an id when its site moves: a web address without scheme, host and last slash, any
    other id whole. Where the path says nothing ("/?p=7"), the host stays, without "www.".
    """
    parts = _split(value)
    if parts is None:
        return value
    rest = urlunsplit(("", "", parts.path.rstrip("/"), parts.query, parts.fragment))
    host = (parts.hostname or "").removeprefix("www.")
    return rest if len(parts.path.rstrip("/")) > 1 else host + rest


@lru_cache(_ADDRESSES)
def site(url: str) -> str | None:
    """The host of a web address without "www."; None for what is no web address."""
    parts = _split(url)
    return None if parts is None else (parts.hostname or "").removeprefix("www.")


@lru_cache(_ADDRESSES)
def page(url: str | None) -> str | None:
    """What a web page is known by under every spelling of its address: host without "www.", path without
    last slash, query without tracking. None for a front page, which many entries may lead to.
    """
    known = _CANONICAL.fullmatch(url) if url else None
    if known and not known[2].startswith("//"):
        host, rest = known[1], known[2].rstrip("/")
    else:
        parts = _split(canonical_url(url)) if url else None
        if parts is None:
            return None
        host, rest = parts.netloc, urlunsplit(("", "", parts.path.rstrip("/"), parts.query, ""))
    return indexable(host.removeprefix("www.") + rest) if rest else None


def entry_page(entry: Entry) -> str | None:
    """What the page of an entry is known by: the one it was first published on, if it tells that."""
    return page(entry.via) or page(entry.link)


def canonical_url(url: str) -> str:
    """The URL with scheme and host in lower case, without default port, fragment and tracking.

    What is not a web address comes back as it is.
    """
    parts = None if _CANONICAL.fullmatch(url) else _split(url)
    if parts is None:
        return url
    query = "&".join(it for it in parts.query.split("&") if not PARAMETER.fullmatch(it))
    host, port = (parts.hostname or ""), parts.port
    if ":" in host:
        host = f"[{host}]"
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", query, ""))


def content_digest(entry: Entry) -> str:
    """A digest of what a reader of the entry would see; dates and tracking are no part of it.

    Fields that are empty are skipped, so that a field added here changes no stored digest.
    """
    said: dict[str, Iterable[str | None]] = {
        "title": [entry.title],
        "summary": [entry.summary],
        "content": [_substance(entry.content or "")],
        "author": _names(entry.authors),
        "contributor": _names(entry.contributors),
        "category": [_joined(it.term, it.scheme, it.label) for it in entry.categories],
        "rights": [entry.rights],
        "license": [entry.license.uri if entry.license else None],
        "media": map(_medium, entry.media),
        "origin": [_joined(entry.origin.title, entry.origin.home) if entry.origin else None],
        "reply": [entry.in_reply_to.ref if entry.in_reply_to else None],
        "valid": [entry.valid_until.isoformat() if entry.valid_until else None],
        "link": [canonical_url(it) for it in (entry.link, entry.via, entry.discussion) if it],
    }
    return _digest(f"{name}={it}" for name, values in said.items() for it in values if it)


def _substance(html: str) -> str:
    """What HTML says, shows and leads to: texts without their spaces, tags of structure, targets of
    links, files of pictures. Other tags come and go, as do queries of files and pixels that count readers.
    """
    parts = PLAIN_TAG.split(html)  # texts, and between them what PLAIN_TAG takes together
    written, ends, names, attributes = (parts[it::4] for it in range(4))
    if "\0" in html or "<" in "".join(written) or not WITHOUT_PROSE.isdisjoint(names):
        return "".join(map(_told, tokens(html)))
    texts = _squeezed("\0".join(map(decoded, written))).split("\0")
    tags = zip(ends, names, attributes, strict=True)
    marks = ("" if end else _mark(name, inner) for end, name, inner in tags)
    return "".join(map("".join, zip_longest(texts, marks, fillvalue="")))


def _told(token: Token) -> str:
    if isinstance(token, Text):
        return _squeezed(token.value)
    return _mark(*token) if isinstance(token, Start) else ""


def _squeezed(said: str) -> str:
    """The text without its white space."""
    if said.isascii():
        return without(said, _SPACES_IN_ASCII)
    bare = said.replace(" ", "")  # the commonest first: split() alone is slower
    return "".join(bare.split())


def _mark(name: str, attributes: str) -> str:
    """What stands for a start tag, between characters that no text has once it is squeezed."""
    mark = name if name in _STRUCTURE else _led_to(name, attributes) if name in _TARGETS else None
    return f"\x1e{mark}\x1e" if mark else ""


def _led_to(name: str, attributes: str) -> str | None:
    given = Start(name, attributes).attributes()
    target = given.get(_TARGETS[name])
    if not target or {given.get("width"), given.get("height")} <= NO_SIZE:
        return None
    return _joined("to", canonical_url(target) if name == "a" else _file(target))


def _medium(it: Media) -> str:
    return _file(it.url) if it.role is MediaRole.ILLUSTRATION else canonical_url(it.url)


def _file(url: str) -> str:
    """The address of a picture: sizes and tokens stand in its query."""
    return canonical_url(url).partition("?")[0]


def raw_digest(raw: bytes, head: bytes) -> str:
    """A digest of an entry's markup and of `head`, what it inherits, as this reader understands them."""
    return sha256(b"%d:%d:%b%b" % (READER_VERSION, len(head), head, raw)).hexdigest()


def inherited(feed: Feed, base: str) -> bytes:
    """What the entries of a feed inherit from its head and address, for raw_digest()."""
    return repr((feed.language, feed.authors, feed.rights, feed.license, base)).encode()


def tag_uri(authority: str, minted: date, specific: str) -> str:
    """A tag URI (RFC 4151). Raises ValueError unless `authority` is a host name or a mail address and
    `specific` is made of characters that may stand in a URI's path or query.
    """
    if not _AUTHORITY.fullmatch(authority):
        raise ValueError(f"not a tag authority: {authority!r}")
    if not _SPECIFIC.fullmatch(specific):
        raise ValueError(f"not the specific part of a tag: {specific!r}")
    return f"tag:{authority.lower()},{minted:%Y-%m-%d}:{specific}"


def _split(url: str) -> SplitResult | None:
    """The parts of a usable web address."""
    if _OTHER.match(url):
        return None
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _WEB and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _names(people: Iterable[Person]) -> list[str]:
    return [_joined(person.name, person.uri, person.role) for person in people]


def _joined(*parts: str | None) -> str:
    return "\x1f".join([part or "" for part in parts])


def _digest(parts: Iterable[str]) -> str:
    said = "".join([f"\0{part}" for part in parts])
    return sha256(_DIGEST_VERSION + said.encode("utf-8", "surrogatepass")).hexdigest()
