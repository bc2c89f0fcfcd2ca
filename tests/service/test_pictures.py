"""Pictures of an article: taken along by import, kept by their bytes, served for ever, named in feeds."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.model import Format, MediaRole
from feeds.reading import read
from service import pictures, publish
from service.care import gallery
from service.care.checks import gallery as checks
from service.care.findings import Health
from service.config import media_folder
from service.errors import Refused
from service.model import Selection
from service.runtime import Current, Runtime
from service.store import articles
from service.transfer import import_path
from service.web import create_app


def png(width: int, height: int) -> bytes:
    """A black picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = zlib.compress((b"\0" + b"\0" * width) * height)
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


QUAY = png(40, 30)
NAME = f"{hashlib.sha256(QUAY).hexdigest()}.png"
BEGINNINGS = [
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF....WEBP",
    b"\0\0\0\x1cftypavif",
]
ARTICLE = """\
+++
title = "The quay"
date = 2026-11-01
authors = ["Ada Marsh"]
{keys}+++

{text}
"""


@pytest.fixture
def folder(tmp_path):
    """An article's folder with a picture below it, and one outside."""
    inner = tmp_path / "articles"
    (inner / "images").mkdir(parents=True)
    (inner / "images" / "the quay.png").write_bytes(QUAY)
    (tmp_path / "secret.png").write_bytes(png(1, 1))
    return inner


def taken(runtime, folder, text, keys=""):
    (folder / "quay.md").write_text(ARTICLE.format(keys=keys, text=text), encoding="utf-8")
    report = import_path(runtime, folder)
    assert report.refused == ()
    with runtime.store.reading() as tx:
        return articles.by_id(tx, report.taken[0][1].id)


def refused(runtime, folder, text, keys=""):
    (folder / "quay.md").write_text(ARTICLE.format(keys=keys, text=text), encoding="utf-8")
    ((_, reason),) = import_path(runtime, folder).refused
    return reason


def test_what_a_text_shows_is_taken_along(bare, folder):
    text = "![A *quay*](<images/the quay.png>)\n\n<p><img alt='' src='./images/the%20quay.png'></p>"
    article = taken(bare, folder, text)
    address = f"https://own.invalid/media/{NAME}"
    assert article.content.count(f'src="{address}"') == 2
    assert f'<img src="{address}" alt="A quay" width="40" height="30">' in article.content
    assert (media_folder(bare.config) / NAME[:2] / NAME).read_bytes() == QUAY
    with bare.store.reading() as tx:
        number = articles.count(tx, Selection())
    assert taken(bare, folder, text).updated == article.updated  # nothing has changed
    with bare.store.reading() as tx:
        assert articles.count(tx, Selection()) == number


def test_feeds_and_pages_name_the_kept_picture(bare, folder):
    keys = "media = [{ file = 'images/the quay.png', credit = 'Ada' }]\n"
    (medium,) = taken(bare, folder, "Text", keys).media
    assert (medium.role, medium.type) == (MediaRole.ILLUSTRATION, "image/png")
    assert (medium.length, medium.width, medium.height) == (len(QUAY), 40, 30)
    address = f"https://gazette.example/media/{NAME}"
    for kind in Format:
        body = publish.rendered(bare, Selection(), kind).body
        (entry,) = read(body, url="https://gazette.example/feeds/all").entries
        assert [it.url for it in entry.media] == [address]
    client = create_app(Current(bare)).test_client()
    page = client.get("/articles/2026/11/quay").text
    assert f'src="{address}"' in page
    assert "own.invalid" not in page


def test_a_picture_is_served_for_ever(bare, folder):
    taken(bare, folder, "![](<images/the quay.png>)")
    client = create_app(Current(bare)).test_client()
    answer = client.get(f"/media/{NAME}")
    assert answer.data == QUAY
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    tag = answer.headers["ETag"]
    again = client.get(f"/media/{NAME}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(f"/media/{NAME}").headers["Content-Length"] == str(len(QUAY))
    for name in ("0" * 64 + ".png", NAME.replace(".png", ".svg"), "..%2f..%2ftest.db", "x"):
        assert client.get(f"/media/{name}").status_code == 404


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("![](images/none.png)", "picture images/none.png: there is no such file"),
        ("![](../secret.png)", "picture ../secret.png: lies outside of articles"),
        ("![](link.png)", "picture link.png: lies outside of articles"),
        ("![](images/%00.png)", "picture images/%00.png: cannot be read"),
        ("![](images)", "picture images: there is no such file"),
        ("![](page.png)", "picture page.png: is no JPEG, PNG, GIF, WebP or AVIF picture"),
        ("![](drawing.svg)", "picture drawing.svg: is no JPEG, PNG, GIF, WebP or AVIF picture"),
        ("![](pipe.png)", "picture pipe.png: there is no such file"),
    ],
)
def test_what_is_no_picture_beside_the_article_is_refused(bare, folder, text, told):
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    (folder / "page.png").write_text("<html><script>alert(1)</script></html>")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    os.mkfifo(folder / "pipe.png")
    assert f"quay.md: {told}" in refused(bare, folder, text)


