"""When a source is asked again, and the reason that its operator reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.politeness import JITTER, LONGEST, next_poll

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


def following(**facts):
    """The next poll of a source that is polled hourly, and the wait without the source's own share."""
    poll = next_poll(NOW, **{"slug": "lantern", "interval": HOUR, **facts})
    share = next_poll(NOW, slug="lantern", interval=HOUR).at - NOW
    return poll, timedelta(seconds=round((poll.at - NOW) / share * 3600))


@pytest.mark.parametrize(
    ("facts", "wait", "reason"),
    [
        ({}, HOUR, "every 1h as configured"),
        ({"interval": 3 * HOUR}, 3 * HOUR, "every 3h as configured"),
        ({"interval": timedelta(days=3)}, timedelta(days=3), "every 3d as configured"),
        ({"failures": 1}, 2 * HOUR, "2h of pause because a poll failed"),
        ({"failures": 3}, 8 * HOUR, "8h of pause because 3 polls in a row failed"),
        ({"failures": 6}, LONGEST, "1d of pause because 6 polls in a row failed"),
        ({"failures": 5000}, LONGEST, "1d of pause because 5000 polls in a row failed"),
        ({"ttl": 90 * MINUTE}, 90 * MINUTE, "90m, asked for by the feed (ttl)"),
        ({"ttl": 30 * MINUTE}, HOUR, "every 1h as configured"),
        ({"ttl": timedelta(days=365)}, LONGEST, "1d, asked for by the feed (ttl)"),
    ],
)
def test_waits(facts, wait, reason):
    poll, waited = following(**facts)
    assert (waited, poll.reason, poll.stopped) == (wait, reason, False)


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
        ({"Retry-After": "9" * 5000}, LONGEST, "1d, asked for by the server (Retry-After)"),
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


def test_retry_after_counts_instead_of_the_back_off():
    _, waited = following(failures=4, status=503, headers={"Retry-After": "7200"})
    assert waited == 2 * HOUR
    _, waited = following(failures=4, status=503, headers={"Retry-After": "soon"})
    assert waited == 16 * HOUR


@pytest.mark.parametrize("status", [401, 410])
def test_some_answers_stop_a_source(status):
    poll, _ = following(status=status, failures=1)
    assert poll.stopped
    assert str(status) in poll.reason


@pytest.mark.parametrize("status", [None, 200, 304, 403, 404, 429, 500, 999])
def test_others_do_not(status):
    assert not following(status=status)[0].stopped


def test_sources_spread():
    times = {next_poll(NOW, slug=f"source-{n}", interval=HOUR).at for n in range(100)}
    assert len(times) == 100
    assert max(times) - min(times) > 5 * MINUTE


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


@given(
    slug=st.text(),
    interval=st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    failures=st.integers(0, 10**6),
    status=st.none() | st.integers(100, 999),
    headers=HEADERS,
    ttl=st.none() | st.timedeltas(timedelta(0), timedelta(days=9999)),
)
def test_within_bounds(slug, interval, failures, status, headers, ttl):
    poll = next_poll(
        NOW,
        slug=slug,
        interval=interval,
        failures=failures,
        status=status,
        headers=headers,
        ttl=ttl,
    )
    assert interval <= poll.at - NOW <= max(interval, LONGEST) * (1 + JITTER)
    asked = headers.get("Retry-After", "")
    if asked.isdecimal():
        assert poll.at - NOW >= min(timedelta(seconds=int(asked)), LONGEST)
    assert poll.reason
