"""The checks of networks and addresses at registration (``docs/registration.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import Problem
from ..schema import NOT_SET
from ._addresses import PRIVATE_RANGES, Address, Range, is_endpoint, is_port, read_address, read_range
from ._application import Application
from ._shapes import Network, NetworkResource

__all__ = ["addresses", "listen_ports", "networks", "peers", "resources"]


class Member(NamedTuple):
    """What has an address in a network: where its fields are, its node, and what they say.

    A container has one for each of its networks, and a place among them; a kubernetes machine has one.
    """

    position: int
    place: int | None
    node_id: str
    network_id: str
    ipaddress: str

    @property
    def path(self) -> str:
        """Where its fields are."""
        if self.place is None:
            return f"data_reservation.kubernetes[{self.position}]"
        return f"data_reservation.containers[{self.position}].network_connection[{self.place}]"


def networks(application: Application) -> Iterator[Problem]:
    """A network has a name of its own, a private range, and at least one node, each once."""
    names: dict[str, int] = {}
    for position, network in enumerate(application.data.networks):
        path = _path(position)
        if not network.name:
            yield Problem("is empty; containers find the network by it", f"{path}.name")
        elif network.name in names:
            yield Problem(f"{network.name!r} is the name of {_path(names[network.name])} already", f"{path}.name")
        names.setdefault(network.name, position)
        reach = read_range(network.iprange)
        if reach is None:
            yield Problem(f"{network.iprange!r} is no range as in 10.10.0.0/16", f"{path}.iprange")
        elif not _is_private(reach):
            yield Problem(f"{reach} is neither a private nor a unique-local range", f"{path}.iprange")
        if not network.network_resources:
            yield Problem("is empty; a network is on at least one node", f"{path}.network_resources")
        yield from _nodes_once(path, network)


def _is_private(reach: Range) -> bool:
    return any(map(reach.is_inside, PRIVATE_RANGES))


def _nodes_once(path: str, network: Network) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, resource in enumerate(network.network_resources):
        if resource.node_id and resource.node_id in seen:
            earlier = f"{path}.network_resources[{seen[resource.node_id]}]"
            message = f"node {resource.node_id!r} is in this network already, as {earlier}"
            yield Problem(message, f"{path}.network_resources[{place}].node_id")
        seen.setdefault(resource.node_id, place)


def resources(application: Application) -> Iterator[Problem]:
    """Each resource's subnet is inside the network's range, and none overlaps another."""
    for position, network in enumerate(application.data.networks):
        reach = read_range(network.iprange)
        subnets: list[tuple[Range, int]] = []
        for place, resource in enumerate(network.network_resources):
            subnet = read_range(resource.iprange)
            if subnet is None:
                message = f"{resource.iprange!r} is no range as in 10.10.1.0/24"
                yield Problem(message, f"{_path(position)}.network_resources[{place}].iprange")
                continue
            subnets.append((subnet, place))
            if reach is not None and not subnet.is_inside(reach):
                message = f"{subnet} is not inside the range of its network, {reach}"
                yield Problem(message, f"{_path(position)}.network_resources[{place}].iprange")
        if len(subnets) > 1:
            yield from _overlaps(_path(position), subnets)


def _overlaps(path: str, subnets: list[tuple[Range, int]]) -> Iterator[Problem]:
    """Find subnets that overlap, in one pass over them by their first address."""
    ordered = sorted(subnets, key=lambda each: (each[0].version, each[0].first, each[1]))
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
        if widest is None or not _is_before_end(each[0], widest[0]) or each[0].last > widest[0].last:
            widest = each


def _is_before_end(subnet: Range, other: Range) -> bool:
    return subnet.version == other.version and subnet.first <= other.last


def listen_ports(application: Application) -> Iterator[Problem]:
    """Wireguard ports are ports, and a node has each only once in a reservation."""
    taken: dict[tuple[str, int], tuple[int, int]] = {}
    for position, place, resource in _resources(application):
        port, where = resource.wireguard_listen_port, (position, place)
        if not is_port(port):
            message = f"{'is not set' if port == NOT_SET else f'is {port}'}; a port is 1 to 65535"
            yield Problem(message, f"{_path(*where)}.wireguard_listen_port")
        elif (earlier := taken.setdefault((resource.node_id, port), where)) is not where:
            message = f"is {port}, which {_path(*earlier)}.wireguard_listen_port has on the same node"
            yield Problem(message, f"{_path(*where)}.wireguard_listen_port")


def peers(application: Application) -> Iterator[Problem]:
    """A peer's ranges are ranges, and its endpoint is empty or host:port."""
    for position, place, resource in _resources(application):
        for number, peer in enumerate(resource.peers):
            path = f"{_path(position, place)}.peers[{number}]"
            if peer.iprange and read_range(peer.iprange) is None:
                yield Problem(f"{peer.iprange!r} is no range as in 10.10.1.0/24", f"{path}.iprange")
            for which, allowed in enumerate(peer.allowed_iprange):
                if read_range(allowed) is None:
                    yield Problem(f"{allowed!r} is no range as in 10.10.1.0/24", f"{path}.allowed_iprange[{which}]")
            if peer.endpoint and not is_endpoint(peer.endpoint):
                message = (
                    f"{peer.endpoint!r} is neither empty nor host:port, as in 192.0.2.1:6001 or [2001:db8::1]:6001"
                )
                yield Problem(message, f"{path}.endpoint")


