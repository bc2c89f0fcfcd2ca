"""What partners' servers answer at their worst, each with what it has to lead to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from service.model import Article, PollResult, Source
from tests.fakes import Reply
from tests.newsroom import NOW

DAY = timedelta(days=1)
NEW, FAILED, UNCHANGED = PollResult.NEW_CONTENT, PollResult.FAILED, PollResult.UNCHANGED
ATOM = 'xmlns="http://www.w3.org/2005/Atom"'

Check = Callable[[list[Article]], bool]


@dataclass(frozen=True)
class Case:
    """An answer, and what is to be seen afterwards in the record, the source and its articles."""

    name: str
    reply: Reply
    result: PollResult = NEW
    new: int = 0  # articles
    refused: int = 0
    reason: str = ""  # in the record
    check: Check = lambda _found: True  # on the articles, the newest first
    stands: Callable[[Source], bool] = lambda _source: True
    again: Reply | None = None  # what is answered a week later, if that is something else


def rss(*items: str, head: str = "") -> bytes:
    """An RSS document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Worst</title>'
        f"<link>https://worst.example/</link>{head}{''.join(items)}</channel></rss>"
    ).encode()


def item(number: int, inner: str = "", *, title: str = "Story", guid: str | None = None) -> str:
    """An item with an id of its own."""
    known = f"urn:worst:{number}" if guid is None else guid
    return (
        f"<item><guid isPermaLink='false'>{known}</guid><title>{title}</title>"
        f"<description>Text {number}</description>{inner}</item>"
    )


def feed(*entries: str, head: str = "") -> bytes:
    """An Atom document."""
    return (
        f"<feed {ATOM}><id>urn:worst</id><title>Worst</title>"
        f"<updated>2026-11-20T00:00:00Z</updated>{head}{''.join(entries)}</feed>"
    ).encode()


def entry(inner: str, *, at: str = "2026-11-20T00:00:00Z") -> str:
    """An Atom entry."""
    return f"<entry><title>Story</title><updated>{at}</updated>{inner}</entry>"


