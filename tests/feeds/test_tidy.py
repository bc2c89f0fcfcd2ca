"""The short ways through sanitiser, digest and plain text give what the long ones give."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import fields, identity, mixed, sanitize, text
from feeds.markup import tokens
from feeds.sanitize import ALLOWED
from feeds.taming import tame
from feeds.text import from_html, shorten
from feeds.tidy import is_tidy, tidied

TIDY = [
    "",
    "Only text &amp; more&nbsp;…",
    '<p>One <em>two</em> <a href="https://a.example/?a=1&amp;b=2">three</a><br></p><p>Four</p>',
    '<ul><li>One</li><li><p>Two</p></li></ul><blockquote cite="https://a.example/">Q</blockquote>',
    '<figure><img src="https://a.example/p.jpg" alt="A"><figcaption>B</figcaption></figure>',
]
UNTIDY = [
    "<p>One<p>Two", "</p>", "<b><p>x</p></b>", "<p><p>x</p></p>", "<p></p>", "<h1>x</h1>", "<P>x</P>",
    "<script>x</script>", "a > b", "\xa0", "&copy;", "a\x00", "<p onclick=\"x\">y</p>", "<li>x</li>",
    "<ul>x<p>y</p></ul>", "<a href=\"https://a.example/\"></a>", "<a><a>x</a></a>", "<p title='x'>y</p>",
    "<img src=\"https://a.example/p.jpg\" src=\"https://b.example/p.jpg\">", "<img srcset=\"/p.jpg 2x\">",
    "<img src=\"data:,\" data-src=\"https://a.example/p.jpg\">", "<table><tr><td>x</td></tr></table>",
    "<!-- x -->", "<p><!-- x --></p>", "<pre>\nx</pre>", "<iframe src=\"https://a.example/\"></iframe>",
    "<div>" * 40 + "x" + "</div>" * 40,
]  # fmt: skip

NAMES = st.sampled_from(
    [
        "p",
        "a",
        "b",
        "em",
        "ul",
        "li",
        "ol",
        "div",
        "h2",
        "img",
        "br",
        "hr",
        "h1",
        "td",
        "script",
        "blockquote",
        "iframe",
        "pre",
        "x-y",
    ]
)
URLS = ["https://a.example/b?c=1&amp;d=2#e", "/b", "#c", "javascript:x()", "http://A.example", ""]
VALUES = st.sampled_from(URLS) | st.text("ab \"'<>&;\x00/:", max_size=6)
ATTRIBUTES = st.tuples(
    st.sampled_from(["href", "src", "alt", "title", "srcset", "width", "onload", "data-src"]),
    VALUES,
)
TEXTS = st.text("ab &;<>\"'\x00\xa0\r\n é\x1e", max_size=8) | st.sampled_from(
    ["&amp;", "&lt;", "&am", "&#65"]
)


@st.composite
def starts(draw):
    name, given_ = draw(NAMES), draw(st.lists(ATTRIBUTES, max_size=2))
    quote = draw(st.sampled_from(['"', '"', '"', "'", ""]))
    return "<" + "".join([name, *(f" {key}={quote}{value}{quote}" for key, value in given_)]) + ">"


PIECES = starts() | NAMES.map("</{}>".format) | TEXTS | st.just("<!--")
FLAT = st.lists(PIECES, max_size=12).map("".join)


@st.composite
def nested(draw, depth=3):
    """Elements that end where they should, as most of the HTML in feeds."""
    parts = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(starts())
        inner = draw(nested(depth - 1)) if depth else draw(TEXTS)
        name = start[1:].split(">")[0].split(" ")[0]
        parts += [draw(TEXTS), start, "" if name in ("img", "br", "hr") else f"{inner}</{name}>"]
    return "".join(parts)


def tamed(html: str) -> str:
    found = sanitize._as_part_of_a_page(
        sanitize._loaded(tokens(html), sanitize._Task(None, ())), None
    )
    return tame(found, ALLOWED, depth=sanitize.MAX_DEPTH, size=sanitize.MAX_SIZE)


@pytest.mark.parametrize("html", TIDY)
def test_what_editors_write_is_tidy(html):
    assert is_tidy(html, ALLOWED)
    assert tamed(html) == html


@pytest.mark.parametrize("html", UNTIDY)
def test_what_taming_changes_is_not(html):
    assert not is_tidy(html, ALLOWED)


@pytest.mark.parametrize(
    ("html", "tidy"),
    [
        ('<p class="a" title="b">One<br /></p>', '<p title="b">One<br></p>'),
        ("&#8220;One&#8221; > &quot;two&quot;\xa0", '“One” &gt; "two"&nbsp;'),
        ('<p class="a" class="b">x</p>', None),
        ("<p class=a>x</p>", None),
        ("a < b", None),
    ],
)
def test_what_need_only_be_spelled_is_made_tidy(html, tidy):
    assert tidied(html, ALLOWED) == tidy


@given(FLAT | nested())
def test_taming_makes_the_same_of_it(html):
    tidy = tidied(html, ALLOWED)
    assert tidy is None or tamed(html) == tidy
    if is_tidy(html, ALLOWED):
        assert tidy == html


@given(FLAT | nested())
def test_the_substance_is_the_same_on_both_ways(html):
    assert identity._substance(html) == "".join(map(identity._told, tokens(html)))


@given(FLAT | nested())
def test_texts_without_their_tags_are_the_same_on_both_ways(html):
    assert text.without_tags(html) == "".join(map(text._piece, mixed.tokens(html)))


@given(st.sampled_from(["https://a.example", "http://A.example", "https://a.example:8080", "x:y"]),
       st.text("/ab?#&=%[]@:;.\\\n \x00", max_size=9))  # fmt: skip
def test_the_short_way_for_urls_changes_none(host, rest):
    url = host + rest
    if identity._CANONICAL.fullmatch(url):
        parts = identity._split(url)
        assert parts is not None
        assert (parts.query, parts.fragment) == ("", "")
        assert parts.port != identity._PORTS[parts.scheme]
        port = "" if parts.port is None else f":{parts.port}"
        assert url == f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
    if sanitize._USUAL.fullmatch(url):
        assert sanitize._is_usable(urlsplit(url))
        assert not sanitize._UNSAFE.search(url)


@given(
    st.sampled_from(["http://", "https://"]), st.text("ab.Z0/:?&=;#@%~-[é", min_size=1, max_size=14)
)
def test_a_whole_address_needs_not_be_put_together(scheme, rest):
    base = "https://b.example/c/d?e"
    assert fields.url(scheme + rest, base) == fields.url(f" {scheme}{rest}", base)


PARAGRAPHS = [
    "Fog ", "horns ", "&amp;", "&lt;p", "x" * 290, "y" * 600, "</p><p>", "<br>", "<b>b</b>",
    '<a href="https://a.example/?a=1&amp;b=2">link</a>', f'<img src="https://a.example/" alt="{"z" * 1300}">',
]  # fmt: skip


@given(st.lists(st.sampled_from(PARAGRAPHS), max_size=12).map("".join))
def test_a_summary_is_of_the_beginning(said):
    html = f"<p>{said}</p>"
    assert "<p><a " in html or sanitize.summary(html) == shorten(from_html(html) or "", 300)
