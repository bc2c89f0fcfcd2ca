"""What is packed comes back as it was; what was not packed here is an error, however it is made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import packing
from service.packing import compressed, packed, unpacked


@given(st.text())
def test_a_text_comes_back_as_it_was(text):
    assert unpacked(packed(text)) == text


def test_prose_takes_little_and_the_same_each_time():
    text = "<p>The harbour was quiet until the second ferry came in.</p>" * 60
    assert len(packed(text)) < len(text) / 10
    assert packed(text) == packed(text)


def test_nothing_is_nothing():
    assert (packed(""), unpacked(b"")) == (b"", "")


def test_threads_pack_at_once():
    texts = [f"<entry>{number}</entry>" * (number % 500) for number in range(4_000)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(unpacked, pool.map(packed, texts))) == texts


@pytest.mark.parametrize(
    "data",
    [b"<entry/>", packed("<entry/>")[:-1], compressed(b"\xff", 1)],
    ids=["not packed", "torn", "no text"],
)
def test_what_cannot_be_unpacked_is_an_error(data):
    with pytest.raises(ValueError, match=r"unpacked|decode"):
        unpacked(data)


def test_what_would_be_too_large_is_an_error_and_is_not_kept(monkeypatch):
    monkeypatch.setattr(packing, "LARGEST", 1_000)
    assert unpacked(packed("a" * 1_000)) == "a" * 1_000
    assert packed("a" * 1_001) == b""
    with pytest.raises(ValueError, match="larger than 1000 bytes"):
        unpacked(compressed(b"a" * 10_000_000, 1))
