"""The published grammars that documents are held against."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from lxml import etree

_FOLDER = Path(__file__).parent.parent / "data" / "schemas"
_ATOM = etree.RelaxNG(etree.parse(_FOLDER / "atom.rng"))
_JSON_FEED = jsonschema.Draft202012Validator(
    json.loads((_FOLDER / "jsonfeed-1.1.json").read_text(encoding="utf-8")),
    format_checker=jsonschema.FormatChecker(),
)


def atom_errors(document: bytes) -> list[str]:
    """What RFC 4287 Appendix B finds wrong, its RELAX NG and then its two Schematron rules."""
    root = etree.fromstring(document)
    _ATOM.validate(root)
    atom = {"a": "http://www.w3.org/2005/Atom"}
    unsigned = root.xpath("/a:feed[not(a:author) and a:entry[not(a:author)]]", namespaces=atom)
    nowhere = root.xpath(
        "//a:entry[not(a:content) and not(a:link[@rel='alternate' or not(@rel)])]", namespaces=atom
    )
    return [
        *(f"line {error.line}: {error.message}" for error in _ATOM.error_log),
        *("an entry of no author, in a feed of none" for _ in unsigned),
        *("an entry without content and page" for _ in nowhere),
    ]


def json_errors(document: bytes) -> list[str]:
    """What the JSON Feed 1.1 schema finds wrong."""
    return [error.message for error in _JSON_FEED.iter_errors(json.loads(document))]