def test_pictures_elsewhere_stay_where_they_are(bare, folder):
    text = "![](https://a.example/i.png) ![](/i.png) ![](//a.example/j.png)"
    content = taken(bare, folder, text).content
    assert [it in content for it in ("a.example/i.png", "own.invalid/i.png", "a.example/j.png")]
    origin = "[origin]\ntitle = 'Lantern'\nurl = 'https://lantern.example/1/'\n"
    content = taken(bare, folder, "![](images/theirs.png)", origin).content
    assert "https://lantern.example/1/images/theirs.png" in content


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("media = [{ credit = 'Ada' }]\n", "media[0]: has to name a url or a file, one of them"),
        ("media = [{ file = '/etc/passwd' }]\n", "media[0].file: is no path"),
        (
            "media = [{ file = '../secret.png' }]\n",
            "picture ../secret.png: lies outside of articles",
        ),
    ],
)
def test_media_name_an_address_or_a_file(bare, folder, keys, told):
    assert f"quay.md: {told}" in refused(bare, folder, "Text", keys)


@pytest.mark.parametrize(
    ("data", "extension"),
    [
        (b"\xff\xd8\xff\xc0\0\x11\x08\0\x03\0\x02", "jpg"),
        (b"GIF89a\x02\0\x03\0", "gif"),
        (b"RIFF\x1a\0\0\0WEBPVP8L", "webp"),
        (b"\0\0\0\x1cftypavif", "avif"),
    ],
)
def test_the_bytes_tell_what_it_is(tmp_path, data, extension):
    kept = pictures.keep(tmp_path, data + bytes(40))
    assert kept.kind.extension == extension
    assert pictures.find(tmp_path, kept.name) is not None


@given(data=st.binary(max_size=200), beginning=st.sampled_from(BEGINNINGS))
@settings(max_examples=50)
def test_damaged_pictures_are_kept_or_refused(tmp_path, data, beginning):
    with suppress(Refused):
        pictures.keep(tmp_path, beginning + data)


def test_too_large_a_picture_is_refused(tmp_path):
    with pytest.raises(Refused, match="is over 20,000,000 bytes; make it smaller"):
        pictures.keep(tmp_path, b"\xff\xd8\xff" + bytes(pictures.LARGEST))
    assert list(tmp_path.iterdir()) == []


_KEEPER = """
import sys
from pathlib import Path
from service import pictures
for number in range(1_000_000):
    print(pictures.keep(Path(sys.argv[1]), b"GIF89a" + number.to_bytes(4) * 50_000).name, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path):
    """A picture is whole, or not there; and what is left of one is no hindrance."""
    with subprocess.Popen(
        [sys.executable, "-c", _KEEPER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        names = [process.stdout.readline().strip() for _ in range(12)]
        process.send_signal(signal.SIGKILL)
    kept = [file for file in tmp_path.rglob("*.gif") if file.is_file()]
    assert {file.name for file in kept} >= set(names)
    for file in kept:
        assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem
    for number in range(len(names) + 2):
        pictures.keep(tmp_path, b"GIF89a" + number.to_bytes(4) * 50_000)


# What nobody shows any more


def look(runtime: Runtime, file: Path) -> None:
    """The scheduler's look through the folder of that file."""
    hour = int(file.parent.name, 16)
    runtime.clock.sleep((hour - int(runtime.clock.now().timestamp()) // 3600) % 256 * 3600)
    gallery.trim(runtime)


def aged(runtime: Runtime) -> Path:
    """The kept picture, as if it had been written a year ago."""
    file = media_folder(runtime.config) / NAME[:2] / NAME
    past = runtime.clock.now().timestamp() - 365 * 86400
    os.utime(file, (past, past))
    return file


def test_a_picture_stays_for_a_month_after_the_last_article_has_shown_it(bare, folder):
    taken(bare, folder, "![](<images/the quay.png>)")
    file = aged(bare)
    other = file.with_name("notes.txt")
    other.write_text("not ours")
    look(bare, file)
    assert file.exists()
    taken(bare, folder, "Text only.")
    look(bare, file)
    assert file.exists()  # readers hold feeds that show it
    bare.clock.advance(31 * 86400)
    taken(bare, folder, "![](<images/the quay.png>) again")
    aged(bare)
    look(bare, file)
    assert file.exists()
    taken(bare, folder, "Text only, again.")
    bare.clock.advance(31 * 86400)
    look(bare, file)
    assert not file.exists()
    assert other.exists()


def test_what_is_taken_anew_is_not_removed_before_its_article_is_saved(bare, folder):
    kept = pictures.keep(media_folder(bare.config), QUAY)
    file = aged(bare)
    bare.clock.set(datetime.now(UTC))
    assert pictures.keep(media_folder(bare.config), QUAY) == kept
    look(bare, file)
    assert file.exists()
    bare.clock.advance(60 * 86400)
    look(bare, file)
    assert not file.exists()


def test_the_lead_picture_and_that_of_a_note_count(bare, folder):
    keys = "media = [{ file = 'images/the quay.png' }]\n"
    taken(bare, folder, "Text", keys)
    file = aged(bare)
    bare.clock.advance(90 * 86400)
    look(bare, file)
    assert file.exists()


def test_doctor_misses_what_is_not_there(bare, folder):
    def finding(*, deep: bool = False):
        (found,) = checks.examined(bare.config, bare.store, deep=deep)
        return found

    assert finding().health is Health.GOOD
    taken(bare, folder, "![](<images/the quay.png>)")
    assert finding(deep=True).told.startswith("1 shown by articles, all in")
    file = aged(bare)
    file.write_bytes(QUAY[:-1] + b"x")
    assert finding().health is Health.GOOD
    assert finding(deep=True).health is Health.BAD
    file.unlink()
    lost = finding()
    assert lost.health is Health.BAD
    assert NAME in lost.told
    shutil.rmtree(media_folder(bare.config))
    assert finding().told.startswith("there is no folder")
