"""The guard on the way out: connections go to public addresses only, and to the very ones checked.

A name is resolved once for a connection, every answer must pass, and an address that passed is dialled;
TLS and the Host header keep the name. Python's ipaddress.is_private knows neither shared address space
nor what hides in IPv6, so the networks are listed here, after IANA's special-purpose registries.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from service.errors import AddressRefused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from ipaddress import IPv4Network, IPv6Network

    Network = IPv4Network | IPv6Network
    Address = IPv4Address | IPv6Address
    Resolver = Callable[[str, int], Sequence[str]]

_PORTS = {"http": 80, "https": 443}
_DIALLED = 4  # addresses of one host tried, at most

_SPECIAL = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",  # private use
            "100.64.0.0/10",  # shared address space
            "127.0.0.0/8",  # loopback
            "168.63.129.16/32",  # a cloud's own services
            "169.254.0.0/16",  # link local, and clouds' metadata
            "172.16.0.0/12",  # private use
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private use
            "198.18.0.0/15",  # benchmarking
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved, broadcast
            "2001::/23",  # protocol assignments, Teredo
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


def is_public(address: Address) -> bool:
    """Whether the address is anybody's on the Internet."""
    address = _unwrapped(address)
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def resolved(host: str, port: int) -> Sequence[str]:
    """All addresses that the system knows of a host."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class Guard:
    """What may be dialled beside the public Internet, and how names are resolved."""

    def __init__(
        self,
        *,
        networks: Collection[Network] = (),
        ports: Collection[int] = (),
        resolve: Resolver = resolved,
    ) -> None:
        self._networks = networks
        self._ports = {*_PORTS.values(), *ports}
        self._resolve = resolve

    def check(self, url: str) -> None:
        """Refuse what no connection is to be made for: other schemes and ports, and logins in URLs.

        Raises:
            AddressRefused: With the reason.
        """
        try:
            parts = urlsplit(url)
            port = parts.port or _PORTS.get(parts.scheme)
        except ValueError as error:
            raise AddressRefused(f"not an address that can be dialled: {error}") from error
        if port is None or parts.scheme not in _PORTS or not parts.hostname:
            raise AddressRefused("only http and https addresses are dialled")
        if "@" in parts.netloc:
            raise AddressRefused(f"an address with a login in it: {parts.hostname}")
        self._check_port(parts.hostname, port)

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, each of which may be dialled.

        Raises:
            AddressRefused: One of them may not.
            Unreachable: There are none.
        """
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host} has no address: {error}") from error
        for address in found:
            if not self._may_dial(ip_address(address)):
                raise AddressRefused(
                    f"{host} is at {address}, which is not public; [fetch] allow_networks can allow it"
                )
        return found

    def _may_dial(self, address: Address) -> bool:
        inner = _unwrapped(address)
        return is_public(inner) or any(inner in network for network in self._networks)

    def dial(self, host: str, port: int, timeout: float | None) -> socket.socket:
        """A connection to the first address of the host that answers within `timeout` seconds.

        Raises:
            AddressRefused: The port or one of the addresses may not be dialled.
            Unreachable: None answers.
        """
        self._check_port(host, port)
        reason: object = "it has no address"
        for address in self.addresses(host, port)[:_DIALLED]:
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                reason = error
        raise Unreachable(f"{host} does not answer: {reason}")

    def _check_port(self, host: str, port: int) -> None:
        if port not in self._ports:
            raise AddressRefused(f"port {port} of {host}; [fetch] allow_ports can allow it")

    def adapter(self) -> HTTPAdapter:
        """A transport for requests that dials through this guard only, and tries once."""
        adapter = HTTPAdapter(max_retries=0)
        adapter.poolmanager.pool_classes_by_scheme = {
            "http": _guarded(HTTPConnectionPool, HTTPConnection, self),
            "https": _guarded(HTTPSConnectionPool, HTTPSConnection, self),
        }
        return adapter


def _guarded(pool: type[Any], connection: type[Any], guard: Guard) -> type[Any]:
    """The pool class with connections that the guard dials."""

    def _new_conn(self: Any) -> socket.socket:
        return guard.dial(self.host, self.port, self.timeout)

    dialled = type(f"Guarded{connection.__name__}", (connection,), {"_new_conn": _new_conn})
    return type(f"Guarded{pool.__name__}", (pool,), {"ConnectionCls": dialled})
