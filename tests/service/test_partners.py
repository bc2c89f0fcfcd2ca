"""Partners' feeds: tokens, what stands where, and that nobody else learns of them."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from lxml import etree
from msgspec.structs import replace
from sqlalchemy import select
from werkzeug.test import Client

from feeds.model import Format
from service import naming, partners
from service import newsroom as desk
from service.cli import main
from service.errors import NotFound, Refused
from service.front import Front
from service.runtime import Current
from service.store import articles
from service.store.schema import tokens
from service.web import create_app
from tests import newsroom
from tests.feeds.schemas import atom_errors, json_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

    from service.config import Config, PartnerSettings
    from service.runtime import Runtime
    from tests.fakes import ManualClock

PARTNERS = """
[[partners]]
slug = "post"
name = "The Harbour Post"
licenses = ["closed", "house"]

[[partners]]
slug = "weekly"
name = "Upland Weekly"
text = "summary"
selection = "theme/energy/not/source/lantern"
items = 3

[[sources]]
slug = "lantern\""""


@pytest.fixture
def config(configure: Callable[..., Config]) -> Config:
    """The test newsroom with two partners."""
    return configure(('\n[[sources]]\nslug = "lantern"', PARTNERS))


def path(runtime: Runtime, partner: str = "post", kind: str = "atom") -> str:
    """Where a new token lets its partner in."""
    secret = partners.mint(runtime, partner, "a test", Format.ATOM).secret
    return f"/partner/{secret}/feed.{kind}"


def entries(document: bytes) -> dict[str, bool]:
    """The titles in an Atom document, and whether each is there in full."""
    found: Any = etree.fromstring(document).iterfind("{*}entry")
    return {it.findtext("{*}title"): it.find("{*}content") is not None for it in found}


def test_each_partner_gets_what_its_terms_allow(client: FlaskClient, runtime: Runtime) -> None:
    post = client.get(path(runtime))
    assert atom_errors(post.data) == []
    found = entries(post.data)
    assert found["Article number 15"]  # that nobody else sees anything of
    assert found["Article number 5"]
    assert found["The Lantern on lighthouses"]  # under a license for everybody
    assert not found["Unclear terms"]
    assert "Article number 15" not in client.get("/feeds/all.atom").text
    weekly = entries(client.get(path(runtime, "weekly")).data)
    assert len(weekly) == 3
    assert not any(weekly.values())
    assert "The Lantern on lighthouses" not in weekly


def test_an_entry_without_its_text_leads_to_the_original(
    client: FlaskClient, runtime: Runtime
) -> None:
    """Whole copies of ours name our page, and partners' whole texts the page that has them here."""
    items = json.loads(client.get(path(runtime, kind="json")).data)["items"]
    links = {it["title"]: it["url"] for it in items}
    assert links["Unclear terms"] == "https://unclear.example/1"
    assert links["Article number 5"] == "https://gazette.example/articles/2026/11/article-5"
    ours = "https://gazette.example/articles/2026/11/the-lantern-on-lighthouses"
    assert links["The Lantern on lighthouses"] == ours


def test_a_partners_feed_has_an_id_of_its_own_and_the_entries_keep_theirs(
    client: FlaskClient, runtime: Runtime
) -> None:
    """PRT-01."""
    first, second = path(runtime), path(runtime)
    documents = [etree.fromstring(client.get(it).data) for it in (first, second)]
    ids = {it.findtext("{*}id") for it in documents}
    assert len(ids) == 1
    ours = etree.fromstring(client.get("/feeds/all.atom").data)
    assert ours.findtext("{*}id") not in ids
    known = {it.findtext("{*}id") for it in documents[0].iterfind("{*}entry")}
    assert {it.findtext("{*}id") for it in ours.iterfind("{*}entry")} <= known
    selves = [it.find("{*}link[@rel='self']").get("href") for it in documents]
    assert selves == [f"https://gazette.example{it}" for it in (first, second)]


