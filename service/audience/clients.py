"""Whose request it is: the peer's, or of whom a trusted proxy says that it is (T27)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Network

    Address = IPv4Address | IPv6Address
    Networks = tuple[IPv4Network | IPv6Network, ...]

_HOME = 64  # bits of an IPv6 address that a household keeps; the others change by the hour


@lru_cache(4096)
def client(peer: str, forwarded: str, proxies: Networks) -> str:
    """The address of who asked, an IPv6 one as its network.

    `forwarded` is X-Forwarded-For. It counts only where the peer is one of the proxies, and no further back
    than to the first address that is not: what stands before that anybody may have written.
    """
    address = _parsed(peer)
    hops = [_parsed(it) for it in forwarded.split(",")] if forwarded else []
    while address is not None and hops and any(address in network for network in proxies):
        address = hops.pop() or address
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, _HOME), strict=False))
    return str(address) if address is not None else peer


def _parsed(text: str) -> Address | None:
    """The address, without port, brackets or zone; one of IPv4 in IPv6 dress as what it is."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
