"""Dates in all the spellings that feeds use, and back."""

from __future__ import annotations

import locale
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import dates

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)
EIGHT = datetime(2026, 11, 22, 8, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        # RFC 3339 and its relations
        ("2026-11-22T10:00:00Z", TEN),
        ("2026-11-22t10:00:00z", TEN),
        ("2026-11-22T12:00:00+02:00", TEN),
        ("2026-11-22T12:00:00 +0200", TEN),
        ("2026-11-22T12:00+02", TEN),
        ("2026-11-22 10:00:00", TEN),
        ("20261122T100000Z", TEN),
        ("2026-11-22", MIDNIGHT),
        ("2026-11-22T10:00:00-00:00", TEN),
        ("2026-11-22T10:00:00.250Z", TEN + timedelta(milliseconds=250)),
        ("2026-11-22T10:00:00,1234567Z", TEN + timedelta(microseconds=123456)),
        ("2026-11-21T23:59:60Z", MIDNIGHT),
        ("2026-11-21T24:00:00Z", MIDNIGHT),
        # RFC 822 and its relations
        ("Sun, 22 Nov 2026 10:00:00 GMT", TEN),
        ("Sun, 22 Nov 2026 10:00:00 +0000", TEN),
        ("22 Nov 2026 10:00 UT", TEN),
        ("Sun, 22 Nov 26 10:00:00 Z", TEN),
        ("Sunday, 22-Nov-26 10:00:00 GMT", TEN),
        ("Wed, 22 November 2026, 05:00:00 EST", TEN),
        ("  Sun,\n 22   Nov 2026 10:00:00\tGMT ", TEN),
        ("sun, 22 nov 2026 10:00:00 gmt", TEN),
        ("Sun, 22 Nov 2026 11:00:00 +0100 (CET)", TEN),
        ("Sun, 22 Nov 2026 11:00:00 GMT+1", TEN),
        ("Sun, 22 Nov 2026 10:00:00 CEST", EIGHT),
        ("Sun, 22 Nov 2026 00:00:00 PST", EIGHT),
        ("Sun, 22 Nov 2026 15:30:00 ACST", datetime(2026, 11, 22, 6, tzinfo=UTC)),
        ("Sun, 22 Nov 2026", MIDNIGHT),
        ("Mon, 22 Nov 99 00:00:00 GMT", datetime(1999, 11, 22, tzinfo=UTC)),
        ("Wed, 22 Nov 49 00:00:00 GMT", datetime(2049, 11, 22, tzinfo=UTC)),
        # asctime
        ("Sun Nov 22 10:00:00 2026", TEN),
    ],
)
def test_what_reads_as_a_date(raw: str, moment: datetime) -> None:
    assert dates.parse(raw) == moment


@pytest.mark.parametrize(
    "raw",
    [
        dates.period_until(TEN),
        "start=2026-01-01; end=2026-11-22T10:00:00Z; scheme=W3C-DTF",
        "name=Fair ; end = 2026-11-22T12:00:00+02:00",
        "2026-11-22T10:00:00Z",
    ],
)
def test_the_end_of_a_period(raw: str) -> None:
    assert dates.end_of_period(raw) == TEN


@pytest.mark.parametrize("raw", ["", "start=2026-01-01", "end=soon", "weekend=2026-11-22"])
def test_a_period_without_an_end(raw: str) -> None:
    assert dates.end_of_period(raw) is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "yesterday",
        "1763809200",
        "2026",
        "2026-11",
        "2026-13-01",
        "2026-02-30T00:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T24:00:01Z",
        "2026-11-22T10:60:00Z",
        "2026-11-22T10:00:61Z",
        "2026-11-22T10:00:00 XYZ",
        "2026-11-22T10:00:00+99:00",
        "Mon, 31 Nov 2026 10:00:00 GMT",
        "Sun, 22 Nov 2026 10:00:00 IST",
        "Sun, 22 Nov 226 10:00:00 GMT",
        "dim., 22 déc. 2026 10:00:00 GMT",
        "22/11/2026 10:00",
        "٢٠٢٦-١١-٢٢",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T24:00:00Z",
        "0000-01-01",
        "2026-11-22T10:00:00Z" + " " * 100,
    ],
)
def test_what_does_not(raw: str) -> None:
    assert dates.parse(raw) is None


def test_dates_are_written_in_utc() -> None:
    local = TEN.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert dates.rfc3339(local) == "2026-11-22T10:00:00Z"
    assert dates.rfc822(local) == "Sun, 22 Nov 2026 10:00:00 GMT"


def test_only_a_fraction_that_there_is_is_written() -> None:
    assert dates.rfc3339(TEN + timedelta(microseconds=250)) == "2026-11-22T10:00:00.000250Z"


def test_dates_are_english_under_any_locale() -> None:
    for name in locale.locale_alias.values():
        try:
            locale.setlocale(locale.LC_TIME, name)
        except locale.Error:
            continue
        try:
            assert dates.rfc822(TEN) == "Sun, 22 Nov 2026 10:00:00 GMT"
        finally:
            locale.setlocale(locale.LC_TIME, "C")


@given(when=st.datetimes(timezones=st.just(UTC)))
def test_what_is_written_is_read(when: datetime) -> None:
    assert dates.parse(dates.rfc3339(when)) == when
    assert dates.parse(dates.rfc822(when)) == when.replace(microsecond=0)


@given(raw=st.text(max_size=120) | st.from_regex(r"[0-9A-Za-z:+., -]{0,110}", fullmatch=True))
def test_any_text_gives_an_aware_date_or_none(raw: str) -> None:
    moment = dates.parse(raw)
    assert moment is None or moment.tzinfo is UTC
