"""robots.txt before pages are fetched: obeyed, looked up once a day, and no way in where it is broken."""

from __future__ import annotations

import pytest

from service.fetch import Fetcher
from service.guard import Guard
from service.robots import Robots
from tests.fakes import ManualClock, Reply, Upstream
from tests.service.fetching import CONFIG

RULES = b"""User-agent: *
Disallow: /private
Allow: /private/*.html$

User-agent: feedwright
Disallow: /drafts
"""


@pytest.fixture
def upstream():
    with Upstream() as server:
        yield server


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def robots(upstream, clock):
    networks = CONFIG.fetch.model_copy(update={"allow_networks": ("127.0.0.0/8",)}).networks
    guard = Guard(networks=networks, ports=[upstream.port])
    return Robots(Fetcher(CONFIG, guard=guard), clock)


def test_the_rules_for_us_hold(robots, upstream):
    upstream.script("/robots.txt", Reply(body=RULES))
    allowed = {path: robots.allow(upstream.url(path)) for path in ("/", "/private", "/drafts/1")}
    assert allowed == {"/": True, "/private": True, "/drafts/1": False}
    assert [it.path for it in upstream.journal] == ["/robots.txt"]


@pytest.mark.parametrize(
    ("reply", "allowed"),
    [
        (Reply(404), True),
        (Reply(403), True),
        (Reply(200, body=b""), True),
        (Reply(200, body=b"\xff\xfe<html>not rules</html>"), True),
        (Reply(200, body=b"#" * 600_000 + b"\nUser-agent: *\nDisallow: /"), True),
        (Reply(500), False),
        (Reply(301, {"Location": "/robots.txt"}), False),
        (Reply(raw=True), False),
    ],
    ids=["none", "forbidden", "empty", "a page", "beyond 500 KiB", "broken", "a loop", "cut off"],
)
def test_a_site_without_rules_is_open_and_one_in_trouble_closed(robots, upstream, reply, allowed):
    upstream.script("/robots.txt", reply)
    assert robots.allow(upstream.url("/page")) is allowed


def test_rules_are_looked_up_once_a_day_and_after_trouble_in_an_hour(robots, upstream, clock):
    upstream.script("/robots.txt", Reply(503), Reply(body=b""), Reply(body=RULES))
    asked = []
    for seconds in (0, 3599, 2, 86_399, 2):
        clock.advance(seconds)
        asked.append((robots.allow(upstream.url("/drafts")), len(upstream.journal)))
    assert asked == [(False, 1), (False, 1), (True, 2), (True, 2), (False, 3)]
