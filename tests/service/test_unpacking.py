"""Packed bodies: any split into portions gives the same, and growth out of proportion is stopped."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import FetchError, TooLarge
from service.unpacking import Body

MEGABYTE = 1024 * 1024


def bare_deflate(body):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


PACKERS = [
    ("", bytes),
    ("identity", bytes),
    ("gzip", gzip.compress),
    (" X-GZip ", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
]


def unpacked(coding, packed, *, most=10 * MEGABYTE, portion=64 * 1024):
    body = Body(coding, most)
    for at in range(0, len(packed), portion):
        body.put(packed[at : at + portion])
    assert body.wire_bytes == len(packed)
    return body.whole()


@given(st.binary(max_size=5000), st.sampled_from(PACKERS), st.integers(1, 600))
def test_portions_do_not_matter(body, packer, portion):
    coding, pack = packer
    assert unpacked(coding, pack(body), portion=portion) == body


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=5), st.integers(1, 100))
def test_the_members_of_a_gzip_file_are_one_body(members, portion):
    packed = b"".join(gzip.compress(member) + bytes(3) for member in members)
    assert unpacked("gzip", packed, portion=portion) == b"".join(members)


def test_what_follows_a_deflated_body_is_left_alone():
    assert unpacked("deflate", zlib.compress(b"feed") + b"more", portion=3) == b"feed"


@given(st.binary(min_size=1, max_size=500), st.sampled_from(PACKERS[2:]), st.data())
def test_a_body_that_ends_early_is_no_body(body, packer, data):
    coding, pack = packer
    packed = pack(body)
    kept = data.draw(st.integers(1, len(packed) - 1))
    with pytest.raises(FetchError, match="cannot be unpacked"):
        unpacked(coding, packed[:kept])


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd", "gzip;q=1", "gzip,"])
def test_codings_that_were_not_asked_for(coding):
    with pytest.raises(FetchError, match="not asked for"):
        unpacked(coding, b"x")


@pytest.mark.parametrize(("coding", "pack"), PACKERS)
@pytest.mark.parametrize("size", [5000, 256 * 1024, 512 * 1024, MEGABYTE])
def test_the_limit_is_inclusive(coding, pack, size):
    body = bytes(size)
    assert unpacked(coding, pack(body), most=size) == body
    with pytest.raises(TooLarge, match="once unpacked"):
        unpacked(coding, pack(body), most=size - 1)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bare_deflate])
def test_growth_out_of_proportion_is_stopped_before_the_limit(pack):
    coding = "gzip" if pack is gzip.compress else "deflate"
    with pytest.raises(TooLarge, match="200 times"):
        unpacked(coding, pack(bytes(3 * MEGABYTE)))


def test_growth_in_proportion_is_not():
    body = b"".join(b"<entry><title>%d</title></entry>" % n for n in range(100_000))
    assert unpacked("gzip", gzip.compress(body)) == body


def test_members_without_end_are_stopped():
    with pytest.raises(FetchError, match="1000 members"):
        unpacked("gzip", gzip.compress(b"") * 1001)
    assert unpacked("gzip", gzip.compress(b"") * 1000) == b""
