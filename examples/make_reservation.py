"""Build the reservation of a customer, sign it, and print it as JSON.

    python examples/make_reservation.py               # signed, and good for an hour
    python examples/make_reservation.py --template    # not signed, its times relative: reservation.json

The customer orders a network over two nodes. On the first one: a volume, a container that mounts it, and the
master of a small cluster; on the second: a zdb, and the cluster's worker. Whatever is secret is sealed to the
node that needs it, so that nobody else can read it in the reservation.
"""

from __future__ import annotations

import base64
import json
import secrets
import sys
import time
from typing import Any

from example_grid import COSIGNERS, CUSTOMER, NODES
from nacl.public import PrivateKey

from workloadmanager import signing

HOUR, MONTH = 3600, 30 * 24 * 3600
NETWORK = "shop"
NORTH, SOUTH = (node.key.node_id for node in NODES)
SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIYJtwHlfhOGM5v5Sl7NYpJ5pSKvcTxh4Yz3mXUcXzrM customer@laptop"


def build_data(*, expiration_provisioning: int | str, expiration_reservation: int | str) -> dict[str, Any]:
    """Return the `data_reservation`: what is asked for, and who has to agree.

    Arguments:
        expiration_provisioning: when it lapses unless it is signed and paid, in seconds since 1970; or relative
            to its registration, as ``+1h``.
        expiration_reservation: when everything ends, likewise.
    """
    cluster_secret = secrets.token_hex(16)
    cosigners = [person.tid for person in COSIGNERS]
    return {
        "description": "a web shop with its data, and a cluster of two",
        # Two of the three co-signers have to agree before it is provisioned.
        "signing_request_provision": {"signers": cosigners, "quorum_min": 2},
        # Two of these have to agree before it is deleted; the customer cannot do it alone.
        "signing_request_delete": {"signers": [CUSTOMER.tid, *cosigners[:2]], "quorum_min": 2},
        "networks": [build_network(workload_id=1)],
        "volumes": [{"workload_id": 2, "node_id": NORTH, "size": 20, "type": "ssd"}],
        "containers": [build_container(workload_id=3, volume_id=2)],
        "zdbs": [build_zdb(workload_id=4)],
        "kubernetes": [
            build_machine(workload_id=5, node_id=NORTH, address="10.20.1.20", cluster_secret=cluster_secret),
            build_machine(
                workload_id=6,
                node_id=SOUTH,
                address="10.20.2.20",
                cluster_secret=cluster_secret,
                master_ips=["10.20.1.20"],
            ),
        ],
        "expiration_provisioning": expiration_provisioning,
        "expiration_reservation": expiration_reservation,
    }


def build_network(*, workload_id: int) -> dict[str, Any]:
    """Return a network over both nodes, each with a subnet of its own, joined by WireGuard."""
    north_key, south_key, laptop_key = (PrivateKey.generate() for _ in range(3))
    north = build_peer(north_key, "10.20.1.0/24", endpoint="192.0.2.11:7001")
    south = build_peer(south_key, "10.20.2.0/24", endpoint="[2001:db8::22]:7002")
    laptop = build_peer(laptop_key, "10.20.3.0/24", endpoint="")  # dials in; a real customer keeps its private key
    return {
        "workload_id": workload_id,
        "name": NETWORK,
        "iprange": "10.20.0.0/16",
        "network_resources": [
            build_resource(NORTH, north_key, "10.20.1.0/24", port=7001, peers=[south, laptop]),
            build_resource(SOUTH, south_key, "10.20.2.0/24", port=7002, peers=[north]),
        ],
    }


def build_peer(key: PrivateKey, subnet: str, *, endpoint: str) -> dict[str, Any]:
    """Return how the others see a member of the network: its key, its subnet, and where it is reached."""
    return {
        "public_key": base64.b64encode(bytes(key.public_key)).decode(),
        "iprange": subnet,
        "allowed_iprange": [subnet],
        "endpoint": endpoint,
    }


def build_resource(
    node_id: str, key: PrivateKey, subnet: str, *, port: int, peers: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return a node's part of the network; only the node can open its private WireGuard key."""
    return {
        "node_id": node_id,
        "iprange": subnet,
        "wireguard_private_key_encrypted": signing.seal(node_id, base64.b64encode(bytes(key)).decode()),
        "wireguard_public_key": base64.b64encode(bytes(key.public_key)).decode(),
        "wireguard_listen_port": port,
        "peers": peers,
    }


def build_container(*, workload_id: int, volume_id: int) -> dict[str, Any]:
    """Return a container in the network that mounts a volume of this same reservation."""
    return {
        "workload_id": workload_id,
        "node_id": NORTH,
        "flist": "https://hub.grid.tf/example/shop.flist",
        "hub_url": "zdb://hub.grid.tf:9900",
        "entrypoint": "/bin/shop --port 8080",
        "interactive": False,
        "environment": {"SHOP_NAME": "Corner shop", "SHOP_DATA": "/data"},
        "secret_environment": {"SHOP_ADMIN_PASSWORD": signing.seal(NORTH, secrets.token_urlsafe(18))},
        # The reservation has no id yet, so the volume is named by its workload id alone.
        "volumes": [{"volume_id": f"-{volume_id}", "mountpoint": "/data"}],
        "network_connection": [{"network_id": NETWORK, "ipaddress": "10.20.1.10"}],
        "capacity": {"cpu": 2, "memory": 2048},
    }


def build_zdb(*, workload_id: int) -> dict[str, Any]:
    """Return a zdb namespace of 50 GiB with a password."""
    return {
        "workload_id": workload_id,
        "node_id": SOUTH,
        "size": 50,
        "mode": "user",
        "password": signing.seal(SOUTH, secrets.token_urlsafe(18)),
        "disk_type": "ssd",
        "public": False,
    }


def build_machine(
    *, workload_id: int, node_id: str, address: str, cluster_secret: str, master_ips: list[str] | None = None
) -> dict[str, Any]:
    """Return a machine of the cluster: the master has no master above it, a worker names it."""
    return {
        "workload_id": workload_id,
        "node_id": node_id,
        "size": 1,
        "network_id": NETWORK,
        "ipaddress": address,
        "cluster_secret": signing.seal(node_id, cluster_secret),
        "master_ips": master_ips or [],
        "ssh_keys": [SSH_KEY],
    }


def build_template() -> dict[str, Any]:
    """Return a reservation that is not signed; its times count from its registration."""
    data = build_data(expiration_provisioning="+1h", expiration_reservation="+30d")
    return {"customer_tid": CUSTOMER.tid, "data_reservation": data}


def build_signed(now: int) -> dict[str, Any]:
    """Return a reservation that the customer has signed: the text in `json` is what is signed.

    It has no id yet, so the signature is a plain one. The server takes it for this one reservation only.

    Arguments:
        now: seconds since 1970; the reservation lapses an hour later unless it is signed and paid.
    """
    data = build_data(expiration_provisioning=now + HOUR, expiration_reservation=now + MONTH)
    text = json.dumps(data)
    signature = signing.sign(CUSTOMER.key, "customer", json=text, form="plain")
    return {"customer_tid": CUSTOMER.tid, "json": text, "data_reservation": data, "customer_signature": signature}


def main(arguments: list[str]) -> int:
    """Print one of the two."""
    if arguments not in ([], ["--template"]):
        print("usage: make_reservation.py [--template]", file=sys.stderr)
        return 2
    print(json.dumps(build_template() if arguments else build_signed(int(time.time())), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
