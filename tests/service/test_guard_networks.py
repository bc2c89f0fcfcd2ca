"""The edges of what is public: the first and last address of each network inside, and their neighbours."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.guard import is_public

INSIDE = """0.0.0.0-0.255.255.255 10.0.0.0-10.255.255.255 100.64.0.0-100.127.255.255
    127.0.0.0-127.255.255.255 168.63.129.16-168.63.129.16 169.254.0.0-169.254.255.255
    172.16.0.0-172.31.255.255 192.0.0.0-192.0.0.255 192.0.2.0-192.0.2.255 192.88.99.0-192.88.99.255
    192.168.0.0-192.168.255.255 198.18.0.0-198.19.255.255 198.51.100.0-198.51.100.255
    203.0.113.0-203.0.113.255 224.0.0.0-255.255.255.255
    ::-64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff 64:ff9b:0:0:0:1::-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
    2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff 2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff
    3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff
    4000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"""
RANGES = [tuple(map(ip_address, span.split("-"))) for span in INSIDE.split()]
INNER = ["::ffff:0:0/96", "64:ff9b::/96", "2002::/16"]  # mapped, NAT64, 6to4


def within_ranges(address):
    return any(
        first.version == address.version and first <= address <= last for first, last in RANGES
    )


def neighbours():
    for first, last in RANGES:
        for number in (int(first) - 1, int(last) + 1):
            if 0 <= number < 2**first.max_prefixlen:
                neighbour = type(first)(number)
                if not any(neighbour in ip_network(outer) for outer in INNER if ":" in str(first)):
                    yield neighbour


@pytest.mark.parametrize(("first", "last"), RANGES, ids=str)
def test_the_edges_inside(first, last):
    assert not is_public(first)
    assert not is_public(last)


@pytest.mark.parametrize("address", list(neighbours()), ids=str)
def test_the_edges_outside(address):
    assert is_public(address) != within_ranges(address)


@given(st.ip_addresses(v=4))
def test_every_ipv4_address_is_inside_or_outside(address):
    assert is_public(address) != within_ranges(address)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_found_wherever_ipv6_hides_it(address):
    mapped = ip_address(f"::ffff:{address}")
    nat64 = ip_address(f"64:ff9b::{address}")
    sixtofour = ip_address((0x2002 << 112) + (int(address) << 80) + 0x808_0808)
    assert {is_public(mapped), is_public(nat64), is_public(sixtofour)} == {is_public(address)}


@given(st.ip_addresses(v=4))
def test_other_ways_of_hiding_an_ipv4_address_are_never_public(address):
    number = int(address)
    compatible = ip_address("::") + number
    translated = ip_address("::ffff:0:0:0") + number
    local_nat64 = ip_address("64:ff9b:1::") + number
    teredo = ip_address("2001:0:808:808::") + (number ^ 0xFFFFFFFF)
    for hidden in (compatible, translated, local_nat64, teredo):
        assert not is_public(hidden), hidden
