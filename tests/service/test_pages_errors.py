"""Error pages for people, problem documents for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from lxml import html
from msgspec.structs import replace

from service.runtime import Current
from service.store import Store
from service.web import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

    from service.runtime import Runtime

PROBLEM = "application/problem+json"
MISSING = ("/nothing", "/theme/nothing", "/nothing/energy", "/author/nobody", "/articles/2026/11/nothing",
           "/feeds/nothing.atom", "/%00", "/?page=9", "/author/%00", "/articles/x%00", "/theme/ENERGY",
           "/static/nothing.css", "/static/../../pyproject.toml", "/theme/" + "a" * 3000)  # fmt: skip
FORMS = {
    None: "text/html",
    "*/*": "text/html",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "text/html",
    "application/atom+xml": "text/html",
    "application/json": PROBLEM,
    "application/problem+json": PROBLEM,
    "application/json, text/html;q=0.5": PROBLEM,
}


def test_what_is_not_there_is_404(client: FlaskClient) -> None:
    for path in MISSING:
        answer = client.get(path)
        assert answer.status_code == 404, path
        root = html.document_fromstring(answer.text)
        assert root.findtext(".//h1") == "There is nothing here"
        assert {"/", "/feeds"} <= {it.get("href") for it in root.iter("a")}
        assert answer.headers["Vary"] == "Accept"


def test_the_form_that_the_client_likes_better(client: FlaskClient) -> None:
    for accept, media_type in FORMS.items():
        answer = client.get("/nothing", headers={"Accept": accept} if accept else {})
        assert answer.mimetype == media_type, accept


def test_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": PROBLEM})
    assert answer.get_json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "The address may be mistyped, or what stood here has moved.",
    }


def test_pages_are_only_read(client: FlaskClient) -> None:
    for path in ("/", "/feeds", "/theme/energy", "/articles/2026/11/article-5"):
        answer = client.post(path)
        assert answer.status_code == 405
        assert {"GET", "HEAD"} <= {it.strip() for it in answer.headers["Allow"].split(",")}
        assert "That cannot be done here" in answer.text


def test_a_store_that_cannot_be_read_is_503(runtime: Runtime, tmp_path: Path) -> None:
    """HTTP-18."""
    store = Store(f"sqlite:{tmp_path}/nowhere/site.db")
    client = create_app(Current(replace(runtime, store=store))).test_client()
    for path in ("/", "/feeds/all.atom", "/feeds.opml", "/theme/"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert answer.headers["Retry-After"].isdecimal()
        assert answer.headers["Cache-Control"] == "no-store"
        assert "unable to open" not in answer.text
    store.close()


def test_a_mistake_of_ours_is_500_and_tells_nothing(
    runtime: Runtime, caplog: pytest.LogCaptureFixture
) -> None:
    def mistake() -> str:
        raise RuntimeError("secret detail")

    app = create_app(Current(runtime))
    app.add_url_rule("/mistake", view_func=mistake)
    answer = app.test_client().get("/mistake")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "secret detail" in caplog.text
