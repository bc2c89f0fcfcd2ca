"""The keys of the front matter, table by table, and what is said when one of them is wrong."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Annotated, Final, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from feeds.model import MediaRole
from service.config.values import Language, Slug, Url
from service.config.wording import did_you_mean, dotted, listed
from service.model import AuthorKind
from service.transfer.frontmatter import Unusable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pydantic_core import ErrorDetails

    from service.config import Config

Item = TypeVar("Item")

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DATE_HELP: Final = "a date looks like 2026-03-14 or 2026-03-14T09:30:00+01:00"


def _text(value: str) -> str:
    if _UNPRINTABLE.search(value):  # what XML 1.0 section 2.2 cannot carry
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


def _moment(value: object, info: ValidationInfo) -> datetime:
    try:
        moment = _aware(value, info).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(_DATE_HELP) from error
    if not 1000 < moment.year < 9999:  # other years have no page address
        raise ValueError(_DATE_HELP)
    return moment


def _aware(value: object, info: ValidationInfo) -> datetime:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time.min)
    if not isinstance(value, datetime):
        raise ValueError("neither a date nor text")
    return value if value.tzinfo else value.replace(tzinfo=info.context.site.zone)


def _declared(value: str, table: str, known: Collection[str]) -> str:
    if value not in known:
        raise ValueError(f"config.toml has no [{table}.{value}]{_nearest(value, known)}")
    return value


def _taxonomy(value: str, info: ValidationInfo) -> str:
    return _declared(value, "taxonomies", info.context.taxonomies)


def _license(value: str, info: ValidationInfo) -> str:
    return _declared(value, "licenses", info.context.licenses)


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Text = Annotated[str, AfterValidator(_text)]
Line = Annotated[str, AfterValidator(_line)]
Name = Annotated[Line, AfterValidator(_short)]
ShortSlug = Annotated[Slug, Field(max_length=200)]
Link = Annotated[Url, AfterValidator(_short)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Several = Annotated[tuple[Item, ...], Field(strict=False)]  # files have lists, not tuples


class Table(BaseModel):
    """A table of the front matter: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Byline(Table):
    """Who is credited; the name alone stands for a person of that name."""

    name: Name
    kind: Annotated[AuthorKind, Field(strict=False)] = AuthorKind.PERSON
    uri: Link | None = None
    bio: Text | None = None  # Markdown


class Credit(Byline):
    """Who is credited beside the byline, and for what."""

    role: Line

    @field_validator("role")
    @classmethod
    def _beside_the_byline(cls, value: str) -> str:
        if value == "author":
            raise ValueError("is what authors are; name them under authors")
        return value


Credited = Annotated[Byline, BeforeValidator(_named)]


class OriginKeys(Table):
    """Where the article was first published."""

    title: Line
    home: Link | None = None
    feed: Link | None = None
    url: Link | None = None
    id: Name | None = None
    updated: Moment | None = None
    rights: Line | None = None
    license: Link | None = None


class NoteKeys(Table):
    """The editor's note."""

    text: Text  # Markdown
    author: Credited | None = None
    date: Moment | None = None


class MediaKeys(Table):
    """A sound, film or picture that belongs to the article."""

    url: Link
    role: Annotated[MediaRole, Field(strict=False)] = MediaRole.ENCLOSURE
    type: Annotated[str, Field(pattern=r"^[a-z]+/[A-Za-z0-9.+-]+$")] | None = None
    length: Annotated[int, Field(ge=0, lt=2**63)] | None = None  # bytes
    duration: Count | None = None  # seconds
    width: Count | None = None  # pixels
    height: Count | None = None  # pixels
    title: Line | None = None
    credit: Line | None = None
    description: Line | None = None


class Front(Table):
    """The front matter of an article."""

    title: Line
    date: Moment
    slug: ShortSlug | None = None
    updated: Moment | None = None
    expires: Moment | None = None
    status: Literal["draft", "scheduled", "published"] = "published"
    authors: Several[Credited] = ()
    contributors: Several[Credit] = ()
    language: Language | None = None
    summary: Line | None = None
    categories: dict[Annotated[str, AfterValidator(_taxonomy)], Several[Line]] = {}
    origin: OriginKeys | None = None
    rights: Line | None = None
    license: Annotated[str, AfterValidator(_license)] | None = None
    editors_note: NoteKeys | None = None
    canonical_url: Link | None = None
    discussion_url: Link | None = None
    media: Several[MediaKeys] = ()
    id: Name | None = None

    @field_validator("updated", "expires")
    @classmethod
    def _not_before_date(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        if value and "date" in info.data and value < info.data["date"]:
            raise ValueError("lies before date; correct one of the two")
        return value


_TABLES: Final[dict[str, type[Table]]] = {
    "authors": Byline,
    "contributors": Credit,
    "author": Byline,
    "origin": OriginKeys,
    "editors_note": NoteKeys,
    "media": MediaKeys,
}
_HINTS: Final = {
    "missing": "is missing; it has to be given",
    "string_type": "is not text; put it in quotes",
    "tuple_type": "is not a list; put it in brackets: [...]",
    "dict_type": "is not a table",
    "model_type": "is not a table",
}


def checked(values: Mapping[str, object], *, name: str, config: Config) -> Front:
    """The front matter with every value in its type, dates in UTC.

    Raises:
        Unusable: Holds every problem, each beginning with `name` and the key.
    """
    try:
        return Front.model_validate(values, context=config)
    except ValidationError as error:
        raise Unusable([f"{name}: {_problem(each)}" for each in error.errors()]) from error


def _problem(error: ErrorDetails) -> str:
    key = dotted(step for step in error["loc"] if step != "[key]")
    return f"{key}: {_reason(error)}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key" + _nearest(str(error["loc"][-1]), _keys_beside(error["loc"]))
    return _HINTS.get(error["type"]) or error["msg"].removeprefix("Value error, ")


def _keys_beside(location: tuple[int | str, ...]) -> Collection[str]:
    table: type[Table] = Front
    for step in location[:-1]:
        table = _TABLES.get(str(step), table)
    return table.model_fields


def _nearest(given: str, known: Collection[str]) -> str:
    return did_you_mean(given, known) or f"; known are {listed(sorted(known))}"
