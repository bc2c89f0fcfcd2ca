"""The published grammars that documents are held against."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from lxml import etree

_FOLDER = Path(__file__).parent.parent / "data" / "schemas"
_ATOM = etree.RelaxNG(etree.parse(_FOLDER / "atom.rng"))
_RSL = etree.RelaxNG(etree.parse(_FOLDER / "rsl.rng"))
_JSON_FEED = jsonschema.Draft202012Validator(
    json.loads((_FOLDER / "jsonfeed-1.1.json").read_text(encoding="utf-8")),
    format_checker=jsonschema.FormatChecker(),
)


def atom_errors(document: bytes) -> list[str]:
    """What RFC 4287 Appendix B finds wrong, its RELAX NG and then its two Schematron rules."""
    root = etree.fromstring(document)
    _ATOM.validate(root)
    found = [f"line {error.line}: {error.message}" for error in _ATOM.error_log]
    for entry in root.iterfind("{*}entry"):
        rels = [link.get("rel", "alternate") for link in entry.iterfind("{*}link")]
        if root.find("{*}author") is None and entry.find("{*}author") is None:
            found.append("an entry of no author, in a feed of none")
        if entry.find("{*}content") is None and "alternate" not in rels:
            found.append("an entry without content and page")
    return found


def rsl_errors(document: bytes | etree._Element) -> list[str]:
    """What is wrong with an RSL document, or with a content element of a feed; each rule stands once."""
    root = etree.fromstring(document) if isinstance(document, bytes) else document
    _RSL.validate(etree.fromstring(etree.tostring(root, with_tail=False)))
    found = [f"line {error.line}: {error.message}" for error in _RSL.error_log]
    for license_ in root.iter("{*}license"):
        rules = [(etree.QName(it).localname, it.get("type")) for it in license_ if it.get("type")]
        found += [f"{rule} stands twice" for rule in set(rules) if rules.count(rule) > 1]
    return found


def json_errors(document: bytes) -> list[str]:
    """What the JSON Feed 1.1 schema finds wrong."""
    return [error.message for error in _JSON_FEED.iter_errors(json.loads(document))]
