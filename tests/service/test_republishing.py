"""The page from which an article is republished: what there is to copy, and when there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lxml import html

from service.addresses import OWN
from service.store import articles
from tests import newsroom
from tests.pages import page

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from service.config import Config
    from service.runtime import Runtime

FULL = "/articles/2026/11/tides-and-turbines"
PARTNERS = "/articles/2026/11/the-lantern-on-lighthouses"
UNCLEAR = "/articles/2026/11/unclear-terms"
OWN_TERMS = "/articles/2026/11/article-5"
LICENSES = """
[licenses.brief]
name = "Summary only"
text = "A summary and a link."
contact = "brief@gazette.example"
[licenses.lapsed]
name = "For a while"
text = "It was free once."
republish = "full"
valid_until = "2026-11-01"

[[sources]]
slug = "lantern\""""


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    """The test newsroom with more licenses."""
    return configure(
        ('\n[[sources]]\nslug = "lantern"', LICENSES),
        (
            'text = "Share it, with credit."\n',
            'text = "Share it, with credit."\nattribution = "{title} <by> {authors} ({source}), {url}"\n',
        ),
    )


def copies(client: FlaskClient, path: str) -> dict[str, str]:
    """What stands in the fields to copy from, as a browser takes it."""
    root: Any = page(client, f"{path}/republish")
    return {it.get("id"): it.text.removeprefix("\n") for it in root.xpath("//textarea[@readonly]")}


def test_the_page_tells_the_terms_and_gives_the_copies(client: FlaskClient) -> None:
    root: Any = page(client, f"{FULL}/republish")
    assert root.xpath("//h1")[0].text_content() == newsroom.everything().title
    said = " ".join(root.xpath("//main")[0].text_content().split())
    assert "CC BY 4.0. Share it, with credit." in said
    assert "the full text" in said
    assert "rights@gazette.example" in said
    for field in root.xpath("//textarea"):
        assert root.xpath(f'//label[@for="{field.get("id")}"]')
    answer = client.get(f"{FULL}/republish")
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert page(client, FULL).xpath(f'//a[@href="{FULL}/republish"]')


def test_the_copy_is_whole_and_credits_the_original(client: FlaskClient) -> None:
    """LIC-11: a visible credit, a canonical link, and noindex."""
    found = copies(client, FULL)
    article: Any = html.fragment_fromstring(found["copy-html"])
    assert article.xpath("h1")[0].text == newsroom.everything().title
    assert article.xpath("p")[0].text == "By Harbour Gazette Trust, Ada Marsh and Ben Okoro"
    assert "<p>Long <em>text</em>.</p>" in found["copy-html"]
    (credit,) = [it for it in article.xpath("p") if "<by>" in it.text_content()]
    assert credit.text_content() == (
        'Tides & "turbines": <power> at sea <by> Harbour Gazette Trust, Ada Marsh and Ben Okoro'
        f" (The Harbour Gazette), https://gazette.example{FULL}"
    )
    assert credit.xpath("a/@href") == [f"https://gazette.example{FULL}"]
    assert article.xpath('.//a[@rel="license"]/@href') == [
        "https://creativecommons.org/licenses/by/4.0/"
    ]
    assert "Copyright (c) Ada Marsh and Ben Okoro, 2026" in found["copy-text"]
    assert "We publish this with thanks" not in found["copy-html"]  # the note is the newsroom's own
    assert f'<link rel="canonical" href="https://gazette.example{FULL}">' in found["copy-head"]
    assert 'content="noindex"' in found["copy-head"]
    lines = found["copy-text"].split("\n\n")
    assert lines[0] == newsroom.everything().title
    assert "Long text." in lines


def test_a_partners_text_credits_the_partner(client: FlaskClient) -> None:
    found = copies(client, PARTNERS)
    original = "https://lantern.example/lighthouses"
    assert f"Cleo Duarte (The Lantern), {original}" in found["copy-text"]
    assert f'<link rel="canonical" href="{original}">' in found["copy-head"]
    assert page(client, PARTNERS).xpath('/html/head/link[@rel="canonical"]/@href') == [original]


def test_links_to_our_pages_are_whole_and_nothing_runs(
    client: FlaskClient, runtime: Runtime
) -> None:
    hostile = newsroom.article(
        30, title="</textarea><script>alert(1)</script>", slug="hostile", license="cc-by",
        content=f'<p><a href="{OWN}theme/energy">Energy</a></p>',
    )  # fmt: skip
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [hostile], now=newsroom.NOW)
    answer = client.get(f"/articles/{saved.path}/republish")
    assert "<script>alert" not in answer.text
    found = copies(client, f"/articles/{saved.path}")
    assert 'href="https://gazette.example/theme/energy"' in found["copy-html"]
    assert "<script" not in found["copy-html"]
    assert "Energy (https://gazette.example/theme/energy)" in found["copy-text"]


def test_a_summary_is_all_there_is_to_copy_where_no_more_is_allowed(
    client: FlaskClient, runtime: Runtime
) -> None:
    brief = newsroom.article(30, slug="brief", license="brief")
    with runtime.store.writing() as tx:
        (saved,) = articles.save(tx, [brief], now=newsroom.NOW)
    found = copies(client, f"/articles/{saved.path}")
    assert "Text of article 30" not in found["copy-html"] + found["copy-text"]
    assert "Summary 30." in found["copy-text"]
    assert f"(https://gazette.example/articles/{saved.path})" in found["copy-text"]


def test_what_may_not_be_republished_is_refused_with_the_reason(
    client: FlaskClient, runtime: Runtime
) -> None:
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(31, slug="lapsed", license="lapsed")], now=newsroom.NOW)
    table = {
        UNCLEAR: ("No terms", "ask Unclear Terms Weekly (https://unclear.example/)"),
        "/articles/2026/11/article-15": ("does not allow", "write to rights@gazette.example"),
        "/articles/2026/11/lapsed": ("have ended", "write to rights@gazette.example"),
    }
    for path, (reason, whom) in table.items():
        answer = client.get(f"{path}/republish")
        assert answer.status_code == 403
        assert reason in answer.text
        assert whom in answer.text
        told = client.get(f"{path}/republish", headers={"Accept": "application/problem+json"})
        assert (told.status_code, told.json["status"]) == (403, 403)
        assert reason in told.json["detail"]
        if path != "/articles/2026/11/article-15":
            assert not page(client, path).xpath('//a[contains(@href, "/republish")]')


def test_there_is_no_such_page(client: FlaskClient, runtime: Runtime) -> None:
    for path in ("2026/11/nothing", "2026/11/article-13", "2026/11", "x", "2026/11/a/b"):
        assert client.get(f"/articles/{path}/republish").status_code == 404
    with runtime.store.writing() as tx:
        named = newsroom.article(32, slug="republish", title="Republish")
        articles.save(tx, [named], now=newsroom.NOW)
        articles.retract(tx, 5, reason="Twice", now=newsroom.NOW)
    assert client.get("/articles/2026/11/republish").status_code == 200
    assert client.get("/articles/2026/11/republish/republish").status_code == 200
    assert client.get("/articles/2026/11/article-5/republish").status_code == 410
