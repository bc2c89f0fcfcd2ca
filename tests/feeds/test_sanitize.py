"""Safe HTML: pairs in data/sanitize, payloads, and trees that nobody has thought of."""

from __future__ import annotations

import re
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feeds import sanitize
from feeds.languages import directed
from feeds.sanitize import ALLOWED, MAX_DEPTH, MAX_SIZE, SCHEMES, clean, summary, web_links
from feeds.text import from_html, legal

DATA = Path(__file__).parents[1] / "data" / "sanitize"
BASE = "https://partner.example/news/item.html"
# "␀" and "␊" stand for the characters that a line of text cannot hold.
SYMBOLS = str.maketrans({"␀": "\0", "␊": "\n"})
PAYLOADS = [
    line.translate(SYMBOLS)
    for line in (DATA / "payloads.txt").read_text(encoding="utf-8").splitlines()
]
PAIRS = sorted(path for path in DATA.glob("*.html") if not path.match("*.clean.html"))
ADDED = {"audio": {"controls"}, "video": {"controls"}}


class Audit:
    """What stands in cleaned HTML that must not, as another parser sees it."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def start(self, tag, attributes):
        if tag not in {*ALLOWED, "html", "body"}:
            self.found.append(tag)
        for name, value in attributes.items():
            if name not in ALLOWED.get(tag, set()) | ADDED.get(tag, set()):
                self.found.append(f"{tag} {name}")
            self.found.extend(f"{tag} {url}" for url in urls(name, value) if not is_allowed(url))

    def end(self, tag): ...

    def data(self, text): ...

    def comment(self, text):
        self.found.append(f"<!--{text}-->")

    def close(self): ...


def urls(name, value):
    if name in {"href", "src", "poster", "cite"}:
        return [value]
    return [it.split()[0] for it in value.split(", ")] if name == "srcset" else []


def is_allowed(url):
    return (
        urlsplit(url).scheme in SCHEMES
        and urlsplit(url).port != 0
        and re.fullmatch(r"[^\x00-\x20\\\x7f]+", url)
    )


def audit(html):
    auditor = Audit()
    etree.HTML(f"<body>{html}", etree.HTMLParser(target=auditor))
    assert auditor.found == []
    assert legal(html) == html
    assert clean(html, base=None) == html


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_pair(path):
    cleaned = clean(path.read_text(encoding="utf-8"), base=BASE)
    assert cleaned == path.with_suffix(".clean.html").read_text(encoding="utf-8")
    audit(cleaned)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payload(payload):
    audit(clean(payload, base=BASE))
    audit(clean(f"<p>before {payload}</p> <b>after</b>", base=None))


FOREIGN = """body button custom-x font form head html iframe math mi object option plaintext script
    select style svg template textarea title xmp"""
NAMES = st.sampled_from([*ALLOWED, *FOREIGN.split()])
VALUES = st.sampled_from(
    [
        "x",
        "",
        "/a b",
        "//h.example/x",
        "javascript:alert(1)",
        " java\tscript:x",
        "data:text/html,x",
        "https://h.example/?a=1&copy=2",
        "https://h.example/%5C\\",
        "http://[::",
        "https:x",
        "mailto:a@h.example",
        "a 1x, javascript:x 2x, b,c 3w",
        '"><img src=x onerror=alert(1)>',
        "'`<!--",
        "&#106;avascript:x",
        "&#1;\r\n&#13;&nbsp;",
        "12",
    ]
) | st.text(max_size=5)
ATTRIBUTE_NAMES = """href src srcset data-src cite poster title lang dir style id class onclick width
    xlink:href <b name"""
ATTRIBUTES = st.dictionaries(st.sampled_from(ATTRIBUTE_NAMES.split()), VALUES, max_size=3)
QUOTES = st.sampled_from(['"', "'", ""])


@st.composite
def tags(draw):
    """A tag, not always whole and not always well quoted."""
    name = draw(NAMES)
    if draw(st.booleans()):
        return f"</{name}>"
    parts = [
        f"{key}={draw(QUOTES)}{value}{draw(QUOTES)}" for key, value in draw(ATTRIBUTES).items()
    ]
    return f"<{' '.join([name, *parts])}{draw(st.sampled_from(['>', '/>', '>', '>', '']))}"


ODDITIES = st.sampled_from(
    [
        "<!--",
        "-->",
        "--!>",
        "<![CDATA[",
        "]]>",
        "<?x",
        "<!x",
        "<",
        "&",
        "&lt;",
        "\n",
        "\ufeff",
        "\x00",
    ]
)
SOUP = st.lists(tags() | ODDITIES | st.text(max_size=5), max_size=12).map("".join)


@st.composite
def trees(draw, depth=4):
    """A whole element with others in it, allowed and not."""
    name = draw(NAMES)
    inner = draw(st.lists(trees(depth - 1), max_size=3)) if depth else []
    attributes = "".join(f' {key}="{value}"' for key, value in draw(ATTRIBUTES).items())
    return f"<{name}{attributes}>{draw(st.text(max_size=3))}{''.join(inner)}</{name}>"


@given(SOUP)
def test_soup_is_cleaned(html):
    audit(clean(html, base=BASE))
    audit(clean(html, base=None))


@given(trees())
def test_tree_is_cleaned(html):
    audit(clean(html, base=BASE))


@given(SOUP, st.sampled_from(["ar", "az-Arab"]))
def test_a_text_written_from_right_to_left_stays_in_its_wrapper(html, language):
    wrapped = directed(clean(html, base=BASE), language)
    assert clean(wrapped, base=None) == wrapped


@given(
    SOUP, st.sampled_from(["", "x", "//", "http://[", "javascript:x", "https://b.example:port/"])
)
def test_a_bad_base_is_no_base(html, base):
    assert clean(html, base=base) == clean(html, base=None)


FLOWING = "a b blockquote dd div em figure h2 h3 i li ol p pre rt ruby section span summary ul"


@given(
    st.recursive(
        st.text("xyz ", max_size=4),
        lambda inner: st.tuples(st.sampled_from(FLOWING.split()), st.lists(inner, max_size=4)).map(
            lambda it: f"<{it[0]}>{''.join(it[1])}</{it[0]}>"
        ),
        max_leaves=30,
    )
)
def test_no_word_is_lost(html):
    words = (from_html(clean(html, base=None)) or "").replace(" ", "")
    assert words == (from_html(html) or "").replace(" ", "")


@pytest.mark.parametrize(
    "html",
    [
        "<b><p>Bold</p></b>",
        "<h2><p>Head</p></h2>",
        '<a href="https://x.example/"><table><tbody><tr><td>x</td></tr></tbody></table></a>',
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
        "<ul><li>a</li><ul><li>b</li></ul></ul>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        "<p>one<br>two<wbr>three</p><hr>",
        "<table><tbody><tr><td><b>x</b></td></tr></tbody></table>",
    ],
)
def test_sound_markup_is_left_alone(html):
    assert clean(html, base=None) == html


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        ("a.jpg", "a.jpg"),
        (" a.jpg 1x,b.jpg 1.5x ,\n c.jpg\t640w,", "a.jpg 1x, b.jpg 1.5x, c.jpg 640w"),
        ("a,b.jpg 1x, c.jpg, d.jpg", "a,b.jpg 1x, c.jpg, d.jpg"),
        ("a.jpg 1q, b.jpg 1x 2x, c.jpg (1x), javascript:x 1x", None),
        ("mailto:a@h.example 1x", "mailto:a@h.example 1x"),
        (",, ,", None),
        ("", None),
    ],
)
def test_srcset(srcset, expected):
    found = re.findall(
        'srcset="(.*)"', clean(f"<img srcset='{srcset}'>", base="https://h.example/")
    )
    assert found == ([] if expected is None else [absolute_each(expected)])


def absolute_each(srcset):
    return re.sub(r"(?:^|(?<=, ))(?=\w+[,.])", "https://h.example/", srcset)


@pytest.mark.parametrize(
    ("attribute", "kept"),
    [
        ('width="640"', True),
        ('width="100%"', False),
        ('height="99999"', False),
        ('dir="RTL"', True),
        ('dir="up"', False),
        ('lang="pt-BR"', True),
        ('lang="x y"', False),
        ('loading="lazy"', True),
        ('loading="never"', False),
        ('title="any text"', True),
        ('style="width: 9em"', False),
        ('data-src="x.jpg"', False),
    ],
)
def test_attribute_values(attribute, kept):
    cleaned = '<img src="https://h.example/x">'
    assert clean(f"{cleaned[:-1]} {attribute}>", base=None) == (
        f"{cleaned[:-1]} {attribute}>" if kept else cleaned
    )


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a</br>b</br >c", "a<br>b<br>c"),
        ("<pre>\n\n a</pre>", "<pre>\n\n a</pre>"),
        ("<pre>\r\n\r a</pre>", "<pre>\n\n a</pre>"),
        ("<pre>\n a</pre><pre> b</pre><pre>\n</pre>", "<pre>\n a</pre><pre> b</pre><pre>\n</pre>"),
        ('x<a name="top"></a><a href="https://x.example/"></a><p><a></a></p>y', "xy"),
        ("<p>x</p><p></p><p> </p><a> </a>", "<p>x</p><p> </p><a> </a>"),
        ('x<img><img src><img alt="y"><p><img src="javascript:x()"></p>', "x"),
        ('<img srcset="javascript:x() 2x">', ""),
        ('<img srcset="/a.jpg 2x">', '<img srcset="https://partner.example/a.jpg 2x">'),
        ('x<sup><a href="#fn1">1</a></sup>', "x<sup><a>1</a></sup>"),
        ('<a href=" #">x</a><q cite="#y">y</q>', "<a>x</a><q>y</q>"),
    ],
)
def test_what_browsers_make_of_it(html, expected):
    assert clean(html, base=BASE) == expected


@pytest.mark.parametrize(
    ("attributes", "source"),
    [
        ('data-src="/a.jpg?x=1&copy=2"', "/a.jpg?x=1&amp;copy=2"),
        ('src="" data-original="/a.jpg"', "/a.jpg"),
        ('SRC=" DATA:image/gif;base64,R0lGOD" Data-Src="/a.jpg"', "/a.jpg"),
        ('src="/b.jpg" data-src="/a.jpg"', "/b.jpg"),
        ('data-src="data:," data-original="/a.jpg"', "/a.jpg"),
        ('data-src="javascript:x()"', None),
    ],
)
def test_pictures_that_scripts_would_load(attributes, source):
    expected = f'<img src="https://partner.example{source}">' if source else ""
    assert clean(f"<img {attributes}>", base=BASE) == expected


@pytest.mark.parametrize(
    ("html", "pictures"),
    [
        ('<img data-src="a"><noscript><img src="a"></noscript>', 1),
        ('<noscript><img src="a"></noscript><img src="data:," data-original="a">', 1),
        ('<img data-src="a"><noscript><img src="b"></noscript>', 2),
        ('<img src="a"><img src="a">', 2),
    ],
)
def test_a_picture_loaded_late_is_shown_once(html, pictures):
    assert clean(html, base=BASE).count("<img") == pictures


def test_a_frame_becomes_a_paragraph_that_is_no_prose():
    html = '<p>Before</p><iframe src="https://video.example/1"{}></iframe><p>after.</p>'
    for title, said in (
        ("", "Embedded content at video.example"),
        (' title=" "', "Embedded content at video.example"),
        (' title="Fog\n &amp; horns"', "Fog &amp; horns"),
    ):
        cleaned = clean(html.format(title), base=None)
        link = f'<p><a href="https://video.example/1">{said}</a></p>'
        assert cleaned == f"<p>Before</p>{link}<p>after.</p>"
        assert summary(cleaned) == "Before after."


def test_web_links_carry_rel():
    html = '<p><a href="https://x.example/">x</a> <a>y</a> &lt;a href&gt;</p>'
    assert web_links(html) == (
        '<p><a href="https://x.example/" rel="noopener nofollow external">x</a>'
        ' <a rel="noopener nofollow external">y</a> &lt;a href&gt;</p>'
    )
    assert clean(web_links(html), base=None) == html


def test_summary_is_short_and_plain():
    assert summary("<h2>Head</h2><p>AT&amp;T &lt;b&gt; text</p>") == "Head AT&T <b> text"
    assert summary("<p>one two three</p>", limit=9) == "one two…"
    assert len(summary("<p>" + "word " * 200)) <= 300
    assert summary("<img>") == ""


def test_markup_that_does_not_settle_becomes_text(monkeypatch):
    monkeypatch.setattr(sanitize, "_MAX_ROUNDS", 0)  # nothing is known that needs all of them
    assert clean("<p>a &lt;b&gt;</p><p>c", base=None) == "a &lt;b&gt; c"


def test_a_text_is_cut_at_its_limit(monkeypatch):
    monkeypatch.setattr(sanitize, "MAX_SIZE", 100)
    assert clean("word " * 30, base=None) == "word " * 20
    assert clean("<p>" + "&" * 200, base=None) == "<p>" + "&amp;" * 18 + "</p>"
    assert clean("<p title='" + "&" * 200 + "'>x", base=None) == "x"


BITS = """&&&& <> "" \xa0\xa0 \n word <p> <b> </b> <pre> <li> <h2> <table> <tr> <td> <caption> <col>
    </table> <audio> <video> <br> <img/src=/1> <a/href=/&&> <p/title='&<">'> <iframe/src=//a.example>"""


