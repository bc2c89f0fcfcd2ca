"""Pages as the tests read them: parsed, with the text of any part of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import html

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SITE = "https://gazette.example"
FULL = "/articles/2026/11/tides-and-turbines"  # newsroom.everything()


def page(client: FlaskClient, path: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == status, path
    return html.document_fromstring(answer.text)


def texts(root: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(it.text_content().split()) for it in root.xpath(selector)]


def headlines(root: html.HtmlElement) -> list[str]:
    return texts(root, '//*[@class="headline"]')
