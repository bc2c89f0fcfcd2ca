"""Players on pages, and pictures that a source's terms do not cover."""

from __future__ import annotations

import pytest

from feeds.model import Media, MediaRole
from service.runtime import Current
from service.web import create_app
from tests.service.lantern import entry

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

FILM = '<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ" title="A film"></iframe>'
TEXT = (
    "<p>One</p>"
    '<figure><img src="https://lantern.example/a.jpg"><figcaption>By Max Vey</figcaption></figure>'
    '<p><a href="https://lantern.example/"><img src="https://lantern.example/b.jpg"></a></p>'
    '<video src="https://lantern.example/c.mp4" poster="https://lantern.example/c.jpg"></video>'
    "<p>Two</p>"
)
MEDIA = (
    Media("https://lantern.example/lead.jpg", MediaRole.ILLUSTRATION, type="image/jpeg"),
    Media("https://lantern.example/talk.mp3", type="audio/mpeg"),
    Media("https://lantern.example/map.png", type="image/png"),
)


def answer(lantern, address: str):
    return create_app(Current(lantern.runtime)).test_client().get(address)


def test_players_are_shown_on_pages_where_the_source_may_and_linked_in_feeds(lantern):
    lantern.says(entry(1, content=f"<p>Text</p>{FILM}"))
    lantern.poll()
    page = f"/articles/{lantern.article(1).path}"
    plain = answer(lantern, page)
    assert "<iframe" not in plain.text
    assert "frame-src" not in plain.headers["Content-Security-Policy"]
    lantern.rules('embeds = ["youtube", "https://tube.example/embed/"]')
    shown = answer(lantern, page)
    assert (
        '<iframe src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ" title="A film"'
        in shown.text
    )
    assert shown.headers["Content-Security-Policy"].endswith(
        "; frame-src https://tube.example https://www.youtube-nocookie.com"
    )
    assert "iframe" not in answer(lantern, "/feeds/all.json").text
    assert "https://www.youtube.com/embed/dQw4w9WgXcQ" in answer(lantern, "/feeds/all.json").text


@pytest.mark.parametrize(
    ("media", "text", "files"),
    [
        ("all", None, {"lead.jpg", "talk.mp3", "map.png"}),
        (
            "no-pictures",
            '<p>One</p><video src="https://lantern.example/c.mp4" controls=""></video><p>Two</p>',
            {"talk.mp3"},
        ),
        ("none", "<p>One</p><p>Two</p>", set()),
    ],
)
def test_what_is_taken_of_media(lantern, media, text, files):
    lantern.rules(f'media = "{media}"')
    lantern.says(entry(1, content=TEXT, media=MEDIA))
    lantern.poll()
    article = lantern.article(1)
    if text is None:
        assert article.content.count("<img") == 2
    else:
        assert article.content.replace("<p></p>", "").replace("\n", "") == text
    assert {it.url.rpartition("/")[2] for it in article.media} == files
