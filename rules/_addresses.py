"""Addresses and ranges as numbers, read from texts (``docs/registration.md``, "Networks").

What is a range or an address is what `ipaddress` says of the text. It takes microseconds for each, and reservations
name the same ones again and again: what the last few thousand texts say is kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple

__all__ = ["PRIVATE_RANGES", "Address", "Range", "is_endpoint", "is_port", "read_address", "read_range"]

_BITS = {4: 32, 6: 128}
_KEPT = 4096
"""How many texts of each kind are kept."""

_LONGEST_KEPT = 64
"""Characters of a text that is kept. Longer ones are seldom right; many of them would fill the memory."""

_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?")


class Address(NamedTuple):
    """An address.

    Attributes:
        version: 4 or 6.
        number: the address as a number.
        zone: the zone of one machine that is named behind an address of version 6; empty for none.
    """

    version: int
    number: int
    zone: str = ""

    def __str__(self) -> str:
        """Return the address as people write it."""
        zone = f"%{self.zone}" if self.zone else ""
        return f"{IPv4Address(self.number) if self.version == 4 else IPv6Address(self.number)}{zone}"


class Range(NamedTuple):
    """All addresses with one beginning.

    Attributes:
        version: 4 or 6.
        first: the lowest of them, as a number.
        last: the highest.
    """

    version: int
    first: int
    last: int

    def __str__(self) -> str:
        """Return the lowest address and the length of the beginning, as ``10.10.1.0/24``."""
        length = _BITS[self.version] - (self.last - self.first).bit_length()
        return str((IPv4Network if self.version == 4 else IPv6Network)((self.first, length)))

    def has(self, address: Address) -> bool:
        """Return whether an address is in the range, in whatever zone."""
        return self.version == address.version and self.first <= address.number <= self.last

    def is_inside(self, other: Range) -> bool:
        """Return whether all of it is in another range."""
        return self.version == other.version and other.first <= self.first and self.last <= other.last


def read_range(text: str) -> Range | None:
    """Read a range with its prefix length, as ``10.10.1.0/24``; None for anything else.

    Bits after the prefix are dropped, as a node does. A lone address is no range: a node refuses it.
    """
    return _kept_range(text) if len(text) <= _LONGEST_KEPT else _range(text)


def read_address(text: str) -> Address | None:
    """Read an address; None for anything else."""
    return _kept_address(text) if len(text) <= _LONGEST_KEPT else _address(text)


def _range(text: str) -> Range | None:
    length = text.partition("/")[2]
    if "%" in text or not (length.isascii() and length.isdigit()):
        return None
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return None
    return Range(network.version, int(network.network_address), int(network.broadcast_address))


def _address(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    zone = address.scope_id if isinstance(address, IPv6Address) else None
    return Address(address.version, int(address), zone or "")


_kept_range = lru_cache(_KEPT)(_range)
_kept_address = lru_cache(_KEPT)(_address)


def is_port(number: int) -> bool:
    """Return whether a number is a port, 1 to 65535."""
    return 1 <= number <= 65535


def is_endpoint(text: str) -> bool:
    """Return whether a text is ``host:port``; an IPv6 host stands in brackets, without the zone of one machine."""
    host, _, port = text.rpartition(":")
    if "%" in text or not (port.isascii() and port.isdigit() and len(port) <= 5 and is_port(int(port))):
        return False
    if host.startswith("[") and host.endswith("]"):
        address = read_address(host[1:-1])
        return address is not None and address.version == 6
    return _HOST_NAME.fullmatch(host) is not None


PRIVATE_RANGES = tuple(
    found for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7") if (found := read_range(text))
)
"""The private ranges of IPv4 and the unique-local range of IPv6."""
