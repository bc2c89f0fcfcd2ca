"""The table of conditional requests (RFC 9110 sections 12.5.3 and 13): validator by coding."""

from __future__ import annotations

import gzip
import sys
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import http_date

from service.web.codings import Coding, coded, coding_for
from service.web.conditional import Asked, decide

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CHANGED = datetime(2026, 11, 22, 12, 0, 0, 999_000, tzinfo=UTC)
TAG = "abc123"
SUFFIXES = {Coding.IDENTITY: "", Coding.GZIP: ".gz", Coding.BROTLI: ".br", Coding.ZSTD: ".zst"}

CODINGS = [  # HTTP-13
    (None, Coding.IDENTITY),
    ("", Coding.IDENTITY),
    ("gzip", Coding.GZIP),
    ("GZIP;q=0.8", Coding.GZIP),
    ("gzip, deflate", Coding.GZIP),
    ("gzip, deflate, br", Coding.BROTLI),
    ("gzip, deflate, br, zstd", Coding.ZSTD),
    ("br;q=1, zstd;q=0.9, gzip;q=0.1", Coding.BROTLI),
    ("zstd;q=0, br;q=0, gzip", Coding.GZIP),
    ("BR", Coding.BROTLI),
    ("br;q=0.5, *;q=0.1, zstd;q=0", Coding.BROTLI),
    ("*", Coding.GZIP),
    ("identity;q=0", Coding.GZIP),
    ("identity, gzip", Coding.GZIP),
    ("identity", Coding.IDENTITY),
    ("identity;q=1, gzip;q=0.5", Coding.IDENTITY),
    ("identity;q=0.1, *", Coding.GZIP),
    ("gzip;q=0", Coding.IDENTITY),
    ("gzip;q=0, *", Coding.IDENTITY),
    ("gzip;q=0, identity;q=0, *", Coding.BROTLI),
    ("gzip;q=0, identity;q=0", Coding.IDENTITY),  # nothing is left to choose from
    ("*;q=0", Coding.IDENTITY),
    ("deflate, compress", Coding.IDENTITY),
    ("br;q=x, gzip", Coding.GZIP),
    (";;=,", Coding.IDENTITY),
]

AFTER = http_date(CHANGED + timedelta(hours=1))
BEFORE = http_date(CHANGED - timedelta(seconds=1))
# TAG stands for the tag of the coding that the answer takes.
VALIDATORS = [
    ({}, False),
    ({"if_none_match": '"TAG"'}, True),
    ({"if_none_match": 'W/"TAG"'}, True),  # nginx weakens what it compresses (HTTP-05)
    ({"if_none_match": '"TAG-gzip"'}, True),  # Apache renames it
    ({"if_none_match": f'"{TAG}-gzip"'}, True),
    ({"if_none_match": f'"{TAG}--gzip"'}, True),  # Jetty, too
    ({"if_none_match": 'W/"TAG-br"'}, True),
    ({"if_none_match": '"other-gzip"'}, False),
    ({"if_none_match": '"other", "TAG"'}, True),
    ({"if_none_match": "*"}, True),
    ({"if_none_match": " * "}, True),
    ({"if_none_match": '"other"'}, False),
    ({"if_none_match": '"TAG'}, False),
    ({"if_none_match": "", "if_modified_since": AFTER}, False),
    ({"if_modified_since": http_date(CHANGED)}, True),
    ({"if_modified_since": AFTER}, True),
    ({"if_modified_since": BEFORE}, False),
    ({"if_modified_since": "yesterday"}, False),
    ({"if_none_match": '"TAG"', "if_modified_since": BEFORE}, True),  # HTTP-03
    ({"if_none_match": '"other"', "if_modified_since": AFTER}, False),
]


@pytest.mark.parametrize(("accept_encoding", "coding"), CODINGS)
def test_the_coding_a_reader_likes_best(accept_encoding: str | None, coding: Coding) -> None:
    assert coding_for(accept_encoding) is coding


@pytest.mark.parametrize(("validator", "chosen"), list(product(VALIDATORS, Coding)))
def test_what_a_reader_holds_already(
    validator: tuple[dict[str, str], bool], chosen: Coding
) -> None:
    headers, unchanged = validator
    tag = TAG + SUFFIXES[chosen]
    sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
    decision = decide(Asked(accept_encoding=chosen.value, **sent), TAG, CHANGED)
    assert decision.coding is chosen
    assert decision.etag == f'"{tag}"'
    assert decision.unchanged is unchanged


def test_each_coding_has_a_strong_tag_of_its_own() -> None:
    """HTTP-01: a copy in one coding is no answer to who asks for another."""
    for held, asked in permutations(Coding, 2):
        tag = decide(Asked(accept_encoding=held.value), TAG).etag
        assert not decide(Asked(asked.value, tag), TAG).unchanged


def test_each_coding_holds_the_same_bytes_the_same_way() -> None:
    body = b"<entry>Tides and turbines</entry>" * 99
    unpacked = {
        Coding.IDENTITY: bytes,
        Coding.GZIP: gzip.decompress,
        Coding.BROTLI: brotli.decompress,
        Coding.ZSTD: zstd.decompress,
    }
    for coding in Coding:
        packed = coded(body, coding)
        assert unpacked[coding](packed) == body
        assert packed == coded(body, coding)


@given(*[st.none() | st.text(alphabet='gzip,;q=01.*"W/\\ -:TueNov2026GMT\t') | st.text()] * 3)
def test_no_header_breaks_it(
    accept_encoding: str | None, if_none_match: str | None, if_modified_since: str | None
) -> None:
    asked = Asked(accept_encoding, if_none_match, if_modified_since)
    assert decide(asked, TAG, CHANGED).coding in Coding
