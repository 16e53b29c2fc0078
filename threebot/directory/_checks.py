"""What is checked of a farm, a node and their parts before any of it is stored (``docs/directory.md``, "Limits")."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_interface

import msgspec

from ...errors import InputError, Problem
from ...rules import node_key
from .._entries import key_problems, name_problems, number_problems, text_problems
from .._words import shown
from ._shapes import Amount, FarmEntry, Interface, Location, NodeEntry, Price, PublicInterface

__all__ = [
    "ARGUMENTS",
    "FIELDS",
    "Paths",
    "amount_problems",
    "farm_problems",
    "identity_problems",
    "interface_problems",
    "node_problems",
    "port_problems",
    "public_problems",
    "refuse_cursor",
    "size_problems",
]

LARGEST_DICT = 65_536
MOST_IN_A_LIST = 1024
_LONGEST_NODE_ID = 255
_HIGHEST_PORT = 65_535
_MASK = re.compile(r"[^/]+/[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class Paths:
    """Where what names a node stands, for the paths of mistakes."""

    node_id: str
    farm_id: str
    public_key: str


ARGUMENTS = Paths("node_id", "farm_id", "public_key")
FIELDS = Paths("node.node_id", "node.farm_id", "node.public_key_hex")


def size_problems(value: object, path: str) -> Iterator[Problem]:
    """Yield what is too long or too large in a value, however deep inside of it."""
    if isinstance(value, str):
        yield from text_problems(value, path)
    elif isinstance(value, list):
        if len(value) > MOST_IN_A_LIST:
            yield Problem(f"has at most {MOST_IN_A_LIST} entries, not {len(value)}", path)
            return
        for position, item in enumerate(value):
            yield from size_problems(item, f"{path}[{position}]")
    elif isinstance(value, dict):
        size = len(msgspec.json.encode(value))
        if size > LARGEST_DICT:
            yield Problem(f"has at most {LARGEST_DICT} bytes as JSON text, not {size}", path)
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from size_problems(getattr(value, name), f"{path}.{name}")


def farm_problems(farm: FarmEntry, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a farm."""
    yield from name_problems(farm.name, f"{path}.name")
    yield from number_problems(farm.threebot_id, f"{path}.threebot_id", "a threebot id")
    for name in ("iyo_organization", "wallet_addresses", "location", "email", "resource_prices"):
        yield from size_problems(getattr(farm, name), f"{path}.{name}")
    yield from _location_problems(farm.location, f"{path}.location")
    yield from _price_problems(farm.resource_prices, f"{path}.resource_prices")
    yield from _range_problems(farm.prefix_zero, f"{path}.prefix_zero", version=6)


def identity_problems(node_id: object, farm_id: object, public_key: object, paths: Paths) -> Iterator[Problem]:
    """Yield what is wrong with the id, the farm and the key of a node; a key that is None is not known."""
    if not isinstance(node_id, str):
        yield Problem(f"a node id is a text, not {shown(node_id)}", paths.node_id)
    elif not node_id.isprintable() or node_id != node_id.strip():
        message = f"{shown(node_id)} begins or ends with a space, or has a character that does not print"
        yield Problem(message, paths.node_id)
    elif not 1 <= len(node_id.encode()) <= _LONGEST_NODE_ID:
        yield Problem(f"a node id is a text of 1 to {_LONGEST_NODE_ID} bytes", paths.node_id)
    elif public_key is not None and (own_key := node_key(node_id)) is not None:
        if not isinstance(public_key, str) or own_key.hex() != public_key.lower():
            yield Problem("the node id is a public key itself, and another one than this", paths.public_key)
        public_key = None
    yield from number_problems(farm_id, paths.farm_id, "a farm id")
    if public_key is not None:
        yield from key_problems(public_key, paths.public_key)


def refuse_cursor(cursor: str) -> None:
    """Refuse a text after which no node can come because it is no place among their ids.

    Raises:
        InputError: it is too long.
    """
    if len(cursor.encode()) > _LONGEST_NODE_ID:
        raise InputError(f"is the last node id that came, a text of at most {_LONGEST_NODE_ID} bytes", path="cursor")


