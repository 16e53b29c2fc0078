"""What is decoded of each document at each epoch: the fields that the client knows, and the type of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .decoding import (
    Object,
    Refused,
    Type,
    address,
    address_range,
    anything,
    binary,
    boolean,
    byte,
    date,
    email,
    enumeration,
    hardware_address,
    integer,
    list_of,
    mapping_of,
    number,
    optional,
    structure,
    text,
)
from .epochs import Epoch

KINDS = ("zdb", "container", "volume", "network", "kubernetes")
UNKNOWN = "UNKNOWN"

_statistics = list_of(structure({"addr": text, "port": integer, "secret": text}))
_placed: dict[str, Type] = {"workload_id": integer, "node_id": text, "stats_aggregator": _statistics}
_volume = structure({**_placed, "size": integer, "type": enumeration(2)})
_zdb = structure(
    {
        **_placed,
        "size": integer,
        "mode": enumeration(2),
        "password": text,
        "disk_type": enumeration(2),
        "public": boolean,
    }
)
_peer = structure(
    {"public_key": text, "endpoint": text, "allowed_iprange": list_of(address_range), "iprange": address_range}
)
_resource = structure(
    {
        "node_id": text,
        "iprange": address_range,
        "wireguard_private_key_encrypted": text,
        "wireguard_public_key": text,
        "wireguard_listen_port": integer,
        "peers": list_of(_peer),
    }
)
_network = structure(
    {
        "name": text,
        "workload_id": integer,
        "iprange": address_range,
        "stats_aggregator": _statistics,
        "network_resources": list_of(_resource),
    }
)
_kubernetes = structure(
    {
        **_placed,
        "size": byte,
        "network_id": text,
        "ipaddress": address,
        "cluster_secret": text,
        "master_ips": list_of(address),
        "ssh_keys": list_of(text),
    }
)


def _container(epoch: Epoch) -> Object:
    fields: dict[str, Type] = {
        **_placed,
        "flist": text,
        "hub_url": text,
        "environment": mapping_of(text),
        "entrypoint": text,
        "interactive": boolean,
        "volumes": list_of(structure({"volume_id": text, "mountpoint": text})),
        "network_connection": list_of(structure({"network_id": text, "ipaddress": address, "public_ip6": boolean})),
    }
    if epoch.secret_environment:
        fields["secret_environment"] = mapping_of(text)
    if epoch.logs:
        fields["logs"] = list_of(structure({"type": text, "data": structure({"stdout": text, "stderr": text})}))
    return structure(fields)


def content_types(epoch: Epoch) -> dict[str, Object]:
    """Return the type of the content of each kind of workload that the client knows."""
    known: dict[str, Object] = {"zdb": _zdb, "container": _container(epoch), "volume": _volume, "network": _network}
    return {**known, "kubernetes": _kubernetes} if epoch.kubernetes else known


class Workload(NamedTuple):
    """A workload as a node has it."""

    gwid: str
    kind: str
    user: str
    created: int
    duration: int
    to_delete: bool
    content: dict[str, Any]


def _envelope(epoch: Epoch) -> Object:
    return structure(
        {
            "workload_id": text,
            "type": byte,
            "content": _content,
            "user": text,
            "created": date if epoch.dates_in_envelopes else integer,
            "duration": integer,
            "signature": text,
            "to_delete": boolean,
        },
        needed=("content",),
    )


def _content(value: Any) -> dict[str, Any]:
    """Keep the content undecoded; it is an object or null, never the JSON text of one."""
    return mapping_of(anything)(value)


def workload(epoch: Epoch) -> Callable[[Any], Workload]:
    """Read one envelope, with its content by its kind; a kind that is not known keeps its content unread."""
    envelope, contents = _envelope(epoch), content_types(epoch)

    def read(value: Any) -> Workload:
        fields = envelope(value)
        kind = KINDS[fields["type"]] if fields["type"] < len(KINDS) else UNKNOWN
        kind = kind if kind in contents else UNKNOWN
        return Workload(
            gwid=fields["workload_id"],
            kind=kind,
            user=fields["user"],
            created=fields["created"],
            duration=fields["duration"],
            to_delete=fields["to_delete"] and epoch.honours_to_delete,
            content=contents.get(kind, _content)(fields["content"]),
        )

    return read


def workloads(epoch: Epoch) -> Callable[[Any], list[Workload]]:
    """Read the reply to a poll: one bad workload fails all of it, but E3 passes by one whose content alone is bad."""
    envelope, read_one = _envelope(epoch), workload(epoch)

    def read(value: Any) -> list[Workload]:
        listed = structure({"workloads": list_of(anything)})(value)["workloads"]
        found = []
        for each in listed:
            envelope(each)
            try:
                found.append(read_one(each))
            except Refused:
                if not epoch.passes_by_bad_content:
                    raise
        return [one for one in found if "-" in one.gwid]

    return read


_signatures = list_of(structure({"tid": integer, "signature": text, "epoch": date}))
_request = structure({"signers": list_of(integer), "quorum_min": integer})


def _data(epoch: Epoch) -> Object:
    contents = content_types(epoch)
    names = {"zdb": "zdbs", "container": "containers", "volume": "volumes", "network": "networks"}
    lists = {names.get(kind, kind): list_of(read) for kind, read in contents.items()}
    return structure(
        {
            "description": text,
            "signing_request_provision": _request,
            "signing_request_delete": _request,
            "expiration_provisioning": date,
            "expiration_reservation": date,
            **lists,
        }
    )


def _result(epoch: Epoch) -> Object:
    return structure(
        {
            "category": byte,
            "workload_id": text,
            "data_json": anything if epoch.embedded_results else text,
            "signature": text if epoch.embedded_results else binary,
            "state": byte,
            "message": text,
            "epoch": date,
        }
    )


def reservation(epoch: Epoch) -> Object:
    """Read a reservation in full."""
    return structure(
        {
            "id": integer,
            "json": anything if epoch.embedded_json else text,
            "data_reservation": _data(epoch),
            "customer_tid": integer,
            "customer_signature": text,
            "next_action": byte,
            "signatures_provision": _signatures,
            "signatures_farmer": _signatures,
            "signatures_delete": _signatures,
            "epoch": date,
            "results": list_of(_result(epoch)),
        }
    )


_location = structure({"city": text, "country": text, "continent": text, "latitude": number, "longitude": number})
_amount = structure({"cru": integer, "mru": integer, "hru": integer, "sru": integer})
_public = structure(
    {
        "master": text,
        "type": enumeration(2),
        "ipv4": address_range,
        "ipv6": address_range,
        "gw4": address,
        "gw6": address,
        "version": integer,
    }
)


def node(epoch: Epoch) -> Object:
    """Read a node of the directory."""
    interface: dict[str, Type] = {"name": text, "addrs": list_of(address_range), "gateway": list_of(address)}
    proof: dict[str, Type] = {
        "created": date,
        "hardware_hash": text,
        "disk_hash": text,
        "hardware": mapping_of(anything),
        "disks": mapping_of(anything),
    }
    if epoch.hardware_addresses:
        interface["macaddress"] = hardware_address
    if epoch.hypervisor:
        proof["hypervisor"] = list_of(text)
    return structure(
        {
            "node_id": text,
            "node_id_v1": text,
            "farm_id": integer,
            "os_version": text,
            "created": date,
            "updated": date,
            "uptime": integer,
            "address": text,
            "location": _location,
            "total_resources": _amount,
            "used_resources": _amount,
            "reserved_resources": _amount,
            "proofs": list_of(structure(proof)),
            "ifaces": list_of(structure(interface)),
            "public_config": optional(_public),
            "wg_ports": list_of(integer),
            "approved": boolean,
            "public_key_hex": text,
        }
    )


_price = structure(
    {"currency": enumeration(5), "cru": number, "mru": number, "hru": number, "sru": number, "nru": number}
)

farm = structure(
    {
        "id": integer,
        "threebot_id": integer,
        "iyo_organization": text,
        "name": text,
        "wallet_addresses": list_of(text),
        "location": _location,
        "email": email,
        "resource_prices": list_of(_price),
    }
)


def farm_id(value: Any) -> int:
    """Read the reply to a farm's registration: a number, or the digits of one; it may not be missing."""
    given = structure({"farm_id": anything}, needed=("farm_id",))(value)["farm_id"]
    if isinstance(given, str) and given.isdecimal():
        return int(given)
    return integer(given)
