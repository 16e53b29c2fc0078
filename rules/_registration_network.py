"""The checks of networks and addresses at registration (``docs/registration.md``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias

from ..errors import Problem
from ..schema import NOT_SET
from ._application import Application
from ._registration_workloads import is_port
from ._shapes import Network

__all__ = ["addresses", "listen_ports", "networks", "peers", "resources"]

Range: TypeAlias = IPv4Network | IPv6Network
Address: TypeAlias = IPv4Address | IPv6Address

PRIVATE_RANGES: tuple[Range, ...] = tuple(
    ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
)
"""The private ranges of IPv4 and the unique-local range of IPv6."""

_HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9.])?")


class Member(NamedTuple):
    """What has an address in a network: where its fields are, its node, and what they say."""

    path: str
    node_id: str
    network_id: str
    ipaddress: str


def networks(application: Application) -> Iterator[Problem]:
    """A network has a name of its own, a private range, and at least one node, each once."""
    names: dict[str, str] = {}
    for path, network in _networks(application):
        if not network.name:
            yield Problem("is empty; containers find the network by it", f"{path}.name")
        elif network.name in names:
            yield Problem(f"{network.name!r} is the name of {names[network.name]} already", f"{path}.name")
        names.setdefault(network.name, path)
        reach = read_range(network.iprange)
        if reach is None:
            yield Problem(f"{network.iprange!r} is no range as in 10.10.0.0/16", f"{path}.iprange")
        elif not any(_is_inside(reach, private) for private in PRIVATE_RANGES):
            yield Problem(f"{reach} is neither a private nor a unique-local range", f"{path}.iprange")
        if not network.network_resources:
            yield Problem("is empty; a network is on at least one node", f"{path}.network_resources")
        yield from _nodes_once(path, network)


def _nodes_once(path: str, network: Network) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for position, resource in enumerate(network.network_resources):
        place = f"{path}.network_resources[{position}]"
        if resource.node_id and resource.node_id in seen:
            message = f"node {resource.node_id!r} is in this network already, as {seen[resource.node_id]}"
            yield Problem(message, f"{place}.node_id")
        seen.setdefault(resource.node_id, place)


def resources(application: Application) -> Iterator[Problem]:
    """Each resource's subnet is inside the network's range, and none overlaps another."""
    for path, network in _networks(application):
        reach = read_range(network.iprange)
        subnets: list[tuple[Range, int]] = []
        for position, resource in enumerate(network.network_resources):
            place = f"{path}.network_resources[{position}].iprange"
            subnet = read_range(resource.iprange)
            if subnet is None:
                yield Problem(f"{resource.iprange!r} is no range as in 10.10.1.0/24", place)
                continue
            subnets.append((subnet, position))
            if reach is not None and not _is_inside(subnet, reach):
                yield Problem(f"{subnet} is not inside the range of its network, {reach}", place)
        yield from _overlaps(path, subnets)


def _overlaps(path: str, subnets: list[tuple[Range, int]]) -> Iterator[Problem]:
    """Find subnets that overlap, in one pass over them by their first address."""
    ordered = sorted(subnets, key=lambda each: (each[0].version, int(each[0].network_address), each[1]))
    for earlier, later in _neighbours(ordered):
        first, second = sorted((earlier, later), key=lambda each: each[1])
        yield Problem(
            f"{second[0]} overlaps {first[0]} of {path}.network_resources[{first[1]}]",
            f"{path}.network_resources[{second[1]}].iprange",
        )


def _neighbours(ordered: list[tuple[Range, int]]) -> Iterator[tuple[tuple[Range, int], tuple[Range, int]]]:
    """Yield each subnet that begins before an earlier one ends, with that one."""
    widest: tuple[Range, int] | None = None
    for each in ordered:
        if widest is not None and _is_before_end(each[0], widest[0]):
            yield widest, each
        if widest is None or not _is_before_end(each[0], widest[0]) or _last(each[0]) > _last(widest[0]):
            widest = each


def _is_before_end(subnet: Range, other: Range) -> bool:
    return subnet.version == other.version and int(subnet.network_address) <= _last(other)


def _last(subnet: Range) -> int:
    return int(subnet.broadcast_address)


def listen_ports(application: Application) -> Iterator[Problem]:
    """Wireguard ports are ports, and a node has each only once in a reservation."""
    taken: dict[tuple[str, int], str] = {}
    for path, network in _networks(application):
        for position, resource in enumerate(network.network_resources):
            port, place = resource.wireguard_listen_port, f"{path}.network_resources[{position}].wireguard_listen_port"
            if not is_port(port):
                yield Problem(f"{'is not set' if port == NOT_SET else f'is {port}'}; a port is 1 to 65535", place)
            elif (resource.node_id, port) in taken:
                yield Problem(f"is {port}, which {taken[resource.node_id, port]} has on the same node", place)
            else:
                taken[resource.node_id, port] = place


def peers(application: Application) -> Iterator[Problem]:
    """A peer's ranges are ranges, and its endpoint is empty or host:port."""
    for path, network in _networks(application):
        for position, resource in enumerate(network.network_resources):
            for number, peer in enumerate(resource.peers):
                place = f"{path}.network_resources[{position}].peers[{number}]"
                if peer.iprange and read_range(peer.iprange) is None:
                    yield Problem(f"{peer.iprange!r} is no range as in 10.10.1.0/24", f"{place}.iprange")
                for which, allowed in enumerate(peer.allowed_iprange):
                    if read_range(allowed) is None:
                        yield Problem(
                            f"{allowed!r} is no range as in 10.10.1.0/24", f"{place}.allowed_iprange[{which}]"
                        )
                if peer.endpoint and not is_endpoint(peer.endpoint):
                    message = (
                        f"{peer.endpoint!r} is neither empty nor host:port, as in 192.0.2.1:6001 or [2001:db8::1]:6001"
                    )
                    yield Problem(message, f"{place}.endpoint")


