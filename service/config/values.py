"""The kinds of value that config.toml is made of: what each accepts, and what is said when it does not.

TOML has types of its own, so nothing is coerced: "8000" is no number here, and 1 is not true.
"""

from __future__ import annotations

import re
import string
from datetime import date, datetime, timedelta
from functools import cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    Strict,
    ValidationInfo,
    WithJsonSchema,
)

from feeds import rsl
from feeds.embeds import PLAYERS
from service import matching
from service.config.database import database
from service.config.durations import PATTERN as DURATION
from service.config.durations import duration, duration_text
from service.config.provenance import Provenance
from service.config.urls import public_url, url
from service.config.wording import did_you_mean, listed, quoted
from service.selection import REPUBLISHABLE
from service.words import words

if TYPE_CHECKING:
    from collections.abc import Callable

SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"all", "search", "named", "not", "archive", "source", "author"})
_LONGEST_HOST = 253  # characters
ENTRY_FIELDS = (
    "title",
    "summary",
    "content",
    "author",
    "category",
    "link",
    "id",
    "language",
    "rights",
    "license",
    "origin",
    "media",
)
_CREDITS = ("title", "authors", "source", "url")

_PATHS = frozenset(
    {
        "admin",
        "api",
        "articles",
        "auth",
        "feeds",
        "healthz",
        "language",
        "license",
        "media",
        "partner",
        "readyz",
        "static",
        "subscribe",
        "terms",
        "websub",
    }
)
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_MOST_DEGREES = (90.0, 180.0)  # of latitude, of longitude
_HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9_-]{1,63}(?<!-))*\.?")
_MAILBOX = re.compile(r"[^@\s<>]+@[^@\s<>]+")


def _text(value: str) -> str:
    if not value.strip():
        raise ValueError("empty; write something here")
    return value


def _slug(value: str) -> str:
    if not SLUG.fullmatch(value):
        raise ValueError(
            f"{quoted(value)} cannot stand in an address: "
            'write lower-case ASCII letters, digits and single hyphens, such as "city-budgets"'
        )
    return value


def _free_slug(value: str) -> str:
    if value in RESERVED:
        raise ValueError(f"{quoted(value)} is a reserved word in feed addresses; take another name")
    return _slug(value)


def _license_name(value: str) -> str:
    if value == REPUBLISHABLE:
        raise ValueError(
            f"{quoted(value)} stands in addresses for all that others may republish; take another name"
        )
    return _slug(value)


def _scheme(value: str) -> str:
    if value in _PATHS:
        raise ValueError(f"the site has pages of its own under /{value}/; take another name")
    return _free_slug(value)


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f'{quoted(value)} is not a language tag; write one like "en" or "pt-BR"')
    return value


@cache
def _zones() -> set[str]:
    """All time zones; found out once, as the whole folder is read for it."""
    return available_timezones()


def _timezone(value: str) -> str:
    if value not in (zones := _zones()):
        raise ValueError(
            f"{quoted(value)} is not a time zone; "
            f'write an IANA name like "UTC" or "Europe/Berlin"{did_you_mean(value, zones)}'
        )
    return value


def _mailbox(value: str) -> str:
    if not _MAILBOX.fullmatch(value):
        raise ValueError(
            f'{quoted(value)} is not a mail address; write one like "name@example.org"'
        )
    return value


def _attribution(value: str) -> str:
    try:
        parts = list(string.Formatter().parse(value))
    except ValueError:
        raise ValueError("a brace without its partner; write {{ or }} for a brace itself") from None
    for _, name, form, conversion in parts:
        if name is not None and (name not in _CREDITS or form or conversion):
            raise ValueError(
                f"{quoted(_braced(name, form, conversion))} cannot be filled in; "
                f"these can: {listed('{' + credit + '}' for credit in _CREDITS)}"
            )
    return value


def _braced(name: str, form: str | None, conversion: str | None) -> str:
    return (
        f"{{{name}{'!' if conversion else ''}{conversion or ''}{':' if form else ''}{form or ''}}}"
    )


def _point(value: tuple[float, float]) -> tuple[float, float]:
    if any(abs(degrees) > most for degrees, most in zip(value, _MOST_DEGREES, strict=True)):
        raise ValueError(
            "no place on Earth; write latitude (-90 to 90) and longitude (-180 to 180): [60.39, 5.32]"
        )
    return value


def _host(value: str) -> str:
    """An address, or a name that could be one's (RFC 1123 section 2.1): its last label is no number."""
    try:
        ip_address(value)
    except ValueError:
        label = value.rstrip(".").rpartition(".")[2]
        if len(value) > _LONGEST_HOST or label.isdigit() or not _HOST_NAME.fullmatch(value):
            raise ValueError(
                f'{quoted(value)} is no host; write an address or a name alone, such as "127.0.0.1", '
                '"::1" or "localhost"; the port has a key of its own'
            ) from None
    return value


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if value not in known:
            hint = did_you_mean(value, known)
            raise ValueError(f"{quoted(value)} is not one of {listed(known)}{hint}")
        return value

    return checked


