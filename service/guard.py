"""The guard on the way out: connections go to public addresses only, and to the very ones checked.

A name is resolved once for a connection, every answer must pass, and an address that passed is dialled;
who answered is checked again. TLS and the Host header keep the name. Python's ipaddress.is_private knows
neither shared address space nor what hides in IPv6, so the networks are listed here, after IANA's
special-purpose registries.
"""

from __future__ import annotations

import re
import socket
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from service.errors import AddressRefused, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import timedelta
    from ipaddress import IPv4Network, IPv6Network

    from service.deadline import Deadline

    Network = IPv4Network | IPv6Network
    Address = IPv4Address | IPv6Address
    Resolver = Callable[[str, int], Sequence[str]]

_PORTS = {"http": 80, "https": 443}
_DIALLED = 4  # addresses of one host tried, at most
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")  # what ends an IPv4 address in any spelling

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
            port = parts.port
        except ValueError as error:  # whose text may hold a password
            raise AddressRefused("an address whose host or port cannot be read") from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise AddressRefused("only http and https addresses are dialled")
        if "@" in parts.netloc:
            raise AddressRefused(f"an address with a login in it: {parts.hostname}")
        if port is not None:
            self._check_port(parts.hostname, port)

    def addresses(self, host: str, port: int) -> Sequence[Address]:
        """The addresses of a host, each of which may be dialled.

        Raises:
            AddressRefused: One of them may not.
            Unreachable: There are none.
        """
        known = _as_address(host)
        if known:
            return [self._checked(host, known)]
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"{host} has no address: {error}") from error
        return [self._checked(host, _told(host, it)) for it in found]

    def _checked(self, host: str, address: Address) -> Address:
        inner = _unwrapped(address)
        if is_public(inner) or any(inner in network for network in self._networks):
            return address
        raise AddressRefused(
            f"{host} is at {address}, which is not public; [fetch] allow_networks can allow it"
        )

    def dial(
        self, host: str, port: int, deadline: Deadline, *, longest: timedelta
    ) -> socket.socket:
        """A connection to the first address of the host that answers.

        Looking up the name and each address tried may take `longest`, and all of it ends at the deadline.

        Raises:
            AddressRefused: The port or one of the addresses may not be dialled.
            TooSlow: The name was not found in time, or the deadline has passed.
            Unreachable: None answers.
        """
        self._check_port(host, port)
        if known := _as_address(host):  # there is nothing to wait for
            found: Sequence[Address] = [self._checked(host, known)]
        else:
            look_up = partial(self.addresses, host, port)
            found = deadline.result(look_up, longest, f"looking up {host}")
        reason: object = "it has no address"
        for address in found[:_DIALLED]:
            try:
                connection = _connected(address, port, deadline.within(longest))
            except OSError as error:
                reason = error
            else:
                return self._to_checked_peer(host, address, connection)
        deadline.left()
        raise Unreachable(f"{host} does not answer: {reason}")

    def _to_checked_peer(
        self, host: str, address: Address, connection: socket.socket
    ) -> socket.socket:
        """The connection, if who answered may be dialled, too: 0.0.0.0 is answered by 127.0.0.1."""
        try:
            peer = connection.getpeername()[0]
            if peer != str(address):  # which is checked
                self._checked(host, _told(host, peer))
        except (OSError, AddressRefused):
            connection.close()
            raise
        return connection

    def _check_port(self, host: str, port: int) -> None:
        if port not in self._ports:
            raise AddressRefused(f"port {port} of {host}; [fetch] allow_ports can allow it")


def _connected(address: Address, port: int, seconds: float) -> socket.socket:
    """A connection to the address, made within so many seconds. There is no name to look up any more."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.connect((str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection


def _told(host: str, text: str) -> Address:
    """The address that a host is said to be at."""
    try:
        return ip_address(text)
    except ValueError as error:
        raise AddressRefused(f"{host} is at {text!r}, which is no address") from error


def _as_address(host: str) -> Address | None:
    """The address that the host is itself, in its usual spelling.

    Raises:
        AddressRefused: It is in one that each system reads in its own way: 127.1, 0x7f.1, 2130706433.
    """
    try:
        return ip_address(host)
    except ValueError as error:
        if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            raise AddressRefused(f"{host} is an address, but not in its usual spelling") from error
        return None