def test_it_comes_in_every_format_and_conditionally(
    client: FlaskClient, runtime: Runtime, clock: ManualClock
) -> None:
    clock.advance(2)
    where = path(runtime, kind="json")
    whole = client.get(where)
    assert whole.headers["Content-Type"] == "application/feed+json"
    assert json_errors(whole.data) == []
    assert client.get(where.replace(".json", ".rss")).data.startswith(b"<?xml")
    for header, tag in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        held = client.get(where, headers={header: whole.headers[tag]})
        assert (held.status_code, held.data) == (304, b"")
        assert held.headers["Cache-Control"] == "private, no-cache"
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(0, title="Fresh", slug="fresh")], now=clock.now())
    fresh = client.get(where, headers={"If-None-Match": whole.headers["ETag"]})
    assert fresh.status_code == 200
    assert "Fresh" in fresh.text


def test_who_has_it_is_told_so_without_its_being_made_again(
    client: FlaskClient, runtime: Runtime, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    feed = partners.feed

    def counted(runtime: Runtime, partner: PartnerSettings, *rest: Any) -> partners.PartnerFeed:
        made.append(partner.slug)
        return feed(runtime, partner, *rest)

    monkeypatch.setattr(partners, "feed", counted)
    where = path(runtime, "weekly")
    known = {"If-None-Match": client.get(where).headers["ETag"]}
    for _ in range(3):
        assert client.get(where, headers=known).status_code == 304
    with runtime.store.writing() as tx:  # what it does not select changes nothing
        water = newsroom.article(0, title="Water", slug="wet", categories=(newsroom.WATER,))
        articles.save(tx, [water], now=clock.now())
    assert client.get(where, headers=known).status_code == 304
    assert made == ["weekly"]
    with runtime.store.writing() as tx:
        articles.save(tx, [newsroom.article(0, title="Fresh", slug="fresh")], now=clock.now())
    fresh = client.get(where, headers=known)
    assert (fresh.status_code, made) == (200, ["weekly"] * 2)
    known = {"If-None-Match": fresh.headers["ETag"]}
    clock.advance(3600)  # what is scheduled comes
    desk.settle(runtime)
    assert client.get(where, headers=known).status_code == 200


def test_it_keeps_to_the_bytes_of_a_feed_and_loses_nothing(runtime: Runtime) -> None:
    """PRT-07: a partner has no archives, so what does not fit stands with summary and link."""
    content = runtime.config.content.model_copy(update={"feed_bytes": 100_000})
    narrow = replace(runtime, config=runtime.config.model_copy(update={"content": content}))
    text = f"<p>{'long ' * 2_000}</p>"
    for number in range(30, 50):
        desk.write(narrow, newsroom.article(number, content=text, license="house"))
    client = create_app(Current(narrow)).test_client()
    for kind in Format:
        answer = client.get(path(narrow, kind=kind.value))
        assert len(answer.data) < 100_000
    found = entries(client.get(path(narrow)).data)
    assert 2 < sum(found[f"Article number {number}"] for number in range(30, 50)) < 10


def test_a_partners_selection_follows_who_is_renamed(runtime: Runtime) -> None:
    partner = runtime.config.partner("post").model_copy(update={"selection": "author/ada-marsh"})

    def made() -> Any:
        return partners.feed(runtime, partner, Format.ATOM, "https://gazette.example/a").body

    before = entries(made())
    assert before
    naming.move_author(runtime, "ada-marsh", "ada-brook")
    assert entries(made()) == before
    page = etree.fromstring(made()).find("{*}link[@rel='alternate']").get("href")
    assert page == "https://gazette.example/author/ada-brook"


def test_a_retraction_is_told_to_who_had_the_article(
    client: FlaskClient, runtime: Runtime, clock: ManualClock
) -> None:
    with runtime.store.writing() as tx:
        closed = articles.find(tx, "2026/11/article-15")
        articles.retract(tx, closed.id, reason="Twice", now=clock.now())
    assert closed.guid in client.get(path(runtime)).text
    assert closed.guid not in client.get("/feeds/all.atom").text


def test_nobody_else_keeps_it_or_learns_of_it(client: FlaskClient, runtime: Runtime) -> None:
    where = path(runtime)
    for answer in (client.get(where), client.get(where.replace(".atom", ".rss"))):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Set-Cookie" not in answer.headers


def test_front_and_its_exchange_hold_nothing_of_it(runtime: Runtime) -> None:
    where, current = path(runtime), Current(runtime)
    front = Front(create_app(current), current)
    try:
        client = Client(front)
        assert [client.get(where).status_code for _ in range(3)] == [200] * 3
        assert front.tallies.mine().passed == 3
        assert front.tallies.mine().whole == 0
    finally:
        front.close()


def test_who_has_no_token_gets_nothing_and_learns_nothing(
    client: FlaskClient, runtime: Runtime
) -> None:
    where = path(runtime)
    number = partners.listed(runtime)[-1].id
    unknown = where.replace(where[14:20], "AAAAAA")
    for wrong in (unknown, "/partner/x/feed.atom", where.replace("atom", "xml"), "/partner/"):
        assert client.get(wrong).status_code == 404
    assert client.get(unknown).headers["Cache-Control"] == "private, no-cache"
    partners.revoke(runtime, number)
    for _ in range(2):
        gone = client.get(where)
        assert gone.status_code == 410
        assert gone.headers["Cache-Control"] == "private, no-cache"
        assert "Harbour Post" not in gone.text
        assert where[9:30] not in gone.text
    with pytest.raises(NotFound):
        partners.revoke(runtime, 999)


def test_only_a_digest_is_kept(runtime: Runtime, clock: ManualClock) -> None:
    made = partners.mint(runtime, "post", " Their system ", Format.ATOM)
    assert len(made.secret) == len("fwp_") + 43  # 256 bits
    with runtime.store.reading() as tx:
        (row,) = tx.execute(select(tokens)).all()
    assert row.digest == hashlib.sha256(made.secret.encode()).hexdigest()
    assert made.secret not in repr(row)
    assert (made.token.label, made.token.used) == ("Their system", None)
    assert partners.admitted(runtime, made.secret).slug == "post"
    clock.advance(60)
    partners.admitted(runtime, made.secret)
    assert partners.listed(runtime, "post")[0].used == newsroom.NOW  # to the hour
    clock.advance(3600)
    partners.admitted(runtime, made.secret)
    assert partners.listed(runtime)[0].used == clock.now()
    with pytest.raises(NotFound):
        partners.mint(runtime, "nobody", "x", Format.ATOM)
    with pytest.raises(Refused):
        partners.mint(runtime, "post", " ", Format.ATOM)


def test_the_command_line(config: Config) -> None:
    def run(*words: str, code: int = 0) -> Any:
        answer = CliRunner().invoke(main, ["--config", str(config.file), "partner", *words])
        assert answer.exit_code == code, answer.output
        return answer

    listed = json.loads(run("list", "--json").stdout)
    assert [(it["slug"], it["tokens"]) for it in listed] == [("post", 0), ("weekly", 0)]
    made = json.loads(run("token", "add", "post", "--label", "Desk", "--json").stdout)
    assert made["feed"] == f"https://gazette.example/partner/{made['token']}/feed.atom"
    again = run("token", "add", "weekly", "--label", "Desk")
    assert again.stdout.startswith("https://gazette.example/partner/fwp_")
    shown = json.loads(run("token", "list", "--json").stdout)
    assert [(it["partner"], it["label"]) for it in shown] == [("post", "Desk"), ("weekly", "Desk")]
    assert made["token"] not in run("token", "list").stdout
    assert "is revoked" in run("token", "revoke", str(made["id"])).stdout
    (only,) = json.loads(run("token", "list", "post", "--json").stdout)
    assert only["revoked"]
    assert "The Harbour Post" in run("list").stdout
    for words, code in (
        (("token", "add", "nobody", "--label", "x"), 1),
        (("token", "add", "post"), 2),
        (("token", "revoke", "99"), 1),
        (("token", "revoke", "x"), 2),
    ):
        assert "Traceback" not in run(*words, code=code).output
