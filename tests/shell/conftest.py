"""What the tests of the shell share: the models, and a reservation that uses most of what printing knows."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from workloadmanager.schema import Registry

NODE = "2fi9ZZiBGW4G9pnrN656bMfW6x55RSoHDeMrd9pgSA8T"


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The schemas of the models."""
    registry = Registry()
    registry.add_folder(files("workloadmanager.models"))
    registry.resolve()
    return registry


@pytest.fixture
def reservation(registry: Registry) -> Any:
    """A reservation in deploy, with secrets in every place that can hold one."""
    return registry.get("tfgrid.workloads.reservation.1").new(
        id=7,
        json='{"secret": "json-secret"}',
        customer_tid=4,
        customer_signature="ab" * 64,
        next_action="deploy",
        epoch=1_780_000_000,
        signatures_provision=[{"tid": 1, "signature": "cd" * 64, "epoch": 1_780_000_001}],
        data_reservation={
            "description": "a web shop",
            "signing_request_provision": {"signers": [1, 2, 3], "quorum_min": 2},
            "containers": [
                {
                    "workload_id": 1,
                    "node_id": NODE,
                    "flist": "https://hub.grid.tf/shop.flist",
                    "environment": {"TOKEN": "environment-value"},
                    "secret_environment": {"PASSWORD": "sealed-value"},
                    "stats_aggregator": [{"addr": "stats", "port": 80, "secret": "aggregator-secret"}],
                    "capacity": {"cpu": 2, "memory": 2048},
                }
            ],
            "zdbs": [{"workload_id": 2, "node_id": NODE, "size": 10, "password": "zdb-password"}],
            "kubernetes": [{"workload_id": 3, "node_id": NODE, "cluster_secret": "cluster-secret"}],
            "networks": [
                {
                    "name": "net",
                    "workload_id": 4,
                    "network_resources": [{"node_id": NODE, "wireguard_private_key_encrypted": "wireguard-key"}],
                }
            ],
            "expiration_provisioning": 1_790_000_000,
            "expiration_reservation": 1_799_000_000,
        },
    )
