"""The pages in a real browser: wide and narrow, light and dark, by keyboard alone, and under axe."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.chromium import View
from tests.pages import FULL

if TYPE_CHECKING:
    from tests.browser.chromium import Chromium

pytestmark = [
    pytest.mark.needs("chromium"),
    # What a browser makes of a page has nothing to do with the database.
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]
AXE = Path(__file__).parent.parent / "data" / "axe" / "axe.min.js"
FEEDS = ("/feeds/all.atom", "/feeds/theme/energy.rss")
BUILT = "/feeds?theme=energy&not-region=islands"
SUBSCRIBE = "/subscribe/theme/energy,water"
REPUBLISH = f"{FULL}/republish"
SEARCH = "/search?q=article"
PAGES = ("/", "/?page=2", "/theme/", "/theme/energy", "/theme/energy/region/north-shore", "/author/ada-marsh",
         "/source/lantern", SEARCH, BUILT, SUBSCRIBE, REPUBLISH, "/terms", "/nothing", FULL,
         "/articles/2026/11/maqal", "/articles/2026/11/unruly")  # fmt: skip
WIDE, NARROW = View(1280, 900), View(390, 844)
VIEWS = (WIDE, View(768, 1024), NARROW, View(320, 800), View(390, 844, dark=True))
AUDITED = ("/", SEARCH, "/theme/energy", BUILT, SUBSCRIBE, FULL, REPUBLISH, "/author/", "/nothing")
STOPS = "a[href], button, input, select, summary, textarea"
FOCUSED = """(() => {
  const it = document.activeElement, style = getComputedStyle(it), box = it.getBoundingClientRect();
  return [
    [...document.querySelectorAll(%r)].indexOf(it),
    style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    box.bottom > 0 && box.top < innerHeight,
  ];
})()"""
DISPLAYS = """[...new Set(
  [...document.querySelectorAll("%s")].map(it => getComputedStyle(it).display)
)]"""
RIGHT_TO_LEFT = """(() => {
  const it = [...document.querySelectorAll("entry > title, item > title")]
    .find(it => it.textContent.startsWith("مقال"));
  const words = document.createRange();
  words.selectNodeContents(it);
  const [text, box] = [words.getBoundingClientRect(), it.getBoundingClientRect()];
  return [Math.round(box.right - text.right), text.left > box.left];
})()"""
BYLINE = """(() => {
  document.documentElement.dir = %r;
  document.querySelector(".article > header").dir = %r;
  const {direction, textAlign} = getComputedStyle(document.querySelector(".byline"));
  return [direction, textAlign];
})()"""
LATEST = 10.0  # seconds that a script may take on a busy machine


def test_no_page_overflows_or_breaks_its_own_policy(site: str, browser: Chromium) -> None:
    for path in (*PAGES, *FEEDS):
        browser.open(site + path, WIDE)
        for view in VIEWS:
            browser.look(view)
            width = browser.value("document.documentElement.scrollWidth")
            assert width <= view.width, (path, view, width)
        assert not browser.complaints, (path, browser.complaints)


def test_the_style_sheet_is_in_force_in_both_schemes(site: str, browser: Chromium) -> None:
    ground = "getComputedStyle(document.body || document.documentElement).backgroundColor"
    for path in ("/", *FEEDS):
        browser.open(site + path, View())
        light = browser.value(ground)
        browser.look(View(dark=True))
        assert (light, browser.value(ground)) == ("rgb(251, 248, 242)", "rgb(24, 22, 19)")


def test_a_raw_feed_is_read_like_a_page(site: str, browser: Chromium) -> None:
    """XSL-01, XSL-03: by CSS alone."""
    for path, shown, hidden in zip(
        FEEDS,
        ("entry > title, entry > summary", "item > title, item > description"),
        ("feed > id, entry > content", "channel > generator, item > guid"),
        strict=True,
    ):
        browser.open(site + path, WIDE)
        assert browser.value(DISPLAYS % shown) == ["block"]
        assert browser.value(DISPLAYS % hidden) == ["none"]
        note = "getComputedStyle(document.querySelector('feed, channel'), '::before').content"
        assert "This is a feed" in browser.value(note)


def test_a_raw_feed_runs_from_right_to_left_where_its_entries_do(
    site: str, browser: Chromium
) -> None:
    for path in ("/feeds/all.atom", "/feeds/all.rss"):
        browser.open(site + path, WIDE)
        assert browser.value(RIGHT_TO_LEFT) == [0, True], path


def test_what_the_site_says_of_an_article_runs_as_the_site_does(
    site: str, browser: Chromium
) -> None:
    """Also where the article runs the other way: its byline stands at the side where it begins."""
    browser.open(site + FULL, WIDE)
    for of_site, of_article, told in (
        ("ltr", "rtl", ["ltr", "right"]),
        ("rtl", "ltr", ["rtl", "left"]),
        ("rtl", "rtl", ["rtl", "start"]),
    ):
        assert browser.value(BYLINE % (of_site, of_article)) == told


def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    site: str, browser: Chromium
) -> None:
    for path in (BUILT, SUBSCRIBE, FULL, REPUBLISH):
        browser.open(site + path, WIDE)
        expected = browser.value(f"document.querySelectorAll({STOPS!r}).length")
        reached: list[int] = []
        while len(reached) < expected:
            browser.press("Tab")
            place, is_outlined, is_in_view = browser.value(FOCUSED % STOPS)
            if place < 0:  # within the browser's own controls of a recording
                continue
            assert is_outlined, (path, place)
            assert is_in_view, (path, place)
            reached.append(place)
        assert reached == list(range(expected)), path


def test_the_keyboard_reaches_the_text_first(site: str, browser: Chromium) -> None:
    browser.open(site + "/", View())
    browser.press("Tab")
    assert browser.value("document.activeElement.textContent") == "Skip to content"
    assert browser.value("document.activeElement.getBoundingClientRect().top") > 0


def test_the_builder_answers_each_tick_of_the_keyboard(site: str, browser: Chromium) -> None:
    browser.open(site + "/feeds", WIDE)
    browser.value("document.querySelector('input[name=theme][value=water]').focus()")
    browser.press("Space")
    until(browser, "location.search", "?theme=water")
    for _ in range(3):
        browser.press("Tab")  # past its "not", Energy and its "not" stand before: on to the regions
    browser.press("Space")
    until(browser, "location.search", "?theme=water&not-region=islands")
    built = "document.querySelector('#built input').value"
    assert browser.value(built).endswith("/feeds/theme/water/not/region/islands.atom")
    assert browser.value("document.querySelectorAll('#built .card').length") == 0
    assert browser.value("document.querySelectorAll('#built button').length") == 3
    assert not browser.complaints


def test_an_address_is_copied_by_its_button(site: str, browser: Chromium) -> None:
    browser.open(site + SUBSCRIBE, WIDE)
    button = "document.querySelector('.addresses button')"
    browser.value(f"{button}.focus()")
    browser.press("Enter")
    until(browser, f"{button}.textContent", "Copied")
    assert browser.value("getSelection().toString()").endswith("/feeds/theme/energy,water.atom")
    assert not browser.complaints


def until(browser: Chromium, expression: str, wanted: object) -> None:
    """Wait until a JavaScript expression has that value."""
    end = time.monotonic() + LATEST
    while (found := browser.value(expression)) != wanted:
        assert time.monotonic() < end, (expression, found)
        time.sleep(0.05)


def test_axe_finds_nothing_serious(site: str, browser: Chromium) -> None:
    """In a wide light window all its rules, in a narrow dark one those that look at colors and sizes."""
    rules = AXE.read_text(encoding="utf-8")
    for path in AUDITED:
        browser.open(site + path, WIDE)
        browser.value(f"{rules}; 0")
        found = audit(browser, {})
        browser.look(View(390, 844, dark=True))
        found += audit(browser, {"runOnly": ["color-contrast", "target-size"]})
        assert not found, (path, json.dumps(found, indent=1))


def audit(browser: Chromium, options: dict[str, Any]) -> list[dict[str, Any]]:
    asked = json.dumps({"resultTypes": ["violations"], **options})
    told = "({id, impact, nodes}) => ({id, impact, nodes: nodes.map(it => [it.html, it.failureSummary])})"
    found: list[dict[str, Any]] = browser.value(
        f"axe.run(document, {asked}).then(it => it.violations.map({told}))"
    )
    return [it for it in found if it["impact"] in ("serious", "critical")]
