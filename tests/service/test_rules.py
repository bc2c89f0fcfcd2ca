"""An upstream entry becomes an article of ours, or a named reason why not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from feeds.model import Category, Entry, Feed, License, Media, Origin, Person
from service import rules
from service.config import Config, SourceSettings
from service.model import Article, AuthorKind, Verdict
from service.rules import Refusal

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEN = NOW - timedelta(days=3)

SOURCE = SourceSettings(
    slug="lantern",
    url="https://lantern.example/feed",
    name="The Lantern",
    license="cc-by",
    categories={"theme": ("energy",)},
)
CONFIG = Config.model_validate(
    {
        "site": {"title": "T", "description": "D", "public_url": "https://gazette.example"},
        "taxonomies": {
            "theme": {
                "title": "Theme",
                "plural": "Themes",
                "terms": {
                    "energy": {"label": "Energy"},
                    "public-health": {"label": "Public health"},
                },
            },
            "region": {
                "title": "Region",
                "plural": "Regions",
                "terms": {"andes": {"label": "Andes"}},
            },
        },
        "licenses": {
            "cc-by": {
                "name": "CC BY",
                "uri": "https://creativecommons.org/licenses/by/4.0/",
                "text": "t",
                "republish": "full",
            },
            "closed": {"name": "Closed", "text": "t", "republish": "none"},
        },
    }
)
HEAD = Feed(
    id="tag:lantern.example,2020:feed",
    title="Lantern feed",
    link="https://lantern.example/",
    self_link="https://lantern.example/feed",
    language="pt",
    rights="Copyright (c) The Lantern",
    authors=(Person("Desk of the Lantern"),),
)
ENTRY = Entry(
    id="tag:lantern.example,2020:1",
    title="A harbour",
    link="https://lantern.example/1",
    content='<p>Text <a href="/x">link</a><script>alert(1)</script></p>',
    published=NOW - timedelta(hours=3),
    updated=NOW - timedelta(hours=1),
    authors=(Person("Cleo Duarte", uri="https://lantern.example/cleo"), Person("The Lantern")),
    base="https://lantern.example/1",
)


def apply(
    entry: Entry = ENTRY, feed: Feed = HEAD, source: SourceSettings = SOURCE
) -> Article | Refusal:
    return rules.apply(entry, feed, source, CONFIG, first_seen=SEEN, now=NOW)


def taken(**changed) -> Article:
    article = apply(replace(ENTRY, **changed))
    assert isinstance(article, Article)
    return article


def test_what_the_entry_says_is_kept():
    article = taken()
    assert article.guid == "tag:lantern.example,2020:1"
    assert article.title == "A harbour"
    assert article.content == '<p>Text <a href="https://lantern.example/x">link</a></p>'
    assert (article.published, article.updated) == (ENTRY.published, ENTRY.updated)
    assert article.canonical_url == "https://lantern.example/1"
    assert (article.source, article.license, article.language) == ("lantern", None, "pt")
    assert article.rights == "Copyright (c) The Lantern"


def test_bylines_keep_order_and_tell_organisations():
    article = taken()
    assert [(it.name, it.kind, it.source) for it in article.authors] == [
        ("Cleo Duarte", AuthorKind.PERSON, "lantern"),
        ("The Lantern", AuthorKind.ORGANIZATION, "lantern"),
    ]


def test_an_entry_without_authors_has_the_feeds():
    assert [it.name for it in taken(authors=()).authors] == ["Desk of the Lantern"]


@pytest.mark.parametrize("name", ["admin", "Staff", " ", "EDITOR"])
def test_nobody_becomes_the_organisation(name):
    (author,) = taken(authors=(Person(name),)).authors
    assert (author.name, author.kind) == ("The Lantern", AuthorKind.ORGANIZATION)


def test_the_feed_itself_is_the_origin():
    origin = taken().origin
    assert origin is not None
    assert (origin.title, origin.home, origin.feed) == (
        "The Lantern", "https://lantern.example/", "https://lantern.example/feed",
    )  # fmt: skip
    assert (origin.url, origin.entry_id) == ("https://lantern.example/1", ENTRY.id)


def test_the_first_publisher_wins_over_the_one_who_sent_it():
    first = Origin(id="tag:first.example,2020:f", title="First", home="https://first.example/")
    origin = taken(origin=first, via="https://first.example/story").origin
    assert origin is not None
    assert (origin.title, origin.home, origin.url) == (
        "First", "https://first.example/", "https://first.example/story",
    )  # fmt: skip


def test_what_is_republished_inherits_from_its_own_feed():
    """RFC 4287 section 4.2.11: not from the feed that carries it."""
    first = Origin(title="First", authors=(Person("Fay Orne"),), rights="Copyright (c) First")
    article = taken(origin=first, authors=(), rights=None)
    assert [it.name for it in article.authors] == ["Fay Orne"]
    assert article.rights == "Copyright (c) First"


def test_the_license_of_the_feed_holds_for_entries_that_name_none():
    known = License("https://creativecommons.org/licenses/by/4.0/")
    unclear = SOURCE.model_copy(update={"license": None})
    article = apply(feed=replace(HEAD, license=known), source=unclear)
    assert isinstance(article, Article)
    assert article.license == "cc-by"


@pytest.mark.parametrize(
    ("category", "filed"),
    [
        (Category("andes", "https://lantern.example/region"), ("region", "andes")),
        (Category("17", "https://lantern.example/region/", "Andes"), ("region", "andes")),
        (Category("Public health"), ("theme", "public-health")),
        (Category("andes", "https://lantern.example/theme"), None),
        (Category("unheard-of"), None),
    ],
)
def test_terms_are_filed_where_config_declares_them(category, filed):
    found = [(it.scheme, it.slug) for it in taken(categories=(category,)).categories]
    assert found == [("theme", "energy"), *([filed] if filed else [])]


def test_a_license_that_forbids_is_told():
    refusal = apply(source=SOURCE.model_copy(update={"license": "closed"}))
    assert refusal == Refusal("its license 'closed' allows no republication")


def test_the_license_an_entry_names_wins():
    article = apply(
        replace(ENTRY, license=License("https://creativecommons.org/licenses/by/4.0/")),
        source=SOURCE.model_copy(update={"license": None}),
    )
    assert isinstance(article, Article)
    assert article.license == "cc-by"


def test_neither_title_nor_text_is_refused():
    assert apply(replace(ENTRY, title=None, content=None)) == Refusal(
        "it has neither title nor text", Verdict.UNREADABLE
    )


def test_a_missing_title_is_taken_from_the_text():
    assert (
        taken(title=None, content="<p>Rain fell on the harbour.</p>").title
        == "Rain fell on the harbour."
    )


@pytest.mark.parametrize(
    "given",
    [None, datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(days=2)],
    ids=["none", "epoch", "future"],
)
def test_an_impossible_date_is_the_day_it_was_first_seen(given):
    """DED-09, and stable: the same at the next poll."""
    assert taken(published=given, updated=given).published == SEEN
    assert rules.flaws(replace(ENTRY, published=given, updated=given), first_seen=SEEN, now=NOW)


def test_a_clock_slightly_ahead_is_forgiven_and_stays_so():
    """The same date at every poll, until it has come."""
    ahead = NOW + timedelta(hours=2)
    assert taken(published=ahead, updated=None).published == SEEN
    assert not rules.flaws(replace(ENTRY, published=ahead), first_seen=SEEN, now=NOW)


def test_the_first_publisher_is_taken_whole():
    """Its name never stands with the addresses of who sent it (ATM-11)."""
    origin = taken(origin=Origin(title="First"), via=None).origin
    assert (origin.title, origin.home, origin.feed, origin.feed_id) == ("First", None, None, None)


def test_a_closed_category_takes_nothing_more():
    term = CONFIG.taxonomies["theme"].terms["energy"].model_copy(update={"closed": True})
    theme = CONFIG.taxonomies["theme"].model_copy(update={"terms": {"energy": term}})
    config = CONFIG.model_copy(update={"taxonomies": {"theme": theme}})
    article = rules.apply(ENTRY, HEAD, SOURCE, config, first_seen=SEEN, now=NOW)
    assert isinstance(article, Article)
    assert article.categories == ()


def test_sizes_that_no_column_holds_are_dropped():
    (media,) = taken(media=(Media("https://lantern.example/a.jpg", width=9_999_999_999),)).media
    assert media.width is None


def test_a_relative_id_is_replaced_later():
    assert taken(id="story-17").guid is None


@given(
    published=st.none() | st.datetimes(timezones=st.just(UTC)),
    updated=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_no_date_is_ever_in_the_future_or_out_of_order(published, updated):
    article = taken(published=published, updated=updated)
    assert datetime(1990, 1, 1, tzinfo=UTC) <= article.published <= article.updated <= NOW
