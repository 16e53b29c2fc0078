"""Nodes and farms as the five clients add, describe, list and read them."""

from __future__ import annotations

from typing import Any

import pytest

from . import payloads
from .clients import CallFailed, Client
from .epochs import CLIENTS, Epoch, connecting
from .grid import ABSENT

AMOUNT = {"cru": 4, "mru": 16, "hru": 2000, "sru": 512}


def _add(client: Client, grid: Any, **place: str) -> dict[str, Any]:
    return client.add_node(payloads.node(client.epoch, grid.new_node, farm_id=grid.farm_id, **place))


def test_a_node_adds_itself(grid: Any, client: Client) -> None:
    """Zeros and nulls for all that it does not know yet; the reply is the node."""
    added = _add(client, grid)
    assert added["node_id"] == grid.new_node.node_id
    assert (added["farm_id"], added["node_id_v1"], added["os_version"]) == (grid.farm_id, "54b2032f6a3d", "v0.1.8")
    assert (added["public_key_hex"], added["location"]["city"]) == (grid.new_node.public_key, "Cairo")
    assert client.get_node(grid.new_node.node_id) == added
    assert grid.manager.directory.get_node(grid.new_node.node_id).farm_id == grid.farm_id


def test_a_node_adds_itself_again_after_an_upgrade(grid: Any, client: Client) -> None:
    """At each boot: the version is the new one, and what was known of it is kept."""
    first = _add(client, grid)
    client.tell_node("update_total_capacity", node_id=grid.new_node.node_id, resource=AMOUNT)
    client.tell_node("publish_interfaces", node_id=grid.new_node.node_id, ifaces=payloads.interfaces(client.epoch))
    entry = {**payloads.node(client.epoch, grid.new_node, farm_id=grid.farm_id), "os_version": "v0.2.0"}
    grid.clock.now += 60
    again = client.add_node(entry)
    assert (again["os_version"], again["created"]) == ("v0.2.0", first["created"])
    assert again["total_resources"] == AMOUNT
    assert [one["name"] for one in again["ifaces"]] == ["eth0"]


def test_a_node_of_an_unknown_farm_is_refused(grid: Any, client: Client) -> None:
    """The node tries again for a quarter of an hour, with the reason in its log."""
    with pytest.raises(CallFailed, match=str(ABSENT)):
        client.add_node(payloads.node(client.epoch, grid.new_node, farm_id=ABSENT))


def test_a_node_that_is_not_there_is_an_error(grid: Any, client: Client) -> None:
    """Nothing is returned as if it were a node."""
    with pytest.raises(CallFailed, match=grid.new_node.node_id) as failure:
        client.get_node(grid.new_node.node_id)
    assert failure.value.error is not None
    assert failure.value.error.category == "not_found"


def test_nodes_are_listed_by_farm_and_place(fresh_grid: Any, epoch: Epoch) -> None:
    """An empty text and a farm 0 stand for any."""
    grid = fresh_grid
    client = grid.client(epoch)
    _add(client, grid, country="Egypt", city="Cairo")
    everywhere = [one["node_id"] for one in client.list_nodes()]
    assert sorted(everywhere) == sorted(key.node_id for key in (grid.node, grid.second_node, grid.new_node))
    in_cairo = client.list_nodes(farm_id=grid.farm_id, country="Egypt", city="Cairo")
    assert [one["node_id"] for one in in_cairo] == [grid.new_node.node_id]
    assert client.list_nodes(country="Egypt", city="Ghent") == []
    assert client.list_nodes(farm_id=grid.farm_id + 1) == []


def test_a_node_tells_its_capacity(grid: Any, client: Client) -> None:
    """Three amounts, each with its own call."""
    for cores, which in enumerate(("total", "used", "reserved"), start=1):
        amount = {**AMOUNT, "cru": cores}
        client.tell_node(f"update_{which}_capacity", node_id=grid.node.node_id, resource=amount)
        assert client.get_node(grid.node.node_id)[f"{which}_resources"] == amount


@pytest.mark.parametrize("epoch", [client for client in CLIENTS if client.reserved_key], ids=connecting)
def test_the_reserved_capacity_has_a_key_of_each_time(grid: Any, epoch: Epoch) -> None:
    """`resource` and `resources` are the same argument."""
    client = grid.client(epoch)
    assert epoch.reserved_key == ("resource" if epoch.name == "E3" else "resources")
    client.tell_node("update_reserved_capacity", node_id=grid.node.node_id, **{epoch.reserved_key: AMOUNT})
    assert client.get_node(grid.node.node_id)["reserved_resources"] == AMOUNT


def test_a_node_tells_how_long_it_is_up(grid: Any, client: Client) -> None:
    """At once and every ten minutes; its entry shows when."""
    grid.clock.now += 600
    client.tell_node("uptime_update", node_id=grid.node.node_id, uptime=600)
    found = client.get_node(grid.node.node_id)
    assert (found["uptime"], found["updated"]) == (600, grid.clock())


def test_a_node_proves_its_hardware(grid: Any, client: Client) -> None:
    """Two objects of any depth, kept as they are; the hypervisor came later and may be null."""
    for hypervisor in (None, ["kvm"]):
        more = {"hypervisor": hypervisor} if client.epoch.hypervisor else {}
        client.tell_node("add_proof", node_id=grid.node.node_id, proof={**payloads.PROOF, **more})
        kept = client.get_node(grid.node.node_id)["proofs"][-1]
        assert (kept["disks"], kept["hardware"]) == (payloads.PROOF["disks"], payloads.PROOF["hardware"])
        assert kept.get("hypervisor", []) == (more.get("hypervisor") or [])


