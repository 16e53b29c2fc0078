"""What the nodes' client sends of results, reservations, nodes and farms: the fields of each epoch in its order."""

from __future__ import annotations

import base64
from typing import Any

from workloadmanager.signing import Key

from .epochs import Epoch
from .wire import compact

CATEGORIES = {"zdb": 0, "container": 1, "network": 2, "volume": 3, "kubernetes": 0}
"""The category of a result by the kind of workload; the client maps no kubernetes, which goes out as a zdb."""

NODE_SEED = b"12345678901234567890123456789012"
NODE_KEY_HEX = "2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee"
NODE_ID = "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"


def outcome(kind: str, gwid: str, *, ok: bool = True) -> Any:
    """Return what a node tells of a workload of a kind; of one that failed, the zero value."""
    outcomes: dict[str, Any] = {
        "volume": {"volume_id": gwid if ok else ""},
        "container": {"id": gwid if ok else "", "ipv6": "<nil>" if ok else "", "ipv4": "10.20.1.10" if ok else ""},
        "zdb": {
            "Namespace": gwid if ok else "",
            "IP": "2a02:1802:5e:0:1000:0:ff:1" if ok else "",
            "Port": 9900 if ok else 0,
        },
        "kubernetes": {"id": gwid if ok else "", "ip": "10.20.2.10" if ok else ""},
        "network": None,
    }
    return outcomes[kind]


def result(epoch: Epoch, key: Key, kind: str, gwid: str, *, error: str = "", at: int) -> dict[str, Any]:
    """Return the signed result of a workload in the form of an epoch.

    Arguments:
        epoch: which form: that of 2020 covers the state with a hex signature, that of 2019 does neither.
        key: the key of the node.
        kind: the kind of workload.
        gwid: its global id.
        error: why it failed; empty where it runs.
        at: when it is sent, in seconds since 1970.
    """
    state = 0 if error else 1
    data = outcome(kind, gwid, ok=not error)
    signed = error.encode() + compact(data).encode()
    if epoch.embedded_results:
        signature = key.sign_bytes(bytes([state]) + signed).hex()
    else:
        signature = base64.b64encode(key.sign_bytes(signed)).decode()
    return {
        "category": CATEGORIES[kind],
        "workload_id": gwid,
        "data_json": data if epoch.embedded_results else compact(data),
        "signature": signature,
        "state": state,
        "message": error,
        "epoch": at,
    }


def volume(epoch: Epoch, node_id: str) -> dict[str, Any]:
    """Return the volume of the golden sample, as the client has it in a reservation."""
    numbered = 1 if epoch.embedded_results else 0
    return {"workload_id": numbered, "node_id": node_id, "size": 10, "type": 1, "stats_aggregator": None}


def reserved(epoch: Epoch, node_id: str, *, at: int, duration: int = 3600) -> dict[str, Any]:
    """Return what the client sends to reserve a volume: it fills in neither the customer nor a signature.

    Until E3 it left out the times and the number of the workload as well.
    """
    timed = epoch.embedded_results
    data = {
        "description": "",
        "signing_request_provision": {"signers": None, "quorum_min": 0},
        "signing_request_delete": {"signers": None, "quorum_min": 0},
        "containers": None,
        "volumes": [volume(epoch, node_id)],
        "zdbs": None,
        "networks": None,
        **({"kubernetes": None} if epoch.kubernetes else {}),
        "expiration_provisioning": at + 120 if timed else 0,
        "expiration_reservation": at + duration if timed else 0,
    }
    return {
        "id": 0,
        "json": None if epoch.embedded_json else "",
        "data_reservation": data,
        "customer_tid": 0,
        "customer_signature": "",
        "next_action": 0,
        "signatures_provision": None,
        "signatures_farmer": None,
        "signatures_delete": None,
        "epoch": at if timed else 0,
        "results": None,
    }


_NOWHERE = {"city": "", "country": "", "continent": "", "latitude": 0, "longitude": 0}
_NOTHING = {"cru": 0, "mru": 0, "hru": 0, "sru": 0}


def node(epoch: Epoch, key: Key, *, farm_id: int, country: str = "Egypt", city: str = "Cairo") -> dict[str, Any]:
    """Return what a node says of itself when it is added: all that it does not know yet is zero or null."""
    entry = {
        "id": 0,
        "node_id": key.node_id,
        "node_id_v1": "54b2032f6a3d",
        "farm_id": farm_id,
        "os_version": "v0.1.8",
        "created": 0,
        "updated": 0,
        "uptime": 0,
        "address": "",
        "location": {
            "city": city,
            "country": country,
            "continent": "Africa",
            "latitude": 30.0778,
            "longitude": 31.2852,
        },
        "total_resources": _NOTHING,
        "used_resources": _NOTHING,
        "reserved_resources": _NOTHING,
        "proofs": None,
        "ifaces": None,
    }
    if epoch.null_public_config:
        entry["public_config"] = None
    return {**entry, "wg_ports": None, "approved": False, "public_key_hex": key.public_key}


def farm(*, threebot_id: int, name: str = "farm of the delta") -> dict[str, Any]:
    """Return what is registered as a farm."""
    return {
        "id": 0,
        "threebot_id": threebot_id,
        "iyo_organization": "",
        "name": name,
        "wallet_addresses": ["GBWZ"],
        "location": {**_NOWHERE, "city": "Cairo", "country": "Egypt"},
        "email": "farmer@example.com",
        "resource_prices": [{"currency": 1, "cru": 1.5, "mru": 2, "hru": 0.25, "sru": 0, "nru": 0}],
    }


PROOF = {
    "disks": {
        "tool": {"name": "smartctl", "version": "7.0"},
        "environment": None,
        "aggregator": [{"device": "/dev/sda"}],
    },
    "hardware": {"tooling": {"Aggregator": "0-OS", "Decoder": "0.1"}, "sections": [{"Handle": "0x0001"}]},
}


def interfaces(epoch: Epoch) -> list[dict[str, Any]]:
    """Return the interfaces that a node publishes."""
    one = {"name": "eth0", "addrs": ["192.168.1.2/24"], "gateway": ["192.168.1.1"]}
    return [{**one, "macaddress": "54:b2:03:2f:6a:3d"} if epoch.hardware_addresses else one]


PUBLIC = {
    "master": "eth0",
    "type": 0,
    "ipv4": "192.168.1.2/24",
    "ipv6": "",
    "gw4": "192.168.1.1",
    "gw6": "",
    "version": 0,
}
