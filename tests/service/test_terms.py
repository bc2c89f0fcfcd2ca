"""Which license an article is under, and how much of it may leave: the whole table, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from service import outgoing, signals, terms
from service.config import Config, parse
from service.model import Article, Category, Origin
from service.terms import Extent
from tests import newsroom

NOW = newsroom.NOW
LICENSES = """
[site]
title = "The Harbour Gazette"
description = "News."
public_url = "https://gazette.example"
timezone = "Europe/Lisbon"
rights = "Copyright (c) Harbour Gazette Trust"
SITE

[taxonomies.theme]
title = "Theme"
plural = "Themes"
[taxonomies.theme.terms]
energy = { label = "Energy", license = "open" }
water = { label = "Water", license = "brief" }
coast = { label = "Coast", license = "shut" }
plain = { label = "Plain" }

[licenses.open]
name = "Open"
uri = "https://licenses.example/open"
text = "All of it."
republish = "full"
[licenses.brief]
name = "Brief"
text = "A summary."
[licenses.shut]
name = "Shut"
text = "Nothing."
republish = "none"
[licenses.readers]
name = "For readers"
text = "Read it all, republish a summary."
republish = "summary"
feeds = "full"
[licenses.lapsed]
name = "Until yesterday"
uri = "https://licenses.example/lapsed"
text = "All of it, for a while."
republish = "full"
valid_until = "2026-11-21"

