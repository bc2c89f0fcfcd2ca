"""Counting readers: what agents tell, whose request it is, how many were seen, and within which bounds."""

from __future__ import annotations

from hashlib import blake2b
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.audience import Counts, FeedCount, Sketch, client, told
from service.audience.counting import MOST_FEEDS, OTHERS

SALT = b"s" * 32

AGENTS = [
    ("Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; like X)", "Feedly", 12),
    ("Feedbin feed-id:1373711 - 45 subscribers", "Feedbin", 45),
    ("NewsBlur Feed Fetcher - 1 subscriber - http://www.newsblur.com/site/1/x (x)", "NewsBlur", 1),
    ("Mozilla/5.0 (compatible; inoreader.com; 305 subscribers)", "Inoreader", 305),
    ("Mozilla/5.0 (compatible; theoldreader.com; 3 subscribers; feed-id=a1)", "The Old Reader", 3),
    ("Mozilla/5.0 (compatible; BazQux/2.4; +https://bazqux.com/fetcher; 2 subscribers)", "BazQux Reader", 2),
    ("Netvibes (http://www.netvibes.com/; 1200 subscribers; feedID: 77)", "Netvibes", 1200),
    ("LiveJournal.com (webmaster@livejournal.com; for http://x/; 12 readers)", "LiveJournal", 12),
    ("Rojo 1.0 (http://www.rojo.com/; aggregating on behalf of 5 subscriber(s) online)", "Rojo", 5),
    ("feedwright/0.1.0 (+https://partner.example/; 7 subscribers)", "feedwright", 7),
    ("Tidings/3.2 (+https://tidings.example; 8 followers)", "Tidings", 8),
    ("Mozilla/5.0 (compatible; Harbour Reader/2; 4 users)", "Harbour Reader", 4),
    ("9 subscribers", "unnamed", 9),
    ("x" * 200 + "; 6 subscribers", "x" * 40, 6),
]  # fmt: skip


@pytest.mark.parametrize(("agent", "name", "number"), AGENTS)
def test_what_an_aggregator_tells(agent, name, number):
    found = told(agent)
    assert found is not None
    assert (found.name, found.subscribers) == (name, number)


@pytest.mark.parametrize(
    "agent",
    ["", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "newsboat/2.40", "FreshRSS/1.24 (Linux)",
     "subscribers", "v1.2 subscribers", "12subscribers-x", "1234567890 subscribers"],
)  # fmt: skip
def test_who_speaks_for_themselves(agent):
    assert told(agent) is None


@given(st.text())
def test_any_agent_can_be_heard(agent):
    found = told(agent)
    assert found is None or (0 <= found.subscribers <= 100_000_000 and found.name)


PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", "198.51.100.7"),  # forged from outside
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        (
            "10.0.0.1",
            "192.0.2.66, 203.0.113.1",
            "203.0.113.1",
        ),  # what stands before it anybody wrote
        ("10.0.0.1", "203.0.113.1, 10.0.0.2", "203.0.113.1"),
        ("10.0.0.1", "203.0.113.1:4711", "203.0.113.1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8::1", "[2001:db9:1:2:3::4]:80", "2001:db9:1:2::/64"),
        ("2001:db9:1:2:9::9", "", "2001:db9:1:2::/64"),
        ("::ffff:198.51.100.7", "", "198.51.100.7"),
        ("", "", ""),
    ],
)
def test_whose_request_it_is(peer, forwarded, address):
    assert client(peer, forwarded, PROXIES) == address


def test_no_proxy_is_trusted_unless_it_is_named():
    assert client("10.0.0.1", "203.0.113.1", ()) == "10.0.0.1"


@pytest.mark.parametrize("number", [0, 1, 2, 10, 100, 1_000, 10_000, 50_000])
def test_a_sketch_counts_within_its_error(number):
    halves = Sketch(), Sketch()
    for it in range(number):
        halves[it % 2].add(_digest(it))
        halves[0].add(_digest(it // 2 * 2))  # again, and again
    counted = Sketch.parse(halves[0].merged(halves[1]).text).count()
    assert abs(counted - number) <= max(number * 0.1, 1 if number > 2 else 0)


def _digest(number: int) -> int:
    return int.from_bytes(blake2b(b"%d" % number, digest_size=8).digest())


def seen(
    path="/feeds/all.atom", agent="newsboat/2.40", peer="198.51.100.7", size=100, forwarded=""
):
    return (path, agent, peer, forwarded, size)


def counted(*notes, proxies=(), salt=SALT) -> dict[str, FeedCount]:
    counts = Counts(proxies)
    counts.add(notes, salt)
    return counts.taken()


def test_requests_are_added_up():
    feedly = "Feedly/1.0 ({} subscribers)".format
    found = counted(
        seen(), seen(size=None), seen(peer="198.51.100.8"), seen(agent="Liferea"),
        seen("/feeds/all/archive/1.atom"),
        seen(agent=feedly(5)), seen(agent=feedly(7)), seen("/feeds/theme/energy.rss"),
    )["/feeds/all.atom"]  # fmt: skip
    assert (found.requests, found.unchanged, found.size) == (6, 1, 500)
    assert found.readers.count() == 3
    assert found.subscribers == {"Feedly": 7}


def test_without_a_salt_nobody_is_told_apart():
    found = counted(seen(), salt=None)["/feeds/all.atom"]
    assert (found.requests, found.readers.count()) == (1, 0)


def test_another_days_salt_makes_others_of_them():
    one, two = (counted(seen(), salt=it)["/feeds/all.atom"] for it in (SALT, b"t" * 32))
    assert one.readers.text != two.readers.text


def test_a_flood_of_feeds_agents_and_readers_has_an_end():
    feeds = counted(*(seen(f"/feeds/{number}.atom") for number in range(MOST_FEEDS + 50)))
    assert len(feeds) == MOST_FEEDS + 1
    assert feeds[OTHERS].requests == 50
    agents = [
        seen(agent=f"{name * 3}/1 (9 subscribers)") for name in map(chr, range(0x4E00, 0x4E50))
    ]
    agents += [seen(agent=f"R{number}x/1 (9 subscribers)") for number in range(500)]
    flooded = counted(*agents, seen(agent="Feedly/1.0 (3 subscribers)"))["/feeds/all.atom"]
    assert len(flooded.subscribers) == 21
    assert flooded.subscribers["Feedly"] == 3
    crowd = counted(*(seen(agent=f"a{number}") for number in range(5000)))["/feeds/all.atom"]
    assert crowd.requests == 5000
    assert crowd.readers.count() < 1100
