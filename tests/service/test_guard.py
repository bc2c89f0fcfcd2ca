"""What is dialled and what is not."""

from __future__ import annotations

import socket
from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.clock import SystemClock
from service.deadline import Deadline
from service.errors import AddressRefused, Unreachable
from service.guard import Guard, is_public, resolved
from tests.fakes import Upstream

LOOPBACK = ip_network("127.0.0.0/8")
SECOND = timedelta(seconds=1)

PUBLIC = """1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1
    198.17.0.1 198.20.0.1 223.255.255.255 168.63.129.15 2600::1 2a00:1450::1 2001:200::1 2003::1
    ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1"""
SPECIAL = """0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.8.8.8 168.63.129.16
    169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1
    198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
    255.255.255.255 :: ::1 ::7f00:1 ::a9fe:a9fe ::ffff:10.0.0.1 ::ffff:127.0.0.1
    ::ffff:0:127.0.0.1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 100::1 2001::1 2001:10::1
    2001:20::1 2001:db8::1 2002:a00:1::1 2002:a9fe:a9fe:: 2002:7f00:1::1 3fff::1 5f00::1 fc00::1
    fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1"""


def soon():
    return Deadline(SystemClock(), 5 * SECOND)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_public_addresses(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", SPECIAL.split())
def test_special_addresses(address):
    assert not is_public(ip_address(address))


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:0:0", "64:ff9b::"]))
def test_an_ipv4_address_in_ipv6_is_judged_as_itself(inner, outer):
    assert is_public(ip_address(int(ip_address(outer)) + int(inner))) == is_public(inner)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/feed",
        "https://partner.example",
        "HTTP://partner.example:80/",
        "https://partner.example:443/a@b",
        "https://[2600::1]/",
        "http://partner.example:8080/",
    ],
)
def test_urls_that_pass(url):
    Guard(ports=[8080]).check(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://partner.example/",
        "file:///etc/passwd",
        "feed://partner.example/",
        "gopher://partner.example:80/",
        "//partner.example/",
        "partner.example",
        "",
        "http:///feed",
        "http://",
        "http://user@partner.example/",
        "http://user:password@partner.example/",
        "http://@partner.example/",
        "http://partner.example:22/",
        "http://partner.example:65536/",
        "http://partner.example:x/",
        "http://[::1/",
        "http://[not-an-address]/",
    ],
)
def test_urls_that_do_not(url):
    with pytest.raises(AddressRefused):
        Guard(ports=[8080]).check(url)


def test_every_answer_must_pass():
    guard = Guard(resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1.*allow_networks"):
        guard.addresses("partner.example", 443)


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_networks_can_be_allowed(address):
    guard = Guard(networks=[LOOPBACK], resolve=lambda _host, _port: [address])
    assert guard.addresses("intranet.example", 80) == [ip_address(address)]


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "::1", "0"]
)
def test_the_system_resolves_the_spellings_of_loopback(host):
    with pytest.raises((AddressRefused, Unreachable)):
        Guard().addresses(host, 80)


@pytest.mark.parametrize("error", [socket.gaierror("no such name"), UnicodeError("label too long")])
def test_a_name_without_address(error):
    def resolve(host, port):
        raise error

    with pytest.raises(Unreachable, match=r"gone\.example"):
        Guard(resolve=resolve).dial("gone.example", 80, soon(), longest=SECOND)


def test_a_name_with_no_addresses():
    with pytest.raises(Unreachable, match="has no address"):
        Guard(resolve=lambda _host, _port: []).dial("empty.example", 80, soon(), longest=SECOND)


def test_resolves_once_and_dials_what_was_checked():
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    with Upstream() as upstream:
        guard = Guard(
            networks=[LOOPBACK], ports=[upstream.port], resolve=lambda _host, _port: next(answers)
        )
        with guard.dial("rebinding.example", upstream.port, soon(), longest=SECOND) as connection:
            assert connection.getpeername() == ("127.0.0.1", upstream.port)
        with pytest.raises(AddressRefused):
            guard.dial("rebinding.example", upstream.port, soon(), longest=SECOND)
    assert next(answers, None) is None


def test_a_port_that_is_not_allowed_is_not_dialled():
    with Upstream() as upstream, pytest.raises(AddressRefused, match="allow_ports"):
        Guard(networks=[LOOPBACK]).dial("127.0.0.1", upstream.port, soon(), longest=SECOND)


def test_the_next_address_is_tried():
    with Upstream() as upstream:  # which does not listen on ::1
        guard = Guard(
            networks=[LOOPBACK, ip_network("::1/128")],
            ports=[upstream.port],
            resolve=lambda _host, _port: ["::1", "127.0.0.1"],
        )
        guard.dial("two.example", upstream.port, soon(), longest=SECOND).close()


def test_the_system_resolver_gives_addresses():
    assert set(resolved("127.0.0.1", 80)) == {"127.0.0.1"}


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f.1", "0X7F000001", "2130706433", "127.0.0.1.", "1.2.3"]
)
def test_an_odd_spelling_is_not_even_looked_up(host):
    asked = []
    with pytest.raises(AddressRefused, match="spelling"):
        Guard(resolve=lambda *name: asked.append(name)).addresses(host, 80)
    assert asked == []


def test_four_addresses_are_tried_and_no_more():
    with Upstream() as upstream:  # which does not listen on ::1
        guard = Guard(
            networks=[LOOPBACK, ip_network("::1/128")],
            ports=[upstream.port],
            resolve=lambda _host, _port: ["::1"] * 4 + ["127.0.0.1"],
        )
        with pytest.raises(Unreachable, match="does not answer"):
            guard.dial("many.example", upstream.port, soon(), longest=SECOND)