[[sources]]
slug = "open-source"
url = "https://lantern.example/feed"
name = "The Lantern"
license = "open"
[[sources]]
slug = "shut-source"
url = "https://shut.example/feed"
name = "Shut Weekly"
license = "shut"
[[sources]]
slug = "readers-source"
url = "https://readers.example/feed"
name = "Readers Weekly"
license = "readers"
[[sources]]
slug = "unclear"
url = "https://unclear.example/feed"
name = "Unclear"
"""

FULL, SUMMARY, NONE = Extent.FULL, Extent.SUMMARY, Extent.NONE
# article's license, source, categories, site's license -> name that holds, in our feeds, to republish
TABLE = [
    (None, None, "", None, None, FULL, SUMMARY),
    (None, None, "", "open", "open", FULL, FULL),
    (None, None, "", "readers", "readers", FULL, SUMMARY),
    (None, None, "plain", "brief", "brief", SUMMARY, SUMMARY),
    (None, None, "energy", "shut", "open", FULL, FULL),
    (None, None, "energy water", "open", "brief", SUMMARY, SUMMARY),
    (None, None, "water coast energy", "open", "shut", NONE, NONE),
    ("open", None, "coast", "shut", "open", FULL, FULL),
    ("gone", None, "", "open", None, SUMMARY, SUMMARY),
    (None, "open-source", "coast", "shut", "open", FULL, FULL),
    (None, "readers-source", "", "open", "readers", SUMMARY, SUMMARY),
    ("brief", "open-source", "", "open", "brief", SUMMARY, SUMMARY),
    ("open", "shut-source", "", "shut", "open", FULL, FULL),
    (None, "shut-source", "energy", "open", "shut", NONE, NONE),
    (None, "unclear", "energy", "open", None, SUMMARY, SUMMARY),
    (None, "unclear", "energy coast", "open", "shut", NONE, NONE),
    (None, "removed-source", "", "open", None, SUMMARY, SUMMARY),
]


def settings(site: str | None = None) -> Config:
    return parse(LICENSES.replace("SITE", f'license = "{site}"' if site else ""))


def article(license_: str | None, source: str | None, slugs: str = "") -> Article:
    filed = tuple(Category(scheme="theme", slug=it, label=it) for it in slugs.split())
    origins = (Origin(title="Elsewhere", url="https://elsewhere.example/1"),) if source else ()
    return newsroom.article(
        1, license=license_, source=source, categories=filed, origins=origins, guid="tag:a,2026:1",
        path="2026/11/article-1", media=newsroom.everything().media,
    )  # fmt: skip


@pytest.mark.parametrize("row", TABLE)
def test_whose_word_counts(row: tuple[str | None, ...]) -> None:
    license_, source, slugs, site, name, extent, republish = row
    config = settings(site)
    held = terms.of(config, article(license_, source, slugs or ""), NOW)
    assert (held.license and held.name, held.extent, held.republish) == (name, extent, republish)


def test_entries_hold_what_the_terms_let_leave_and_always_name_a_license() -> None:
    """LIC-01, LIC-02: nothing is left to inherit; what is unknown is said to be unspecified."""
    for license_, source, slugs, site, name, extent, _ in TABLE:
        config, it = settings(site), article(license_, source, slugs)
        assert outgoing.leaves(config, it, NOW) is (extent is not NONE)
        entry = outgoing.entry(config, it, NOW)
        assert (entry.content is not None, bool(entry.media)) == (extent is FULL, extent is FULL)
        assert entry.summary
        wanted = {
            None: signals.UNSPECIFIED,
            "open": "https://licenses.example/open",
        }.get(name, f"https://gazette.example/terms#license-{name}")
        assert entry.license.uri == wanted
        assert entry.rights == ("© Elsewhere" if source else "Copyright (c) Harbour Gazette Trust")
        assert entry.via == ("https://elsewhere.example/1" if source else None)


SOME = """
[licenses.some]
name = "Schools"
text = "Schools may."
republish = "full"
users = ["education"]
[[partners]]
slug = "covered"
name = "Covered"
licenses = ["shut", "brief", "readers", "lapsed", "some"]
[[partners]]
slug = "other"
name = "Other"
[[partners]]
slug = "brief"
name = "Brief"
licenses = ["shut", "open"]
text = "summary"
"""
# article's license, source -> what the partners "covered", "other" and "brief" get
PARTNERS = [
    ("open", None, (FULL, FULL, SUMMARY)),
    ("brief", None, (FULL, SUMMARY, SUMMARY)),
    ("readers", None, (FULL, SUMMARY, SUMMARY)),
    ("shut", None, (FULL, NONE, SUMMARY)),
    ("some", None, (FULL, SUMMARY, SUMMARY)),
    ("lapsed", None, (SUMMARY, SUMMARY, SUMMARY)),
    ("gone", None, (SUMMARY, SUMMARY, SUMMARY)),
    (None, None, (SUMMARY, SUMMARY, SUMMARY)),
    (None, "open-source", (FULL, FULL, SUMMARY)),
    (None, "shut-source", (FULL, NONE, SUMMARY)),
    (None, "readers-source", (FULL, SUMMARY, SUMMARY)),
    (None, "unclear", (SUMMARY, SUMMARY, SUMMARY)),
]


def test_a_partner_gets_what_covers_it_and_else_what_anybody_may_have() -> None:
    """LIC-03: every partner by every term."""
    config = parse(LICENSES.replace("SITE", "") + SOME)
    for license_, source, extents in PARTNERS:
        it = article(license_, source)
        held = terms.of(config, it, NOW)
        for partner, extent in zip(config.partners, extents, strict=True):
            assert terms.for_partner(held, partner) is extent, (license_, source, partner.slug)
            entry = outgoing.entry_for(config, it, NOW, partner)
            assert (entry is not None) is (extent is not NONE)
            if entry is not None:
                assert (entry.content is not None, bool(entry.media)) == (extent is FULL,) * 2
                assert entry.summary


def test_a_license_ends_with_its_last_day_where_the_site_is() -> None:
    config = settings()
    over = datetime(2026, 11, 22, 0, 0, tzinfo=UTC)  # midnight in Lisbon
    own, partners = article("lapsed", None), article("lapsed", "open-source")
    for it in (own, partners):
        before = terms.of(config, it, over - timedelta(microseconds=1))
        after = terms.of(config, it, over)
        assert (before.extent, before.republish, before.has_ended) == (FULL, FULL, False)
        assert (after.extent, after.republish, after.has_ended) == (SUMMARY, SUMMARY, True)
        assert "lapsed" in terms.republishable(config, over - timedelta(microseconds=1))
        assert "lapsed" not in terms.republishable(config, over)
        assert outgoing.entry(config, it, over).license.uri == signals.UNSPECIFIED
    assert terms.next_end(config, over - timedelta(days=3)) == over
    assert terms.next_end(config, over) is None
    east = parse(LICENSES.replace("SITE", "").replace("Europe/Lisbon", "Asia/Tokyo"))
    assert terms.next_end(east, over - timedelta(days=3)) == over - timedelta(hours=9)


def test_what_is_forbidden_stays_forbidden_when_the_license_ends() -> None:
    shut = settings().model_copy()
    record = shut.licenses["shut"].model_copy(
        update={"valid_until": NOW.date() - timedelta(days=9)}
    )
    shut = shut.model_copy(update={"licenses": {**shut.licenses, "shut": record}})
    assert terms.of(shut, article("shut", None), NOW).extent is NONE


def test_the_original_source_line_is_switched_by_source() -> None:
    config = settings()
    line = "The original source of this article is"
    it = article(None, "open-source")
    assert line in (outgoing.entry(config, it, NOW).content or "")
    quiet = parse(
        LICENSES.replace("SITE", "").replace(
            'license = "open"\n[[', 'license = "open"\ncredit_line = false\n[['
        )
    )
    assert line not in (outgoing.entry(quiet, it, NOW).content or "")
    noted = replace(it, editors_note=newsroom.everything().editors_note)
    content = outgoing.entry(config, noted, NOW).content or ""
    assert content.startswith("<aside>")
    assert "Editor’s note" in content


def test_a_source_shown_by_summaries_never_leaves_in_full() -> None:
    """Whatever its license allows, and whoever is covered by it."""
    text = (LICENSES.replace("SITE", "") + SOME).replace(
        'license = "open"\n[[', 'license = "open"\ntext = "summary"\n[['
    )
    config = parse(text)
    it = article("open", "open-source")
    held = terms.of(config, it, NOW)
    assert (held.extent, held.republish) == (SUMMARY, SUMMARY)
    assert {terms.for_partner(held, partner) for partner in config.partners} == {SUMMARY}
    assert outgoing.entry(config, it, NOW).content is None