def addresses(application: Application) -> Iterator[Problem]:
    """An address is one that its network gives out on its node, and nobody else's."""
    subnets = {
        network.name: {resource.node_id: read_range(resource.iprange) for resource in network.network_resources}
        for network in application.data.networks
    }
    taken: dict[tuple[str, Address], Member] = {}
    for member in _members(application):
        if not member.network_id:
            yield Problem("is empty; it is the name of a network", f"{member.path}.network_id")
        address = read_address(member.ipaddress)
        if address is None or not address.number:
            message = f"{member.ipaddress!r} is no address that a workload can have"
            yield Problem(message, f"{member.path}.ipaddress")
            continue
        yield from _in_subnet(member, address, subnets)
        earlier = taken.setdefault((member.network_id, address), member)
        if member.network_id and earlier is not member:
            yield Problem(f"{address} is the address of {earlier.path} already", f"{member.path}.ipaddress")


def _in_subnet(member: Member, address: Address, subnets: dict[str, dict[str, Range | None]]) -> Iterator[Problem]:
    """Check an address against its node's subnet; a network of another reservation is not known here."""
    by_node = subnets.get(member.network_id)
    if by_node is None:
        return
    if member.node_id not in by_node:
        message = f"network {member.network_id!r} is not on node {member.node_id!r}"
        yield Problem(message, f"{member.path}.network_id")
        return
    subnet = by_node[member.node_id]
    if subnet is None:
        return  # the resource's own range is no range, which is reported there
    if not subnet.has(address):
        message = f"{address} is not in {subnet}, the subnet of its node in that network"
        yield Problem(message, f"{member.path}.ipaddress")
    elif address.number <= subnet.first + 1 and not address.zone:
        message = f"{address} is the first address of {subnet}, which the node itself has"
        yield Problem(message, f"{member.path}.ipaddress")
    elif address.version == 4 and address.number == subnet.last:
        message = f"{address} is the last address of {subnet}, which means all of them"
        yield Problem(message, f"{member.path}.ipaddress")


def _resources(application: Application) -> Iterator[tuple[int, int, NetworkResource]]:
    """Yield the resources of all networks, each with the position of its network and its own place there."""
    for position, network in enumerate(application.data.networks):
        for place, resource in enumerate(network.network_resources):
            yield position, place, resource


def _members(application: Application) -> Iterator[Member]:
    for position, container in enumerate(application.data.containers):
        for place, connection in enumerate(container.network_connection):
            yield Member(position, place, container.node_id, connection.network_id, connection.ipaddress)
    for position, machine in enumerate(application.data.kubernetes):
        yield Member(position, None, machine.node_id, machine.network_id, machine.ipaddress)


def _path(position: int, place: int | None = None) -> str:
    """Return where a network stands, or one of its resources."""
    network = f"data_reservation.networks[{position}]"
    return network if place is None else f"{network}.network_resources[{place}]"
