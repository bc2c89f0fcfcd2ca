"""The values that front matter is made of: how each is read, and what is said when it cannot be."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Final, TypeVar, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from feeds.identity import is_absolute
from feeds.model import MediaRole
from feeds.text import legal, slugify
from service.config import values
from service.config.wording import did_you_mean, listed, quoted

if TYPE_CHECKING:
    from collections.abc import Collection

    from service.config import Config

Item = TypeVar("Item")

_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")
_RELATIVE: Final = re.compile(r"(?![A-Za-z][A-Za-z0-9+.-]*:)[^/#?]")
_PATH: Final = re.compile(r"[0-9]{4}/[0-9]{2}/[a-z0-9-]+")
_DATE_HELP: Final = "a date looks like 2026-03-14 or 2026-03-14T09:30:00+01:00"
_NO_PAGE: Final = "lies outside the years 1001 to 9998, for which there are addresses"


def nearest(given: str, known: Collection[str]) -> str:
    """What to append when a name is not known: the one probably meant, else all there are."""
    return did_you_mean(given, known) or f"; known are {listed(sorted(known))}"


def _text(value: str) -> str:
    if value != legal(value):
        raise ValueError("holds a control character; type the text anew")
    if not value.strip():
        raise ValueError("is empty; fill it in or take the key out")
    return value.strip()


def _line(value: str) -> str:
    return " ".join(_text(value).split())


def _short(value: str) -> str:
    if len(value.encode()) > 2000:  # PostgreSQL indexes no longer text
        raise ValueError("is over 2000 bytes long; shorten it")
    return value


def _absolute(value: str) -> str:
    if not is_absolute(value):
        raise ValueError('is no id for a feed; write one like "tag:example.org,2026:story-1"')
    return value


def _followed(value: str) -> str:
    if not (is_absolute(value) or _PATH.fullmatch(value)):
        raise ValueError(
            'is no article; write its path ("2026/03/three-winters") or its id in feeds'
        )
    return value


def _relative(value: str) -> str:
    if not _RELATIVE.match(value):
        raise ValueError('is no path from the article\'s file; write one like "images/quay.jpg"')
    return value


def _media_type(value: str) -> str:
    if not _MEDIA_TYPE.fullmatch(value):
        raise ValueError('is no media type; write one like "audio/mpeg"')
    return value


def _fileable(value: str) -> str:
    if not slugify(value, ""):
        raise ValueError("has no letter or digit to make an address of")
    return value


def _moment(value: object, info: ValidationInfo) -> datetime:
    try:
        moment = _aware(value, info)
    except ValueError as error:
        raise ValueError(_DATE_HELP) from error
    if not 1000 < moment.year < 9999:
        raise ValueError(_NO_PAGE)
    return moment.astimezone(UTC)


def _aware(value: object, info: ValidationInfo) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        raise ValueError("neither a date nor text")
    return value if value.tzinfo else value.replace(tzinfo=_config(info).site.zone)


def _config(info: ValidationInfo) -> Config:
    return cast("Config", info.context)


def _declared(value: str, what: str, known: Collection[str]) -> str:
    if value not in known:
        raise ValueError(f"config.toml has no {what} {quoted(value)}{nearest(value, known)}")
    return value


def _taxonomy(value: str, info: ValidationInfo) -> str:
    return _declared(value, "taxonomy", _config(info).taxonomies)


def _license(value: str, info: ValidationInfo) -> str:
    return _declared(value, "license", _config(info).licenses)


Text = Annotated[str, AfterValidator(_text)]
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[Line, AfterValidator(_short)]
Slug = Annotated[values.Slug, Field(max_length=200)]
AuthorSlug = Annotated[values.FreeSlug, Field(max_length=200)]
Url = Annotated[values.Url, AfterValidator(_short)]
Language = Annotated[values.Language, Field(max_length=35)]  # RFC 5646 section 4.4.1
Term = Annotated[Line, AfterValidator(_fileable)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
MediaType = Annotated[str, AfterValidator(_media_type)]
Id = Annotated[Name, AfterValidator(_absolute)]
Followed = Annotated[Name, AfterValidator(_followed)]
RelativePath = Annotated[Line, AfterValidator(_relative)]
Role = Annotated[MediaRole, Field(strict=False)]
Taxonomy = Annotated[str, AfterValidator(_taxonomy)]
License = Annotated[str, AfterValidator(_license)]
Several = Annotated[tuple[Item, ...], Field(strict=False)]  # files have lists, not tuples
