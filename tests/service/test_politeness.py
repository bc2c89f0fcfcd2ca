"""When a source is asked again, where it has moved, and the reason that its operator reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.politeness import (
    JITTER,
    LONGEST,
    Move,
    Pace,
    Standing,
    Wishes,
    first_rhythm,
    next_poll,
    next_rhythm,
    sighted,
    standing,
)
from tests.feeds.strategies import structs

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)  # a Sunday
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
OLD = "https://partner.example/feed"


def pace(**facts) -> Pace:
    return Pace(**{"floor": HOUR, "ceiling": DAY, **facts})


def following(*, of: Pace | None = None, **facts):
    """The next poll of a source that is polled hourly, and the wait without the source's own share."""
    poll = next_poll(NOW, slug="lantern", pace=of or pace(), **facts)
    share = next_poll(NOW, slug="lantern", pace=pace()).at - NOW
    return poll, timedelta(seconds=round((poll.at - NOW) / share * 3600))


@pytest.mark.parametrize(
    ("of", "wait", "reason"),
    [
        (pace(), HOUR, "every 1h as configured"),
        (pace(floor=3 * DAY), 3 * DAY, "every 3d as configured"),
        (pace(conditional=False), DAY, "every 1d: its server tells no validators"),
        (pace(conditional=False, agreed=True), HOUR, "every 1h as configured"),
        (pace(floor=2 * DAY, conditional=False), 2 * DAY, "every 2d as configured"),
        (pace(rhythm=MINUTE), HOUR, "every 1h as configured"),
        (pace(rhythm=12 * HOUR), 3 * HOUR, "every 3h: its news come about every 12h"),
        (pace(rhythm=12 * HOUR, silence=2 * DAY), 6 * HOUR, "every 6h: its news come about every 1d"),
        (pace(rhythm=HOUR, silence=900 * DAY), DAY, "every 1d: its news come about every 450d"),
        (pace(rhythm=20_250 * MINUTE), DAY, "every 1d: its news come about every 14d"),
        (pace(rhythm=1_000 * MINUTE), 250 * MINUTE, "every 250m: its news come about every 17h"),
        (pace(rhythm=90 * DAY, ceiling=6 * HOUR), 6 * HOUR, None),
        (pace(rhythm=90 * DAY, floor=6 * HOUR, ceiling=HOUR), 6 * HOUR, None),
    ],
)  # fmt: skip
def test_the_usual_pace(of, wait, reason):
    poll, waited = following(of=of)
    assert waited == wait
    assert reason in {None, poll.reason}


@pytest.mark.parametrize(
    ("facts", "wait", "reason"),
    [
        ({"failing": timedelta()}, HOUR, "1h of pause because a poll failed"),
        ({"failing": 6 * HOUR}, HOUR, "every 1h as configured"),
        ({"failing": 2 * DAY}, 8 * HOUR, "8h of pause because polls have failed for 2d"),
        ({"failing": 90 * DAY}, LONGEST, "1d of pause because polls have failed for 90d"),
        ({"failing": timedelta(), "status": 429}, 4 * HOUR,
         "4h of pause because the server is asked too often (429)"),
        ({"failing": 3 * DAY, "status": 429}, 12 * HOUR, None),
        ({"failing": DAY, "of": pace(floor=3 * DAY)}, 3 * DAY, None),
        ({"wishes": Wishes(90 * MINUTE)}, 90 * MINUTE, "90m, asked for by the feed (ttl)"),
        ({"wishes": Wishes(30 * MINUTE)}, HOUR, "every 1h as configured"),
        ({"wishes": Wishes(365 * DAY)}, LONGEST,
         "1d, the most we wait: the feed (ttl) asks for 365d"),
    ],
)  # fmt: skip
def test_waits(facts, wait, reason):
    poll, waited = following(**facts)
    assert (waited, poll.stopped) == (wait, False)
    assert reason is None or poll.reason in {reason, "every 1h as configured"}


