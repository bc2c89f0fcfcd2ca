"""The kinds of value that config.toml is made of: what each accepts, and what is said when it does not.

TOML has types of its own, so nothing is coerced: "8000" is no number here, and 1 is not true.
"""

from __future__ import annotations

import re
import string
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated
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

from service.config.database import database
from service.config.durations import PATTERN as DURATION
from service.config.durations import duration, duration_text
from service.config.provenance import Provenance
from service.config.urls import public_url, url
from service.config.wording import did_you_mean, listed, quoted

SLUG = re.compile("[a-z0-9]+(?:-[a-z0-9]+)*")
RESERVED = frozenset({"all", "search", "named", "not", "archive", "source", "author"})
_CREDITS = ("author", "title", "origin", "url")

_PATHS = frozenset(
    {"admin", "api", "articles", "auth", "feeds", "static", "subscribe", "terms", "websub"}
)
_LANGUAGE = re.compile("[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
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


def _scheme(value: str) -> str:
    if value in _PATHS:
        raise ValueError(f"the site has pages of its own under /{value}/; take another name")
    return _free_slug(value)


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f'{quoted(value)} is not a language tag; write one like "en" or "pt-BR"')
    return value


def _timezone(value: str) -> str:
    if value not in (zones := available_timezones()):
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


def _kind(name: str, **schema: str | int) -> WithJsonSchema:
    """The JSON Schema of a kind of text; its title is what the reference page calls the kind."""
    return WithJsonSchema({"type": "string", "title": name, **schema})


_SLUG = _kind("slug", pattern=f"^{SLUG.pattern}$")

Flag = Annotated[bool, Strict()]
Whole = Annotated[int, Strict()]
Size = Annotated[Whole, Field(ge=1024, le=1_000_000_000)]
Port = Annotated[Whole, Field(ge=1, le=65535, title="port")]
Folder = Annotated[Path, AfterValidator(_from_file), _kind("path")]
Text = Annotated[str, AfterValidator(_text), _kind("text", minLength=1)]
Attribution = Annotated[Text, AfterValidator(_attribution)]
Slug = Annotated[str, AfterValidator(_slug), _SLUG]
FreeSlug = Annotated[str, AfterValidator(_free_slug), _SLUG]
Scheme = Annotated[str, AfterValidator(_scheme), _SLUG]
Url = Annotated[str, AfterValidator(url), _kind("URL", format="uri")]
PublicUrl = Annotated[str, AfterValidator(public_url), _kind("URL", format="uri")]
Language = Annotated[
    str, AfterValidator(_language), _kind("language tag", pattern=f"^{_LANGUAGE.pattern}$")
]
TimeZone = Annotated[str, AfterValidator(_timezone), _kind("time zone")]
Mailbox = Annotated[str, AfterValidator(_mailbox), _kind("mail address", format="email")]
Network = Annotated[str, AfterValidator(_network), _kind("network")]
Database = Annotated[SecretStr, AfterValidator(_database), _kind("database")]
Duration = Annotated[
    timedelta,
    BeforeValidator(duration),
    PlainSerializer(duration_text, return_type=str),
    _kind("duration", pattern=f"^{DURATION}$"),
]
Wait = Annotated[Duration, AfterValidator(_some_time)]
