"""The keys of the front matter, table by table, and what is said when one of them is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from service.config.wording import dotted
from service.model import AuthorKind
from service.transfer.values import (
    AuthorSlug,
    Count,
    Followed,
    Id,
    Language,
    License,
    Line,
    MediaType,
    Moment,
    Name,
    RelativePath,
    Role,
    Several,
    Slug,
    Taxonomy,
    Term,
    Text,
    Url,
    nearest,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from pydantic_core import ErrorDetails

    from service.config import Config


class Table(BaseModel):
    """A table of the front matter: unknown keys are errors, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Byline(Table):
    """Who is credited; the name alone stands for a person of that name."""

    name: Name
    kind: Annotated[AuthorKind, Field(strict=False)] = AuthorKind.PERSON
    slug: AuthorSlug | None = None
    uri: Url | None = None
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


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


Credited = Annotated[Byline, BeforeValidator(_named)]


class OriginKeys(Table):
    """Where the article was first published."""

    title: Line
    home: Url | None = None
    feed: Url | None = None
    url: Url | None = None
    id: Name | None = None
    updated: Moment | None = None
    rights: Line | None = None
    license: Url | None = None


class NoteKeys(Table):
    """The editor's note."""

    text: Text  # Markdown
    author: Credited | None = None
    date: Moment | None = None


class MediaKeys(Table):
    """A sound, film or picture that belongs to the article."""

    url: Url | None = None
    file: RelativePath | None = None  # a picture beside the article, in place of url
    role: Role | None = None
    type: MediaType | None = None
    length: Annotated[int, Field(ge=0, lt=2**63)] | None = None  # bytes
    duration: Count | None = None  # seconds
    width: Count | None = None  # pixels
    height: Count | None = None  # pixels
    title: Line | None = None
    credit: Line | None = None
    description: Line | None = None
    rights: Line | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if (self.url is None) == (self.file is None):
            raise ValueError("has to name a url or a file, one of them")
        return self


class Front(Table):
    """The front matter of an article."""

    title: Line
    date: Moment
    slug: Slug | None = None
    updated: Moment | None = None
    expires: Moment | None = None
    status: Literal["draft", "scheduled", "published"] = "published"
    authors: Several[Credited] = ()
    contributors: Several[Credit] = ()
    language: Language | None = None
    summary: Line | None = None
    categories: dict[Taxonomy, Several[Term]] = {}
    origin: OriginKeys | None = None
    rights: Line | None = None
    license: License | None = None
    editors_note: NoteKeys | None = None
    canonical_url: Url | None = None
    discussion_url: Url | None = None
    in_reply_to: Followed | None = None
    media: Several[MediaKeys] = ()
    id: Id | None = None

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
_FILED: Final = "articles are filed by taxonomy: write theme = [...] under categories"
_ELSEWHERE: Final = dict.fromkeys(("category", "keywords", "tag", "tags", "topics"), _FILED)
_HINTS: Final = {
    "missing": "is missing",
    "string_type": "is not text; put it in quotes",
    "tuple_type": "is not a list; put it in brackets: [...]",
    "dict_type": "is not a table",
    "model_type": "is not a table",
    "int_type": "should be a whole number",
    "greater_than_equal": "should be {ge} or more",
    "less_than": "should be less than {lt}",
    "invalid_key": "is a key that is not text; put it in quotes",
}


def examined(values: Mapping[str, object], config: Config) -> tuple[Front | None, list[str]]:
    """The front matter with every value in its type and dates in UTC, and all that is wrong with it."""
    try:
        return Front.model_validate(values, context=config), []
    except ValidationError as error:
        return None, [_problem(each) for each in error.errors()]


def _problem(error: ErrorDetails) -> str:
    key = dotted(step for step in error["loc"] if step != "[key]")
    return f"{key}: {_reason(error)}"


def _reason(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        return "unknown key" + _instead(error["loc"])
    message = error["msg"].removeprefix("Value error, ")
    hint = _HINTS.get(error["type"], "")
    return hint.format(**error.get("ctx", {})) or message.replace("Input should", "should")


def _instead(location: tuple[int | str, ...]) -> str:
    name = str(location[-1])
    if len(location) == 1 and name in _ELSEWHERE:
        return f"; {_ELSEWHERE[name]}"
    return nearest(name, _keys_beside(location))


def _keys_beside(location: tuple[int | str, ...]) -> Collection[str]:
    table: type[Table] = Front
    for step in location[:-1]:
        table = _TABLES.get(str(step), table)
    return table.model_fields
