"""Addresses inside, in every spelling: all are refused, and nothing reaches who listens there."""

from __future__ import annotations

import pytest

from service.errors import AddressRefused
from service.fetch import Fetcher
from service.guard import Guard
from tests.fakes import Listener
from tests.service.fetching import within

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2", "::1"])

ALLOWED = "127.0.0.2"
LOOPBACK = """127.0.0.1 127.0.0.3 127.1 127.0.1 127.255.255.254 2130706433 017700000001 0x7f000001 0X7F000001
    0x7f.0x0.0x0.0x1 0x7f.1 0177.0.0.1 0177.0.0.01 0177.1 127.0x1 127.0.0.01 127.0.0.1. 127.0.0.1.. 127.1.
    00000177.0.0.1 0x7f.0.1 [::1] [0:0:0:0:0:0:0:1] [::0001] [::127.0.0.1] [::7f00:1]
    [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1] [0:0:0:0:0:ffff:7f00:1] [::ffff:0:127.0.0.1]
    [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::]
    [2001:0:7f00:1::] [2001:0:1234::80ff:fffe] 0 0.0.0.0 0x0 00.0 [::] [0::0]
    ①②⑦.⓪.⓪.① １２７.０.０.１ 127。0。0。1 127．0．0．1 𝟏𝟐𝟕.𝟎.𝟎.𝟏 ②①③⓪⑦⓪⑥④③③"""
OTHERS = """10.0.0.1 012.0.0.1 167772161 172.16.0.1 192.168.1.1 192.168.257 3232235777 169.254.169.254
    2852039166 0xa9fea9fe 0251.0376.0251.0376 [::a9fe:a9fe] [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe]
    [2002:a9fe:a9fe::1] 168.63.129.16 0xa83f8110 100.64.0.1 100.100.100.200 192.0.0.192
    255.255.255.255 224.0.0.1 [fc00::1] [fd00:ec2::254] [fe80::1] [fe80::1%25lo] [fe80::1%lo]
    [fec0::1] [ff02::1] [100::1] 08.08.08.08 1.2.3.4.5 256.1.1.1"""
FORMS = [*LOOPBACK.split(), *OTHERS.split()]


@pytest.fixture(scope="module")
def canary():
    with Listener() as listener:
        yield listener


@pytest.fixture(scope="module")
def fetcher(canary):
    return Fetcher(within(allow_networks=(f"{ALLOWED}/32",), allow_ports=(canary.port,)))


def test_the_table_is_as_long_as_promised():
    assert len(set(FORMS)) >= 60


@pytest.mark.parametrize("form", FORMS)
def test_no_spelling_reaches_an_address_inside(canary, fetcher, form):
    before = len(canary.heard)
    with pytest.raises(AddressRefused):
        fetcher.get(f"http://{form}:{canary.port}/")
    assert fetcher.get(f"http://{ALLOWED}:{canary.port}/").status == 204
    assert canary.dialled[before:] == [ALLOWED]


@pytest.mark.parametrize("written", ["fe80::1%25eth0", "fe80::1%eth0"])
def test_the_zone_of_an_address_is_told_as_systems_know_it(fetcher, written):
    with pytest.raises(AddressRefused, match="is at fe80::1%eth0, which is not public"):
        fetcher.get(f"http://[{written}]/")


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "localhost.", "ⓛocalhost"])
def test_no_name_reaches_an_address_inside(canary, fetcher, name):
    before = len(canary.heard)
    with pytest.raises(AddressRefused):
        fetcher.get(f"http://{name}:{canary.port}/")
    fetcher.get(f"http://{ALLOWED}:{canary.port}/")
    assert canary.dialled[before:] == [ALLOWED]


@pytest.mark.parametrize(
    "url",
    [
        "http://{allowed}@127.0.0.1:{port}/",
        "http://{allowed}:{port}@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\\@{allowed}/",
        "http://127.0.0.1:{port}#@{allowed}:{port}/",
        "http:\\\\127.0.0.1:{port}/",
        "http:/127.0.0.1:{port}/",
        "http://127.0.0.1:{port}\t/",
        "http://127.0.0.1%00.{allowed}:{port}/",
        "http://%31%32%37.0.0.1:{port}/",
        "http://127.0.0.1 .example:{port}/",
        "\nhttp://127.0.0.1:{port}/",
    ],
)
def test_no_url_hides_where_it_leads(canary, fetcher, url):
    before = len(canary.heard)
    with pytest.raises(AddressRefused):
        fetcher.get(url.format(allowed=ALLOWED, port=canary.port))
    fetcher.get(f"http://{ALLOWED}:{canary.port}/")
    assert canary.dialled[before:] == [ALLOWED]


@pytest.mark.parametrize(
    "answer", ["127.0.0.1", "::ffff:127.0.0.1", "0.0.0.0", "::", "127.1", "2130706433", "", "x"]
)
def test_what_a_resolver_says_is_no_more_trusted_than_a_url(canary, answer):
    before = len(canary.heard)
    config = within(allow_networks=(f"{ALLOWED}/32",), allow_ports=(canary.port,))
    guard = Guard(
        networks=config.fetch.networks,
        ports=[canary.port],
        resolve=lambda host, _port: [answer] if host == "partner.example" else [ALLOWED],
    )
    fetcher = Fetcher(config, guard=guard)
    with pytest.raises(AddressRefused):
        fetcher.get(f"http://partner.example:{canary.port}/")
    fetcher.get(f"http://control.example:{canary.port}/")
    assert canary.dialled[before:] == [ALLOWED]


@pytest.mark.allow_hosts(["127.0.0.2", "0.0.0.0"])
def test_who_answers_is_checked_again(canary):
    """0.0.0.0 may be allowed by mistake; on Linux it is 127.0.0.1 that answers."""
    before = len(canary.heard)
    config = within(allow_networks=("0.0.0.0/8", f"{ALLOWED}/32"), allow_ports=(canary.port,))
    guard = Guard(
        networks=config.fetch.networks,
        ports=[canary.port],
        resolve=lambda host, _port: [host],
    )
    fetcher = Fetcher(config, guard=guard)
    with pytest.raises(AddressRefused, match=r"127\.0\.0\.1"):
        fetcher.get(f"http://0.0.0.0:{canary.port}/")
    fetcher.get(f"http://{ALLOWED}:{canary.port}/")
    assert [said for _, said in canary.heard[before:-1]] == [b""]
