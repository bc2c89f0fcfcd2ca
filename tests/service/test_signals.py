"""One record, many signals: RSL, robots.txt, headers, heads, feeds and the page for people agree (LIC-10)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from lxml import etree, html

from feeds.links import parse_header
from tests.feeds.schemas import atom_errors, rsl_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from service.config import Config

HOME = "https://gazette.example"
RSL = "application/rsl+xml"
OWN = "/articles/2026/11/article-5"  # under the site's license
OPEN = "/articles/2026/11/tides-and-turbines"  # under cc-by
UNCLEAR = "/articles/2026/11/unclear-terms"
HOUSE_TEXT = 'text = "Community sites may republish with credit and a link."\n'
OPEN_TEXT = 'text = "Share it, with credit."\n'
SAID = {  # by [licenses.*]: permits, prohibits
    "house": ({"search", "ai-index"}, {"ai-train"}),
    "cc-by": ({"all"}, set()),
}


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    """The test newsroom, with licenses that speak to machines."""
    return configure(
        (HOUSE_TEXT, f'{HOUSE_TEXT}permits = ["search", "ai-index"]\nprohibits = ["ai-train"]\n'),
        (OPEN_TEXT, f'{OPEN_TEXT}permits = ["all"]\npayment = "attribution"\n'),
    )


def rules(content: etree._Element) -> tuple[set[str], set[str]]:
    """The usages that a content element permits and prohibits."""
    permits, prohibits = (
        {usage for it in content.iter(f"{{*}}{name}") for usage in it.text.split(",")}
        for name in ("permits", "prohibits")
    )
    return permits, prohibits


def rsl(answer: TestResponse) -> etree._Element:
    """The one content element of an RSL document."""
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{RSL}; charset=utf-8"
    assert rsl_errors(answer.data) == []
    (content,) = etree.fromstring(answer.data)
    return content


def told(answer: TestResponse) -> str | None:
    """The path of the RSL document that a Link header names."""
    found = parse_header(answer.headers.get("Link", ""), HOME)
    (path, *more) = [it.href.removeprefix(HOME) for it in found if it.type == RSL] or [None]
    assert not more
    return path


def test_the_site_says_what_all_its_licenses_say(client: FlaskClient) -> None:
    """LIC-05."""
    content = rsl(client.get("/license.xml"))
    assert content.get("url") == "/"
    assert rules(content) == ({"search", "ai-index"}, {"ai-train", "ai-input"})
    copyright_ = content.find("{*}copyright")
    assert (copyright_.text, copyright_.get("contactEmail")) == (
        "Harbour Gazette Trust",
        "rights@gazette.example",
    )
    assert content.findtext("{*}terms") == f"{HOME}/terms"


def test_robots_txt_names_the_terms_and_the_sitemap(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert f"License: {HOME}/license.xml" in lines
    assert f"Sitemap: {HOME}/sitemap.xml" in lines
    assert lines[lines.index("User-agent: *") + 1] == "Disallow:"


def test_every_page_and_feed_leads_to_its_terms(client: FlaskClient) -> None:
    """LIC-06: by header and, on pages, in the head."""
    pages = {
        "/": "/license.xml",
        "/theme/energy": "/license.xml",
        "/terms": "/license.xml",
        OWN: f"{OWN}/license.xml",
        OPEN: f"{OPEN}/license.xml",
    }
    for path, document in pages.items():
        answer = client.get(path)
        assert told(answer) == document
        head: Any = html.fromstring(answer.data)
        hrefs = head.xpath(f'/html/head/link[@type="{RSL}"]/@href')
        assert hrefs == [HOME + document]
        assert rsl(client.get(document)) is not None
    for path in ("/feeds/all.atom", "/feeds/theme/energy.rss", "/feeds/source/lantern.json"):
        whole = client.get(path)
        assert told(whole) == "/license.xml"
        held = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
        assert (held.status_code, told(held)) == (304, "/license.xml")


def test_the_signals_of_an_article_agree(client: FlaskClient) -> None:
    """LIC-10: its own document, its item in RSS and JSON, its entry in Atom, the page for people."""
    for path, name in ((OWN, "house"), (OPEN, "cc-by")):
        content = rsl(client.get(f"{path}/license.xml"))
        assert content.get("url") == f"{path}$"
        assert rules(content) == SAID[name]
        assert rules(item_terms(client, path)) == SAID[name]
        terms = json_item(client, path)["_feedwright"]["terms"]
        assert (set(terms["permits"]), set(terms.get("prohibits", ()))) == SAID[name]
        assert terms["republish"] == "full"
        assert terms["rsl"] == f"{HOME}{path}/license.xml"
        assert said_to_people(client, name) == SAID[name]
        assert content.findtext("{*}terms") == f"{HOME}/terms#license-{name}"


def item_terms(client: FlaskClient, path: str) -> etree._Element:
    root = etree.fromstring(client.get("/feeds/all.rss").data)
    (found,) = [it for it in root.iter("{*}content") if it.get("url") == f"{HOME}{path}"]
    assert rsl_errors(found) == []
    return found


def json_item(client: FlaskClient, path: str) -> Any:
    items = json.loads(client.get("/feeds/all.json").data)["items"]
    (found,) = [it for it in items if it["url"] == f"{HOME}{path}"]
    return found


def said_to_people(client: FlaskClient, name: str) -> tuple[set[str], set[str]]:
    """What the page of terms says that machines may and may not."""
    root: Any = html.fromstring(client.get("/terms").data)
    (section,) = root.xpath(f'//section[@aria-labelledby="license-{name}"]')
    permits, prohibits = (
        set(
            re.findall(
                r"\(([a-z-]+)\)", " ".join(section.xpath(f'.//dt[.="{about}"]/../dd/text()'))
            )
        )
        for about in ("Machines may", "Machines may not")
    )
    return permits, prohibits


def test_entries_name_their_licenses_and_the_feed_names_none(client: FlaskClient) -> None:
    """LIC-01, LIC-02, RFC 4946."""
    document = client.get("/feeds/all.atom").data
    assert atom_errors(document) == []
    root = etree.fromstring(document)
    assert root.xpath("count(*[local-name()='link'][@rel='license'])") == 0
    found = {
        entry.findtext("{*}title"): [
            link.get("href")
            for link in entry.iterfind("{*}link[@rel='license']")
            if link.get("type") != RSL
        ]
        for entry in root.iterfind("{*}entry")
    }
    assert all(len(licenses) == 1 for licenses in found.values())
    assert found["Unclear terms"] == ["http://purl.org/atompub/license#unspecified"]
    assert found["Article number 5"] == [f"{HOME}/terms#license-house"]
    assert found["The Lantern on lighthouses"] == ["https://creativecommons.org/licenses/by/4.0/"]
    rss = etree.fromstring(client.get("/feeds/all.rss").data)
    assert rss.xpath("count(channel/*[local-name()='link'][@rel='license'])") == 0
    common = [it.text for it in rss.iter("{*}license") if "userland" in it.tag]
    assert set(common) == {"https://creativecommons.org/licenses/by/4.0/"}


def test_unknown_terms_say_nothing_to_machines(client: FlaskClient) -> None:
    assert client.get(f"{UNCLEAR}/license.xml").status_code == 404
    assert "terms" not in json_item(client, UNCLEAR).get("_feedwright", {})


def test_an_article_that_is_gone_has_no_terms(client: FlaskClient) -> None:
    assert client.get("/articles/2026/11/nothing/license.xml").status_code == 404
    assert client.get("/articles/2026/11/article-13/license.xml").status_code == 404  # a draft
