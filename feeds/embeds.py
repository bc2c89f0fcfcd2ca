"""Players of other sites on our pages: a link to one stands in the text, and becomes a frame where it may.

Texts hold no frames (SAN-04): cleaning makes links of them. Which of these become frames again is decided
when a page is made, so that it takes effect at once, and feeds carry links.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Collection

_FRAME = (
    '<div class="embed"><iframe src="{src}" title="{title}" loading="lazy" allowfullscreen'
    ' referrerpolicy="strict-origin-when-cross-origin" allow="fullscreen; picture-in-picture"'
    ' sandbox="allow-scripts allow-same-origin allow-popups allow-presentation"></iframe></div>'
)
_LINK_ALONE = re.compile(r'<p><a href="([^"]*)"(?: [a-z]+="[^"]*")*>([^<]*)</a></p>')
_STARTS_ITSELF = frozenset({"autoplay", "auto_play", "autostart"})


class _Player(Struct, frozen=True):
    address: re.Pattern[str]  # of its frame, without query; its group is the film
    frame: str  # the address that is framed
    parameters: frozenset[str] = frozenset()  # that may stay
    added: tuple[tuple[str, str], ...] = ()  # parameters


_PLAYERS = {
    "archive.org": _Player(
        re.compile(r"https?://(?:www\.)?archive\.org/embed/([\w.-]+)"), "https://archive.org/embed/"
    ),
    "dailymotion": _Player(
        re.compile(r"https?://(?:www\.)?dailymotion\.com/embed/video/(\w+)"),
        "https://www.dailymotion.com/embed/video/",
    ),
    "ted": _Player(
        re.compile(r"https?://embed(?:-ssl)?\.ted\.com/talks/((?:lang/[\w-]+/)?\w+)"),
        "https://embed.ted.com/talks/",
    ),
    "vimeo": _Player(
        re.compile(r"https?://player\.vimeo\.com/video/(\d+)"),
        "https://player.vimeo.com/video/",
        frozenset({"h"}),
        (("dnt", "1"),),
    ),
    "youtube": _Player(
        re.compile(r"https?://(?:www\.)?youtube(?:-nocookie)?\.com/embed/([\w-]{6,20})"),
        "https://www.youtube-nocookie.com/embed/",
        frozenset({"end", "list", "start"}),
    ),
}
PLAYERS = tuple(_PLAYERS)


def framed(html: str, allowed: Collection[str]) -> str:
    """Clean HTML in which a paragraph that is but a link to a player has become its frame.

    `allowed` are names of PLAYERS, and addresses (https) that those of players begin with.
    """
    if not allowed:
        return html
    return _LINK_ALONE.sub(lambda found: _framed(found, allowed), html)


def _framed(found: re.Match[str], allowed: Collection[str]) -> str:
    url = frame(unescape(found[1]), allowed)
    title = escape(unescape(found[2]))  # a text may hold quotes as they are
    return _FRAME.format(src=escape(url), title=title) if url else found[0]


def frame(url: str, allowed: Collection[str]) -> str | None:
    """The address to put into a frame for that of a player; None where it may not be."""
    try:
        parts = urlsplit(url)
        query = parse_qsl(parts.query)
    except ValueError:
        return None
    bare = parts._replace(query="", fragment="").geturl()
    for name in allowed:
        player = _PLAYERS.get(name)
        if player and (film := player.address.fullmatch(bare)):
            kept = [(key, value) for key, value in query if key in player.parameters]
            return _with(player.frame + film[1], [*kept, *player.added])
        if player is None and bare.startswith(name) and "/." not in bare:
            return _with(bare, [it for it in query if it[0].lower() not in _STARTS_ITSELF])
    return None


def _with(address: str, query: list[tuple[str, str]]) -> str:
    return f"{address}?{urlencode(query)}" if query else address


def origin(allowed: str) -> str:
    """The origin that frames of a player, by name or address, come from, for a Content-Security-Policy."""
    player = _PLAYERS.get(allowed)
    parts = urlsplit(player.frame if player else allowed)
    return f"{parts.scheme}://{parts.netloc}"
