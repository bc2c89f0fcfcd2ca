"""The golden feed of a newsroom, from what editors did to the bytes, the same on both databases."""

from __future__ import annotations

from feeds.linting import Severity, lint
from feeds.model import Format
from tests.feeds.test_writing import CHECKS
from tests.service import golden


def test_the_newsroom_gives_its_golden_feeds(bare, clock):
    """Before its time a scheduled article is in none of them, from its time on in all."""
    for name, body in golden.documents(bare, clock).items():
        assert body.decode() == (golden.FOLDER / name).read_text(encoding="utf-8"), name
        assert (b"To come" in body) == name.startswith("after")


def test_the_golden_feeds_of_the_newsroom_are_valid():
    for name, now in golden.MOMENTS.items():
        for kind in Format:
            document = (golden.FOLDER / f"{name}.{kind.value}").read_bytes()
            address = f"https://gazette.example/feeds/all.{kind.value}"
            served = f"{kind.media_type}; charset=utf-8"
            found = lint(document, url=address, content_type=served, now=now)
            assert [it for it in found if it.severity is Severity.ERROR] == []
            assert CHECKS[kind](document) == []
