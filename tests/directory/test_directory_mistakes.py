"""What the calls of nodes refuse: one mistake in a good call, one error with its path, and nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from workloadmanager.errors import InputError, NotFound

OTHER_KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.mark.parametrize(
    ("wrong", "error", "path", "message"),
    [
        ({"node_id": ""}, InputError, "node.node_id", "1 to 255 bytes"),
        ({"node_id": None}, InputError, "node.node_id", "1 to 255 bytes"),
        ({"node_id": "n\0"}, InputError, "node.node_id", "does not print"),
        ({"node_id": 5}, InputError, "node.node_id", "must be a text"),
        ({"farm_id": None}, InputError, "node.farm_id", "whole number of 1"),
        ({"farm_id": 0}, InputError, "node.farm_id", "whole number of 1"),
        ({"farm_id": 9}, NotFound, "node.farm_id", "no farm 9"),
        ({"public_key_hex": OTHER_KEY}, InputError, "node.public_key_hex", "another one than this"),
        ({"public_key_hex": "00" * 32, "node_id": "n"}, InputError, "node.public_key_hex", "no ed25519 public key"),
        ({"public_key_hex": "zz", "node_id": "n"}, InputError, "node.public_key_hex", "64 digits"),
        ({"os_version": "v" * 256}, InputError, "node.os_version", "at most 255 characters"),
        ({"address": "a\nb"}, InputError, "node.address", "does not print"),
        ({"location": {"latitude": -90.5}}, InputError, "node.location.latitude", "degrees"),
        ({"location": {"country": "x" * 256}}, InputError, "node.location.country", "at most 255 characters"),
        ({"uptime": -1}, InputError, "node.uptime", "0 or more"),
        ({"uptime": 1.5}, InputError, "node.uptime", "whole number"),
        ({"total_resources": {"cru": -1}}, InputError, "node.total_resources.cru", "0 or more"),
        ({"used_resources": {"sru": 2**40}}, InputError, "node.used_resources.sru", "must be from"),
        ({"ifaces": [{"name": ""}]}, InputError, "node.ifaces[0].name", "must not be empty"),
        ({"wg_ports": [0]}, InputError, "node.wg_ports[0]", "a port from 1"),
        ({"wg_ports": {}}, InputError, "node.wg_ports", "must be a list"),
    ],
)
def test_a_mistake_in_a_node_is_refused(
    quick: Any,
    sent: dict[str, Any],
    wrong: Mapping[str, object],
    error: type[InputError],
    path: str,
    message: str,
) -> None:
    """A node of a real client with one thing wrong."""
    with pytest.raises(error, match=message) as refusal:
        quick.nodes_add(node={**sent, **wrong})
    assert (refusal.value.path, refusal.value.call) == (path, "nodes_add")
    assert len(quick.nodes_list().nodes) == 1


def test_all_mistakes_in_a_node_are_reported_at_once(quick: Any, sent: dict[str, Any]) -> None:
    """Each with its path."""
    wrong = {"farm_id": 0, "uptime": -5, "wg_ports": [1, 70_000], "os_version": "\n"}
    with pytest.raises(InputError) as refusal:
        quick.nodes_add(node={**sent, **wrong})
    paths = ["node.farm_id", "node.os_version", "node.uptime", "node.wg_ports[1]"]
    assert [problem.path for problem in refusal.value.errors] == paths


@pytest.mark.parametrize(
    ("call", "arguments", "path", "message"),
    [
        ("nodes_get", {}, "node_id", "is missing"),
        ("nodes_get", {"node": "node-1"}, "", "2 mistakes"),
        ("nodes_list", {"farm": 1}, "farm", "no argument of nodes_list"),
        ("nodes_list", {"farm_id": "one"}, "farm_id", "must be a whole number"),
        ("nodes_update_total_capacity", {}, "resource", "is missing"),
        ("nodes_update_used_capacity", {"resource": {"cru": -1}}, "resource.cru", "0 or more"),
        ("nodes_update_used_capacity", {"resources": {"cru": -1}}, "resources.cru", "0 or more"),
        ("nodes_update_used_capacity", {"resource": {}, "resources": {"cru": 1}}, "resources", "something else"),
        ("nodes_update_reserved_capacity", {"resource": [1]}, "resource", "must be an object"),
        ("nodes_update_reserved_capacity", {"resource": {"mru": 1.5}}, "resource.mru", "whole number"),
        ("nodes_uptime_update", {}, "uptime", "is missing"),
        ("nodes_uptime_update", {"uptime": -1}, "uptime", "0 or more"),
        ("nodes_uptime_update", {"uptime": "soon"}, "uptime", "whole number"),
        ("nodes_add_proof", {}, "proof", "is missing"),
        ("nodes_publish_interfaces", {}, "ifaces", "is missing"),
        ("nodes_publish_interfaces", {"ifaces": {}}, "ifaces", "must be a list"),
        ("nodes_publish_interfaces", {"ifaces": [None]}, "ifaces[0]", "must not be null"),
        ("nodes_publish_interfaces", {"ifaces": [{}]}, "ifaces[0].name", "must not be empty"),
        ("nodes_publish_interfaces", {"ifaces": [{"name": "e" * 256}]}, "ifaces[0].name", "at most 255"),
        ("nodes_publish_interfaces", {"ifaces": [{"name": "e"}] * 1025}, "ifaces", "at most 1024 entries"),
        ("nodes_publish_interfaces", {"ifaces": [{"name": "e", "addrs": ["::1"]}]}, "ifaces[0].addrs[0]", "its mask"),
        ("nodes_publish_interfaces", {"ifaces": [{"name": "e", "addrs": ["x"]}]}, "ifaces[0].addrs[0]", "IP range"),
        ("nodes_publish_interfaces", {"ifaces": [{"name": "e", "gateway": [5]}]}, "ifaces[0].gateway[0]", "a text"),
        ("nodes_publish_wg_ports", {}, "ports", "is missing"),
        ("nodes_publish_wg_ports", {"ports": [1, 65_536]}, "ports[1]", "a port from 1 to 65535"),
        ("nodes_publish_wg_ports", {"ports": ["a"]}, "ports[0]", "whole number"),
        ("nodes_publish_wg_ports", {"ports": [1] * 1025}, "ports", "at most 1024 entries"),
        ("nodes_set_public_iface", {}, "public", "is missing"),
    ],
)
def test_a_mistake_in_a_call_is_refused(
    quick: Any, call: str, arguments: dict[str, Any], path: str, message: str
) -> None:
    """A call about a node that is there, with one thing wrong."""
    before = quick.nodes_get(node_id="node-1")
    asks_for_one = call not in ("nodes_get", "nodes_list")
    with pytest.raises(InputError, match=message) as refusal:
        getattr(quick, call)(**({"node_id": "node-1"} if asks_for_one else {}), **arguments)
    assert (refusal.value.path, refusal.value.call) == (path, call)
    assert quick.nodes_get(node_id="node-1") == before


ABOUT_A_NODE: dict[str, dict[str, Any]] = {
    "nodes_get": {},
    "nodes_update_total_capacity": {"resource": {}},
    "nodes_update_used_capacity": {"resource": {}},
    "nodes_update_reserved_capacity": {"resource": {}},
    "nodes_uptime_update": {"uptime": 1},
    "nodes_add_proof": {"proof": {}},
    "nodes_publish_interfaces": {"ifaces": []},
    "nodes_set_public_iface": {"public": {}},
    "nodes_publish_wg_ports": {"ports": []},
}


@pytest.mark.parametrize("call", ABOUT_A_NODE)
def test_a_node_that_nobody_added_is_not_found(quick: Any, call: str) -> None:
    """The message says what to do."""
    with pytest.raises(NotFound, match='no node "node-9" in the directory; add it first') as refusal:
        getattr(quick, call)(node_id="node-9", **ABOUT_A_NODE[call])
    assert (refusal.value.path, refusal.value.call) == ("node_id", call)


def test_very_many_mistakes_end_somewhere(quick: Any) -> None:
    """Fifty are enough to go on with."""
    with pytest.raises(InputError) as refusal:
        quick.nodes_publish_wg_ports(node_id="node-1", ports=[0] * 1000)
    assert len(refusal.value.errors) == 50