def node_problems(node: NodeEntry, path: str) -> Iterator[Problem]:
    """Yield what is wrong with what a node says of itself, beside its id, its farm and its key."""
    for name in ("node_id_v1", "os_version", "address"):
        yield from size_problems(getattr(node, name), f"{path}.{name}")
    yield from size_problems(node.location, f"{path}.location")
    yield from _location_problems(node.location, f"{path}.location")
    if node.uptime < 0:
        yield Problem(f"must be 0 or more, not {node.uptime}", f"{path}.uptime")
    for name in ("total_resources", "used_resources", "reserved_resources"):
        yield from amount_problems(getattr(node, name), f"{path}.{name}")
    yield from interface_problems(node.ifaces, f"{path}.ifaces")
    yield from port_problems(node.wg_ports, f"{path}.wg_ports")


def amount_problems(amount: Amount, path: str) -> Iterator[Problem]:
    """Yield what is wrong with an amount of each resource."""
    for name in ("cru", "mru", "hru", "sru"):
        if (value := getattr(amount, name)) < 0:
            yield Problem(f"must be 0 or more, not {value}", f"{path}.{name}")


def interface_problems(interfaces: list[Interface], path: str) -> Iterator[Problem]:
    """Yield what is wrong with the network interfaces of a node."""
    yield from size_problems(interfaces, path)
    for position, interface in enumerate(interfaces[:MOST_IN_A_LIST]):
        place = f"{path}[{position}]"
        if not interface.name:
            yield Problem("is the name of the interface, as eth0, and must not be empty", f"{place}.name")
        for number, address in enumerate(interface.addrs[:MOST_IN_A_LIST]):
            yield from _range_problems(address, f"{place}.addrs[{number}]")


def port_problems(ports: list[int], path: str) -> Iterator[Problem]:
    """Yield what is wrong with a list of UDP ports."""
    yield from size_problems(ports, path)
    for position, port in enumerate(ports[:MOST_IN_A_LIST]):
        if not 1 <= port <= _HIGHEST_PORT:
            yield Problem(f"must be a port from 1 to {_HIGHEST_PORT}, not {port}", f"{path}[{position}]")


def public_problems(public: PublicInterface, path: str) -> Iterator[Problem]:
    """Yield what is wrong with a public interface; one in which nothing is set takes the interface away."""
    yield from size_problems(public, path)
    if not public.master and (public.ipv4 or public.ipv6 or public.gw4 or public.gw6):
        yield Problem(
            "is the interface that it is made on, as eth0; to take the public interface away, leave all of it empty",
            f"{path}.master",
        )
    if public.master and not (public.ipv4 or public.ipv6):
        yield Problem("a public interface needs an address: give ipv4, ipv6 or both", f"{path}.ipv4")
    for version, address, gateway in ((4, public.ipv4, public.gw4), (6, public.ipv6, public.gw6)):
        yield from _range_problems(address, f"{path}.ipv{version}", version=version)
        if gateway and _version(gateway) != version:
            yield Problem(f"must be an IPv{version} address, not {shown(gateway)}", f"{path}.gw{version}")
        if gateway and not address and public.master:
            yield Problem(f"is of no use without an address: give ipv{version} as well", f"{path}.gw{version}")


def _location_problems(location: Location, path: str) -> Iterator[Problem]:
    for name, most in (("latitude", 90), ("longitude", 180)):
        if not -most <= (degrees := getattr(location, name)) <= most:
            yield Problem(f"must be from -{most} to {most} degrees, not {degrees}", f"{path}.{name}")


def _price_problems(prices: Iterable[Price], path: str) -> Iterator[Problem]:
    seen: set[int] = set()
    for position, price in enumerate(prices):
        for name in ("cru", "mru", "hru", "sru", "nru"):
            if (asked := getattr(price, name)) < 0:
                yield Problem(f"must be 0 or more, not {asked}", f"{path}[{position}].{name}")
        if price.currency in seen:
            yield Problem(f"has prices in {price.currency!s} already: one entry per currency", f"{path}[{position}]")
        seen.add(price.currency)


def _range_problems(text: str, path: str, *, version: int = 0) -> Iterator[Problem]:
    """Yield what is wrong with an address with its mask; a node that reads one without a mask loses the whole entry."""
    if not text:
        return
    if not _MASK.fullmatch(text):
        yield Problem(f"must be an address with its mask, as 192.168.1.2/24 or fd00::2/64, not {shown(text)}", path)
    elif version and _version(text) != version:
        yield Problem(f"must be an IPv{version} range, not {shown(text)}", path)


def _version(text: str) -> int:
    """Return whether an address or a range, which the model has let through, is of IPv4 or of IPv6."""
    return ip_interface(text).version
