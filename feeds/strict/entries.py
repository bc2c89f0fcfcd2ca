"""The entries of a document one by one: those known already are passed over before anything is read."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from feeds import fields
from feeds.identity import inherited, raw_digest
from feeds.strict.elements import markup

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from feeds.model import Entry, Feed
    from feeds.strict.elements import Node


class Markup(NamedTuple):
    """An entry as it came."""

    xml: str
    digest: str


def with_entries(
    head: Feed,
    nodes: Iterable[Node],
    read_entry: Callable[[Node, Feed, Markup], Entry],
    base: str,
    known: Collection[str],
) -> Feed:
    """The feed with its entries, but for those whose raw digest is in `known`: these go to `unchanged`.

    A digest covers what the entry inherits, so that a new license in the head makes all entries new.
    Entries beyond fields.ENTRIES are left out.
    """
    from_head = inherited(head, base)
    entries, unchanged = [], []
    remaining = iter(nodes)
    for node in islice(remaining, fields.ENTRIES):
        raw = markup(node.element)
        digest = raw_digest(raw.encode(), from_head)
        if digest in known:
            unchanged.append(digest)
        else:
            entries.append(read_entry(node, head, Markup(raw, digest)))
    return replace(
        head,
        entries=tuple(entries),
        unchanged=tuple(unchanged),
        truncated=next(remaining, None) is not None,
        base=base or None,
    )
