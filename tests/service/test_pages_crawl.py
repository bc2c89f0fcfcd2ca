"""A walk over the whole site: every link leads somewhere, every page is sound, every color can be read."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from lxml import html

from service.runtime import Current
from service.web import create_app

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from service.runtime import Runtime

SITE = "https://gazette.example"
ELSEWHERE = ("/media/", "/members")  # on the same host, but not ours to serve
VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
PAIRS = [("ink", "paper"), ("ink", "wash"), ("quiet", "paper"), ("quiet", "wash"), ("accent", "paper"),
         ("accent", "wash"), ("paper", "accent"), ("paper", "ink"), ("feed", "paper"),
         ("paper", "feed")]  # fmt: skip


class Balance(HTMLParser):
    """Checks that every element is closed where it should be, and none holds style or a script to run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        given = dict(attrs)
        is_ours = (given.get("src") or "").startswith("/static/")
        if tag == "style" or (
            tag == "script" and not is_ours and given.get("type") != "application/ld+json"
        ):
            self.faults.append(f"<{tag}>")
        self.faults += [name for name, _ in attrs if name == "style" or name.startswith("on")]
        repeated = [name for name, n in Counter(name for name, _ in attrs).items() if n > 1]
        self.faults += repeated

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


@pytest.fixture
def site(runtime: Runtime) -> dict[str, html.HtmlElement]:
    """Every page that can be reached from the front page, by address; every link has answered 200."""
    client = create_app(Current(runtime)).test_client()
    pages: dict[str, html.HtmlElement] = {}
    seen = {"/"}
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        root = fetched(client, path)
        if root is None:
            continue
        pages[path] = root
        addresses = root.xpath("//@href | //img/@src")
        found = {inner for it in addresses if (inner := local(it))}
        waiting += sorted(found - seen)
        seen |= found
    return pages


def fetched(client: FlaskClient, path: str) -> html.HtmlElement | None:
    with client.get(path) as answer:
        assert answer.status_code == 200, path
        if answer.mimetype != "text/html":
            return None
        balance = Balance()
        text = answer.get_data(as_text=True)
        balance.feed(text)
        assert not balance.faults, (path, balance.faults)
        assert not balance.open, (path, balance.open)
        return html.document_fromstring(text)


def local(address: str) -> str | None:
    """The path of an address of the site's own, without the fragment."""
    path = address.partition("#")[0].removeprefix(SITE)
    return path if path.startswith("/") and not path.startswith(ELSEWHERE) else None


def test_the_whole_site_is_reached_and_sound(site: dict[str, html.HtmlElement]) -> None:
    assert {"/", "/feeds", "/terms", "/theme/", "/author/", "/author/ben-okoro", "/source/lantern",
            "/?page=3", "/articles/2026/11/maqal"} <= site.keys()  # fmt: skip
    faulty = {path: found for path, root in site.items() if (found := problems(root))}
    assert not faulty
    assert not titles_twice(site)


def problems(root: html.HtmlElement) -> list[str]:
    """What keeps people who do not see the page, or do not use a mouse, from using it."""
    ids = [str(it) for it in root.xpath("//@id")]
    levels = [int(it.tag[1]) for it in root.xpath("//h1 | //h2 | //h3 | //h4")]
    checks = {
        "needs one h1": len(root.xpath("//h1")) == 1,
        "needs one main": len(root.xpath("//main")) == 1,
        "needs a header and a footer": bool(root.xpath("/html/body/header and /html/body/footer")),
        "needs a language": bool(root.get("lang")) and bool(root.get("dir")),
        "needs a title": bool(root.findtext(".//title")),
        "starts with a way past the header": root.xpath("//body//a")[0].get("href") == "#content",
        "has a link that says nothing": all(spoken(it) for it in root.xpath("//a")),
        "has a nav without a name": not root.xpath("//nav[not(@aria-label)]"),
        "has a section without a name": not root.xpath(
            "//main/section[not(@aria-label or @aria-labelledby)]"
        ),
        "has a picture without alt": not root.xpath("//img[not(@alt)]"),
        "has an id twice": len(ids) == len(set(ids)),
        "names an id that is not there": set(root.xpath("//@aria-labelledby")) <= set(ids),
        "has a fragment that is not there": {
            str(it)[1:] for it in root.xpath("//a/@href[starts-with(., '#')]")
        }
        <= set(ids),
        "skips a heading level": all(deeper - level <= 1 for level, deeper in pairwise(levels)),
    }
    return [problem for problem, holds in checks.items() if not holds]


def spoken(link: html.HtmlElement) -> bool:
    return bool(link.text_content().strip() or link.xpath("img/@alt"))


def titles_twice(site: dict[str, html.HtmlElement]) -> dict[str, set[str]]:
    """Titles that several pages have, with the addresses of these."""
    titles: dict[str, set[str]] = {}
    for root in site.values():
        canonical = root.xpath('string(//link[@rel="canonical"]/@href)')
        titles.setdefault(str(root.findtext(".//title")), set()).add(canonical)
    return {title: pages for title, pages in titles.items() if len(pages) > 1}


def test_every_color_can_be_read_in_light_and_dark() -> None:
    """WCAG 2.2, 1.4.3 (AA): text stands out by 4.5 to 1."""
    sheet = files("service.web").joinpath("static", "site.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
        for block in re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    )
    for colors in (light, dark):
        for text, ground in PAIRS:
            assert contrast(colors[text], colors[ground]) >= 4.5, (text, ground, colors)


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
