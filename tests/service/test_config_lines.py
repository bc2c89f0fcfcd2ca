"""The lines on which keys stand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from service.config.lines import key_lines, line_of

ROOT = Path(__file__).parents[2]
EXAMPLE = """\
title.short = "a"
[site.contacts]
editor = "b"
[site]
"quoted key" = 1
'lit.eral' = { inner = 1, deep.er = 2 }
"\\u0061bc" = 3
list = [
  # a comment
  1, { x = 1 },

  [2,
   3],
]
[[sources]]
slug = "a"
[sources.categories]
theme = ["x"]
[[sources]]
slug = "b"
[[sources.links]]
href = "c"
[[sources.links]]
href = "d"
[sources.categories]
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 1),
        (("title", "short"), 1),
        (("site",), 4),
        (("site", "contacts"), 2),
        (("site", "contacts", "editor"), 3),
        (("site", "quoted key"), 5),
        (("site", "lit.eral", "inner"), 6),
        (("site", "lit.eral", "deep", "er"), 6),
        (("site", "abc"), 7),
        (("site", "list", 0), 10),
        (("site", "list", 1, "x"), 10),
        (("site", "list", 2), 12),
        (("site", "list", 2, 1), 13),
        (("sources",), 15),
        (("sources", 0, "slug"), 16),
        (("sources", 0, "categories"), 17),
        (("sources", 0, "categories", "theme", 0), 18),
        (("sources", 1), 19),
        (("sources", 1, "links", 0, "href"), 22),
        (("sources", 1, "links", 1, "href"), 24),
        (("sources", 1, "categories"), 25),
    ],
)
def test_every_key_has_its_line(key, line):
    tomllib.loads(EXAMPLE)
    assert key_lines(EXAMPLE)[key] == line


def test_a_missing_key_has_the_line_of_the_table_around_it():
    lines = key_lines(EXAMPLE)
    assert line_of(("sources", 1, "url"), lines) == 19
    assert line_of(("site", "contacts", "media"), lines) == 2
    assert line_of(("server", "port"), lines) == 1
    assert line_of((), {}) == 1


def test_the_lines_of_the_shipped_file_cover_all_that_is_in_it():
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    lines = key_lines(text)
    written = text.splitlines()
    for key in every_key(tomllib.loads(text)):
        names = [part for part in key if isinstance(part, str)]
        assert names[-1] in written[lines[key] - 1]


def every_key(value, path=()):
    children = value.items() if isinstance(value, dict) else enumerate(value)
    for part, child in children:
        yield (*path, part)
        if isinstance(child, dict | list):
            yield from every_key(child, (*path, part))
