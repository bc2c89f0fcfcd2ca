"""Entries that were kept as markup, as documents that can be read again.

What stood around an entry is not kept: what it inherits from its feed's head is told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feeds.namespaces import IRIS

if TYPE_CHECKING:
    from collections.abc import Sequence

# What broken markup leaves undeclared stands for what it usually does.
_USUAL = "".join(
    f' xmlns:{prefix}="{iri}"' for prefix, iri in IRIS.items() if prefix not in {"xml", "atom"}
)
_FEED = {
    "atom03": f'<feed version="0.3" xmlns="http://purl.org/atom/ns#"{_USUAL}>',
    "atom": f'<feed xmlns="{IRIS["atom"]}" xmlns:atom="{IRIS["atom"]}"{_USUAL}>',
    "rss": f'<rss version="2.0" xmlns:atom="{IRIS["atom"]}"{_USUAL}><channel>',
}
_JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": ['


def document(raws: Sequence[str], dialect: str) -> bytes:
    """A document of that dialect (Feed.dialect) that holds these entries in their order."""
    if dialect.startswith("json"):
        return f"{_JSON}{','.join(raws)}]}}".encode()
    kind = next((it for it in _FEED if dialect.startswith(it)), "rss")
    end = "</channel></rss>" if kind == "rss" else "</feed>"
    return f"{_FEED[kind]}{''.join(raws)}{end}".encode()
