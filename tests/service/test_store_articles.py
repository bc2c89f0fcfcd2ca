"""What is saved is found again, whole, and every scope it touches is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from service.errors import Refused
from service.model import ALL, AuthorKind, Change, Selection, Status, Term
from service.runtime import Runtime
from service.store import articles, categories, changelog, people
from tests import newsroom
from tests.newsroom import NOW

LATER = NOW + timedelta(minutes=5)


def select(runtime: Runtime, field: str | None = None, slug: str = "", limit: int = 50):
    selection = Selection((Term(field, (slug,)),)) if field else Selection()
    with runtime.store.reading() as tx:
        return articles.select(tx, selection, limit=limit)


def save(runtime: Runtime, *drafts, now=LATER):
    with runtime.store.writing() as tx:
        return articles.save(tx, drafts, now=now)


def touched_since(runtime: Runtime, number: int) -> frozenset[str]:
    with runtime.store.reading() as tx:
        return frozenset(changelog.since(tx, number))


def last_change(runtime: Runtime) -> int:
    with runtime.store.reading() as tx:
        return changelog.last(tx)


def test_an_article_comes_back_with_all_its_parts(bare):
    draft = newsroom.everything()
    (saved,) = save(bare, draft)
    (found,) = select(bare)
    assert [author.name for author in found.authors] == [it.name for it in draft.authors]
    assert [author.kind for author in found.authors] == [it.kind for it in draft.authors]
    assert [(it.author.name, it.role) for it in found.contributors] == [("Dora Lind", "translator")]
    assert [(it.scheme, it.slug) for it in found.categories] == [
        (it.scheme, it.slug) for it in draft.categories
    ]
    assert found.media == draft.media
    assert found.editors_note is not None
    assert draft.editors_note is not None
    assert found.editors_note.html == draft.editors_note.html
    assert found.editors_note.author.name == "Ada Marsh"
    for name in ("title", "content", "summary", "published", "updated", "rights", "license",
                 "discussion_url", "status", "language", "slug"):  # fmt: skip
        assert getattr(found, name) == getattr(draft, name), name
    assert (found.path, found.guid) == (saved.path, saved.guid)
    assert found.path == "2026/11/tides-and-turbines"


def test_an_origin_comes_back_whole(bare):
    save(bare, newsroom.republished())
    (found,) = select(bare)
    assert found.origins == newsroom.republished().origins
    assert found.guid == "https://lantern.example/?p=77"


def test_newest_first_then_by_id(runtime):
    found = select(runtime)
    keys = [(-it.published.timestamp(), it.guid) for it in found]
    assert keys == sorted(keys)
    assert len(found) == 13


@pytest.mark.parametrize(
    ("field", "slug", "count"),
    [
        ("author", "ada-marsh", 12),
        ("author", "ben-okoro", 1),
        ("author", "cleo-duarte", 1),
        ("author", "dora-lind", 0),  # a translator is no author
        ("theme", "water", 2),
        ("region", "north-shore", 2),
        ("report", "tide-lines", 1),
        ("source", "lantern", 1),
        ("theme", "nothing", 0),
    ],
)
def test_selections(runtime, field, slug, count):
    found = select(runtime, field, slug)
    assert len(found) == count
    with runtime.store.reading() as tx:
        assert articles.count(tx, Selection((Term(field, (slug,)),))) == count


def test_terms_are_all_met_and_negation_excludes(runtime):
    both = Selection((Term("theme", ("energy",)), Term("region", ("north-shore",))))
    without = Selection((Term("theme", ("energy", "water")), Term("author", ("ada-marsh",), True)))
    with runtime.store.reading() as tx:
        assert articles.count(tx, both) == 2
        assert [it.title for it in articles.select(tx, without, limit=9)] == [
            "The Lantern on lighthouses"
        ]


def test_saving_the_same_again_changes_nothing(bare):
    save(bare, newsroom.everything())
    before = last_change(bare)
    (saved,) = save(bare, newsroom.everything())
    assert saved.change is Change.UNCHANGED
    assert last_change(bare) == before
    assert select(bare)[0].updated == newsroom.everything().updated


def test_an_edit_keeps_id_and_path_and_is_dated(bare):
    (first,) = save(bare, newsroom.everything())
    (second,) = save(bare, replace(newsroom.everything(), content="<p>Corrected.</p>"))
    assert (second.change, second.id, second.path, second.guid) == (
        Change.EDITED, first.id, first.path, first.guid,
    )  # fmt: skip
    (found,) = select(bare)
    assert (found.content, found.updated) == ("<p>Corrected.</p>", LATER)


def test_an_edit_touches_the_scopes_it_left_and_the_ones_it_came_to(bare):
    (saved,) = save(bare, newsroom.article(1, categories=(newsroom.ENERGY,)))
    before = last_change(bare)
    save(bare, newsroom.article(1, categories=(newsroom.WATER,), authors=(newsroom.BEN,)))
    with bare.store.reading() as tx:
        energy, water = (categories.at(tx, "theme", slug) for slug in ("energy", "water"))
        ada, ben = (people.at(tx, slug) for slug in ("ada-marsh", "ben-okoro"))
    assert touched_since(bare, before) == {
        ALL, "language:", f"article:{saved.id}", f"category:{energy.id}", f"category:{water.id}",
        f"author:{ada.id}", f"author:{ben.id}", "license:house", "free:house",
    }  # fmt: skip


def test_drafts_touch_nothing(bare):
    before = last_change(bare)
    save(bare, newsroom.article(1, status=Status.DRAFT))
    assert touched_since(bare, before) == frozenset()
    assert select(bare) == []


def test_two_articles_of_one_slug_get_two_paths(bare):
    first = newsroom.article(1, guid="tag:a.example,2026:1")
    second = newsroom.article(1, guid="tag:a.example,2026:2", title="Another")
    paths = [it.path for it in save(bare, first, second)]
    assert paths == ["2026/11/article-1", "2026/11/article-1-2"]


def test_no_source_edits_anothers_article(bare):
    """T17: an id that belongs to somebody else is replaced by one of our own."""
    save(bare, newsroom.republished())
    (saved,) = save(bare, replace(newsroom.republished(), source="unclear", title="Not theirs"))
    assert saved.change is Change.CREATED
    assert saved.guid.startswith("tag:gazette.example,2026-11-22:article/")
    assert {it.title for it in select(bare)} == {"The Lantern on lighthouses", "Not theirs"}


def test_namesakes_of_two_partners_stay_two(bare):
    smiths = [replace(newsroom.BEN, name="John Smith", source=it) for it in ("lantern", "unclear")]
    save(
        bare,
        newsroom.article(1, authors=(smiths[0],)),
        newsroom.article(2, authors=(smiths[1],)),
    )
    with bare.store.reading() as tx:
        slugs = {it.item.slug for it in people.listed(tx)}
    assert slugs == {"john-smith", "john-smith-unclear"}


def test_scheduled_articles_are_released_on_time(runtime):
    with runtime.store.reading() as tx:
        assert articles.next_change(tx) == NOW + timedelta(hours=1)
    with runtime.store.writing() as tx:
        assert articles.release_due(tx, NOW + timedelta(minutes=59)) == []
        (released,) = articles.release_due(tx, NOW + timedelta(hours=1))
    assert select(runtime)[0].id == released
    with runtime.store.reading() as tx:
        assert articles.next_change(tx) is None


def test_a_retracted_article_leaves_its_feeds_and_is_told(runtime):
    gone = select(runtime, "report", "tide-lines")[0]
    before = last_change(runtime)
    with runtime.store.writing() as tx:
        articles.retract(tx, gone.id, reason="Published too early", now=LATER)
    assert select(runtime, "report", "tide-lines") == []
    assert {ALL, f"article:{gone.id}"} < touched_since(runtime, before)
    with runtime.store.reading() as tx:
        numbers = articles.withdrawn(
            tx, Selection((Term("author", ("ben-okoro",)),)), since=NOW, limit=9
        )
        (told,) = articles.of(tx, numbers)
        found = articles.at(tx, gone.path)
    assert (told.id, told.retracted, told.retraction_reason) == (
        gone.id,
        LATER,
        "Published too early",
    )
    assert found.status is Status.RETRACTED
    assert save(runtime, newsroom.everything())[0].change is Change.UNCHANGED
    with runtime.store.writing() as tx, pytest.raises(Refused):
        articles.retract(tx, gone.id, reason="again", now=LATER)


@pytest.mark.parametrize(
    "name", ["2026/11/article-5", "https://gazette.example/articles/2026/11/article-5"]
)
def test_articles_are_found_by_what_people_type(runtime, name):
    with runtime.store.reading() as tx:
        found = articles.find(tx, name)
        assert found.title == "Article number 5"
        assert articles.find(tx, str(found.id)) == articles.find(tx, found.guid) == found
        assert articles.find(tx, "nothing of the kind") is None


def test_every_scope_numbers_its_articles_without_gaps(runtime):
    from sqlalchemy import select as query

    from service.store.schema import positions

    with runtime.store.reading() as tx:
        rows = tx.execute(query(positions.c.scope, positions.c.number)).all()
    for scope in {row.scope for row in rows}:
        numbers = sorted(row.number for row in rows if row.scope == scope)
        assert numbers == list(range(1, len(numbers) + 1)), scope


def test_last_modified_of_a_scope_never_goes_back(bare):
    save(bare, newsroom.article(1), now=LATER)
    with bare.store.reading() as tx:
        assert changelog.touched_at(tx, [ALL]) == LATER
        assert changelog.touched_at(tx, ["category:999"]) is None


def test_a_clock_that_is_turned_back_dates_no_change_back(bare):
    """Also within a second that may have been told already."""
    for moment in (LATER, NOW, NOW):
        save(bare, newsroom.article(1, title=f"At {moment} {last_change(bare)}"), now=moment)
    with bare.store.reading() as tx:
        assert changelog.touched_at(tx, [ALL]) == LATER + timedelta(seconds=2)


def test_an_article_is_found_again_though_its_path_went_to_another(bare):
    save(
        bare,
        replace(newsroom.republished(), slug="article-1", published=newsroom.article(1).published),
    )
    (first,) = save(bare, newsroom.article(1))
    (second,) = save(bare, newsroom.article(1))
    assert (first.path, second.change) == ("2026/11/article-1-2", Change.UNCHANGED)
    mine = newsroom.article(3, guid=newsroom.republished().guid)
    assert [save(bare, mine)[0].change for _ in range(2)] == [Change.CREATED, Change.UNCHANGED]


def test_people_are_told_apart_by_name_and_uri(bare):
    page = "https://lantern.example/"
    jane, john = (replace(newsroom.PARTNER, name=it, uri=page) for it in ("Jane", "John"))
    save(bare, newsroom.article(1, authors=(jane, john, jane)))
    assert [it.name for it in select(bare)[0].authors] == ["Jane", "John"]


def test_an_author_who_gains_a_uri_stays_the_same(bare):
    save(bare, newsroom.article(1, authors=(newsroom.BEN,)))
    known = replace(newsroom.BEN, uri="https://ben.example/", kind=AuthorKind.ORGANIZATION)
    save(bare, newsroom.article(2, authors=(known,)))
    save(bare, newsroom.article(3, authors=(newsroom.BEN,)))
    with bare.store.reading() as tx:
        (ben,) = people.listed(tx)
    assert (ben.articles, ben.item.uri, ben.item.kind) == (3, known.uri, AuthorKind.ORGANIZATION)


def test_reserved_words_name_nobody(bare):
    archive = replace(newsroom.WATER, slug="archive", label="Archive")
    person = replace(newsroom.BEN, name="Not")
    save(bare, newsroom.article(1, authors=(person,), categories=(archive,)))
    (found,) = select(bare)
    assert (found.authors[0].slug, found.categories[0].slug) == ("not-2", "archive-theme")


def test_a_partners_edit_does_not_publish_what_an_editor_holds_back(bare):
    (saved,) = save(bare, replace(newsroom.republished(), status=Status.DRAFT))
    save(bare, replace(newsroom.republished(), id=saved.id, title="Edited"))
    assert select(bare) == []


def test_a_draft_that_is_published_keeps_its_date(bare):
    save(bare, newsroom.article(1, status=Status.DRAFT))
    (saved,) = save(bare, newsroom.article(1))
    assert saved.change is Change.EDITED
    assert select(bare)[0].updated == newsroom.article(1).updated


def test_a_released_article_is_known_again(runtime):
    scheduled = next(it for it in newsroom.articles() if it.status is Status.SCHEDULED)
    with runtime.store.writing() as tx:
        articles.release_due(tx, scheduled.published)
    (saved,) = save(runtime, replace(scheduled, status=Status.PUBLISHED))
    assert saved.change is Change.UNCHANGED


def test_an_article_whose_time_is_over_is_withdrawn(bare):
    save(bare, newsroom.article(1, expires=NOW + timedelta(hours=2)))
    with bare.store.reading() as tx:
        assert articles.next_change(tx) == NOW + timedelta(hours=2)
    with bare.store.writing() as tx:
        assert articles.expire_due(tx, NOW + timedelta(hours=1)) == []
        assert len(articles.expire_due(tx, NOW + timedelta(hours=2))) == 1
    assert select(bare) == []
