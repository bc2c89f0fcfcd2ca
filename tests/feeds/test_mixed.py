"""Texts that are HTML, texts that only speak of it, and what stays of them on one line."""

from __future__ import annotations

import time

import pytest

from feeds import text
from feeds.reading import read

RSS = "<rss version='2.0'><channel><title>T</title><item><title>{}</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("&lt;script&gt; considered harmful", "<script> considered harmful"),
        ("&lt;title&gt; element explained", "<title> element explained"),
        ("if x&lt;y then z", "if x<y then z"),
        ("if a&lt;b then &lt;i&gt;c&lt;/i&gt;", "if a<b then c"),
        ("Temperatures &lt;zero and falling", "Temperatures <zero and falling"),
        ("vector&lt;int&gt; tips", "vector<int> tips"),
        ("Map&lt;String, List&lt;T&gt;&gt;", "Map<String, List<T>>"),
        ("Tom &lt;tom@x.org&gt; writes", "Tom <tom@x.org> writes"),
        ("See &lt;https://x.example/?a=1&gt;", "See <https://x.example/?a=1>"),
        ("The &lt;!DOCTYPE html&gt; of old", "The <!DOCTYPE html> of old"),
        ("Why &lt;?php begins it", "Why <?php begins it"),
        ("A &lt;!-- that never ends", "A <!-- that never ends"),
        ("&lt;b&gt;bold&lt;/b&gt; move", "bold move"),
        ("&lt;script&gt;run()&lt;/script&gt; safe", "safe"),
        ("&lt;![CDATA[Said twice &amp; more]]&gt;", "Said twice & more"),
        ("AT&amp;amp;T", "AT&T"),
    ],
)
def test_titles_lose_no_word(written: str, title: str) -> None:
    (entry,) = read(RSS.format(written).encode(), url="https://news.example/feed").entries
    assert entry.title == title


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("One<o:p></o:p> two", "One two"),
        ('<x-card data-id="7">One</x-card> two', "One two"),
        ('One <svg viewBox="0 0 1 1"><path d="M0"/></svg>two', "One two"),
        ('cut <iframe src="https://x.example/">off', "cut off"),
        ("two <script>a</script><script>b</script>gone", "two gone"),
        ("three <SCRIPT>a</script >of <style> stays", "three of <style> stays"),
        ("a</b>c</int>d", "ac</int>d"),
    ],
)
def test_what_html_does_not_know_is_markup_only_when_it_looks_like_it(
    html: str, expected: str
) -> None:
    assert text.from_html(html) == expected


@pytest.mark.parametrize(
    "unit",
    [
        "<a <",
        "<a b=\"'<a c='\" ",
        "<a b='<a b=\"' ",
        "<![CDATA[",
        "<script></script ",
        "<style><!--",
        "<a b=c ",
        "</script",
    ],
)
def test_linear_time(unit: str) -> None:
    started = time.process_time()
    text.from_html(unit * 50_000)
    assert time.process_time() - started < 2  # some 0.1 s; quadratic time would be minutes


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("1 < 2\nand\r\n\r\n\r\n3 & 4", "<p>1 &lt; 2<br>and</p><p>3 &amp; 4</p>"),
        ("One\n \t\nTwo", "<p>One</p><p>Two</p>"),
        (" \n\n ", None),
        ("", None),
    ],
)
def test_plain_text_becomes_paragraphs(plain: str, html: str | None) -> None:
    assert (text.paragraphs(plain) or None) == html
