"""ORA-05: status by validator, coding and method, each cell worked out by the rules of RFC 9110 alone.

The oracle below shares no code with the service: it is given what a request means, not how it is spelt.
"""

from __future__ import annotations

import gzip
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import brotli
import pytest
from werkzeug.http import http_date
from werkzeug.test import Client, TestResponse

from service import newsroom as editing
from service.front import Front
from service.runtime import Current
from service.store import changelog
from service.web import create_app

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FEEDS = (
    "/feeds/theme/energy.atom",
    "/feeds/all.rss",
    "/feeds/author/ada-marsh.json",
    "/feeds.opml",
)
READING = ("GET", "HEAD")
OTHERS = ("POST", "PUT", "DELETE", "PATCH", "OPTIONS")
UNPACK = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
    "identity": bytes,
}
SUFFIX = {"gzip": ".gz", "br": ".br", "zstd": ".zst", "identity": ""}
REPEATED = ("ETag", "Vary", "Cache-Control", "Link", "Access-Control-Allow-Origin")  # HTTP-04
OF_A_BODY = ("Content-Type", "Content-Length", "Content-Encoding")

# What a reader says it takes: weights by coding; None where it sends no such header.
ACCEPTED: list[dict[str, float] | None] = [
    None,
    {},
    {"gzip": 1},
    {"br": 1},
    {"zstd": 1},
    {"deflate": 1},
    {"gzip": 1, "deflate": 1, "br": 1, "zstd": 1},
    {"gzip": 0.5, "br": 0.8, "zstd": 0.2},
    {"gzip": 1, "identity": 0.5},
    {"gzip": 0.3, "identity": 0.7},
    {"gzip": 0, "br": 0, "zstd": 0},
    {"identity": 0, "br": 1},
    {"identity": 0, "gzip": 0, "*": 0.5},
    {"*": 1},
    {"*": 0, "zstd": 1},
]


@dataclass(frozen=True)
class Validators:
    """What a reader says it holds: tags as (weak, opaque), or "*"; a date relative to the change."""

    tags: tuple[tuple[bool, str], ...] | str | None = None
    date: timedelta | None = None


# THIS stands for the tag of the answer in its coding, PLAIN for that of the body before any coding.
VALIDATORS = [
    Validators(),
    *(Validators(((weak, tag),)) for weak, tag in product((False, True), ("THIS", "nothing", "THIS-gzip"))),
    Validators(((False, "PLAIN-gzip"),)),
    Validators(((False, "THIS--gzip"),)),
    Validators(((False, "nothing"), (True, "more"), (False, "THIS"))),
    Validators("*"),
    Validators(()),
    *(Validators(None, timedelta(seconds=it)) for it in (-1, 0, 3600)),
    Validators(((False, "nothing"),), timedelta(seconds=3600)),
    Validators(((False, "THIS"),), timedelta(seconds=-1)),
]  # fmt: skip


def weight(accepted: dict[str, float], coding: str) -> float:
    """RFC 9110 section 12.5.3: a name, else "*"; identity is acceptable where nothing else is said."""
    unsaid = accepted.get("*", 0.0005 if coding == "identity" else 0)
    return accepted.get(coding, unsaid)


def may_be_sent(accepted: dict[str, float] | None, coding: str) -> bool:
    """Whether a coding is one of those that the reader likes best; any is, where it takes none."""
    if not accepted:
        return coding == "identity"
    best = max(weight(accepted, it) for it in UNPACK)
    return weight(accepted, coding) == best or (best == 0 and coding == "identity")


def is_held(sent: Validators, tag: str, plain: str) -> bool:
    """RFC 9110 sections 13.1.2 and 13.1.3; a suffix of a proxy's may be one of ours or be added to it."""
    if isinstance(sent.tags, str):
        return True
    if sent.tags is not None:
        names = {it.replace("THIS", tag).replace("PLAIN", plain) for _, it in sent.tags}
        altered = {name + suffix for name in (tag, plain) for suffix in ("-gzip", "--gzip")}
        return not names.isdisjoint({tag, *altered})
    return sent.date is not None and sent.date >= timedelta()


def headers(
    accepted: dict[str, float] | None, sent: Validators, tag: str, plain: str, changed: datetime
) -> dict[str, str]:
    """How that is spelt."""
    found = {}
    if accepted is not None:
        found["Accept-Encoding"] = ", ".join(f"{name};q={q}" for name, q in accepted.items())
    if sent.tags is not None:
        tags = sent.tags if isinstance(sent.tags, tuple) else ()
        listed = ", ".join(f'{"W/" * weak}"{name}"' for weak, name in tags)
        text = "*" if sent.tags == "*" else listed
        found["If-None-Match"] = text.replace("THIS", tag).replace("PLAIN", plain)
    if sent.date is not None:
        found["If-Modified-Since"] = http_date(changed + sent.date)
    return found


