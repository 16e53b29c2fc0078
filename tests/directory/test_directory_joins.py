"""A node joins, as real nodes of five dates do: what they send is taken, and what they read back they can use."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
import pytest

from workloadmanager.actors import Caller, Request, Role
from workloadmanager.errors import Conflict
from workloadmanager.threebot import WorkloadManager

Call = Callable[..., Any]
GUEST = Caller(Role.guest)

NOT_SET = {"2147483647", "::/128", "0.0.0.0"}  # noqa: S104 - what no node may read
EPOCHS = ("E1", "E2", "E3", "E4", "E5")


@pytest.fixture(params=EPOCHS)
def epoch(request: pytest.FixtureRequest) -> str:
    """The date of the client."""
    return str(request.param)


@pytest.fixture
def of_the_time(sent: dict[str, Any], epoch: str) -> dict[str, Any]:
    """The node as the client of that date writes it; each later one leaves something out or adds something."""
    node = copy.deepcopy(sent)
    if epoch not in ("E1", "E2"):
        del node["public_config"]
    return node


@pytest.fixture
def call(grid: WorkloadManager) -> Call:
    """Make a call as a session that did not log in, at an open server."""
    return lambda name, **arguments: grid.actors[name].ask(Request(arguments, GUEST), timeout=30)


def values(part: object) -> Iterator[str]:
    """Every value that is no list or object, as text."""
    if isinstance(part, Mapping):
        for item in part.values():
            yield from values(item)
    elif isinstance(part, list):
        for item in part:
            yield from values(item)
    else:
        yield str(part)


def on_the_wire(reply: object) -> dict[str, Any]:
    """What a client reads of a reply."""
    read: dict[str, Any] = json.loads(msgspec.json.encode(reply))
    return read


def test_a_node_is_added_and_read_back(call: Call, of_the_time: dict[str, Any], node_id: str) -> None:
    """Id, farm, version, key and place come back; what nobody set is zero, empty or no list, never a number for it."""
    reply = on_the_wire(call("nodes_add", node=of_the_time))
    assert reply == on_the_wire(call("nodes_get", node_id=node_id))
    taken = ("node_id", "node_id_v1", "farm_id", "os_version", "location", "public_key_hex", "total_resources")
    assert {name: reply[name] for name in taken} == {name: of_the_time[name] for name in taken}
    assert (reply["uptime"], reply["proofs"], reply["ifaces"], reply["wg_ports"]) == (0, [], [], [])
    assert reply["public_config"]["master"] == ""
    assert reply["public_config"]["version"] == 0
    assert NOT_SET.isdisjoint(values(reply))


def test_the_server_says_when_and_who_approves(call: Call, sent: dict[str, Any], clock: Callable[[], int]) -> None:
    """What a node says of these does not count."""
    reply = call("nodes_add", node={**sent, "approved": True, "created": 1, "updated": 1, "id": 99})
    assert (reply.created, reply.updated, reply.approved) == (clock(), clock(), False)
    assert isinstance(reply.id, msgspec.UnsetType)


def test_fields_of_other_times_are_ignored(call: Call, sent: dict[str, Any], node_id: str) -> None:
    """At every depth, in every call by which a node writes."""
    sent["location"]["planet"] = "earth"
    call("nodes_add", node={**sent, "exit_nodes": 1}, version=2)
    call("nodes_publish_interfaces", node_id=node_id, ifaces=[{"name": "eth0", "macaddress": "52:54:00:aa:bb:cc"}])
    call("nodes_update_total_capacity", node_id=node_id, resource={"cru": 1, "gpu": 1})
    call("nodes_add_proof", node_id=node_id, proof={"disks": {}, "hardware": {}, "weight": 3})
    call("nodes_set_public_iface", node_id=node_id, public={"master": "eth0", "ipv4": "10.0.0.2/24", "colour": 1})


@pytest.mark.parametrize("kind", ["total", "used", "reserved"])
@pytest.mark.parametrize("name", ["resource", "resources"])
def test_an_amount_is_taken_under_both_names(
    call: Call, sent: dict[str, Any], node_id: str, kind: str, name: str
) -> None:
    """As nodes of some months and of others say it; the other two amounts stay."""
    call("nodes_add", node=sent)
    amount = {"cru": 1, "mru": 2, "hru": 3, "sru": 4}
    receipt = call(f"nodes_update_{kind}_capacity", **{"node_id": node_id, name: amount})
    assert receipt.node_id == node_id
    node = on_the_wire(call("nodes_get", node_id=node_id))
    kinds = ("total", "used", "reserved")
    assert {each: node[f"{each}_resources"] for each in kinds} == {
        each: amount if each == kind else dict.fromkeys(amount, 0) for each in kinds
    }


def test_what_is_left_out_of_an_amount_is_zero(call: Call, sent: dict[str, Any], node_id: str) -> None:
    """And null is left out."""
    call("nodes_add", node=sent)
    call("nodes_update_used_capacity", node_id=node_id, resource={"cru": 1, "mru": None}, resources=None)
    node = on_the_wire(call("nodes_get", node_id=node_id))
    assert node["used_resources"] == {"cru": 1, "mru": 0, "hru": 0, "sru": 0}


def test_uptime_interfaces_and_ports_are_written_down(
    call: Call, sent: dict[str, Any], node_id: str, clock: Any
) -> None:
    """Each as a whole; when the entry was last written moves on, when the node was first seen does not."""
    call("nodes_add", node=sent)
    clock.now += 600
    call("nodes_uptime_update", node_id=node_id, uptime=600)
    call("nodes_publish_wg_ports", node_id=node_id, ports=[1000, 2000])
    interface = {"name": "eth0", "addrs": ["192.168.1.2/24", "fe80::1/64"], "gateway": ["192.168.1.1"]}
    call("nodes_publish_interfaces", node_id=node_id, ifaces=[{**interface, "macaddress": ""}])
    node = on_the_wire(call("nodes_get", node_id=node_id))
    assert (node["uptime"], node["wg_ports"], node["ifaces"]) == (600, [1000, 2000], [interface])
    assert (node["created"], node["updated"]) == (clock.now - 600, clock.now)


def test_a_list_may_be_null_and_a_gateway_empty(call: Call, sent: dict[str, Any], node_id: str) -> None:
    """Nodes write a list without entries as null, and an address that they do not have as an empty text."""
    call("nodes_add", node=sent)
    call("nodes_publish_wg_ports", node_id=node_id, ports=[1000])
    call("nodes_publish_wg_ports", node_id=node_id, ports=None)
    call("nodes_publish_interfaces", node_id=node_id, ifaces=None)
    assert call("nodes_get", node_id=node_id).wg_ports == []
    call("nodes_publish_interfaces", node_id=node_id, ifaces=[{"name": "zos", "addrs": None, "gateway": [""]}])
    (interface,) = call("nodes_get", node_id=node_id).ifaces
    assert (interface.addrs, interface.gateway) == ([], [])


def test_a_node_that_starts_again_keeps_what_is_not_its_own(
    call: Call, grid: WorkloadManager, sent: dict[str, Any], node_id: str, clock: Any
) -> None:
    """The new version is taken; farmer's and server's fields, and what it does not say, stay as they were."""
    call("nodes_add", node=sent)
    grid.directory.approve_node(node_id)
    call("nodes_set_public_iface", node_id=node_id, public={"master": "eth0", "ipv4": "192.168.1.2/24"})
    call("nodes_update_total_capacity", node_id=node_id, resource={"cru": 4})
    call("nodes_add_proof", node_id=node_id, proof={"disks": {"sda": 1}, "hardware": {}})
    before = call("nodes_get", node_id=node_id)
    clock.now += 3600
    location = {"city": "", "country": "", "continent": "", "latitude": 0, "longitude": 0}
    call("nodes_add", node={**sent, "os_version": "v0.3.0", "location": location})
    after = call("nodes_get", node_id=node_id)
    assert (after.os_version, after.updated, after.created) == ("v0.3.0", clock.now, clock.now - 3600)
    for name in ("approved", "public_config", "total_resources", "proofs", "location", "public_key_hex", "farm_id"):
        assert getattr(after, name) == getattr(before, name)


def test_a_node_stays_in_its_farm_and_with_its_key(call: Call, sent: dict[str, Any], key: Any) -> None:
    """Another farm, or another key for an id that is no key, is a conflict; a key can be given later."""
    call("nodes_add", node=sent)
    with pytest.raises(Conflict, match="in farm 1 already"):
        call("nodes_add", node={**sent, "farm_id": 2})
    small = {**sent, "node_id": "node-1", "public_key_hex": ""}
    assert call("nodes_add", node=small).public_key_hex == ""
    assert call("nodes_add", node={**small, "public_key_hex": key(7).public_key.upper()}).public_key_hex
    assert call("nodes_add", node=small).public_key_hex == key(7).public_key
    with pytest.raises(Conflict, match="another public key") as refusal:
        call("nodes_add", node={**small, "public_key_hex": key(8).public_key})
    assert refusal.value.path == "node.public_key_hex"


def test_nodes_are_listed_by_farm_city_and_country(call: Call, sent: dict[str, Any]) -> None:
    """In whatever case; 0 and empty texts, as clients send them, keep all; the proofs are left out."""
    call("nodes_add", node=sent)
    cairo = {"city": "Cairo", "country": "EG"}
    call("nodes_add", node={**sent, "node_id": "node-2", "farm_id": 2, "location": cairo, "public_key_hex": ""})
    call("nodes_add_proof", node_id="node-2", proof={"disks": {}, "hardware": {}})

    def listed(**arguments: object) -> list[str]:
        return [node.os_version + node.node_id[-2:] for node in call("nodes_list", **arguments).nodes]

    both = ["v0.2.0" + sent["node_id"][-2:], "v0.2.0-2"]
    assert listed(city="", country="", farm_id=0) == listed() == both
    assert listed(city="cairo", country="eg", farm_id=2) == listed(city="CAIRO") == listed(farm_id=2) == both[1:]
    assert listed(city="cairo", farm_id=1) == listed(country="nl") == listed(farm_id=3) == listed(farm_id=-1) == []
    assert [node.proofs for node in call("nodes_list").nodes] == [[], []]
