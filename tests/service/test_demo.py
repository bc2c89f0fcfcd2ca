"""What `make demo` shows, as a test: a partner publishes, edits and withdraws, and readers see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import examples.demo
from examples.demo.partner import Partner, Server, running
from feeds.model import Entry, Feed, Format
from feeds.reading import read
from tests.serving import Site, free_port, served_at_once, until

pytestmark = pytest.mark.long(20)

DEMO = Path(examples.demo.__file__).parent / "config.toml"


@pytest.fixture
def partner() -> Iterator[Server]:
    with contextmanager(running)(Server(Partner("http://127.0.0.1"), 0)) as server:
        yield server


@pytest.fixture
def site(partner: Server, database: str, tmp_path: Path) -> Iterator[Site]:
    partner_port, port = partner.server_address[1], free_port()
    text = DEMO.read_text(encoding="utf-8")
    for old, new in (
        ("8001", str(partner_port)),
        ("sqlite:data/demo.db", database),
        ('first_articles = "../articles"', ""),
    ):
        assert old in text
        text = text.replace(old, new)
    config = tmp_path / "config.toml"
    config.write_text(f"{text}\n[server]\nport = {port}\n", encoding="utf-8")
    with served_at_once(config, port) as it:
        yield it


def feed(site: Site, name: str) -> Feed:
    answer = site.get(f"/feeds/{name}")
    assert answer.ok, (name, answer.status_code)
    return read(answer.content, url=answer.url, content_type=answer.headers["Content-Type"])


def shown(site: Site, name: str, entry: Entry) -> Entry | None:
    found = [it for it in feed(site, name).entries if it.id == entry.id]
    assert len(found) <= 1
    return found[0] if found else None


FEEDS = ("all", "author/ines-falk", "author/jonas-areh", "author/the-tidewater-courier",
         "theme/local-government", "region/west-africa", "source/courier")  # fmt: skip


def test_what_the_partner_does_reaches_every_reader(partner: Server, site: Site) -> None:
    story = [partner.partner.publish() for _ in range(4)][-1]  # the first with Ines and Jonas
    assert [it.name for it in story.authors][:2] == ["Ines Falk", "Jonas Areh"]
    until(lambda: shown(site, "all.atom", story))
    for name in FEEDS:
        for kind in Format:
            check(shown(site, f"{name}.{kind.value}", story), story, kind)
    until(lambda: ("/feed.atom", 304) in partner.answered)

    edited = partner.partner.edit()
    assert edited.id == story.id
    until(lambda: shown(site, "all.atom", story).title == edited.title)
    again = shown(site, "all.atom", story)
    assert again.updated > story.updated
    assert again.link == shown(site, "all.json", story).link
    for name in FEEDS:
        assert shown(site, f"{name}.rss", story).title == edited.title

    for _ in range(4):
        partner.partner.withdraw()
    until(lambda: shown(site, "all.atom", story) is None)
    assert story.id in {it.ref for it in feed(site, "all.atom").tombstones}
    page = site.get("/articles/" + again.link.partition("/articles/")[2])
    assert page.status_code == 410
    assert "Withdrawn by the Courier" in page.text
    assert site.stop() == 0


def check(found: Entry | None, story: Entry, kind: Format) -> None:
    """The entry that stands in our feed is the partner's, with all that is owed to it."""
    assert found is not None
    assert found.title == story.title
    assert [it.name for it in found.authors] == [it.name for it in story.authors]
    assert found.rights == story.rights
    assert found.via == story.link
    assert found.origin is not None
    assert found.origin.title == "The Tidewater Courier"
    assert {it.label or it.term for it in found.categories} == {"Local government", "West Africa"}
    assert story.content is not None
    assert found.content is not None
    assert found.content.startswith(story.content)
    assert "The original source of this article is" in found.content
    if kind is Format.ATOM:
        assert found.origin.id == "tag:courier.example,2026:feed"
