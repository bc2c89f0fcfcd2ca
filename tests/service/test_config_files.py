"""The shipped config.toml, the starter file, the JSON Schema and the reference page."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.config import Config, load, parse
from service.config.outline import NAME, sections
from service.config.reference import markdown
from service.config.schema import schema
from service.config.starter import starter_text
from service.config.wording import dotted

ROOT = Path(__file__).parents[2]
SHIPPED = (ROOT / "config.toml").read_text(encoding="utf-8")
STARTER = starter_text("Harbour Post", "https://harbour-post.example")
COMMENTED = re.compile(r"^# (?=\[|[a-z_]+ = )", re.MULTILINE)

KEYS = [(it, name) for it in sections() if it.path and it.is_told for name in it.keys]


def test_the_shipped_file_is_the_example_newsroom():
    config = load(ROOT / "config.toml")
    assert config.site.title == "The Meridian Review"
    assert {name: len(it.terms) for name, it in config.taxonomies.items()} == {
        "theme": 5,
        "region": 6,
        "report": 3,
    }
    assert [slug for slug, term in config.taxonomies["report"].terms.items() if term.closed] == [
        "tides-of-change"
    ]
    assert set(config.licenses) == {"house", "cc-by", "public-domain", "summary-only"}
    assert [(source.slug, source.paused) for source in config.sources] == [("nasa", True)]
    assert config.content.first_articles == ROOT / "examples/articles"


def test_the_shipped_file_shows_every_key():
    shown = tomllib.loads(COMMENTED.sub("", SHIPPED))
    for section, name in KEYS:
        tables = [shown]
        for part in section.path:
            tables = [inner for table in tables for inner in entered(table, part)]
        assert any(name in table for table in tables), f"{section.header} {name}"


def entered(table, part):
    if part == NAME:
        return table.values()
    return table if isinstance(table, list) else [table.get(part, {})]


def test_what_the_shipped_file_leaves_out_is_shown_with_its_default():
    config = load(ROOT / "config.toml")
    spelled_out = parse(COMMENTED.sub("", SHIPPED), ROOT / "config.toml")
    for table in ("content", "fetch", "storage", "server"):
        for name, field in type(getattr(config, table)).model_fields.items():
            if field.default is not None:
                assert getattr(getattr(spelled_out, table), name) == getattr(
                    getattr(config, table), name
                )


@pytest.mark.parametrize("text", [SHIPPED, STARTER], ids=["shipped", "starter"])
def test_what_is_commented_out_can_be_taken_in(text):
    parse(COMMENTED.sub("", text), ROOT / "config.toml")


def test_the_starter_has_no_sources_and_no_articles():
    config = parse(STARTER)
    assert config.site.title == "Harbour Post"
    assert config.site.public_url == "https://harbour-post.example"
    assert config.sources == ()
    assert config.content.first_articles is None


def test_the_starter_keeps_its_comments():
    assert "# every link and feed address starts with it" in STARTER
    assert STARTER.startswith("# feedwright's configuration")


@given(st.text(min_size=1).filter(str.strip))
def test_a_starter_of_any_title_loads(title):
    assert parse(starter_text(title, "https://a.example")).site.title == title


def test_the_reference_page_is_up_to_date():
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    remedy = "run: python -m service.config.reference > docs/configuration.md"
    assert page == markdown(), remedy


def test_every_table_and_key_is_explained():
    reference = markdown()
    for section, name in KEYS:
        assert section.model.model_fields[name].description, f"{section.header} {name}"
        assert section.model.__doc__
        assert f"## `{section.header}`" in reference


def test_the_schema_takes_what_the_check_takes():
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    for text in (SHIPPED, STARTER, COMMENTED.sub("", SHIPPED), COMMENTED.sub("", STARTER)):
        validator.validate(tomllib.loads(text))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('language = "en"', 'langauge = "en"'),
        ('title = "The Meridian Review"', "title = 1"),
        ('title = "The Meridian Review"\n', ""),
        ('interval = "6h"', 'interval = "6x"'),
        ('republish = "full"', 'republish = "ful"'),
        ("[server]", "[serverr]"),
        ("# port = 8000", "port = 80000"),
        ("paused = true", 'paused = "yes"'),
    ],
)
def test_the_schema_refuses_what_the_check_refuses(before, after):
    assert before in SHIPPED
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(SHIPPED.replace(before, after)), schema())


def test_the_schema_tells_defaults_as_they_are_written():
    tables = schema()["$defs"]
    assert tables["Fetch"]["properties"]["total"]["default"] == "20s"
    assert tables["Storage"]["properties"]["database"]["default"] == "sqlite:data/feedwright.db"
    assert "null" not in str(tables)


def test_headers_are_written_as_in_the_file():
    headers = [section.header for section in sections(Config)]
    assert "[[site.support]]" in headers
    assert "[taxonomies.NAME.terms.NAME]" in headers
    assert dotted(("sources", 1, "categories", "in depth")) == 'sources[1].categories."in depth"'
