"""The reference page of config.toml, written from the model: `python -m service.config.reference`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from service.config.outline import Section, sections
from service.config.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# config.toml

Every table and key that the file can hold. This page is written from `service/config/model.py`
by `python -m service.config.reference`; a test fails when it is out of date.

feedwright takes the file that `--config FILE` names, else the one in the environment variable
`FEEDWRIGHT_CONFIG`, else `config.toml` in the current folder, else `feedwright/config.toml` in
`$XDG_CONFIG_HOME` (usually `~/.config`). Paths in it start from the folder the file lies in. Unknown keys are
errors, and nothing is guessed: a number in quotes is not a number.

| Command | What it does |
| --- | --- |
| `feedwright init FOLDER` | writes a file to start from |
| `feedwright config check [FILE]` | lists everything that is wrong, with file, line, key and how to mend it |
| `feedwright config show` | prints the settings in force, defaults filled in, passwords hidden |
| `feedwright config schema` | prints a JSON Schema, with which editors complete and check the file |

## Kinds of value

| Kind | Written as |
| --- | --- |
| text | `"in quotes"`, never empty |
| slug | a short name in addresses, of lower-case ASCII letters, digits and single hyphens: `"city-budgets"` |
| URL | a whole address without user name and password: `"https://example.org/feed.xml"` |
| duration | a whole number and one of s, m, h, d: `"90s"`, `"15m"`, `"6h"`, `"1d"`; a year at most |
| day | a date: `"2027-06-30"` |
| filing | a taxonomy and a category of it: `"theme/energy"` |
| phrase | one word or several: `"drinking water"` |
| glob | text in which `*` stands for any characters and `?` for one: `"https://*/press/*"` |
| pattern | a regular expression of RE2, best in single quotes: `'(?i)^ad:'` |
| field | of an entry: `"title"`, `"category"` and others, see [rules](rules.md) |
| player | `"youtube"`, `"vimeo"` and others, or how addresses begin: `"https://tube.example/embed/"` |
| usage | by RSL 1.0: `"all"`, `"ai-all"`, `"ai-train"`, `"ai-input"`, `"ai-index"`, `"search"` |
| user | by RSL 1.0: `"commercial"`, `"non-commercial"`, `"education"`, `"government"`, `"personal"` |
| language tag | RFC 5646: `"en"`, `"pt-BR"` |
| time zone | its IANA name: `"UTC"`, `"Europe/Berlin"` |
| point | latitude and longitude in degrees, north and east being positive: `[60.39, 5.32]` |
| mail address | `"name@example.org"` |
| host | an address or a name alone: `"127.0.0.1"`, `"::1"`, `"localhost"` |
| network | an address with a prefix length: `"10.1.0.0/16"`, `"fd00::/8"` |
| path | `"data/articles"`, from the folder of the file, or absolute |
| database | `"sqlite:PATH"` or `"postgresql://user:password@host/name"` |

In headers, `NAME` stands for a name of your own. A table in double brackets can stand several times.
"""

_PLAIN_KINDS = {"integer": "whole number", "boolean": "`true` or `false`"}


def markdown() -> str:
    """The whole page."""
    tables = schema()["$defs"]
    pages = (_section(it, tables[it.model.__name__]) for it in sections() if it.path and it.is_told)
    return "\n".join([_HEAD, *pages])


def _section(section: Section, table: dict[str, Any]) -> str:
    return "\n".join(
        [f"## `{section.header}`", "", table["description"], "", *_rows(section, table), ""]
    )


def _rows(section: Section, table: dict[str, Any]) -> Iterator[str]:
    told = {key: value for key, value in table["properties"].items() if key in section.keys}
    keys = {key: value for key, value in told.items() if "$ref" not in _inner(value)}
    if keys:
        yield "| Key | Kind | Default | Meaning |"
        yield "| --- | --- | --- | --- |"
    for key, value in keys.items():
        default = "**required**" if key in table.get("required", ()) else _default(value)
        meaning = value["description"].replace("|", r"\|").replace("\n", " ")
        yield f"| `{key}` | {_kind(value)} | {default} | {meaning} |"


def _inner(value: dict[str, Any]) -> dict[str, Any]:
    """What the lists and tables by name in a schema hold."""
    by_name = value.get("patternProperties", {}).values()
    inner = [value.get("items"), value.get("additionalProperties"), *by_name]
    return next((it for it in inner if it), value)


def _kind(value: dict[str, Any]) -> str:
    if "enum" in value:
        return "one of " + ", ".join(f"`{json.dumps(choice)}`" for choice in value["enum"])
    if value["type"] == "array" and "title" not in value:
        return f"list of {_inner(value)['title']}s"
    if value["type"] == "object":
        return f"{_kind(_inner(value))}, by name"
    name = value.get("title") or _PLAIN_KINDS[value["type"]]
    return f"{name}{_bounds(value)}"


def _bounds(value: dict[str, Any]) -> str:
    if "minimum" not in value:
        return ""
    return f", {_number(value['minimum'])} to {_number(value['maximum'])}"


def _default(value: dict[str, Any]) -> str:
    default = value.get("default")
    if default in (None, [], {}):
        return "–"
    return f"`{_number(default) if type(default) is int else json.dumps(default)}`"


def _number(value: int) -> str:
    return f"{value:_}" if value > 99_999 else str(value)


if __name__ == "__main__":
    sys.stdout.write(markdown())
