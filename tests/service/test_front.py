"""Feeds from memory: the same answers as Flask's, and never one that a commit has made stale."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.test import Client

from feeds.model import Format
from feeds.reading import read
from service import publish
from service.front import Front
from service.runtime import Runtime
from service.store import Store, articles
from service.web import create_app
from tests import newsroom
from tests.newsroom import NOW

ATOM = "/feeds/theme/energy.atom"


@pytest.fixture
def asked(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The feeds that were rendered, in their order."""
    found: list[str] = []
    render = publish.rendered

    def rendered(runtime, selection, kind):
        found.append(f"{selection.path}.{kind.value}")
        return render(runtime, selection, kind)

    monkeypatch.setattr(publish, "rendered", rendered)
    return found


@pytest.fixture
def client(runtime: Runtime) -> Client:
    return Client(Front(create_app(runtime), runtime))


def edit(runtime: Runtime, **changed) -> None:
    other = Store(runtime.store.url)  # as another process would
    with other.writing() as tx:
        draft = replace(newsroom.everything(), **changed)
        articles.save(tx, [draft], now=NOW + timedelta(minutes=5))
    other.close()


@pytest.mark.parametrize("kind", Format)
@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "gzip"}], ids=["identity", "gzip"])
def test_front_answers_as_flask_does(client, runtime, clock, kind, headers):
    clock.advance(2)
    path = f"/feeds/all.{kind.value}"
    plain = create_app(runtime).test_client().get(path, headers=headers)
    for _ in range(2):
        answer = client.get(path, headers=headers)
        assert answer.status_code == 200
        assert dict(answer.headers) == dict(plain.headers)
        assert answer.data == plain.data


def test_the_second_reader_is_answered_from_memory(client, asked):
    first, second = client.get(ATOM), client.get(ATOM + "?utm_source=x")
    assert second.data == first.data
    assert asked == ["theme/energy.atom"]


def test_codings_have_tags_of_their_own(client):
    plain = client.get(ATOM)
    packed = client.get(ATOM, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_who_has_it_gets_304_without_rendering(client, asked):
    etag = client.get(ATOM).headers["ETag"]
    answer = client.get(ATOM, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == etag
    assert "Content-Type" not in answer.headers
    assert asked == ["theme/energy.atom"]


def test_head_has_no_body(client):
    answer = client.head(ATOM)
    assert answer.status_code == 200
    assert answer.data == b""
    assert int(answer.headers["Content-Length"]) == len(client.get(ATOM).data)


def test_the_next_reader_sees_what_was_committed(client, runtime):
    client.get(ATOM)
    edit(runtime, title="Tides, corrected")
    assert "Tides, corrected" in client.get(ATOM).text


def test_only_what_was_touched_is_rendered_again(client, runtime, asked):
    client.get("/feeds/source/lantern.atom")
    client.get(ATOM)
    edit(runtime, title="Tides, corrected")
    client.get("/feeds/source/lantern.atom")
    client.get(ATOM)
    assert asked == ["source/lantern.atom", "theme/energy.atom", "theme/energy.atom"]


def test_nothing_outlives_the_next_release(client, runtime, clock, asked):
    client.get(ATOM)
    clock.advance(3601)
    answer = client.get(ATOM)
    assert len(asked) == 2
    assert "max-age=0" in answer.headers["Cache-Control"]


def test_memory_is_bounded(runtime, asked):
    server = runtime.config.server.model_copy(update={"cache_bytes": 1})
    small = replace(runtime, config=runtime.config.model_copy(update={"server": server}))
    client = Client(Front(create_app(small), small))
    assert client.get(ATOM).data == client.get(ATOM).data
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feeds/theme/none.atom", 404),
        ("GET", "/", 200),
        ("POST", ATOM, 405),
        ("GET", "/feeds", 200),
    ],
)
def test_everything_else_is_flasks(client, method, path, status):
    assert client.open(path, method=method).status_code == status


def test_last_modified_waits_until_its_second_is_over(runtime, clock):
    """RFC 9110 section 8.8.2.2: within it, another change would go unseen by its date."""
    client = Client(Front(create_app(runtime), runtime))
    assert "Last-Modified" not in client.get(ATOM).headers
    clock.advance(1)
    assert "Last-Modified" in client.get(ATOM).headers
    found = read(client.get(ATOM).data, url="https://gazette.example/", content_type=None)
    assert found.entries
