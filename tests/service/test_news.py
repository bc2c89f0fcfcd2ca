"""What a worker remembers of the change log agrees with the log, whatever it has forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.front.news import News
from service.model import EVERYTHING
from service.store import Store, changelog
from tests.newsroom import NOW

SCOPES = [f"author:{number}" for number in range(12)]


def heard(news: News, store: Store) -> Mapping[str, int]:
    with store.reading() as tx:
        touched = news.since(tx)
    news.hear(touched)
    return touched


def append(store: Store, *touched: str) -> int:
    with store.writing() as tx:
        changelog.append(tx, touched, NOW)
        return changelog.last(tx)


def test_at_first_everything_has_changed(store):
    newest = append(store, "all")
    news = News()
    assert heard(news, store) == {EVERYTHING: newest}
    assert news.concern(["all"], newest) is False
    assert news.concern(["all"], newest - 1) is None


def test_what_is_looked_up_is_remembered(store):
    before = append(store, "all")
    append(store, "author:1")
    newest = append(store, "author:2")
    news = News()
    heard(news, store)
    assert news.concern(["author:3"], before) is None
    with store.reading() as tx:
        assert not news.look_up(tx, ["author:3"], before)
    assert news.concern(["author:3"], before) is False
    assert news.concern(["author:1"], before) is True
    assert news.concern(["author:2"], newest) is False


def test_what_the_log_does_not_tell_any_more_counts_as_touched(store):
    first = append(store, "author:1")
    news = News()
    heard(news, store)
    append(store, EVERYTHING)
    heard(news, store)
    assert news.concern(["author:2"], first) is True
    with store.reading() as tx:
        assert news.look_up(tx, ["author:2"], first - 1)


@pytest.mark.parametrize("most", [3, 8, 1000])
@settings(max_examples=3)
@given(seed=st.integers(0, 2**32))
def test_it_never_says_otherwise_than_the_log(store, most, seed):
    chance = Random(seed)
    news = News(most)
    numbers = [append(store, "all")]
    heard(news, store)
    for _ in range(20):
        some = EVERYTHING if chance.random() < 0.05 else chance.choice(SCOPES)
        numbers.append(append(store, some, chance.choice(SCOPES)))
        if chance.random() < 0.8:
            heard(news, store)
        asked, change = chance.sample(SCOPES, 2), chance.choice(numbers)
        with store.reading() as tx:
            touched = changelog.since(tx, change)
            by_the_log = not touched.keys().isdisjoint([*asked, EVERYTHING])
            found = news.concern(asked, change)
            assert by_the_log or not found  # what was not heard of yet may be told later
            if found is None:
                assert news.look_up(tx, asked, change) == by_the_log
        heard(news, store)
        assert news.concern(asked, change) in (None, by_the_log)
