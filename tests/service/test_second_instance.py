"""DED-16: a second instance takes our Atom feed in and publishes it again, with nothing lost on the way."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from lxml import etree
from pydantic import SecretStr

from feeds.model import Category, Format, Reference
from feeds.reading import read
from service import ingest, publish
from service import runtime as running
from service.config.model import Storage
from service.model import PollResult, Selection
from service.store import articles
from tests import newsroom
from tests.fakes import Reply, Upstream, conditional
from tests.newsroom import NOW, WATER

FIRST = "https://gazette.example"


def drafts():
    """All that an article can have, a partner's, and one that answers another in another language."""
    answer = newsroom.article(
        4,
        title="مقال عن الماء",
        slug="maqal",
        language="ar",
        license="cc-by",
        categories=(WATER,),
        expires=NOW + timedelta(days=30),
        in_reply_to=Reference("tag:elsewhere.example,2026:1", "https://elsewhere.example/1"),
    )
    return [newsroom.everything(), newsroom.republished(), answer]


@pytest.fixture
def exported(configure, sqlite_template, tmp_path, clock, parser):
    """Our feed of everything, as the first instance serves it."""
    shutil.copy(sqlite_template, tmp_path / "first.db")
    storage = Storage(database=SecretStr(f"sqlite:{tmp_path}/first.db"))
    config = configure().model_copy(update={"storage": storage})
    running.prepare(config, clock=clock)
    with running.opened(config, clock=clock, parser=parser) as runtime:
        with runtime.store.writing() as tx:
            articles.save(tx, drafts(), now=NOW)
        return publish.rendered(runtime, Selection(), Format.ATOM).body


@pytest.fixture
def second(configure, exported, clock, parser):
    """A second instance with our feed among its sources, its taxonomies being ours by their IRIs."""
    with Upstream() as upstream:
        upstream.script("/feed.atom", conditional(Reply(body=exported)))
        taxonomies = [
            (f'title = "{title}"', f'title = "{title}"\niri = "{FIRST}/{title.lower()}"')
            for title in ("Theme", "Region")
        ]
        report = (
            'title = "In-depth report"',
            f'title = "In-depth report"\niri = "{FIRST}/report"',
        )
        ours = f'name = "The Harbour Gazette"\ncredit_line = false\nhome = "{FIRST}/"'
        config = configure(
            ('public_url = "https://gazette.example"', 'public_url = "https://second.example"'),
            *taxonomies,
            report,
            ("closed = true", "closed = false"),
            ("http://127.0.0.1:9/feed.atom", upstream.url("/feed.atom")),
            ('name = "The Lantern"\nhome = "https://lantern.example/"', ours),
            (
                "[fetch]",
                f'[fetch]\nallow_networks = ["127.0.0.0/8"]\nallow_ports = [{upstream.port}]',
            ),
        )
        running.prepare(config, clock=clock)
        with running.opened(config, clock=clock, parser=parser) as runtime:
            outcome = ingest.poll_named(runtime, "lantern", owner="test")
            assert (outcome.result, outcome.imported) == (PollResult.NEW_CONTENT, 3)
            yield runtime


def test_what_is_exported_again_says_the_same(second, exported):
    """DED-16, ID-04."""
    before = read(exported, url=f"{FIRST}/feeds/all.atom")
    document = publish.rendered(second, Selection(), Format.ATOM).body
    after = read(document, url="https://second.example/feeds/all.atom")
    assert [it.id for it in after.entries] == [it.id for it in before.entries]
    for was, now in zip(before.entries, after.entries, strict=True):
        assert [it.name for it in now.authors] == [it.name for it in was.authors]
        assert now.categories == was.categories
        assert now.license == was.license
        assert now.via == (was.via or was.link)
        origin = was.origin or now.origin
        assert now.origin == origin
        assert (now.origin.id, now.origin.title) == (
            (was.origin.id, was.origin.title) if was.origin else (before.id, before.title)
        )
    assert Category("energy", f"{FIRST}/theme", "Energy") in after.entries[0].categories
    for was, now in zip(_entries(exported), _entries(document), strict=True):
        assert _said(now) == _said(was)


def _entries(document):
    return etree.fromstring(document).findall("{*}entry")


def _said(entry):
    """The bytes of all that an entry says but for what has to differ: pages, and where it was taken from."""
    return sorted(
        etree.tostring(child, method="c14n", exclusive=True)
        for child in entry
        if etree.QName(child).localname not in ("author", "source", "link")
        or child.get("rel") in ("license", "enclosure", "replies")
    )
