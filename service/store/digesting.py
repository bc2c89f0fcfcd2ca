"""What a reader can see of an article, as a digest: an article that has the same is not written again."""

from __future__ import annotations

import hashlib
import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from service.model import Article
from service.store.flat import flat

if TYPE_CHECKING:
    from feeds.model import Media
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
_SEEN = sorted(name for name in Article.__struct_fields__ if name not in _UNSEEN)
_values = attrgetter(*_SEEN)
_GAP = '"content": ""'  # stands in no text of JSON's, whose quotes are escaped
_ENCODER = json.JSONEncoder(default=str, sort_keys=True, ensure_ascii=False, check_circular=False)


def digest(draft: Article) -> str:
    """Over all that a reader can see, and over no date that moves without an edit (DED-07)."""
    seen: dict[str, Any] = dict(zip(_SEEN, _values(draft), strict=True))
    seen["content"] = ""
    seen["authors"] = [(author.name, author.kind, author.uri) for author in draft.authors]
    seen["contributors"] = [(credit.author.name, credit.role) for credit in draft.contributors]
    seen["categories"] = [(category.scheme, category.slug) for category in draft.categories]
    seen["media"] = [_medium(item) for item in draft.media]
    seen["origins"] = [_origin(it) for it in draft.origins if _is_own(it, draft)]
    if reply := seen.pop("in_reply_to"):  # it came later: what is saved has to keep its digest
        seen["in_reply_to"] = flat(reply)
    if note := draft.editors_note:
        seen["editors_note"] = (note.html, note.author and note.author.name, note.date)
    before, after = _ENCODER.encode([_DIGEST_VERSION, seen]).split(_GAP)
    told = hashlib.sha256(_bytes(f'{before}"content": '))
    told.update(_text(draft.content))
    told.update(_bytes(after))
    return told.hexdigest()


def _text(content: str) -> bytes:
    """A text as the encoder writes it, which takes five times as long for one of some kB."""
    try:
        return to_json(content)
    except ValueError:  # half of a surrogate pair, which is no text
        return _bytes(_ENCODER.encode(content))


def _bytes(json: str) -> bytes:
    return json.encode("utf-8", "surrogatepass")


def _is_own(origin: Origin, draft: Article) -> bool:
    """Whether the article came with it: those of its copies come and go."""
    return draft.source is None or origin.source in (None, draft.source)


def _origin(origin: Origin) -> dict[str, Any]:
    return flat(origin) | {"updated": None}


def _medium(item: Media) -> dict[str, Any]:
    """Without rights where none are told: they came later, too."""
    told = flat(item)
    if item.rights is None:
        del told["rights"]
    return told
