"""What the demo's customer orders: a network over two nodes, and on it a web shop with its data and a small cluster.

The same steps, told for users of the package, are in the repository's ``examples/make_reservation.py``.
"""

from __future__ import annotations

import base64
import secrets
from typing import Any

from nacl.public import PrivateKey

from ... import signing

NETWORK = "shop"
NETWORK_RANGE = "10.20.0.0/16"
SUBNETS = ("10.20.1.0/24", "10.20.2.0/24")
LAPTOP_SUBNET = "10.20.3.0/24"
ENDPOINTS = ("192.0.2.11:7001", "[2001:db8::22]:7002")
LISTEN_PORTS = (7001, 7002)
CONTAINER_ADDRESS = "10.20.1.10"
MASTER_ADDRESS = "10.20.1.20"
WORKER_ADDRESS = "10.20.2.20"


def build_data(
    *,
    nodes: tuple[str, str],
    signers: list[int],
    deleters: list[int],
    expiration_provisioning: int,
    expiration_reservation: int,
) -> dict[str, Any]:
    """Return the `data_reservation` of the demo: seven placements of five kinds on two nodes.

    Arguments:
        nodes: the ids of the two nodes, each the base58 of its ed25519 public key, so that secrets can be sealed to it.
        signers: threebot ids of those who may sign for provisioning; two of them must.
        deleters: threebot ids of those who may sign for deletion; two of them must.
        expiration_provisioning: unix seconds, by when it must be signed and paid.
        expiration_reservation: unix seconds, by when everything ends.
    """
    first, second = nodes
    cluster_secret = secrets.token_hex(16)
    return {
        "description": "a web shop with its data, and a cluster of two",
        "signing_request_provision": {"signers": signers, "quorum_min": 2},
        "signing_request_delete": {"signers": deleters, "quorum_min": 2},
        "networks": [_network(nodes)],
        "volumes": [{"workload_id": 2, "node_id": first, "size": 20, "type": "ssd"}],
        "containers": [_container(first)],
        "zdbs": [_zdb(second)],
        "kubernetes": [
            _kubernetes(5, first, MASTER_ADDRESS, cluster_secret, masters=[]),
            _kubernetes(6, second, WORKER_ADDRESS, cluster_secret, masters=[MASTER_ADDRESS]),
        ],
        "expiration_provisioning": expiration_provisioning,
        "expiration_reservation": expiration_reservation,
    }


def build_small_data(*, node_id: str, expiration_provisioning: int, expiration_reservation: int) -> dict[str, Any]:
    """Return the `data_reservation` of a volume that its customer orders and deletes alone."""
    return {
        "description": "room for later",
        "volumes": [{"workload_id": 1, "node_id": node_id, "size": 10, "type": "hdd"}],
        "expiration_provisioning": expiration_provisioning,
        "expiration_reservation": expiration_reservation,
    }


def _network(nodes: tuple[str, str]) -> dict[str, Any]:
    keys = (PrivateKey.generate(), PrivateKey.generate())
    laptop = _peer(PrivateKey.generate(), LAPTOP_SUBNET, endpoint="")
    resources = []
    for here, there in ((0, 1), (1, 0)):
        other = _peer(keys[there], SUBNETS[there], endpoint=ENDPOINTS[there])
        resources.append(
            {
                "node_id": nodes[here],
                "iprange": SUBNETS[here],
                "wireguard_private_key_encrypted": signing.seal(nodes[here], _base64(bytes(keys[here]))),
                "wireguard_public_key": _base64(bytes(keys[here].public_key)),
                "wireguard_listen_port": LISTEN_PORTS[here],
                "peers": [other, laptop] if here == 0 else [other],
            }
        )
    return {"workload_id": 1, "name": NETWORK, "iprange": NETWORK_RANGE, "network_resources": resources}


def _peer(key: PrivateKey, subnet: str, *, endpoint: str) -> dict[str, Any]:
    return {
        "public_key": _base64(bytes(key.public_key)),
        "allowed_iprange": [subnet],
        "iprange": subnet,
        "endpoint": endpoint,
    }


def _container(node_id: str) -> dict[str, Any]:
    return {
        "workload_id": 3,
        "node_id": node_id,
        "flist": "https://hub.grid.tf/example/shop.flist",
        "hub_url": "zdb://hub.grid.tf:9900",
        "entrypoint": "/bin/shop --port 8080",
        "interactive": False,
        "environment": {"SHOP_NAME": "Corner shop", "SHOP_DATA": "/data"},
        "secret_environment": {"SHOP_ADMIN_PASSWORD": signing.seal(node_id, secrets.token_urlsafe(18))},
        "volumes": [{"volume_id": "-2", "mountpoint": "/data"}],
        "network_connection": [{"network_id": NETWORK, "ipaddress": CONTAINER_ADDRESS}],
        "capacity": {"cpu": 2, "memory": 2048},
    }


def _zdb(node_id: str) -> dict[str, Any]:
    return {
        "workload_id": 4,
        "node_id": node_id,
        "size": 50,
        "mode": "user",
        "password": signing.seal(node_id, secrets.token_urlsafe(18)),
        "disk_type": "ssd",
        "public": False,
    }


def _kubernetes(workload_id: int, node_id: str, address: str, secret: str, *, masters: list[str]) -> dict[str, Any]:
    return {
        "workload_id": workload_id,
        "node_id": node_id,
        "size": 1,
        "network_id": NETWORK,
        "ipaddress": address,
        "cluster_secret": signing.seal(node_id, secret),
        "master_ips": masters,
        "ssh_keys": [_ssh_key()],
    }


def _ssh_key() -> str:
    """Return a fresh ssh public key as its one line of text: kind, two length-prefixed parts in base64, comment."""
    kind = b"ssh-ed25519"
    public = bytes.fromhex(signing.Key.generate().public_key)
    wire = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, public))
    return f"{kind.decode()} {_base64(wire)} customer@laptop"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
