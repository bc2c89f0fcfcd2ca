"""Texts of which nobody says whether they are HTML, cut into tags and texts in linear time.

What HTML does not know and what never ends is text: "vector<int>", "if x<y", "<script> is harmful".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from feeds.markup import WITHOUT_PROSE, End, Start, Text, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.markup import Token

# What HTML has or had, but for WITHOUT_PROSE.
_NAMES = """a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del
    details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame
    frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i img input ins kbd label legend li link
    listing main map mark marquee math menu meta meter nav nobr noscript object ol optgroup option
    output p param picture plaintext pre progress q rb rp rt rtc ruby s samp search section select
    slot small source span strike strong sub summary sup svg table tbody td tfoot th thead time tr
    track tt u ul var video wbr xmp"""
KNOWN = frozenset(_NAMES.split())
_PREFIXED = re.compile("[a-z0-9]+:[a-z0-9]+")  # as word processors have it: "o:p"
_QUOTED = re.compile("=[ \t\n\f\r]*[\"']")
_CDATA = "<![cdata["
# "<" stands in a tag between quotes only, and attributes are counted: no input is scanned for long twice.
_PIECE = re.compile(
    r"""
      <(?P<end>/?)(?P<name>[A-Za-z][^ \t\n\f\r/<>]*+)
      (?P<attributes>
        (?: [ \t\n\f\r/]*+ [^ \t\n\f\r/<>][^ \t\n\f\r/<>=]*+
            (?: [ \t\n\f\r]*+ = [ \t\n\f\r]*+
                (?: "[^"]*+" | '[^']*+' | (?!["'])[^ \t\n\f\r<>]++ ) )?+
        ){0,64}+
      ) [ \t\n\f\r/]*+ >
    | (?P<cut> <[A-Za-z][^<>"']*+ (?<==)["'] [^<>]*+ \Z )
    | (?P<opening><!(?=--)|<!\[CDATA\[)
    | [^<]++
    | <
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING = {
    "<!": re.compile("--!?>"),
    _CDATA: re.compile("]]>"),
    **{
        name: re.compile(rf"</{name}(?:[ \t\n\f\r/][^<>]*+)?>", re.IGNORECASE)
        for name in WITHOUT_PROSE
    },
}


def tokens(value: str) -> Iterator[Token]:
    """The tags and texts in order, without comments and the content of WITHOUT_PROSE elements.

    A tag is one that ends and that HTML knows, or that has a value in quotes or a prefix. At the end of
    a text cut short, the value alone shows it.
    """
    endless: set[str] = set()
    elements: set[str] = set()
    at = 0
    while piece := _PIECE.match(value, at):
        at = piece.end()
        name = (piece["name"] or "").lower()
        opening = _opening(piece, name)
        if opening and opening not in endless:
            if closing := _CLOSING[opening].search(value, at):
                if opening == _CDATA:
                    yield Text(decoded(value[at : closing.start()]))
                at = closing.end()
                continue
            endless.add(opening)
        if name and (name in elements or _is_tag(piece[0], name)):
            elements.add(name)
            yield End(name) if piece["end"] else Start(name, piece["attributes"])
        elif not piece["cut"]:
            yield Text(decoded(piece[0]))


def _opening(piece: re.Match[str], name: str) -> str:
    """What begins here and is no prose until it is closed."""
    if name in WITHOUT_PROSE and not piece["end"]:
        return name
    return (piece["opening"] or "").lower()


def _is_tag(written: str, name: str) -> bool:
    return name in KNOWN or bool(_PREFIXED.fullmatch(name) or _QUOTED.search(written))
