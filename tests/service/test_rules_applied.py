"""What the rules of a source do to its entries, from poll to reader."""

from __future__ import annotations

from msgspec.structs import replace

from service import newsroom
from service.model import Status, Verdict
from service.packing import unpacked
from tests.service.lantern import entry

ADS = '[[sources.exclude]]\nname = "ads"\nwords = ["sponsored"]'


def test_what_a_rule_keeps_out_is_known_with_the_rule(lantern):
    lantern.rules(ADS)
    lantern.says(entry(1), entry(2, title="Sponsored: a story"))
    outcome = lantern.poll()
    assert (outcome.imported, outcome.refused) == (1, 1)
    assert lantern.titles() == ["Story 1"]
    kept = lantern.kept(2)
    assert (kept.verdict, kept.reason) == (
        Verdict.EXCLUDED,
        "exclude rule “ads”: its title has “sponsored”",
    )
    assert unpacked(kept.markup).startswith("<entry")


def test_an_edit_that_a_rule_keeps_out_takes_the_article_back_until_the_next(lantern):
    lantern.rules(ADS)
    lantern.says(entry(1))
    lantern.poll()
    lantern.says_and_is_polled(entry(1, title="Sponsored"))
    gone = lantern.article(1)
    assert gone.status is Status.RETRACTED
    assert gone.retraction_reason == "Withheld: the newsroom no longer shows it"
    lantern.says_and_is_polled(entry(1, title="Clean again"))
    assert lantern.titles() == ["Clean again"]
    verdicts = [it.verdict for it in lantern.fates(1)]
    assert verdicts == [Verdict.IMPORTED, Verdict.EXCLUDED, Verdict.EDITED]


def test_what_an_editor_retracted_stays_so_whatever_rules_say(lantern):
    lantern.rules(ADS)
    lantern.says(entry(1))
    lantern.poll()
    newsroom.retract(lantern.runtime, str(lantern.article(1).id), reason="Wrong")
    lantern.says_and_is_polled(entry(1, title="Sponsored"))
    lantern.says_and_is_polled(entry(1, title="Clean again"))
    assert lantern.titles() == []
    assert lantern.article(1).retraction_reason == "Wrong"


def test_what_has_nothing_to_show_is_unreadable(lantern):
    lantern.serves(
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><id>tag:t.example,2026:f</id>'
        b"<updated>2026-11-22T00:00:00Z</updated><entry><id>tag:lantern.example,2026:1</id>"
        b"<updated>2026-11-22T00:00:00Z</updated></entry></feed>"
    )
    assert lantern.poll().refused == 1
    assert lantern.kept(1).verdict is Verdict.UNREADABLE


def test_what_is_beyond_the_limit_is_known_to_wait(lantern):
    fetch = lantern.runtime.config.fetch.model_copy(update={"items": 2})
    config = lantern.runtime.config.model_copy(update={"fetch": fetch})
    lantern.runtime = replace(lantern.runtime, config=config)
    lantern.says(*(entry(number) for number in range(1, 5)))
    outcome = lantern.poll()
    assert (outcome.imported, outcome.refused) == (2, 0)
    assert (lantern.kept(3).verdict, lantern.kept(3).markup) == (Verdict.CUT, b"")
    assert lantern.kept(3).reason == (
        "beyond the 2 entries that [fetch] items allows: it waits for the next poll"
    )
    assert lantern.poll().imported == 2
    assert [it.verdict for it in lantern.fates(3)] == [Verdict.CUT, Verdict.IMPORTED]
    assert len(lantern.titles()) == 4
    assert lantern.poll().imported == 0
