"""A license as people read it, on the page of terms and where an article is republished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from service import terms
from service.locales import marked
from service.web.current import config, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from service.config import License

_EXTENTS = {
    "full": marked("the full text"),
    "summary": marked("headline, summary and a link"),
    "none": marked("nothing"),
}
_USES = {
    "all": marked("use it for anything"),
    "ai-all": marked("use it with AI in any way"),
    "ai-train": marked("train AI models with it"),
    "ai-input": marked("give it to AI models to answer from"),
    "ai-index": marked("put it into indexes of AI systems"),
    "search": marked("show it in search results"),
}
_USERS = {
    "commercial": marked("commercial use"),
    "non-commercial": marked("non-commercial use"),
    "education": marked("education"),
    "government": marked("government"),
    "personal": marked("personal use"),
}
_PAYMENTS = {
    "purchase": marked("a license is to be bought"),
    "subscription": marked("a subscription is needed"),
    "training": marked("for each training"),
    "crawl": marked("for each crawl"),
    "use": marked("for each use"),
    "contribution": marked("a contribution is asked for"),
    "attribution": marked("credit is enough"),
    "free": marked("nothing"),
}


class Conditions(Struct, frozen=True):
    """What a license says, in phrases."""

    name: str  # the key under [licenses.*]
    license: License
    facts: tuple[tuple[str, str], ...]
    is_over: bool


def conditions(name: str, license_: License, now: datetime) -> Conditions:
    """A license in the language of the site."""
    return Conditions(
        name, license_, tuple(_facts(license_)), terms.has_ended(config(), license_, now)
    )


def _facts(it: License) -> Iterator[tuple[str, str]]:
    say = texts().say
    yield say("Others may republish"), say(_EXTENTS[it.republish])
    for about, tokens, words in (
        (say("Covers"), it.users, _USERS),
        (say("Machines may"), it.permits, _USES),
        (say("Machines may not"), it.prohibits, _USES),
        (say("Payment"), (it.payment,) if it.payment else (), _PAYMENTS),
    ):
        if tokens:
            yield about, "; ".join(_phrase(say(words[token]), token) for token in tokens)
    if it.valid_until:
        yield say("Holds until"), texts().day(it.valid_until)


def _phrase(words: str, token: str) -> str:
    """The words, and what machines are told, where that is another."""
    return words if words == token else f"{words} ({token})"
