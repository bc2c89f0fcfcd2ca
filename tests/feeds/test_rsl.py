"""RSL 1.0: documents, the element in RSS items, and what several terms allow together."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from feeds import rsl
from feeds.model import Feed, Format, MachineTerms
from feeds.reading import read
from feeds.rsl import Asset, write_rsl
from feeds.writing import write
from tests.feeds import strategies
from tests.feeds.golden import feed as golden
from tests.feeds.schemas import atom_errors, json_errors, rsl_errors
from tests.feeds.strategies import structs

RSL = "{https://rslstandard.org/rsl}"
_usages = st.lists(st.sampled_from(rsl.USAGES), max_size=3, unique=True).map(tuple)
machine_terms = structs(
    MachineTerms,
    permits=_usages,
    prohibits=_usages,
    users=st.lists(st.sampled_from(rsl.USERS), max_size=2, unique=True).map(tuple),
    payment=st.none() | st.sampled_from(rsl.PAYMENTS),
    payment_url=st.none() | strategies.urls,
    license=st.none() | strategies.urls,
    republish=st.sampled_from(["full", "summary", "none"]),
    valid_until=st.none() | st.dates(),
    holder=st.none() | strategies.anything,
    contact=st.none() | st.just("ada@courier.example"),
    about=st.none() | strategies.urls,
    document=st.none() | strategies.urls,
)
FULL = MachineTerms(
    permits=("search",),
    prohibits=("ai-train", "ai-input"),
    users=("education", "personal"),
    payment="attribution",
    payment_url="https://a.example/buy",
    license="https://creativecommons.org/licenses/by/4.0/",
    republish="full",
    valid_until=date(2027, 6, 30),
    holder="Ada & Sons <Ltd>",
    contact="ada@a.example",
    about="https://a.example/terms#license-by",
    document="https://a.example/articles/2026/11/x/license.xml",
)


def with_terms(terms: MachineTerms) -> Feed:
    feed = golden("plain")
    first, *others = feed.entries
    return replace(feed, entries=(replace(first, terms=terms), *others))


def test_a_document_says_all_of_it() -> None:
    document = write_rsl([Asset("/", FULL), Asset("/feeds/*.rss$", MachineTerms())])
    assert rsl_errors(document) == []
    first, second = etree.fromstring(document)
    assert [it.get("url") for it in (first, second)] == ["/", "/feeds/*.rss$"]
    *rules, payment = first[0]
    assert [(it.tag, it.get("type"), it.text) for it in rules] == [
        (f"{RSL}permits", "usage", "search"),
        (f"{RSL}permits", "user", "education,personal"),
        (f"{RSL}prohibits", "usage", "ai-train,ai-input"),
    ]
    assert payment.get("type") == "attribution"
    assert payment.findtext(f"{RSL}custom") == FULL.payment_url
    assert first.findtext(f".//{RSL}standard") == FULL.license
    assert first.findtext(f"{RSL}copyright") == FULL.holder
    assert first.find(f"{RSL}copyright").get("contactEmail") == "ada@a.example"
    assert first.findtext(f"{RSL}terms") == FULL.about
    assert len(second[0]) == 0


def test_an_entry_carries_its_terms_in_every_format() -> None:
    feed = with_terms(FULL)
    rss = etree.fromstring(write(feed, Format.RSS))
    assert rss.nsmap["rsl"] == "https://rslstandard.org/rsl"
    assert write(feed, Format.RSS).count(b"xmlns:rsl=") == 1
    (content,) = rss.iter(f"{RSL}content")
    assert content.getparent().tag == "item"
    assert content.get("url") == feed.entries[0].link
    assert rsl_errors(content) == []
    atom = etree.fromstring(write(feed, Format.ATOM))
    (link,) = atom.iterfind("{*}entry/{*}link[@type='application/rsl+xml']")
    assert (link.get("rel"), link.get("href")) == ("license", FULL.document)
    (item, *_) = json.loads(write(feed, Format.JSON))["items"]
    assert item["_feedwright"]["terms"] == {
        "republish": "full",
        "permits": ["search"],
        "prohibits": ["ai-train", "ai-input"],
        "users": ["education", "personal"],
        "payment": "attribution",
        "payment_url": "https://a.example/buy",
        "valid_until": "2027-06-30",
        "about": FULL.about,
        "rsl": FULL.document,
    }


@given(machine_terms)
def test_any_terms_leave_documents_valid_and_licenses_as_they_are(terms: MachineTerms) -> None:
    """LIC-08: the grammar knows no other words."""
    feed = with_terms(terms)
    rss, atom, json_feed = (write(feed, it) for it in (Format.RSS, Format.ATOM, Format.JSON))
    for content in etree.fromstring(rss).iter(f"{RSL}content"):
        assert rsl_errors(content) == []
    assert atom_errors(atom) == []
    assert json_errors(json_feed) == []
    for document in (rss, atom, json_feed):
        found = read(document, url="https://a.example/feed")
        assert [it.license for it in found.entries] == [it.license for it in feed.entries]


@given(st.lists(machine_terms, min_size=1, max_size=4))
def test_the_strictest_of_several_allows_what_all_allow(several: list[MachineTerms]) -> None:
    permits, prohibits = rsl.strictest(several)
    together = MachineTerms(permits=permits, prohibits=prohibits)
    assert not set(permits) & set(prohibits)
    for usage in ("ai-train", "ai-input", "ai-index", "search"):
        said = [rsl.says(it, usage) for it in several]
        if False in said:
            assert rsl.says(together, usage) is False
        elif None in said:
            assert rsl.says(together, usage) is not True
        else:
            assert rsl.says(together, usage) is True


def test_what_a_usage_holds() -> None:
    assert rsl.is_covered("ai-train", ["ai-all"])
    assert rsl.is_covered("ai-all", ["all"])
    assert rsl.is_covered("ai-all", ["ai-train", "ai-input", "ai-index"])
    assert not rsl.is_covered("search", ["ai-all"])
    assert not rsl.is_covered("all", ["ai-all"])
    assert rsl.says(MachineTerms(permits=("all",), prohibits=("ai-train",)), "ai-train") is False
    assert rsl.says(MachineTerms(permits=("search",)), "ai-train") is False
    assert rsl.says(MachineTerms(prohibits=("search",)), "ai-train") is None
