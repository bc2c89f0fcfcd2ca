"""The digest of an article is of one JSON text, whatever it says: stored ones are compared with it."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Media, Person, Reference
from service.model import Article, Origin
from service.store.digesting import digest
from tests import newsroom
from tests.feeds.strategies import structs
from tests.newsroom import NOW

said = st.text(
    alphabet=st.characters() | st.sampled_from('"\\\n\x00\x7fé\u2028😀\ud800'), max_size=20
)
told = st.none() | said


@settings(max_examples=25)
@given(st.builds(
    newsroom.article, number=st.just(1), title=said, content=said, summary=told, rights=told,
    origins=st.lists(structs(Origin, title=said, url=told, updated=st.just(NOW)), max_size=2),
    media=st.lists(structs(Media, said, rights=told), max_size=2),
    expires=st.sampled_from((None, NOW + timedelta(days=1))),
))  # fmt: skip
@example(newsroom.article(1, content="", title='"content": ""', summary='\\", "content": ""'))
def test_the_digest_is_of_what_readers_see_as_json(article: Article) -> None:
    assert digest(article) == hashlib.sha256(as_json(article)).hexdigest()


def test_nothing_moves_the_digest_but_what_readers_see() -> None:
    article = newsroom.everything()
    moved = replace(article, updated=NOW, slug="other", guid="tag:a.example,2026:1", words="other")
    assert digest(moved) == digest(article)
    origin = Origin(title="Lantern", authors=(Person("Ada Marsh"),))
    assert digest(replace(article, origins=(origin,))) != digest(article)


def test_stored_digests_stay_valid() -> None:
    reply = Reference("tag:lantern.example,2026:7", "https://lantern.example/7")
    article = replace(newsroom.everything(), in_reply_to=reply, expires=NOW)
    assert digest(article) == "41dbb940bc46610aa4f4cb0ceaf1c2b2e1efe1e06884bc2d30e89743554807e3"


def as_json(it: Article) -> bytes:
    """What is digested, put together without haste; of an article without note, copies and answers."""
    seen = {
        "title": it.title, "content": it.content, "summary": it.summary, "language": it.language,
        "source": it.source, "rights": it.rights, "license": it.license, "editors_note": None,
        "canonical_url": it.canonical_url, "discussion_url": it.discussion_url,
        "published": str(it.published), "expires": it.expires and str(it.expires), "contributors": [],
        "authors": [[who.name, who.kind, who.uri] for who in it.authors],
        "categories": [[what.scheme, what.slug] for what in it.categories],
        "media": [
            {"url": one.url, "role": one.role, "type": None, "length": None, "duration": None,
             "width": None, "height": None, "title": None, "credit": None, "description": None}
            | ({"rights": one.rights} if one.rights is not None else {})
            for one in it.media
        ],
        "origins": [
            {"title": one.title, "source": None, "home": None, "feed": None, "feed_id": None,
             "url": one.url, "entry_id": None, "updated": None, "rights": None, "license": None,
             "authors": []}
            for one in it.origins
        ],
    }  # fmt: skip
    text = json.dumps([1, seen], sort_keys=True, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")