@pytest.mark.parametrize(
    ("headers", "wait", "reason"),
    [
        ({"Retry-After": "7200"}, 2 * HOUR, "2h, asked for by the server (Retry-After)"),
        ({"Retry-After": "1800"}, HOUR, "every 1h as configured"),
        (
            {"Retry-After": "Sun, 22 Nov 2026 15:00:00 GMT"},
            3 * HOUR,
            "3h, asked for by the server (Retry-After)",
        ),
        ({"Retry-After": "Sun, 22 Nov 2026 09:00:00 GMT"}, HOUR, "every 1h as configured"),
        ({"Retry-After": "9" * 5000}, LONGEST, None),
        (
            {"Cache-Control": "public, Max-Age=5400"},
            90 * MINUTE,
            "90m, asked for by the server (max-age)",
        ),
        ({"Cache-Control": 's-maxage=99999, max-age="7200"'}, 2 * HOUR, None),
        ({"Cache-Control": "s-maxage=99999"}, HOUR, None),
        ({"Cache-Control": "max-age=-1, no-store"}, HOUR, None),
        ({"Expires": "Sun, 22 Nov 2026 14:00:00 GMT"}, 2 * HOUR, None),
        (
            {"Expires": "Mon, 01 Jan 2001 02:00:00 GMT", "Date": "Mon, 01 Jan 2001 00:00:00 GMT"},
            2 * HOUR,
            "2h, asked for by the server (Expires)",
        ),
        ({"Expires": "0"}, HOUR, None),
        ({"Expires": "Sun, 22 Nov 2026 14:00:00"}, 2 * HOUR, None),
    ],
)
def test_wishes_of_the_server(headers, wait, reason):
    poll, waited = following(headers=headers)
    assert waited == wait
    assert reason in {None, poll.reason}


def test_wishes_beyond_all_measure_are_cut_down_and_told():
    poll, _ = following(headers={"Cache-Control": "max-age=31536000"}, wishes=Wishes(90 * DAY))
    assert poll.alarms == ("the server (max-age) asks for 365d", "the feed (ttl) asks for 90d")
    assert following(headers={"Cache-Control": "max-age=7200"})[0].alarms == ()


def test_retry_after_counts_instead_of_the_back_off():
    for status in (429, 503):
        headers = {"Retry-After": "7200"}
        _, waited = following(failing=4 * DAY, status=status, headers=headers)
        assert waited == 2 * HOUR
    _, waited = following(failing=4 * DAY, status=503, headers={"Retry-After": "soon"})
    assert waited == 16 * HOUR


@pytest.mark.parametrize(
    ("wishes", "earliest", "latest"),
    [
        (Wishes(skip_hours=(13, 14)), "2026-11-22 15:00", "2026-11-22 15:30"),
        (Wishes(skip_hours=(2, 3)), "2026-11-22 13:00", "2026-11-22 13:06"),
        (Wishes(skip_days=("Sunday", "Monday")), "2026-11-24 00:00", "2026-11-24 00:30"),
        (Wishes(skip_days=("Sunday",), skip_hours=(0,)), "2026-11-23 01:00", "2026-11-23 01:30"),
        (Wishes(skip_hours=tuple(range(24))), "2026-11-22 13:00", "2026-11-22 13:06"),
        (Wishes(skip_days=("Someday",), skip_hours=(99,)), "2026-11-22 13:00", "2026-11-22 13:06"),
    ],
)
def test_hours_and_days_that_a_feed_wants_skipped(wishes, earliest, latest):
    poll, _ = following(wishes=wishes)
    assert datetime.fromisoformat(f"{earliest}+00:00") <= poll.at
    assert poll.at <= datetime.fromisoformat(f"{latest}+00:00")
    assert ("skip" in poll.reason) == (poll.at - NOW > 2 * HOUR)


@pytest.mark.parametrize("status", [401, 410])
def test_some_answers_stop_a_source(status):
    poll, _ = following(status=status, failing=timedelta())
    assert poll.stopped
    assert str(status) in poll.reason


@pytest.mark.parametrize("status", [None, 200, 304, 403, 404, 429, 500, 999])
def test_others_do_not(status):
    poll = following(status=status)[0]
    assert (poll.stopped, poll.pauses_host) == (False, status == 429)


def test_sources_spread():
    times = {next_poll(NOW, slug=f"source-{n}", pace=pace()).at for n in range(100)}
    assert len(times) == 100
    assert max(times) - min(times) > 5 * MINUTE


def test_the_back_off_grows_and_ends_at_the_ceiling():
    """An outage of hours delays no source by more than its interval; after days it is left in peace."""
    since, at, gaps = NOW, NOW, []
    while at - since < 40 * DAY:
        following_ = next_poll(at, slug="lantern", pace=pace(), failing=at - since).at
        gaps.append(following_ - at)
        at = following_
    assert gaps == sorted(gaps)
    assert sum(gap < 1.2 * HOUR for gap in gaps) >= 6
    assert LONGEST <= gaps[-1] <= LONGEST * (1 + JITTER)
    assert len(gaps) < 70


def test_the_first_document_tells_the_rhythm():
    assert first_rhythm([NOW - n * 3 * HOUR for n in range(9)], NOW) == 3 * HOUR
    assert first_rhythm([NOW, None, NOW - HOUR], NOW) is None
    assert first_rhythm([NOW + 400 * DAY] * 9, NOW) is None
    old_and_new = [NOW - n * HOUR for n in range(30)] + [NOW - 900 * DAY]
    assert first_rhythm(old_and_new, NOW) == HOUR