def addresses(application: Application) -> Iterator[Problem]:
    """An address is one that its network gives out on its node, and nobody else's."""
    subnets = {
        network.name: {resource.node_id: read_range(resource.iprange) for resource in network.network_resources}
        for _, network in _networks(application)
    }
    taken: dict[tuple[str, Address], str] = {}
    for member in _members(application):
        place = f"{member.path}.ipaddress"
        if not member.network_id:
            yield Problem("is empty; it is the name of a network", f"{member.path}.network_id")
        address = read_address(member.ipaddress)
        if address is None or address.is_unspecified:
            yield Problem(f"{member.ipaddress!r} is no address that a workload can have", place)
            continue
        yield from _in_subnet(member, address, subnets)
        if member.network_id and (member.network_id, address) in taken:
            yield Problem(f"{address} is the address of {taken[member.network_id, address]} already", place)
        taken.setdefault((member.network_id, address), member.path)


def _in_subnet(member: Member, address: Address, subnets: dict[str, dict[str, Range | None]]) -> Iterator[Problem]:
    """Check an address against its node's subnet; a network of another reservation is not known here."""
    by_node = subnets.get(member.network_id)
    if by_node is None:
        return
    if member.node_id not in by_node:
        message = f"network {member.network_id!r} is not on node {member.node_id!r}"
        yield Problem(message, f"{member.path}.network_id")
        return
    subnet, place = by_node[member.node_id], f"{member.path}.ipaddress"
    if subnet is None:
        return  # the resource's own range is no range, which is reported there
    if address not in subnet:
        yield Problem(f"{address} is not in {subnet}, the subnet of its node in that network", place)
    elif address in (subnet.network_address, subnet.network_address + 1):
        yield Problem(f"{address} is the first address of {subnet}, which the node itself has", place)
    elif address.version == 4 and address == subnet.broadcast_address:
        yield Problem(f"{address} is the last address of {subnet}, which means all of them", place)


def _networks(application: Application) -> Iterator[tuple[str, Network]]:
    for position, network in enumerate(application.data.networks):
        yield f"data_reservation.networks[{position}]", network


def _members(application: Application) -> Iterator[Member]:
    for position, container in enumerate(application.data.containers):
        for place, connection in enumerate(container.network_connection):
            path = f"data_reservation.containers[{position}].network_connection[{place}]"
            yield Member(path, container.node_id, connection.network_id, connection.ipaddress)
    for position, machine in enumerate(application.data.kubernetes):
        path = f"data_reservation.kubernetes[{position}]"
        yield Member(path, machine.node_id, machine.network_id, machine.ipaddress)


def read_range(text: str) -> Range | None:
    """Read a range with its prefix length, as ``10.10.1.0/24``; None for anything else.

    Bits after the prefix are dropped, as a node does. A lone address is no range: a node refuses it.
    """
    length = text.partition("/")[2]
    if "%" in text or not (length.isascii() and length.isdigit()):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def read_address(text: str) -> Address | None:
    """Read an address; None for anything else."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_endpoint(text: str) -> bool:
    """Return whether a text is ``host:port``; an IPv6 host stands in brackets, without the zone of one machine."""
    host, _, port = text.rpartition(":")
    if "%" in text or not (port.isascii() and port.isdigit() and len(port) <= 5 and is_port(int(port))):
        return False
    if host.startswith("[") and host.endswith("]"):
        address = read_address(host[1:-1])
        return address is not None and address.version == 6
    return _HOST_NAME.fullmatch(host) is not None


def _is_inside(subnet: Range, reach: Range) -> bool:
    starts_inside = int(reach.network_address) <= int(subnet.network_address)
    return subnet.version == reach.version and starts_inside and _last(subnet) <= _last(reach)
