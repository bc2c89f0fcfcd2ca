"""What a reader can see of an article, as a digest: an article that has the same is not written again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from service.model import Article
from service.store.flat import flat

if TYPE_CHECKING:
    from service.model import Origin

_DIGEST_VERSION = 1
_UNSEEN = {
    "id",
    "guid",
    "path",
    "slug",
    "status",
    "updated",
    "release",
    "retracted",
    "retraction_reason",
    "words",
}
_SEEN = [it.name for it in fields(Article) if it.name not in _UNSEEN]
_values = attrgetter(*_SEEN)
_LATER = ("in_reply_to",)
_ENCODER = json.JSONEncoder(default=str, sort_keys=True, ensure_ascii=False)


def digest(draft: Article) -> str:
    """Over all that a reader can see, and over no date that moves without an edit (DED-07)."""
    seen: dict[str, Any] = dict(zip(_SEEN, _values(draft), strict=True))
    seen["authors"] = [(author.name, author.kind, author.uri) for author in draft.authors]
    seen["contributors"] = [(credit.author.name, credit.role) for credit in draft.contributors]
    seen["categories"] = [(category.scheme, category.slug) for category in draft.categories]
    seen["media"] = [_without_gaps(flat(item), "rights") for item in draft.media]
    seen["origins"] = [_origin(it) for it in draft.origins if _is_own(it, draft)]
    if reply := draft.in_reply_to:
        seen["in_reply_to"] = flat(reply)
    if note := draft.editors_note:
        seen["editors_note"] = (note.html, note.author and note.author.name, note.date)
    said = _without_gaps(seen, *_LATER)
    body = _ENCODER.encode([_DIGEST_VERSION, said])
    return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()


def _is_own(origin: Origin, draft: Article) -> bool:
    """Whether the article came with it: those of its copies come and go."""
    return draft.source is None or origin.source in (None, draft.source)


def _origin(origin: Origin) -> dict[str, Any]:
    return flat(origin) | {"updated": None}


def _without_gaps(said: dict[str, Any], *later: str) -> dict[str, Any]:
    """Without fields that came later and say nothing, so that what was saved before keeps its digest."""
    return {name: value for name, value in said.items() if name not in later or value is not None}
