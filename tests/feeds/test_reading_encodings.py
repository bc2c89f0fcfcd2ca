"""Which bytes mean which characters: the fixed rule of feeds/decoding.py, and what it says of conflicts."""

from __future__ import annotations

import codecs

import pytest

from feeds.reading import read

TITLE = "Größe – “prix” 100 €"
RULE = "<?xml version='1.0'{}?><rss version='2.0'><channel><title>{}</title></channel></rss>"


def document(encoding: str, *, declared: str = "", title: str = TITLE) -> bytes:
    return RULE.format(f" encoding='{declared}'" if declared else "", title).encode(encoding)


def title(body: bytes, charset: str | None = None) -> tuple[str | None, tuple[str, ...]]:
    content_type = f'application/rss+xml; charset="{charset}"' if charset else "application/rss+xml"
    feed = read(body, url="https://news.example/feed", content_type=content_type)
    return feed.title, feed.problems


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (document("utf-8"), None),
        (document("utf-8", declared="UTF-8"), "utf-8"),
        (document("utf-8-sig"), None),
        (document("utf-16"), None),
        (document("utf-16", declared="utf-16"), "UTF-16"),
        (codecs.BOM_UTF16_BE + document("utf-16-be"), None),
        (document("utf-16-le", declared="utf-16"), None),
        (document("utf-16-be"), None),
        (document("utf-32"), None),
        (document("utf-32-be"), None),
        (document("cp1252", declared="windows-1252"), None),
        (document("cp1252", declared="iso-8859-1"), None),
        (document("cp1252", declared="us-ascii"), None),
        (document("cp1252"), "ISO-8859-1"),
        (document("iso8859-15", declared="iso-8859-15", title="Größe 100 €"), None),
        (document("cp1252"), None),
    ],
)
def test_the_text_is_found_without_complaint(body: bytes, charset: str | None) -> None:
    found, problems = title(body, charset)
    assert found in (TITLE, "Größe 100 €")
    assert problems == ()


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("shift_jis", "日本語"),
        ("euc-kr", "한국어"),
        ("gb2312", "中文"),
        ("koi8-r", "Волга"),
        ("cp1256", "أخبار"),
    ],
)
def test_declared_encodings_of_the_world(encoding: str, word: str) -> None:
    assert title(document(encoding, declared=encoding, title=word)) == (word, ())


@pytest.mark.parametrize(
    ("body", "charset", "complaints"),
    [
        (document("utf-8-sig", declared="iso-8859-1"), "windows-1252", 2),
        (document("utf-16", declared="utf-8"), None, 1),
        (document("utf-8"), "utf-16", 1),
        (document("utf-8", declared="no-such-charset"), None, 1),
        (document("utf-8", declared="rot13"), "unicode_escape", 2),
        (document("cp1252", declared="utf-8"), None, 1),
        (document("cp1252", declared="windows-1252"), "utf-8", 1),
        (document("utf-8", declared="iso-8859-1"), "utf-8", 1),
        (document("utf-8", declared="utf-7"), None, 1),
        (document("utf-8", declared="utf-8"), "iso-8859-2", 1),
        (document("utf-8", declared="windows-1251"), None, 1),
        (document("utf-8"), "KOI8-R", 1),
    ],
    ids=[
        "the mark wins",
        "UTF-16 shows",
        "8 bits show",
        "unknown",
        "no charset of text",
        "not what it says",
        "HTTP does not fit",
        "HTTP fits",
        "refused",
        "UTF-8 shows",
        "in the face of a declaration",
        "of any single-byte charset",
    ],
)
def test_of_two_that_differ_the_rule_takes_one_and_says_so(
    body: bytes, charset: str | None, complaints: int
) -> None:
    found, problems = title(body, charset)
    assert found == TITLE
    assert len(problems) == complaints
    assert all(" says " in problem for problem in problems)


def test_http_wins_over_the_declaration_where_both_fit() -> None:
    found, problems = title(document("cp1251", declared="windows-1252", title="Да"), "windows-1251")
    assert found == "Да"
    assert problems == ("the XML declaration says windows-1252, the text is cp1251",)


def test_ascii_alone_speaks_for_no_charset() -> None:
    assert title(document("ascii", title="plain"), "iso-8859-1") == ("plain", ())


@pytest.mark.parametrize("charset", ["iso-8859-1", "utf-16", "gb18030", None])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_json_is_utf_8_whatever_is_said(charset: str | None, mark: bytes) -> None:
    """RFC 8259 section 8.1: there is no charset parameter."""
    body = '{"version": "https://jsonfeed.org/version/1.1", "title": "é", "items": []}'
    assert title(mark + b"\n " + body.encode(), charset) == ("é", ())


def test_illegal_references_are_left_out_but_not_in_cdata() -> None:
    item = "<item><title>a&#0;b&#x1F;&#65;</title><description>%s</description></item>"
    body = RULE.format("", TITLE).replace("</channel>", item % "<![CDATA[&#0; ]] &#x1;]]>&#2;")
    feed = read((body + "</channel>").encode(), url="https://news.example/feed")
    assert (feed.entries[0].title, feed.entries[0].content) == ("abA", "&#0; ]] &#x1;")
    assert feed.problems[0] == "characters that are not legal in XML were left out"


def test_text_encoded_twice_stays_as_it_is() -> None:
    twice = TITLE.encode().decode("cp1252", "ignore")
    assert title(document("utf-8", declared="utf-8", title=twice)) == (twice, ())


def test_one_stray_byte_spoils_one_character_only() -> None:
    body = document("utf-8", declared="utf-8").replace(b"100", b"100 \x92 \x81")
    assert title(body)[0] == "Größe – “prix” 100 ’ \N{REPLACEMENT CHARACTER} €"


def test_a_character_cut_in_two_at_the_end_spoils_nothing() -> None:
    whole = document("utf-8", declared="utf-8").replace(b"</channel></rss>", b"<item><title>")
    feed = read(whole + "é".encode()[:1], url="https://news.example/feed")
    assert feed.title == TITLE
    assert feed.truncated
