"""Every feed of the example newsroom, in every format, against the grammars and our own linter."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree
from pydantic import SecretStr

from feeds.linting import lint
from feeds.model import Format
from feeds.opml import read_opml
from service import config as configuration
from service import runtime as running
from service.config.model import Storage
from service.runtime import Current
from service.transfer import import_path
from service.web import create_app
from tests.feeds import schemas

ROOT = Path(__file__).parents[2]
CHECKS = {
    Format.ATOM: schemas.atom_errors,
    Format.RSS: lambda _: [],
    Format.JSON: schemas.json_errors,
}


@pytest.fixture
def client(tmp_path, clock, parser):
    shipped = configuration.load(ROOT / "config.toml")
    storage = Storage(database=SecretStr(f"sqlite:{tmp_path}/examples.db"))
    config = shipped.model_copy(update={"storage": storage})
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as runtime:
        assert not import_path(runtime, ROOT / "examples" / "articles").refused
        yield create_app(Current(runtime)).test_client()


def test_every_feed_of_the_example_newsroom_is_valid(client, clock):
    """RSS-12 among others: the linter finds nothing."""
    listed = [
        outline.xml_url
        for group in read_opml(client.get("/feeds.opml").data).outlines
        for outline in (group, *group.children)
        if outline.xml_url
    ]
    assert len(listed) >= 29
    for address in listed:
        for kind in Format:
            url = f"{address.removesuffix('.atom')}.{kind.value}"
            answer = client.get(urlsplit(url).path)
            assert answer.status_code == 200, url
            served = answer.headers["Content-Type"]
            now = clock.now()
            assert lint(answer.data, url=url, content_type=served, now=now) == (), url
            assert CHECKS[kind](answer.data) == [], url


def test_the_machine_terms_of_the_example_newsroom_are_valid(client):
    said = client.get("/license.xml")
    assert said.status_code == 200
    assert schemas.rsl_errors(said.data) == []
    items = etree.fromstring(client.get("/feeds/all.rss").data).iter(
        "{https://rslstandard.org/rsl}content"
    )
    found = list(items)
    assert found
    assert [it for content in found for it in schemas.rsl_errors(content)] == []