def test_the_rhythm_follows_the_news():
    rhythm = first_rhythm([NOW - n * HOUR for n in range(9)], NOW)
    for _ in range(20):
        rhythm = next_rhythm(rhythm, DAY, 1)
    assert 23 * HOUR < rhythm <= DAY
    assert next_rhythm(None, DAY, 4) == 6 * HOUR


def followed(*polls: tuple[float, list[tuple[int, str]]], asked: str = OLD, known: bool = True):
    """What stands of a redirect after polls so many days from now, each with its hops."""
    move = None
    for days, hops in polls:
        move = sighted(move, hops, asked=asked, known=known, now=NOW + days * DAY)
    return move


def hourly(days: float, to: str = "https://www.partner.example/news", status: int = 301):
    return [(hours / 24, [(status, to)]) for hours in range(int(days * 24) + 1)]


@pytest.mark.parametrize(
    ("polls", "at", "expected"),
    [
        (hourly(7), 6 + 23 / 24, Standing.WAITS),
        (hourly(7), 7, Standing.HELD),
        (hourly(7, status=308), 7, Standing.HELD),
        ([(n / 2, [(301, "https://partner.example/b")]) for n in range(19)], 9, Standing.WAITS),
        ([(n, [(301, "https://partner.example/b")]) for n in range(20)], 19, Standing.HELD),
        (hourly(400, "https://other.example/feed"), 400, Standing.FOREIGN),
        (hourly(9, "https://feeds.partner.example/x"), 9, Standing.HELD),
    ],
)
def test_a_redirect_holds_or_waits(polls, at, expected):
    """T4."""
    assert standing(followed(*polls), asked=OLD, now=NOW + at * DAY) is expected


def test_two_names_under_a_public_suffix_are_two_sites():
    move = followed(*hourly(8, "https://two.github.io/feed"), asked="https://one.github.io/feed")
    found = standing(move, asked="https://one.github.io/feed", now=NOW + 8 * DAY)
    assert found is Standing.FOREIGN


def test_a_redirect_to_something_unknown_is_not_taken_over():
    move = followed(*hourly(30), known=False)
    assert standing(move, asked=OLD, now=NOW + 30 * DAY) is Standing.UNLIKE


@pytest.mark.parametrize(
    "hops",
    [
        [],
        [(302, "https://partner.example/b")],
        [(307, "https://partner.example/b")],
        [(302, "https://partner.example/b"), (301, "https://partner.example/c")],
        [(301, "http://partner.example/feed")],
        [(301, OLD)],
    ],
)
def test_what_is_no_move(hops):
    assert followed((0, [(301, "https://partner.example/b")]), (1, hops)) is None


def test_a_flapping_redirect_never_holds():
    one, two = hourly(0, "https://partner.example/1")[0], hourly(0, "https://partner.example/2")[0]
    polls = [(n / 24, (one if n % 100 else two)[1]) for n in range(3000)]
    for end in range(100, 3000, 100):
        move = followed(*polls[:end])
        assert standing(move, asked=OLD, now=NOW + end / 24 * DAY) is Standing.WAITS


def test_only_the_permanent_beginning_of_a_chain_counts():
    chain = [(301, "https://partner.example/b"), (302, "https://cdn.example/c")]
    assert followed((0, chain)) == Move("https://partner.example/b", NOW, 1, True)


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Retry-After": st.integers(-5, 10**7).map(str)
        | st.datetimes().map(lambda it: f"{it:%a, %d %b} {it.year:04} {it:%H:%M:%S} GMT")
        | st.text(max_size=20),
        "Cache-Control": st.integers(-5, 10**12).map("max-age={}".format) | st.text(max_size=20),
        "Expires": st.text(max_size=30),
        "Date": st.text(max_size=30),
    },
)
SPANS = st.timedeltas(timedelta(0), timedelta(days=9999))
PACES = structs(
    Pace,
    floor=st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    ceiling=st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    agreed=st.booleans(),
    conditional=st.booleans(),
    rhythm=st.none() | SPANS,
    silence=SPANS,
)


@given(
    slug=st.text(),
    of=PACES,
    failing=st.none() | SPANS,
    status=st.none() | st.integers(100, 999),
    headers=HEADERS,
    every=st.none() | SPANS,
)
def test_within_bounds(slug, of, failing, status, headers, every):
    poll = next_poll(
        NOW,
        slug=slug,
        pace=of,
        failing=failing,
        status=status,
        headers=headers,
        wishes=Wishes(every),
    )
    assert of.floor <= poll.at - NOW
    assert poll.at - NOW <= max(of.floor, of.ceiling, LONGEST) * (1 + JITTER)
    asked = headers.get("Retry-After", "")
    if asked.isdecimal():
        assert poll.at - NOW >= min(timedelta(seconds=int(asked)), LONGEST)
    assert poll.reason