def _day(value: object) -> date:
    """A date in quotes, or as TOML has it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('must be a day such as "2027-06-30"') from None


def _network(value: str) -> str:
    try:
        ip_network(value)
    except ValueError:
        raise ValueError(
            f"{quoted(value)} is not a network; "
            f'write one like "10.1.0.0/16" or "fd00::/8"{_network_around(value)}'
        ) from None
    return value


def _network_around(address: str) -> str:
    try:
        return f'; did you mean "{ip_network(address, strict=False)}"?'
    except ValueError:
        return ""


def _some_time(value: timedelta) -> timedelta:
    if not value:
        raise ValueError('no time at all; write at least "1s"')
    return value


def _from_file(value: Path, info: ValidationInfo) -> Path:
    """Relative paths start from the folder the file lies in."""
    return info.context.file.parent / value if isinstance(info.context, Provenance) else value


def _database(value: SecretStr) -> SecretStr:
    database(value.get_secret_value())
    return value


def _kind(name: str, **schema: str | int | list[str]) -> WithJsonSchema:
    """The JSON Schema of a kind of text; its title is what the reference page calls the kind."""
    return WithJsonSchema({"type": "string", "title": name, **schema})


_SLUG = _kind("slug", pattern=f"^{SLUG.pattern}$")


def _filing(value: str) -> str:
    scheme, slash, slug = value.partition("/")
    if not slash:
        raise ValueError(f'{quoted(value)} names no category; write one like "theme/energy"')
    _slug(scheme)
    _free_slug(slug)
    return value


def _embed(value: str) -> str:
    if value in PLAYERS:
        return value
    parts = urlsplit(url(value)) if value.startswith("https://") else None
    if parts is None or not parts.path.strip("/") or not value.endswith("/") or parts.query:
        raise ValueError(
            f"{quoted(value)} is neither one of {listed(PLAYERS)}"
            ' nor an address like "https://tube.example/videos/embed/"'
            f"{did_you_mean(value, PLAYERS)}"
        )
    return value


def _phrase(value: str) -> str:
    if not words(value):
        raise ValueError(f"{quoted(value)} has no word in it; write letters or digits")
    return value


def _bounded(value: str) -> str:
    if not value or len(value) > matching.LONGEST:
        raise ValueError(f"must have 1 to {matching.LONGEST} characters")
    return value


def _pattern(value: str) -> str:
    try:
        matching.pattern(value)
    except matching.BadPattern as error:
        raise ValueError(
            f"{quoted(value)} is no pattern that RE2 takes ({error}); "
            "its syntax: https://github.com/google/re2/wiki/Syntax"
        ) from None
    return value


Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Size = Annotated[Whole, Field(ge=1024, le=1_000_000_000)]
Port = Annotated[Whole, Field(ge=1, le=65535, title="port")]
Folder = Annotated[Path, AfterValidator(_from_file), _kind("path")]
Text = Annotated[str, AfterValidator(_text), _kind("text", minLength=1)]
Attribution = Annotated[Text, AfterValidator(_attribution)]
Slug = Annotated[str, AfterValidator(_slug), _SLUG]
LicenseName = Annotated[str, AfterValidator(_license_name), _SLUG]
FreeSlug = Annotated[str, AfterValidator(_free_slug), _SLUG]
Scheme = Annotated[str, AfterValidator(_scheme), _SLUG]
Filing = Annotated[
    str, AfterValidator(_filing), _kind("filing", pattern=f"^{SLUG.pattern}/{SLUG.pattern}$")
]
Embed = Annotated[str, AfterValidator(_embed), _kind("player", minLength=1)]
Phrase = Annotated[str, AfterValidator(_phrase), _kind("phrase", minLength=1)]
Glob = Annotated[str, AfterValidator(_bounded), _kind("glob", minLength=1)]
Pattern = Annotated[
    str, AfterValidator(_bounded), AfterValidator(_pattern), _kind("pattern", minLength=1)
]
EntryField = Annotated[
    str, AfterValidator(_one_of(ENTRY_FIELDS)), _kind("field", enum=[*ENTRY_FIELDS])
]
Url = Annotated[str, AfterValidator(url), _kind("URL", format="uri")]
PublicUrl = Annotated[str, AfterValidator(public_url), _kind("URL", format="uri")]
Usage = Annotated[str, AfterValidator(_one_of(rsl.USAGES)), _kind("usage", enum=[*rsl.USAGES])]
User = Annotated[str, AfterValidator(_one_of(rsl.USERS)), _kind("user", enum=[*rsl.USERS])]
Payment = Annotated[
    str, AfterValidator(_one_of(rsl.PAYMENTS)), _kind("payment", enum=[*rsl.PAYMENTS])
]
Day = Annotated[
    date, BeforeValidator(_day), _kind("day", format="date", pattern=r"^\d{4}-\d{2}-\d{2}$")
]
Language = Annotated[
    str, AfterValidator(_language), _kind("language tag", pattern=f"^{_LANGUAGE.pattern}$")
]
TimeZone = Annotated[str, AfterValidator(_timezone), _kind("time zone")]
Mailbox = Annotated[str, AfterValidator(_mailbox), _kind("mail address", format="email")]
Point = Annotated[
    tuple[Annotated[float, Strict()], Annotated[float, Strict()]],
    AfterValidator(_point),
    WithJsonSchema(
        {
            "type": "array",
            "title": "point",
            "items": {"type": "number"},
            "minItems": 2,
            "maxItems": 2,
        }
    ),
]
Host = Annotated[str, AfterValidator(_host), _kind("host")]
Network = Annotated[str, AfterValidator(_network), _kind("network")]
Database = Annotated[SecretStr, AfterValidator(_database), _kind("database")]
Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(duration_text, return_type=str),
    _kind("duration", pattern=f"^{DURATION}$"),
]
Wait = Annotated[Duration, AfterValidator(_some_time)]
