"""Documents made to kill, stall or open a reader, or to have it fetch something."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

KIB = 1024
MILLION = 1_000_000
HEAD = b"<rss version='2.0'><channel><title>Bomb</title>"
TAIL = b"</channel></rss>"
ATOM = b"<feed xmlns='http://www.w3.org/2005/Atom'>"
JSON = b'{"version": "https://jsonfeed.org/version/1.1", "title": "Bomb", "items": '


def item(content: bytes) -> bytes:
    return HEAD + b"<item><guid>1</guid>" + content + b"</item>" + TAIL


def within(name: str, content: bytes) -> bytes:
    element = name.encode()
    return item(b"<%b>%b</%b>" % (element, content, element))


def numbered(pattern: str, count: int, joint: str = "") -> bytes:
    return joint.join(pattern.format(number) for number in range(count)).encode()


def declared(subset: str, text: str = "&a;") -> str:
    return f"<!DOCTYPE rss [{subset}]><rss version='2.0'><channel><title>{text}</title></channel></rss>"


def laughs(size: int = 10) -> str:
    doubled = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(size))
    return declared(f'<!ENTITY a "ha">{doubled}', f"&{chr(97 + size)};")


def chain() -> bytes:
    links = "".join(f'<!ENTITY e{n} "&e{n + 1};">' for n in range(50_000))
    return declared(f'{links}<!ENTITY e50000 "x">', "&e0;").encode()


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("feed.xml", HEAD + TAIL)
    return out.getvalue()


def namespaces() -> bytes:
    nested = numbered("<a{0}:b xmlns:a{0}='http://x.example/{0}'>", 200)
    return item(nested + numbered("</a{0}:b>", 200)) + b"<!-- -->"


def everywhere(url: str, file: str) -> dict[str, bytes]:
    """Documents that name a file and an address by which they would be opened and fetched."""
    return {
        "an entity of a file": declared(f'<!ENTITY a SYSTEM "{file}">').encode(),
        "an entity of an address": declared(f'<!ENTITY a PUBLIC "x" "{url}entity">').encode(),
        "a parameter entity": declared(f'<!ENTITY % a SYSTEM "{url}parameter">%a;', "").encode(),
        "an entity in UTF-16": declared(f'<!ENTITY a SYSTEM "{file}">').encode("utf-16"),
        "a document type elsewhere": f'<!DOCTYPE rss SYSTEM "{url}rss.dtd">'.encode()
        + HEAD
        + f"<item><guid>1</guid><title>&a;</title><link>{url}link</link></item>".encode()
        + TAIL,
        "an inclusion": item(
            f"<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='{file}' parse='text'/>".encode()
        ),
        "a schema and a style": f"<?xml-stylesheet type='text/xsl' href='{url}style'?>".encode()
        + HEAD.replace(
            b"<rss",
            b"<rss xmlns:i='http://www.w3.org/2001/XMLSchema-instance' "
            + f"i:noNamespaceSchemaLocation='{url}schema'".encode(),
        )
        + TAIL,
    }


BOMBS: dict[str, Callable[[], bytes]] = {
    "billion laughs": lambda: laughs().encode(),
    "billion laughs in UTF-16": lambda: laughs().encode("utf-16"),
    "billion laughs in UTF-16 without a mark": lambda: laughs().encode("utf-16-be"),
    "billion laughs in UTF-7": lambda: (
        b"<?xml version='1.0' encoding='utf-7'?>" + laughs().replace("&", "+ACY-").encode()
    ),
    "one long entity many times": lambda: declared(
        f'<!ENTITY a "{"a" * 100_000}">', "&a;" * 100_000
    ).encode(),
    "50,000 entities in a chain": chain,
    "a chain in a document not well-formed": lambda: chain().replace(
        b"<title>", b"<title>&nbsp;<b>"
    ),
    "200,000 deep": lambda: HEAD + b"<a>" * 200_000 + b"</a>" * 200_000 + TAIL,
    "200,000 deep and never closed": lambda: HEAD + b"<a>" * 200_000,
    "100,000 attributes": lambda: b"<rss " + numbered("a{}='1'", 100_000, " ") + b"/>",
    "40,000 attributes of an item, not well-formed": lambda: (
        HEAD + b"<br><item " + numbered("a{}='1'", 40_000, " ") + b"/>" + TAIL
    ),
    "40,000 attributes of the same name": lambda: HEAD + b"<item " + b"a='1' " * 40_000 + b"/>",
    "an author of 32 KB, not well-formed": lambda: within("author", b"a@b " * 8 * KIB) + b"<br>",
    "an author of 1 MB, not well-formed": lambda: within("author", b"(a@" * 350_000) + b"<br>",
    "60,000 comments that never end": lambda: within("description", b"<!--" * 60_000),
    "60,000 comments in HTML": lambda: within("description", b"&lt;!--" * 60_000),
    "HTML 100,000 deep": lambda: within("description", b"&lt;div>" * 100_000),
    "XHTML 250 deep, in 900 entries": lambda: (
        ATOM
        + (b"<entry><content type='xhtml'>" + b"<b>" * 250 + b"</b>" * 250 + b"</content></entry>")
        * 900
        + b"</feed>"
    ),
    "numbers of characters without end": lambda: within("title", b"&#" + b"9" * MILLION + b";"),
    "400,000 numbers of characters": lambda: within("title", b"&#x41;" * 400_000),
    "JSON 200,000 deep": lambda: JSON + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "JSON of objects 200,000 deep": lambda: JSON + b'[{"a":' * 200_000,
    "JSON with a number of a million digits": lambda: (
        JSON + b'[{"id": ' + b"9" * MILLION + b', "size": 1e' + b"9" * 1000 + b"}]}"
    ),
    "JSON of a million items": lambda: JSON + b"[" + b"0," * MILLION + b"0]}",
    "10 MB of ampersands": lambda: HEAD + b"&" * 10 * MILLION,
    "3 MB of less-than signs": lambda: HEAD + b"<" * 3 * MILLION,
    "10 MB of zeros": lambda: b"\0" * 10 * MILLION,
    "CDATA that never ends, 400,000 times": lambda: (
        HEAD + b"<item><title>" + b"<![CDATA[" * 400_000
    ),
    "a million CDATA sections": lambda: within("title", b"<![CDATA[]]>" * 800_000),
    "250,000 namespaces, one in another": lambda: (
        HEAD + numbered("<a{0} xmlns='http://x.example/{0}'/>", 200_000) + TAIL
    ),
    "prefixes within prefixes": namespaces,
    "xml:base in xml:base": lambda: (
        ATOM.replace(b">", b" xml:base='http://x.example/'>")
        + b"<entry xml:base='%b/'>" % (b"a/" * 2000)
        + b"<link href='%b' xml:base='%b'/>" % (b"../" * 1300, b"b/" * 2000) * 400
        + b"</entry></feed>"
    ),
    "a date of a million digits": lambda: within("pubDate", b"1" * MILLION),
    "10,000 dates that are none": lambda: (
        HEAD
        + b"<item>"
        + (b"<pubDate>Mon, " + b"1 " * 240 + b"</pubDate>") * 10_000
        + b"</item>"
        + TAIL
    ),
    "a lie about the encoding": lambda: (
        b"<?xml version='1.0' encoding='utf-16'?>" + within("title", b"\xff\xfe\x80" * 300_000)
    ),
    "an encoding that unpacks": lambda: (
        b"<?xml version='1.0' encoding='zlib'?>" + within("title", b"x")
    ),
    "UTF-32 of the last character": lambda: (
        HEAD.decode() + "<item><title>" + "\U0010ffff" * 500_000 + "</title></item>" + TAIL.decode()
    ).encode("utf-32"),
    "an archive": zipped,
    "250,000 empty items": lambda: HEAD + b"<item/>" * 249_000 + TAIL,
    "60,000 items with everything": lambda: (
        HEAD
        + b"".join(
            b"<item><guid>%d</guid><title>%d</title><author>a%d</author></item>" % (n, n, n)
            for n in range(60_000)
        )
        + TAIL
    ),
    "100,000 categories of one item": lambda: item(numbered("<category>{}</category>", 100_000)),
    "300,000 elements": lambda: HEAD + b"<a/>" * 300_000 + TAIL,
    "quotes in quotes": lambda: b"<a b=\"<a b='" * 50_000,
    "instructions without end": lambda: b"<?" * 300_000,
    "an item in an item in an item": lambda: HEAD + b"<item><title>a</title>" * 20_000,
}