@given(
    st.lists(st.sampled_from(re.split(" +|\n +", BITS)), max_size=40).map("".join),
    st.integers(0, 150),
)
def test_what_is_cut_is_never_longer_than_its_limit_and_stays(markup, limit):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sanitize, "MAX_SIZE", limit)
        cleaned = clean(markup, base=BASE)
        assert len(cleaned) <= limit
        assert clean(cleaned, base=BASE) == cleaned
        audit(cleaned)


@pytest.mark.parametrize(
    "markup", ["&", "\xa0", "<", "<p>a", "<b>", "<br>", "<audio src=/1>", "<p>&"]
)
def test_a_text_of_megabytes_is_cut_at_the_limit(markup):
    assert len(clean(markup * 200_000, base=BASE)) <= MAX_SIZE


def test_nesting_is_cut_at_its_limit():
    cleaned = clean("<div>" * 1000 + "deep" + "</div>" * 1000, base=None)
    assert cleaned == "<div>" * MAX_DEPTH + "deep" + "</div>" * MAX_DEPTH


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<b><p>",
        "<li>x",
        "<table><tr>x",
        "<a href=x><table>",
        "<!--",
        "<a ",
        '<a b="',
    ],
)
def test_time_grows_with_size_only(unit):
    started = time.process_time()
    clean(unit * (MAX_SIZE // len(unit)), base=BASE)
    assert time.process_time() - started < 10  # some 0.5 s; for nh3 alone, minutes