@pytest.fixture
def front(runtime, clock):
    """A worker of the newsroom, a while after its last change."""
    clock.advance(5)
    current = Current(runtime)
    held = Front(create_app(current), current)
    yield held
    held.close()


def test_every_answer_is_what_the_rules_say(front, runtime):
    client = Client(front)
    asked = [
        *product(READING, ACCEPTED, VALIDATORS),
        *product(OTHERS, ACCEPTED[:3], VALIDATORS[:2]),
    ]
    for path in FEEDS:
        plain = client.get(path)
        tag = plain.headers["ETag"].strip('"')
        changed = runtime.clock.now() - timedelta(seconds=5)
        whole: dict[tuple[str, str], TestResponse] = {}
        for method, accepted, sent in asked:
            cell = (path, method, accepted, sent)
            bare = headers(accepted, Validators(), "", "", changed)
            coding = whole_answer(client, path, bare, whole).headers.get(
                "Content-Encoding", "identity"
            )
            given = headers(accepted, sent, tag + SUFFIX[coding], tag, changed)
            answer = client.open(path, method=method, headers=given)
            if method == "OPTIONS":
                assert (answer.status_code, answer.data) == (200, b""), cell
            elif method not in READING:
                assert answer.status_code == 405, cell
                assert {"GET", "HEAD"} <= set(answer.headers["Allow"].split(", ")), cell
            else:
                assert may_be_sent(accepted, coding), cell
                check(
                    answer, whole[path, str(bare)], method, is_held(sent, tag + SUFFIX[coding], tag)
                )
                assert answer.headers["ETag"] == f'"{tag}{SUFFIX[coding]}"', cell
                if answer.status_code == 200 and method == "GET":
                    assert UNPACK[coding](answer.data) == plain.data, cell


def whole_answer(
    client: Client,
    path: str,
    sent: dict[str, str],
    known: dict[tuple[str, str], TestResponse],
) -> TestResponse:
    """What a reader gets that holds nothing."""
    if (path, str(sent)) not in known:
        known[path, str(sent)] = client.get(path, headers=sent)
    return known[path, str(sent)]


def check(answer: TestResponse, whole: TestResponse, method: str, held: bool) -> None:
    """The parts of an answer that hang on its status."""
    assert answer.status_code == (304 if held else 200)
    for name in REPEATED:
        assert answer.headers[name] == whole.headers[name], name
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "Set-Cookie" not in answer.headers
    if held:
        assert answer.data == b""
        assert not [name for name in OF_A_BODY if name in answer.headers]
        return
    assert answer.data == (whole.data if method == "GET" else b"")
    assert int(answer.headers["Content-Length"]) == len(whole.data)
    for name in OF_A_BODY:
        assert answer.headers.get(name) == whole.headers.get(name), name


def test_what_is_not_there_has_no_validators(front, runtime):
    """404 and 410 are told whole, whatever the reader holds."""
    client = Client(front)
    editing.retract(runtime, "2026/11/article-5", reason="Told twice")
    for path, status in (("/feeds/nothing.atom", 404), ("/articles/2026/11/article-5", 410)):
        for accepted, sent in product(ACCEPTED[:3], VALIDATORS):
            given = headers(accepted, sent, "this", "this", runtime.clock.now())
            answer = client.get(path, headers=given)
            assert (answer.status_code, answer.headers.get("ETag")) == (status, None), (path, given)
            assert answer.data


def beyond_the_log(statements: list[str]) -> set[str]:
    return {it for it in statements if "FROM changes" not in it} - {"BEGIN"}


def test_a_304_asks_for_no_article_and_no_writer(front, runtime, statements):
    """HTTP-06: from memory it asks nothing at all; after a change elsewhere, the change log alone.

    PostgreSQL's notice of what was written before may come late, and is looked after once.
    """
    client = Client(front)
    tags = {path: client.get(path).headers["ETag"] for path in FEEDS}
    del statements[:]
    for path, tag in tags.items():
        for method, coding in product(READING, SUFFIX):
            held = {"If-None-Match": tag[:-1] + SUFFIX[coding] + '"', "Accept-Encoding": coding}
            assert client.open(path, method=method, headers=held).status_code == 304
    assert len(statements) <= (0 if runtime.store.is_sqlite else 2)
    assert beyond_the_log(statements) == set()
    with runtime.store.writing() as tx:
        changelog.append(tx, ["source:lantern"], runtime.clock.now())
    del statements[:]
    for path, tag in tags.items():
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert len(statements) < 2 * len(FEEDS)
    assert beyond_the_log(statements) == set()