def test_a_node_publishes_its_interfaces(grid: Any, client: Client) -> None:
    """A list that takes the place of the one before; networkd stops at boot where it is refused."""
    for _ in range(2):
        client.tell_node("publish_interfaces", node_id=grid.node.node_id, ifaces=payloads.interfaces(client.epoch))
    (kept,) = client.get_node(grid.node.node_id)["ifaces"]
    assert (kept["name"], kept["addrs"], kept["gateway"]) == ("eth0", ["192.168.1.2/24"], ["192.168.1.1"])


def test_an_interface_without_addresses_is_published(grid: Any, client: Client) -> None:
    """Missing lists are null, and the hardware address of a bridge may be empty."""
    bare = {"name": "zos", "addrs": None, "gateway": None}
    bare |= {"macaddress": ""} if client.epoch.hardware_addresses else {}
    client.tell_node("publish_interfaces", node_id=grid.node.node_id, ifaces=[bare])
    (kept,) = client.get_node(grid.node.node_id)["ifaces"]
    assert (kept["name"], kept["addrs"], kept["gateway"]) == ("zos", [], [])
    client.tell_node("publish_interfaces", node_id=grid.node.node_id, ifaces=None)
    assert client.get_node(grid.node.node_id)["ifaces"] == []


def test_the_public_interface_is_set_and_seen(grid: Any, client: Client) -> None:
    """The node polls for a higher version of it, which each change brings, whatever version is sent."""
    node_id = grid.node.node_id
    assert not (client.get_node(node_id)["public_config"] or {}).get("master")
    versions = [0]
    for last in ("2", "3"):
        public = {**payloads.PUBLIC, "ipv4": f"192.168.1.{last}/24"}
        client.tell_node("set_public_iface", node_id=node_id, public=public)
        kept = client.get_node(node_id)["public_config"]
        assert {**kept, "version": 0} == public
        versions.append(kept["version"])
    assert versions[0] < versions[1] < versions[2]


def test_a_public_interface_on_a_vlan_is_read(grid: Any, client: Client) -> None:
    """With IPv6 alone, and texts that are empty where there is nothing."""
    public = {**payloads.PUBLIC, "type": 1, "ipv4": "", "gw4": "", "ipv6": "2a02:1802:5e::5/64", "gw6": "fe80::1"}
    client.tell_node("set_public_iface", node_id=grid.node.node_id, public=public)
    kept = client.get_node(grid.node.node_id)["public_config"]
    assert (kept["type"], kept["ipv4"], kept["ipv6"], kept["gw6"]) == (1, "", "2a02:1802:5e::5/64", "fe80::1")


def test_a_node_publishes_its_wireguard_ports(grid: Any, client: Client) -> None:
    """Whenever a network is made or removed; none of them is null."""
    client.tell_node("publish_wg_ports", node_id=grid.node.node_id, ports=[1000, 2000])
    assert client.get_node(grid.node.node_id)["wg_ports"] == [1000, 2000]
    client.tell_node("publish_wg_ports", node_id=grid.node.node_id, ports=None)
    assert client.get_node(grid.node.node_id)["wg_ports"] == []


def test_nothing_is_told_of_a_node_that_is_not_there(grid: Any, client: Client) -> None:
    """Each call is an error, after which the connection goes on."""
    calls: dict[str, dict[str, Any]] = {
        "update_total_capacity": {"resource": AMOUNT},
        "uptime_update": {"uptime": 1},
        "add_proof": {"proof": payloads.PROOF},
        "publish_interfaces": {"ifaces": payloads.interfaces(client.epoch)},
        "set_public_iface": {"public": payloads.PUBLIC},
        "publish_wg_ports": {"ports": [1]},
    }
    for method, arguments in calls.items():
        with pytest.raises(CallFailed, match=grid.new_node.node_id):
            client.tell_node(method, node_id=grid.new_node.node_id, **arguments)
    assert client.poll(grid.new_node.node_id) == []


def test_a_farm_is_registered_read_and_listed(fresh_grid: Any, epoch: Epoch) -> None:
    """Its id comes back as a number, its prices with their currency as a number."""
    client = fresh_grid.client(epoch)
    entry = payloads.farm(threebot_id=11)
    number = client.register_farm(entry)
    found = client.get_farm(number)
    assert found == {**entry, "id": number}
    assert [one["id"] for one in client.list_farms()] == [fresh_grid.farm_id, number]
    assert [one["id"] for one in client.list_farms(country="Egypt", city="Cairo")] == [number]
    assert client.list_farms(country="Belgium") == []


def test_a_farm_that_is_not_there_is_an_error(client: Client) -> None:
    """Nothing is returned as if it were a farm."""
    with pytest.raises(CallFailed, match=str(ABSENT)):
        client.get_farm(ABSENT)


def test_a_farm_of_nobody_is_refused(client: Client) -> None:
    """The farmer is in the phonebook."""
    with pytest.raises(CallFailed, match="77"):
        client.register_farm(payloads.farm(threebot_id=77))
