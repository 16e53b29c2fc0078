"""What the tests of the directory share: farmers with their farms, and a node as a real one describes itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workloadmanager.signing import Key
from workloadmanager.threebot import WorkloadManager

NODE_KEY = 31
FARMER = 1
STRANGER_TID = 2


@pytest.fixture
def node_id(key: Callable[[int], Key]) -> str:
    """The id of a node whose id is its key."""
    return key(NODE_KEY).node_id


@pytest.fixture
def grid(start: Callable[..., WorkloadManager], key: Callable[[int], Key], place: str) -> Iterator[WorkloadManager]:
    """Two users, of whom the first has farm 1 and the second farm 2; the store is sound at the end."""
    manager = start(place)
    for tid in (FARMER, STRANGER_TID):
        manager.phonebook.add(name=f"farmer {tid}", public_key=key(tid).public_key)
        manager.directory.add_farm(name=f"farm {tid}", farmer_tid=tid)
    yield manager
    assert manager.store.check() == []


@pytest.fixture
def quick(quick: Any, key: Callable[[int], Key]) -> Any:
    """The same without a host, for tables of mistakes, with the node ``node-1`` in farm 1."""
    for tid in (FARMER, STRANGER_TID):
        quick.phonebook.add(name=f"farmer {tid}", public_key=key(tid).public_key)
        quick.directory.add_farm(name=f"farm {tid}", farmer_tid=tid)
    quick.directory.add_node(node_id="node-1", farm_id=1)
    return quick


@pytest.fixture
def sent(node_id: str, key: Callable[[int], Key]) -> dict[str, Any]:
    """A node as the identity daemon of a real node sends it: lists and the public interface are null, sizes 0."""
    nothing = {"cru": 0, "mru": 0, "hru": 0, "sru": 0}
    return {
        "id": 0,
        "node_id": node_id,
        "node_id_v1": "525400aabbcc",
        "farm_id": 1,
        "os_version": "v0.2.0",
        "created": 1_584_000_000,
        "updated": 1_584_000_000,
        "uptime": 0,
        "address": "",
        "location": {
            "city": "Lochristi",
            "country": "Belgium",
            "continent": "Europe",
            "latitude": 51.1,
            "longitude": 3.83,
        },
        "total_resources": nothing,
        "used_resources": nothing,
        "reserved_resources": nothing,
        "proofs": None,
        "ifaces": None,
        "public_config": None,
        "approved": False,
        "public_key_hex": key(NODE_KEY).public_key,
        "wg_ports": None,
    }
