"""What the User-Agent of an aggregator tells: its name, and for how many subscribers it asks.

The custom is older than any standard: "Feedly/1.0 (...; 12 subscribers; ...)". Every spelling of it that is
known stands in a table here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

_MOST = 100_000_000  # subscribers; more is a joke
_LONGEST = 40  # characters of a name
_NUMBER = re.compile(
    r"(?<![\w.,-])(\d{1,9})\s{0,3}(?:subscriber|reader|follower|user)(?:s|\(s\))?(?![\w-])",
    re.IGNORECASE,
)

# Part of the User-Agent in lower case, and what the aggregator is called.
_KNOWN = (
    ("feedly", "Feedly"),
    ("feedbin", "Feedbin"),
    ("inoreader", "Inoreader"),
    ("newsblur", "NewsBlur"),
    ("theoldreader", "The Old Reader"),
    ("bazqux", "BazQux Reader"),
    ("feedspot", "Feedspot"),
    ("feeder.co", "Feeder"),
    ("feed wrangler", "Feed Wrangler"),
    ("feedwrangler", "Feed Wrangler"),
    ("netvibes", "Netvibes"),
    ("newsgator", "NewsGator"),
    ("bloglines", "Bloglines"),
    ("blogtrottr", "Blogtrottr"),
    ("commafeed", "CommaFeed"),
    ("feedhq", "FeedHQ"),
    ("g2reader", "G2Reader"),
    ("newsify", "Newsify"),
    ("livejournal", "LiveJournal"),
    ("dreamwidth", "Dreamwidth"),
    ("wordpress.com", "WordPress.com"),
    ("yahoo", "Yahoo"),
    ("rojo", "Rojo"),
    ("aiderss", "AideRSS"),
    ("superfeedr", "Superfeedr"),
    ("feedwright", "feedwright"),
)
_PRODUCT = re.compile(r"[A-Za-z0-9][\w .!+-]*")
_COMPATIBLE = re.compile(r"^Mozilla/[\d.]+ \(compatible; *", re.IGNORECASE)


class Told(Struct, frozen=True):
    """An aggregator, and for how many subscribers it asks."""

    name: str
    subscribers: int
    known: bool  # its name is in the table


@lru_cache(1024)
def told(agent: str) -> Told | None:
    """What a User-Agent tells of an aggregator's subscribers; None when it speaks for its one reader."""
    numbers = [int(it) for it in _NUMBER.findall(agent)]
    if not numbers:
        return None
    lowered = agent.lower()
    name = next((name for part, name in _KNOWN if part in lowered), None)
    return Told(name or _product(agent), min(max(numbers), _MOST), known=name is not None)


def _product(agent: str) -> str:
    """The first product of a User-Agent without its version (RFC 9110 section 10.1.5)."""
    found = _PRODUCT.match(_COMPATIBLE.sub("", _NUMBER.sub("", agent)).strip())
    return found[0].strip(" -.")[:_LONGEST].strip() if found else "unnamed"
