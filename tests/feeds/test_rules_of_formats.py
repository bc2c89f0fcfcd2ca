"""The rules of the formats by their ids: each holds in every golden document, and notices what breaks it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache
from typing import Any

import pytest
from lxml import etree

from feeds.model import Format
from feeds.namespaces import IRIS
from tests.feeds import golden

PREFIXES = {**IRIS, "re": "http://exslt.org/regular-expressions"}
RFC_3339 = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$"

OURS = "/*[preceding-sibling::processing-instruction()]"  # the newsroom's documents, which say all there is
HEAD_AUTHOR = """<author>
    <name>The Harbour Courier</name>
    <uri>https://courier.example/about</uri>
  </author>"""

# By the ids of rules: an XPath that finds breaches; a golden document, and what makes it breach them.
RSS = {
    "RSS-01": ("/rss[@version != '2.0' or count(*) != 1]"
        " | //channel[count(title) != 1 or count(link) != 1 or count(description) != 1]",
        "plain", "<description>Research and news from the coast</description>", ""),
    "RSS-02": ("//channel[count(atom:link[@rel='self']) != 1]"
        " | //atom:link[@rel='self'][@type != 'application/rss+xml' or not(re:test(@href, '^https?:'))]",
        "plain", 'rel="self" type="application/rss+xml"', 'rel="self" type="text/xml"'),
    "RSS-03": ("//item[not(title or description)] | //item/following-sibling::*[not(self::item)]",
        "plain", "</channel>", "<docs>https://courier.example/</docs></channel>"),
    "RSS-04": ("//item[count(guid) != 1] | //guid[not(@isPermaLink='false') and not(re:test(., '^https?:'))]",
        "podcast", ' isPermaLink="false"', ""),
    "RSS-06": (r"//author[not(re:test(., '^\S+@\S+ \(.+\)$'))] | //item[author and dc:creator]",
        "podcast", "<pubDate>", "<author>Dana Reyes</author><pubDate>"),
    "RSS-09": ("//category[@domain and not(re:test(@domain, '^https?:'))] | //category[contains(., ';')]",
        "republished", ' domain="https://courier.example/theme"', ' domain="theme"'),
    "RSS-10": ("//source[not(re:test(@url, '^https?:')) or not(string())]",
        "republished", ' url="https://lantern.example/feed.xml"', ""),
    "RSS-11": ("//content:encoded/following-sibling::description",
        "podcast", "<guid", "<description>Late.</description><guid"),
    "RSS-14": ("//item[count(enclosure) > 1] | //enclosure[not(@length >= 0) or not(@type) or not(@url)]",
        "podcast", ' length="12345678"', ""),
    "RSS-15": ("//image[not(url) or title != ../title or link != ../link]",
        "plain", "<title>The Harbour Courier</title>\n      <link>", "<title>Another</title>\n      <link>"),
    "RSS-16": (r"//ttl[not(re:test(., '^\d+$'))] | //hour[not(. >= 0 and . <= 23)]",
        "plain", "<ttl>60", "<ttl>1.5"),
    "RSS-17": ("//sy:*[not(re:test(local-name(), '^update(Period|Frequency|Base)$'))]",
        "plain", "<sy:updatePeriod>daily</sy:updatePeriod>", "<sy:UpdatePeriod>daily</sy:UpdatePeriod>"),
    "RSS-18": ("//textInput | //rating", "plain", "<image>", "<rating>5</rating><image>"),
    "RSS-19": (r"//language[not(re:test(., '^[a-z]{2,3}(-\w+)*$'))] | //channel[not(language)]",
        "plain", "<language>en<", "<language>English<"),
    "RSS-20": (f"{OURS}//item[not(dcterms:modified and dc:rights)] | {OURS}/channel[not(copyright)]",
        "newsroom/after", "<copyright>Copyright (c) Harbour Gazette Trust</copyright>", ""),
    "RSS-24": (f"//cloud | {OURS}//atom:link[@rel='hub']",
        "newsroom/after", "<copyright>", "<cloud/><copyright>"),
    "MED-02": ("//media:*/following-sibling::*[self::title or self::description or self::content:encoded]",
        "podcast", "<title>Episode", '<media:thumbnail url="https://media.example/a.jpg"/><title>Episode'),
    "LIC-07": ("//rsl:content[not(@url) or not(rsl:license)]",
        "plain", "<image>", '<rsl:content url="/"/><image>'),
}  # fmt: skip
ATOM = {
    "ATM-01": ("//*[self::atom:feed or self::atom:entry]"
        "[count(atom:id) != 1 or count(atom:updated) != 1 or count(atom:title[text()]) != 1]",
        "untitled", "<updated>", "<updated/><updated>"),
    "ATM-02": ("/atom:feed[not(atom:author)]/atom:entry[not(atom:author)]",
        "hostile_title", HEAD_AUTHOR, ""),
    "ATM-03": ("//atom:entry[not(atom:content) and not(atom:link[@rel='alternate'])]"
        " | //atom:entry[count(atom:link[@rel='alternate']) > 1]",
        "podcast", 'rel="enclosure"', 'rel="alternate"'),
    "ATM-04": (f"//*[self::atom:updated or self::atom:published][not(re:test(., '{RFC_3339}'))]",
        "podcast", "2026-11-14T09:00:00Z", "2026-11-14t09:00:00z"),
    "ATM-05": ("//*[self::atom:author or self::atom:contributor][not(string(atom:name))]",
        "podcast", "<name>Dana Reyes</name>", "<name/>"),
    "ATM-06": ("//atom:category[not(@term)]"
        f" | {OURS}//atom:category[not(@label and re:test(@scheme, '^https?:'))]",
        "republished", ' term="law"', ""),
    "ATM-07 ATM-08 ATM-09": ("//atom:content[@src or not(@type='html' or @type='text' or not(@type))]",
        "podcast", '<content type="html">', '<content type="CDATA">'),
    "ATM-10": ("//atom:link[not(@rel)] | //atom:link[@rel='enclosure'][not(@type)]",
        "podcast", ' rel="enclosure"', ""),
    "ATM-11": ("//atom:source[not(atom:id and atom:title and atom:updated)]"
        " | //atom:entry[atom:link[@rel='via']][not(atom:source)]",
        "republished", "<id>tag:lantern.example,2010:feed</id>", ""),
    "ATM-13": ("/atom:feed[not(@xml:lang)]", "plain", ' xml:lang="en"', ""),
    "ATM-14": ("//*[@xml:base] | //atom:*[@href][not(re:test(@href, '^https?:'))]",
        "podcast", 'href="https://media.example/fog.mp3"', 'href="/fog.mp3"'),
    "ATM-15": ("/atom:feed[count(atom:link[@rel='self']) != 1]"
        " | //atom:link[not(re:test(@rel, '^([a-z][a-z0-9.-]*|https?:.+)$'))]",
        "plain", 'rel="self"', 'rel="Myself"'),
    "ID-05": ("//atom:id[not(re:test(., '^(tag|urn|https?):'))]", "plain", "<id>tag:", "<id>"),
    "ID-13": ("//atom:entry[atom:id = preceding-sibling::atom:entry/atom:id]",
        "three_authors", "</feed>", "{entry}</feed>"),
    "THR-01": ("//thr:in-reply-to[not(re:test(@ref, '^(tag|urn|https?):'))]",
        "follow_up", 'ref="tag:', 'ref="'),
    "MED-01": ("//media:content[not(@url) or not(@medium)] | //media:group",
        "podcast", ' medium="image"', ""),
}  # fmt: skip


def of_items(document: dict[str, Any], breach: Callable[[dict[str, Any]], object]) -> list[object]:
    return [it["id"] for it in document["items"] if breach(it)]


JSON: dict[str, tuple[Callable[[dict[str, Any]], object], str, str, str]] = {
    "JF-01": (lambda it: {"title", "home_page_url", "feed_url", "items"} - it.keys() or of_items(
        it, lambda item: type(item["id"]) is not str or not {"content_html", "content_text"} & item.keys()),
        "plain", '"content_html"', '"content"'),
    "JF-02": (lambda it: of_items(
        it, lambda item: item.get("author") != next(iter(item.get("authors", [])), None)),
        "three_authors", '"author": {\n    "name": "', '"author": {\n    "name": "Another '),
    "JF-03": (lambda it: of_items(it, lambda item: re.search(r"<\w+>", item.get("summary", ""))),
        "podcast", '"summary": "', '"summary": "<b>'),
    "JF-04": (lambda it: "language" not in it, "plain", '"language"', '"tongue"'),
    "JF-06": (lambda it: of_items(
        it, lambda item: "source" in item.get("_feedwright", {}) and not {"url", "external_url"} <= {*item}),
        "republished", '"external_url"', '"original"'),
    "JF-07": (lambda it: it.get("expired", False) != it["_feedwright"].get("complete", False),
        "complete_report", ' "expired": true,', ""),
}  # fmt: skip
RULES = [
    *((ids, Format.RSS, *rule) for ids, rule in RSS.items()),
    *((ids, Format.ATOM, *rule) for ids, rule in ATOM.items()),
    *((ids, Format.JSON, *rule) for ids, rule in JSON.items()),
]


def breaches(rule: Any, document: str) -> Any:
    """What breaches a rule in a document; nothing if that is empty or false."""
    if callable(rule):
        return rule(json.loads(document))
    return etree.fromstring(document.encode()).xpath(rule, namespaces=PREFIXES)


@cache
def documents(kind: Format) -> dict[str, str]:
    """Every golden document of a format."""
    paths = [golden.document(name, kind) for name in golden.NAMES]
    paths += (golden.FOLDER / "newsroom").glob(f"*.{kind.value}")
    return {str(it.relative_to(golden.FOLDER)): it.read_text(encoding="utf-8") for it in paths}


@pytest.mark.parametrize(
    ("kind", "rule", "name", "old", "new"),
    [pytest.param(*rest, id=ids) for ids, *rest in RULES],
)
def test_a_rule_holds_and_notices_what_breaks_it(
    kind: Format, rule: Any, name: str, old: str, new: str
) -> None:
    for title, document in documents(kind).items():
        assert not breaches(rule, document), title
    sound = documents(kind)[f"{name}.{kind.value}"]
    assert old in sound
    entry = "".join(re.findall(r"<entry>.*?</entry>", sound, re.S)[:1])
    assert breaches(rule, sound.replace(old, new.replace("{entry}", entry), 1))


def test_dates_of_rss_have_the_right_weekday() -> None:
    """RSS-05: RFC 822 with a year of four digits, English names, and GMT."""
    for document in documents(Format.RSS).values():
        for date in re.findall(r"<(?:pubDate|lastBuildDate)>(.*?)<", document):
            assert format_datetime(parsedate_to_datetime(date), usegmt=True) == date


def test_bylines_are_in_the_same_order_in_every_format() -> None:
    """RSS-07, ATM-05, JF-02: as many creators as authors, in the order of the byline."""
    for name, document in documents(Format.JSON).items():
        stem = name.removesuffix("json")
        told = [
            [it["name"] for it in item.get("authors", [])] for item in json.loads(document)["items"]
        ]
        rss, atom = (
            etree.fromstring(documents(kind)[stem + kind.value].encode())
            for kind in (Format.RSS, Format.ATOM)
        )
        paths = {"channel/item": "dc:creator", "atom:entry": "atom:author/atom:name"}
        for root, (items, names) in zip((rss, atom), paths.items(), strict=True):
            found = [
                [it.text for it in one.findall(names, IRIS)] for one in root.findall(items, IRIS)
            ]
            assert found == told, name