def ok(body: bytes, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer that the server means well."""
    return Reply(headers={"Content-Type": "application/xml", **(headers or {})}, body=body)


def only(name: str, value: object) -> Check:
    """There is one article, and that of it is so."""
    return lambda found: [getattr(it, name) for it in found] == [value]


def lacks(*parts: str) -> Check:
    """None of that is in any text."""
    return lambda found: (
        not any(part in f"{it.title} {it.summary} {it.content}" for it in found for part in parts)
    )


def soon(source: Source) -> bool:
    """It is asked again within about a day."""
    return source.next_at is not None and source.next_at - NOW < 1.5 * DAY


ONE = rss(item(1))
GOOD = ok(ONE)
NEIGHBOUR = ok(rss(item(1, guid="urn:neighbour:1")))  # whom no other source can touch
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"


def _json(**members: object) -> Reply:
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "Worst", **members}
    return Reply(headers={"Content-Type": "application/feed+json"}, body=json.dumps(told).encode())


def _raw(data: bytes) -> Reply:
    return Reply(raw=True, body=data)


# --- answers --------------------------------------------------------------------------------------------

ANSWERS = (
    Case("204", Reply(204), FAILED, reason="the server answered 204"),
    Case("206 that nobody asked for", Reply(206, body=ONE), FAILED, reason="answered 206"),
    Case("226 that nobody asked for", Reply(226, {"IM": "feed"}, ONE), FAILED, reason="answered 226"),
    Case("304 that nobody asked for", Reply(304), FAILED, reason="answered 304"),
    Case("300 with choices", Reply(300, {}, PAGE), FAILED, reason="answered 300"),
    Case("301 to nowhere", Reply(301, {}, ONE), FAILED, reason="answered 301"),
    Case("a status of its own", Reply(999, {}, ONE), FAILED, reason="999"),
    Case("418 with a feed", Reply(418, {}, ONE), FAILED, reason="answered 418"),
    Case("a redirect to a file", Reply(302, {"Location": "file:///etc/passwd"}), FAILED,
         reason="only http and https"),
    Case("a redirect into the cloud", Reply(302, {"Location": "http://169.254.169.254/latest"}),
         FAILED, reason="169.254.169.254"),
    Case("a redirect with a password", Reply(302, {"Location": "http://me:hush@127.0.0.1/"}), FAILED,
         stands=lambda it: "hush" not in (it.last_error or "")),
    Case("a redirect to no address", Reply(302, {"Location": "http://[::1"}), FAILED),
    Case("no HTTP at all", _raw(b"SSH-2.0-OpenSSH_9.2p1\r\n"), FAILED, reason="no answer"),
    Case("HTTP of 1991", _raw(ONE), FAILED, reason="no answer"),
    Case("nothing at all", _raw(b""), FAILED, reason="no answer"),
    Case("only a head", _raw(b"HTTP/1.1 200 OK\r\nContent-Type: app"), FAILED),
    Case("two hundred headers",
         Reply(headers={f"X-{n}": "y" for n in range(200)}, body=ONE), FAILED, reason="header"),
    Case("a header of 100 kB", Reply(headers={"X-Long": "y" * 100_000}, body=ONE), FAILED),
    Case("less than was promised", Reply(headers={"Content-Length": "99999"}, body=ONE), FAILED),
    Case("chunks that are none",
         _raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nno\r\n"), FAILED),
    Case("gzip that is none", ok(ONE, {"Content-Encoding": "gzip"}), FAILED, reason="unpack"),
    Case("gzip cut short", ok(gzip.compress(ONE)[:-20], {"Content-Encoding": "gzip"}), FAILED),
    Case("a coding that nobody knows", ok(ONE, {"Content-Encoding": "rot13"}), FAILED),
    Case("gzip within gzip, not said", ok(gzip.compress(gzip.compress(ONE)), {"Content-Encoding": "gzip"}),
         FAILED),
)  # fmt: skip

# --- what the head of an answer asks for ------------------------------------------------------------------

WISHES = (
    Case("an ETag of 50 kB", ok(ONE, {"ETag": f'"{"e" * 50_000}"'}), new=1),
    Case("a cookie", ok(ONE, {"Set-Cookie": "who=reader; Max-Age=99999999"}), new=1),
    Case("fresh for ever", ok(ONE, {"Cache-Control": "max-age=99999999999999999999"}), new=1,
         stands=lambda it: it.next_at is not None and it.next_at - NOW < 31 * DAY),
    Case("fresh since ever", ok(ONE, {"Cache-Control": "max-age=-5", "Expires": "-1"}), new=1,
         stands=soon),
    Case("expires in year 9999", ok(ONE, {"Expires": "Fri, 31 Dec 9999 23:59:59 GMT"}), new=1,
         stands=lambda it: it.next_at is not None and it.next_at - NOW < 31 * DAY),
    Case("a retry in a million years", Reply(503, {"Retry-After": "31556952000000"}), FAILED,
         stands=soon),
    Case("a retry that is no time", Reply(503, {"Retry-After": "later; -3"}), FAILED, stands=soon),
    Case("a type of pictures", Reply(headers={"Content-Type": "image/png"}, body=ONE), new=1),
    Case("a charset of nobody", ok(ONE, {"Content-Type": "text/xml; charset=x-klingon"}), new=1),
    Case("a charset that lies",
         ok(rss(item(1, title="Caf\u00e9")), {"Content-Type": "text/xml; charset=us-ascii"}), new=1,
         check=only("title", "Caf\u00e9")),
)  # fmt: skip

# --- what is no feed, or not a whole one ------------------------------------------------------------------

BODIES = (
    Case("a page that says it is a feed", ok(PAGE), FAILED),
    Case("a page in place of a feed", GOOD, new=1, again=ok(PAGE),
         stands=lambda it: it.failures in (0, 1)),
    Case("an empty answer in place of a feed", GOOD, new=1, again=ok(b"")),
    Case("an error in JSON", Reply(body=b'{"error": {"code": 429}}'), FAILED),
    Case("an outline", ok(b'<opml version="2.0"><body><outline text="a"/></body></opml>'), FAILED),
    Case("a PDF", Reply(headers={"Content-Type": "application/pdf"}, body=b"%PDF-1.7\n" + bytes(99)),
         FAILED),
    Case("a feed and then a page", ok(ONE + PAGE), new=1),
    Case("two feeds in one", ok(ONE + ONE), new=1),
    Case("blank lines before it", ok(b"\r\n\r\n \t" + ONE), new=1),
    Case("cut in its second entry", ok(rss(item(1), item(2))[:-45]), new=1,
         check=only("title", "Story")),
    Case("cut, of which all was known", ok(rss(item(1), item(2))), new=2, again=ok(rss(item(1))[:-40])),
    Case("no entries any more", ok(rss(item(1), item(2))), new=2, again=ok(rss())),
    Case("no entries", ok(rss()), UNCHANGED),
    Case("zeros in the text", ok(rss(item(1, title="a\0b"))), new=1),
    Case("characters that XML forbids", ok(rss(item(1, title="a&#8;b&#xFFFE;c"))), new=1,
         check=lambda found: found[0].title.isprintable()),
    Case("half a character", ok(rss(item(1, title="a&#xD800;b"))), new=1),
    Case("entities of HTML", ok(rss(item(1, title="a&nbsp;b&eacute;"))), new=1,
         check=only("title", "a b\u00e9")),
    Case("prefixes that nobody declared", ok(rss(item(1, "<media:thing/><x:y>z</x:y>"))), new=1),
    Case("a style sheet of somebody else",
         ok(b'<?xml-stylesheet type="text/xsl" href="http://169.254.169.254/"?>' + ONE[38:]), new=1),
)  # fmt: skip

# --- entries ----------------------------------------------------------------------------------------------

ENTRIES = (
    Case("one id for all", ok(rss(
        item(1, "<link>https://worst.example/1</link>", guid="same"),
        item(2, "<link>https://worst.example/2</link>", guid="same"))), new=2),
    Case("one entry twice", ok(rss(item(1), item(1))), new=1),
    Case("an entry of nothing", ok(rss("<item/>", item(1))), new=1, refused=1),
    Case("an id of 10 kB",
         ok(rss(item(1, "<link>https://worst.example/10</link>", guid="x" * 10_000))), new=1),
    Case("an id in lines", ok(rss(item(1, guid=" urn:a\n\n:b\t"))), new=1,
         again=ok(rss(item(1, guid="\nurn:a\n\n:b")))),
    Case("a link that runs", ok(rss(item(1, "<link>javascript:alert(1)</link>"))), new=1,
         check=only("canonical_url", None)),
    Case("a link to no address", ok(rss(item(1, "<link>http://[::1/x</link>"))), new=1,
         check=only("canonical_url", None)),
    Case("a link with a password", ok(rss(item(1, "<link>https://me:hush@worst.example/1</link>"))),
         new=1, check=lambda found: "hush" not in str(found)),
    Case("a title that runs", ok(rss(item(1, title="&lt;script&gt;alert(1)&lt;/script&gt;Hi"))), new=1,
         check=lacks("<script", "alert(1)<")),
    Case("a text that runs", ok(rss(item(1, "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/"
         "content/'><![CDATA[<p onclick='x()'>a<script>b()</script><svg onload='c()'/>"
         "<a href='java&#10;script:d()'>e</a><form action='/f'><input></form>]]></content:encoded>"))),
         new=1, check=lacks("onclick", "<script", "<svg", "script:d", "<form", "<input")),
    Case("a base that runs", ok(feed(entry(
         '<id>urn:b</id><content type="html" xml:base="javascript:alert(1)//">'
         '&lt;a href="x"&gt;y&lt;/a&gt;</content>'))), new=1, check=lacks("javascript")),
    Case("a text that is elsewhere",
         ok(feed(entry('<id>urn:s</id><content type="text/html" src="http://169.254.169.254/"/>'))), new=1,
         check=lacks("169.254")),
    Case("XHTML with a frame", ok(feed(entry(
         '<id>urn:x</id><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
         '<iframe srcdoc="&lt;script&gt;1&lt;/script&gt;"/><p>z</p></div></content>'))), new=1,
         check=lacks("<iframe", "srcdoc", "script")),
    Case("dates beyond all time", ok(rss(
         item(1, "<pubDate>Fri, 31 Dec 9999 23:59:59 GMT</pubDate>"),
         item(2, "<pubDate>Sat, 01 Jan 0001 00:00:00 GMT</pubDate>"),
         item(3, "<pubDate>yesterday</pubDate>"), item(4, "<pubDate>99999999999999999999</pubDate>"))),
         new=4, check=lambda found: all(NOW - DAY < it.published <= NOW + 9 * DAY for it in found)),
    Case("an hour that is none",
         ok(rss(item(1, "<pubDate>Mon, 31 Feb 2026 25:61:00 +9999</pubDate>"))), new=1),
    Case("an edit from before its beginning",
         ok(feed(entry("<id>urn:e</id><published>2026-11-20T00:00:00Z</published>",
                       at="1999-01-01T00:00:00Z"))), new=1,
         check=lambda found: found[0].updated >= found[0].published),
    Case("a film of negative length", ok(rss(item(1,
         "<enclosure url='https://worst.example/a.mp3' length='-5' type='audio/mpeg'/>"))), new=1,
         check=lambda found: all((it.length or 0) >= 0 for it in found[0].media)),
    Case("a film on the disk", ok(rss(item(1,
         "<enclosure url='file:///etc/passwd' length='1' type='a/b'/>"))), new=1,
         check=only("media", ())),
    Case("a language that is none",
         ok(rss(item(1), head="<language>en_US.UTF-8'; DROP TABLE articles</language>")), new=1,
         check=only("language", None)),
    Case("five hundred authors", ok(feed(entry(
         "<id>urn:m</id>" + "".join(f"<author><name>A {n}</name></author>" for n in range(500))))), new=1,
         check=lambda found: len(found[0].authors) <= 100),
    Case("an author of lines", ok(feed(entry(
         "<id>urn:l</id><author><name>Ann\r\nX-Evil: 1\r\n&lt;b&gt;</name></author>"))), new=1,
         check=lambda found: all(it.name.isprintable() for it in found[0].authors)),
    Case("an administrator", ok(rss(item(1, "<author>admin</author>"))), new=1,
         check=lambda found: [it.name for it in found[0].authors] == ["An administrator"]),
    Case("a license of its own making", ok(feed(entry(
         '<id>urn:r</id><link rel="license" href="https://worst.example/all-yours"/>'))), new=1,
         check=only("license", None)),
    Case("terms from config.toml at their most generous",
         ok(feed(entry('<id>urn:q</id><category term="x" scheme="javascript:y()"/>'))), new=1,
         check=only("categories", ())),
    Case("a self link to elsewhere",
         ok(feed(entry("<id>urn:t</id>"), head='<link rel="self" href="https://thief.example/"/>')), new=1,
         stands=lambda it: it.address is None and "thief" not in it.asked),
    Case("every hour skipped", ok(rss(item(1), head="<skipHours>" + "".join(
         f"<hour>{n}</hour>" for n in range(24)) + "</skipHours><skipDays><day>Noday</day></skipDays>")),
         new=1, stands=lambda it: it.next_at is not None and it.next_at - NOW < 8 * DAY),
    Case("a ttl below and beyond all", ok(rss(item(1), head="<ttl>-99</ttl><ttl>99999999999</ttl>")), new=1,
         stands=lambda it: it.next_at is not None and it.next_at - NOW < 31 * DAY),
)  # fmt: skip

# --- JSON, and what others own ----------------------------------------------------------------------------

OTHERS = (
    Case("JSON with ids of all kinds", _json(items=[
        {"id": 7, "content_text": "a"}, {"content_text": "no id"}, {"id": None, "content_text": "b"},
        {"id": "c", "title": ["x"], "content_html": 5}, "no item", None]), new=1, refused=1,
        reason="4 items without an id"),
    Case("JSON with authors of all kinds", _json(items=[
        {"id": "1", "title": "Story", "content_text": "a", "authors": "Ann", "tags": {"a": 1}, "url": 9}]),
        new=1, check=only("title", "Story")),
    Case("JSON whose items are none", _json(items={"1": {}}), FAILED, reason="without items"),
    Case("JSON with numbers beyond all",
         Reply(body=b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": 1e999, "content_text":'
                    b' "a"}, {"id": "2", "content_text": "b", "date_published": 1e999}]}'), new=2),
    Case("an entry with an id of ours",
         ok(feed(entry('<id>tag:gazette.example,2026-01-01:article/1</id>'
                       '<link href="https://worst.example/ours"/>'))), new=1),
    Case("another's entry withdrawn", ok(
         f'<feed {ATOM} xmlns:at="http://purl.org/atompub/tombstones/1.0"><id>urn:w</id><title>W</title>'
         '<updated>2026-11-20T00:00:00Z</updated><at:deleted-entry ref="urn:neighbour:1" '
         'when="2026-11-21T00:00:00Z"/></feed>'.encode()), UNCHANGED),
)  # fmt: skip

CASES = (*ANSWERS, *WISHES, *BODIES, *ENTRIES, *OTHERS)
