"""What modules say around an entry: what it follows, where it happens, how long it may be shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from feeds import dates, fields
from feeds.model import Reference

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.model import Place
    from feeds.strict.elements import Node

_BETWEEN = re.compile(r"[\s,]+")


class Circumstances(TypedDict):
    """The fields of an Entry that these modules fill."""

    in_reply_to: Reference | None
    places: tuple[Place, ...]
    valid_until: datetime | None


_NAMES = frozenset({"dcterms:valid", "georss:point", "thr:in-reply-to"})
_NOTHING = Circumstances(in_reply_to=None, places=(), valid_until=None)


def of(node: Node) -> Circumstances:
    """What Atom entries and RSS items say alike."""
    if not node.has_any(_NAMES):
        return _NOTHING
    return Circumstances(
        in_reply_to=_reference(node.first("thr:in-reply-to")),
        places=fields.first_ones(
            found for it in node.values("georss:point") if (found := _point(it))
        ),
        valid_until=dates.end_of_period(node.line("dcterms:valid") or ""),
    )


def _reference(node: Node | None) -> Reference | None:
    """RFC 4685 section 3; only the first of several is kept."""
    ref = fields.identifier(node.element.get("ref")) if node else None
    if node is None or ref is None:
        return None
    href, source = (fields.url(node.element.get(it), node.base) for it in ("href", "source"))
    return Reference(ref, href, source)


def _point(written: str) -> Place | None:
    """Latitude and longitude, with white space between them, or as many write it a comma."""
    parts = _BETWEEN.split(written.strip())
    return fields.place(*parts) if len(parts) == 2 else None
