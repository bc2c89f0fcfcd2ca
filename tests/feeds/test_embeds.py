"""Which links become players on a page, and how."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as markup

from feeds.embeds import PLAYERS, frame, framed, origin
from feeds.sanitize import clean, web_links

TUBE = "https://tube.example/videos/embed/"
ALLOWED = (*PLAYERS, TUBE)


@pytest.mark.parametrize(
    ("url", "framed_at"),
    [
        (
            "https://www.youtube.com/embed/dQw4w9WgXcQ?autoplay=1&start=9",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?start=9",
        ),
        (
            "http://youtube-nocookie.com/embed/dQw4w9WgXcQ",
            "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        ),
        (
            "https://player.vimeo.com/video/123?h=ab1&autoplay=1",
            "https://player.vimeo.com/video/123?h=ab1&dnt=1",
        ),
        (
            "https://www.dailymotion.com/embed/video/x8abc",
            "https://www.dailymotion.com/embed/video/x8abc",
        ),
        ("https://embed.ted.com/talks/lang/fr/some_talk", "https://embed.ted.com/talks/lang/fr/some_talk"),
        ("https://archive.org/embed/a-film.2", "https://archive.org/embed/a-film.2"),
        (f"{TUBE}1-2-3?autoplay=1&title=0", f"{TUBE}1-2-3?title=0"),
    ],
)  # fmt: skip
def test_players_are_framed(url, framed_at):
    assert frame(url, ALLOWED) == framed_at
    assert frame(url, ()) is None
    assert framed_at.startswith(tuple(f"{origin(it)}/" for it in ALLOWED))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
        "https://www.youtube.com/embed/../redirect",
        "https://www.youtube.com.example/embed/dQw4w9WgXcQ",
        "https://x@www.youtube.com/embed/dQw4w9WgXcQ",
        "javascript:alert(1)//https://tube.example/videos/embed/1",
        "https://tube.example/videos/",
        "http://tube.example/videos/embed/1",
        f"{TUBE}../../admin",
        "https://[tube/",
        "",
    ],
)
def test_nothing_else_is(url):
    assert frame(url, ALLOWED) is None


def test_a_frame_can_do_no_more_than_play():
    film = "https://www.youtube.com/embed/dQw4w9WgXcQ"
    given = f'<iframe src="{film}" title="One &quot;film&quot; &amp; more" srcdoc="x" onload="x">'
    text = web_links(clean(f"<p>Before</p>{given}</iframe><p>After</p>", base=None))
    shown = framed(text, ["youtube"])
    (found,) = markup.fragment_fromstring(shown, create_parent=True).iter("iframe")
    assert dict(found.attrib) == {
        "src": "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ",
        "title": 'One "film" & more',
        "loading": "lazy",
        "allowfullscreen": "",
        "referrerpolicy": "strict-origin-when-cross-origin",
        "allow": "fullscreen; picture-in-picture",
        "sandbox": "allow-scripts allow-same-origin allow-popups allow-presentation",
    }
    assert framed(text, ["vimeo"]) == text
    assert framed(text, ()) == text


def test_a_link_within_a_sentence_stays_one():
    text = '<p>See <a href="https://player.vimeo.com/video/1">this</a></p>'
    assert framed(text, ALLOWED) == text


ATTRIBUTES = {"a": {"href", "rel"}, "div": {"class"}, "p": set()} | {
    "iframe": {"src", "title", "loading", "allowfullscreen", "referrerpolicy", "allow", "sandbox"}
}


@settings(max_examples=80)
@given(st.text("<>\"&/ apf=h:.'", max_size=30), st.text("<>\"&' =onx", max_size=16))
def test_whatever_a_frame_says_nothing_gets_out_of_it(path, title):
    text = clean(f"<iframe src=\"{TUBE}{path}\" title='{title}'></iframe>", base=None)
    shown = framed(web_links(text), ALLOWED)
    _, *elements = markup.fragment_fromstring(shown, create_parent=True).iter()
    for element in elements:
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert element.get("src", TUBE).startswith(TUBE)
