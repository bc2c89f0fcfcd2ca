"""Keys, aliases, canonical URLs and digests."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds import identity
from feeds.identity import Key, KeyKind
from feeds.model import Category, Entry, License, Media, Origin, Person

ENTRY = Entry(
    id="tag:news.example,2026:1",
    title="Wells",
    link="https://news.example/wells?utm_source=rss",
    authors=(Person("Ann One"), Person("Bob Two", uri="https://news.example/bob")),
    content="<p>Water,  <b>clear</b>.</p><img src='https://cdn.example/a.jpg?itok=1'>"
    "<img src='https://count.example/b.gif?r=1' width=1 height='1'>"
    "<script src='https://ads.example/a.js?1'>ad(1)</script>"
    "<p><a href='https://news.example/b?utm_source=x&amp;p=1'>More</a></p>",
    categories=(Category("water", "https://news.example/t/"),),
    media=(Media("https://news.example/1.jpg?utm_medium=feed"),),
    rights="© Ann",
    license=License("https://licenses.example/by"),
)


@pytest.mark.parametrize(
    ("entry", "kind", "value"),
    [
        (Entry("HTTP://Case.example/A/ "), KeyKind.ID, "HTTP://Case.example/A/ "),
        (Entry(None, link="HTTP://Case.example/A#b"), KeyKind.LINK, "http://case.example/A"),
        (Entry("", link="mailto:x"), KeyKind.LINK, "mailto:x"),
    ],
)
def test_a_key_is_the_id_or_else_the_link(entry: Entry, kind: KeyKind, value: str) -> None:
    assert identity.entry_key(entry) == Key(kind, value)


def test_a_key_is_at_last_a_hash_of_title_and_date() -> None:
    entry = Entry(None, title="Wells", published_raw="today")
    key = identity.entry_key(entry)
    assert key
    assert key.kind is KeyKind.HASH
    assert identity.entry_key(replace(entry, content="other", published=datetime.now(UTC))) == key
    assert identity.entry_key(replace(entry, title="Springs")) != key
    assert identity.entry_key(replace(entry, published_raw="tomorrow")) != key
    assert identity.entry_key(Entry(None, updated_raw="today"))


def test_an_entry_that_says_nothing_has_no_key() -> None:
    assert identity.entry_key(Entry(None, content="text alone")) is None


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.News.Example:443/A/?b=2&a=1#top", "https://www.news.example/A/?b=2&a=1"),
        ("http://news.example:80", "http://news.example/"),
        ("http://news.example:8080/", "http://news.example:8080/"),
        ("http://[2001:DB8::1]:80/x", "http://[2001:db8::1]/x"),
        ("https://news.example/?utm_source=a&p=7&fbclid=x&UTM_Term=b", "https://news.example/?p=7"),
        ("https://news.example/a?utm_source=x", "https://news.example/a"),
        ("https://news.example/a?utm=kept&gclidx=1", "https://news.example/a?utm=kept&gclidx=1"),
        ("https://news.example/a?b=%20&c", "https://news.example/a?b=%20&c"),
        ("tag:news.example,2026:A", "tag:news.example,2026:A"),
        ("http://[broken", "http://[broken"),
        ("http://news.example:port/", "http://news.example:port/"),
        ("", ""),
    ],
)
def test_canonical_urls(url: str, canonical: str) -> None:
    assert identity.canonical_url(url) == canonical
    assert identity.canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "spellings",
    [
        ("http://news.example/2026/wells", "https://www.news.example/2026/wells/"),
        ("https://old.example/2026/wells?p=1", "https://new.example:8080/2026/wells?p=1"),
        ("http://news.example/?p=7", "https://www.news.example?p=7"),
        ("https://news.example/live#2", "https://moved.example/live#2"),
    ],
)
def test_spellings_of_one_id_share_an_alias(spellings: tuple[str, str]) -> None:
    one, other = spellings
    assert identity.alias(one) == identity.alias(other)


@pytest.mark.parametrize(
    "ids",
    [
        ("http://news.example/?p=7", "http://other.example/?p=7"),
        ("http://news.example/", "http://other.example/"),
        ("https://news.example/a?p=1", "https://news.example/a?p=2"),
        ("https://news.example/live#1", "https://news.example/live#2"),
        ("urn:uuid:1", "urn:uuid:2"),
    ],
)
def test_different_ids_do_not(ids: tuple[str, str]) -> None:
    one, other = ids
    assert identity.alias(one) != identity.alias(other)


@pytest.mark.parametrize("value", ["tag:news.example,2026:1", "7", "/a/b/", "http://[broken", ""])
def test_an_id_that_is_no_web_address_is_its_own_alias(value: str) -> None:
    assert identity.alias(value) == value


@pytest.mark.parametrize(
    "change",
    [
        {"published": datetime(2026, 11, 22, tzinfo=UTC)},
        {"updated": datetime(2026, 11, 22, tzinfo=UTC), "updated_raw": "now"},
        {"link": "https://news.example/wells?utm_source=other&utm_medium=mail"},
        {"media": (Media("https://news.example/1.jpg?utm_medium=mail"),)},
        {
            "content": ENTRY.content.replace("<p>", "<p class='wide' id=x>\n ").replace(
                "clear", " clear "
            )
        },
        {"content": ENTRY.content.replace("b.gif?r=1", "b.gif?r=2")},
        {"content": ENTRY.content.replace("count.example", "counter.example")},
        {"content": ENTRY.content.replace("itok=1", "itok=2&amp;v=3")},
        {"content": ENTRY.content.replace("a.js?1", "b.js?2").replace("ad(1)", "ad(2)")},
        {"content": ENTRY.content.replace("utm_source=x", "utm_source=y")},
        {"content": ENTRY.content.replace("Water", "<span>Wat</span>er")},
        {"content": f"<div class=x>\n{ENTRY.content}</div>"},
        {
            "content": ENTRY.content.replace(
                "</p>", "</p>\n\n<iframe src='https://ads.example/'></iframe>"
            )
        },
        {"media": (Media("https://news.example/1.jpg?utm_medium=y"),)},
        {"id": "tag:news.example,2026:renamed"},
        {"raw": "<item/>", "markup": b"x", "raw_digest": "x", "base": "https://news.example/"},
    ],
    ids=lambda change: ", ".join(change),
)
def test_churn_is_no_revision(change: dict[str, object]) -> None:
    changed = replace(ENTRY, **change)
    assert identity.content_digest(changed) == identity.content_digest(ENTRY)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Springs"},
        {"content": "<p>Water, muddy.</p>"},
        {"content": ENTRY.content.replace("<p>", "<h2>")},
        {"content": ENTRY.content + "<a href='https://news.example/source'></a>"},
        {"content": ENTRY.content.replace("p=1", "p=2")},
        {"content": ENTRY.content.replace("a.jpg", "b.jpg")},
        {"content": ENTRY.content.replace("<p>", "<li>")},
        {"content": ENTRY.content.replace("<p>Water", "<p>W<p>ater")},
        {"content": ENTRY.content.replace("width=1", "width=100")},
        {"content": ENTRY.content + "<hr>"},
        {"summary": "beside a content"},
        {"origin": Origin(title="Elsewhere")},
        {"content": None, "summary": "Water, clear"},
        {"authors": (Person("Ann One"),)},
        {"authors": ENTRY.authors[::-1]},
        {"contributors": (Person("Cleo", role="photographer"),)},
        {"categories": (Category("water"),)},
        {"categories": ()},
        {"rights": "© Bob"},
        {"license": None},
        {"link": "https://news.example/springs"},
        {"media": ()},
    ],
    ids=lambda change: ", ".join(change),
)
def test_a_change_that_readers_see_is_one(change: dict[str, object]) -> None:
    changed = replace(ENTRY, **change)
    assert identity.content_digest(changed) != identity.content_digest(ENTRY)


def test_stored_digests_stay_valid() -> None:
    """They are compared with those of later releases: a new one is a revision of every entry kept."""
    assert identity.content_digest(ENTRY).startswith("50e305e56807109c")
    assert identity.raw_digest(b"<item/>", b"head").startswith("be18c9f18332e7ff")


@pytest.mark.parametrize("unit", ["<", "<a ", '<a b="', '<a b="c" ', "&#"])
def test_a_digest_takes_linear_time(unit: str) -> None:
    started = time.process_time()
    identity.content_digest(Entry("x", content=unit * 50_000))
    assert time.process_time() - started < 2  # some 0.1 s; quadratic time would be minutes


def test_a_raw_digest_tells_markup_from_head() -> None:
    digests = {identity.raw_digest(*pair) for pair in [(b"ab", b"c"), (b"a", b"bc"), (b"c", b"ab")]}
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("authority", "specific", "uri"),
    [
        ("News.example", "article/1", "tag:news.example,2026-03-01:article/1"),
        ("desk@news.example", "a:b?c=%20", "tag:desk@news.example,2026-03-01:a:b?c=%20"),
        ("localhost", "x", "tag:localhost,2026-03-01:x"),
    ],
)
def test_tag_uris(authority: str, specific: str, uri: str) -> None:
    assert identity.tag_uri(authority, date(2026, 3, 1), specific) == uri


@pytest.mark.parametrize(
    ("authority", "specific"),
    [
        ("", "x"),
        ("news.example:8000", "x"),
        ("-news.example", "x"),
        ("news..example", "x"),
        ("größe.example", "x"),
        ("news.example", ""),
        ("news.example", "a b"),
        ("news.example", "a#b"),
        ("news.example", "ü"),
        ("news.example", "%zz"),
        ("news.example\n", "x"),
    ],
)
def test_what_is_no_tag_uri(authority: str, specific: str) -> None:
    with pytest.raises(ValueError, match="not "):
        identity.tag_uri(authority, date(2026, 3, 1), specific)


@given(value=st.text(max_size=60) | st.from_regex(r"https?://[!-~]{0,40}", fullmatch=True))
def test_any_text_has_an_alias_and_a_canonical_form(value: str) -> None:
    assert isinstance(identity.alias(value), str)
    canonical = identity.canonical_url(value)
    assert identity.canonical_url(canonical) == canonical
    assert identity.content_digest(Entry(value, title=value, link=value))
