"""read(): the bytes of any feed as a Feed.

What is well-formed and of a known dialect, if only by `repair`, is read by `strict` exactly as written;
all other XML goes to `tolerant`. Neither sees what stands before the root element: there lie the entities
that kill parsers.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING

from lxml import etree
from msgspec.structs import replace

from feeds import repair, strict, text, tolerant
from feeds.decoding import decode, is_json
from feeds.errors import ForbiddenMarkup, NotAFeed
from feeds.jsonfeed import read_json
from feeds.parsing import parsed

if TYPE_CHECKING:
    from collections.abc import Collection

    from feeds.model import Feed

_MAX_ELEMENTS = 250_000
_MAX_ATTRIBUTES = 256  # of one element; all parsers take time quadratic in them, xmlns included
_BEYOND_LIMITS = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: depth 256, a text of 10 MB

_PROLOG = re.compile(
    r"""(?: [^<]++
          | <\?.*?\?>
          | <!--.*?-->
          | <!DOCTYPE (?: [^\[<>"'] | "[^"]*+" | '[^']*+' )*+ >
        )*+""",
    re.DOTALL | re.IGNORECASE | re.VERBOSE,
)
_CROWDED = re.compile(
    r"<[A-Za-z_][^\s<>/]*+"
    r"(?:\s++[^\s<>=\"'/]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s\"'<>]++))?+)"
    rf"{{{_MAX_ATTRIBUTES + 1}}}"
)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_PAGE_TITLE = re.compile(r"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def read(
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    known: Collection[str] = frozenset(),
) -> Feed:
    """The feed in `body`, which came from `url`; `content_type` is the HTTP header's value.

    Entries whose raw digest is in `known` are not read, only listed in Feed.unchanged. Raises NotAFeed,
    or ForbiddenMarkup for a document type with declarations and for markup beyond all measure.
    """
    document = decode(body, content_type)
    if is_json(document.text):
        feed = read_json(document.text.encode(), url=url, known=known)
    else:
        feed = _read_xml(document.text, url, known)
    return replace(feed, problems=document.problems + feed.problems)


def _read_xml(document: str, url: str, known: Collection[str]) -> Feed:
    markup = from_root(document)
    if _CROWDED.search(markup):
        raise ForbiddenMarkup(f"an element with more than {_MAX_ATTRIBUTES} attributes")
    try:
        root, problem = _parsed_or_repaired(markup)
    except etree.XMLSyntaxError as error:
        feed = repair.from_root(markup)
        return tolerant.read(feed, url=url, problem=f"not well-formed: {_reason(error)}")
    found = strict.read(root, url=url, known=known)
    if found is None:
        return tolerant.read(markup, url=url, problem=f"guessed at, its root being {root.tag}")
    return replace(found, problems=problem)


def _parsed_or_repaired(markup: str) -> tuple[etree._Element, tuple[str, ...]]:
    """The root element, and what had to be repaired. Raises the first error when nothing helps."""
    try:
        return parsed_root(markup), ()
    except etree.XMLSyntaxError as error:
        with suppress(etree.XMLSyntaxError):
            root = parsed_root(repair.repaired(markup))
            return root, (f"not well-formed, repaired: {_reason(error)}",)
        raise


def from_root(document: str) -> str:
    """The document from its root element on. Raises NotAFeed or ForbiddenMarkup where there is none."""
    start = _PROLOG.match(document)
    markup = document[start.end() if start else 0 :]
    if markup.startswith("<!"):
        raise ForbiddenMarkup("the document type has declarations of its own")
    root = _ROOT.match(markup)
    if root is None:
        raise NotAFeed("there is no markup in it" if document.strip() else "it is empty")
    if root[1].lower() == "html":
        title = _PAGE_TITLE.search(markup)
        called = text.from_html(title[1]) if title else None
        raise NotAFeed(f"it is a web page, called “{called}”" if called else "it is a web page")
    return markup


def parsed_root(markup: str) -> etree._Element:
    """The root element. Raises etree.XMLSyntaxError, or ForbiddenMarkup for what is beyond all measure."""
    try:
        root = parsed(markup)
    except etree.XMLSyntaxError as error:
        if getattr(error, "code", None) == _BEYOND_LIMITS:  # which lxml's type stubs do not know
            raise ForbiddenMarkup(_reason(error)) from error
        raise
    if root.xpath(f"count(//*) > {_MAX_ELEMENTS}"):
        raise ForbiddenMarkup(f"more than {_MAX_ELEMENTS} elements")
    return root


def _reason(error: etree.XMLSyntaxError) -> str:
    return str(error.msg).partition("\n")[0]
