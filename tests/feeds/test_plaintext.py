"""HTML as text for mails and editors."""

from __future__ import annotations

from hypothesis import given

from feeds import sanitize
from feeds.plaintext import plain_text
from tests.feeds.strategies import anything

HTML = """<h2>The  plan</h2><p>One <em>long</em>
text<br>on two lines &amp; more, <a href="https://a.example/x">as said</a>,
<a href="https://a.example/y">https://a.example/y</a>.</p>
<ul><li>first<ol><li>inner</li><li>other</li></ol></li><li><p>second</p></li></ul>
<blockquote><p>Quoted.</p><p>Twice<br>over.</p></blockquote>
<table><tr><th>Year</th><td>2026</td></tr></table><img src="https://a.example/z.png" alt="">
<p>The end.</p><script>alert(1)</script>"""

TEXT = """The plan

One long text
on two lines & more, as said (https://a.example/x), https://a.example/y.

- first

1. inner

2. other

- second

> Quoted.

> Twice
> over.

Year 2026

The end."""


def test_the_shape_stays() -> None:
    assert plain_text(HTML) == TEXT


@given(anything)
def test_any_cleaned_html_gives_its_words(html: str) -> None:
    clean = sanitize.clean(html, base="https://a.example/")
    text = plain_text(clean)
    assert "\0" not in text
    assert text.strip() == text or text.startswith(">")
    assert plain_text(f"<p>{clean}</p><p>The end.</p>").endswith("The end.")
