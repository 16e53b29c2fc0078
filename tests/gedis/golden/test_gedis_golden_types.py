"""The JSON types of everything that the server sends: what a client decodes by the letter of its types."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from workloadmanager.schema import NOT_SET

from . import payloads
from .clients import Client
from .decoding import anything
from .epochs import E1, E5
from .payloads import NODE_ID, NODE_KEY_HEX, NODE_SEED

ENUMS = {"next_action", "state", "category", "type", "mode", "disk_type", "currency"}
DATES = {"epoch", "created", "updated", "expiration_provisioning", "expiration_reservation"}
WHOLE = {
    "id", "customer_tid", "tid", "quorum_min", "size", "duration", "farm_id", "threebot_id", "uptime", "version",
    "cru", "mru", "hru", "sru", "cpu", "memory", "wireguard_listen_port", "port", "farmer_tid", "reservation_id",
}  # fmt: skip
TEXTS = {
    "json", "customer_signature", "signature", "message", "data_json", "user", "node_id", "flist", "hub_url",
    "entrypoint", "password", "network_id", "ipaddress", "cluster_secret", "iprange", "name", "public_key", "endpoint",
    "volume_id", "mountpoint", "addr", "secret", "description", "wireguard_private_key_encrypted",
    "wireguard_public_key", "node_id_v1", "os_version", "address", "public_key_hex", "hardware_hash", "disk_hash",
    "master", "ipv4", "ipv6", "gw4", "gw6", "iyo_organization", "email", "city", "country", "continent",
}  # fmt: skip
LISTS = {
    "workloads", "results", "signatures_provision", "signatures_farmer", "signatures_delete", "containers", "volumes",
    "zdbs", "networks", "kubernetes", "signers", "stats_aggregator", "network_connection", "network_resources", "peers",
    "allowed_iprange", "master_ips", "ssh_keys", "nodes", "farms", "proofs", "ifaces", "addrs", "gateway", "wg_ports",
    "wallet_addresses", "resource_prices", "hypervisor", "reservations",
}  # fmt: skip
BOOLEANS = {"to_delete", "public", "interactive", "public_ip6", "approved", "exit_node", "free_to_use"}
OBJECTS = {"content", "data_reservation", "environment", "secret_environment", "capacity", "location", "hardware"}
TYPES = {
    **dict.fromkeys(ENUMS | DATES | WHOLE, int),
    **dict.fromkeys(TEXTS, str),
    **dict.fromkeys(LISTS, list),
    **dict.fromkeys(BOOLEANS, bool),
    **dict.fromkeys(OBJECTS, dict),
}
FREE = {"hardware", "disks", "environment", "secret_environment", "resource_prices"}
"""Objects whose keys are the user's own, and prices, whose amounts are numbers of any kind."""


def fields(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every field of a document with its value, but for those inside what is free."""
    if isinstance(value, list):
        for each in value:
            yield from fields(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            if name not in FREE:
                yield from fields(each)


def raw(client: Client, call: str, arguments: dict[str, Any]) -> tuple[str, Any]:
    """Return the text of a reply, and what it says, in which every number is a whole one."""
    reply = client.call(f"{client.epoch.workloads}.{call}", arguments)
    return reply.text or "", json.loads(reply.text or "", parse_float=_no_float)


def _no_float(text: str) -> Any:
    raise AssertionError(f"{text} is no whole number")


def check_types(document: Any) -> set[str]:
    """Compare the type of each field with the one that clients decode; return the fields that were there."""
    wrong = [(name, value) for name, value in fields(document) if name in TYPES and type(value) is not TYPES[name]]
    assert wrong == []
    return {name for name, _ in fields(document)}


def reported(grid: Any) -> int:
    """Return a reservation of every kind, with a result of one workload and a delete signature."""
    number: int = grid.deployed(grid.every_kind())
    done = payloads.result(E1, grid.node, "container", f"{number}-2", at=grid.clock())
    grid.client(E1).feedback(f"{number}-2", done)
    grid.to_be_deleted(number)
    return number


def test_a_poll_has_the_types_of_its_fields(grid: Any, client: Client) -> None:
    """Five kinds, each enum and date a whole number, no float in it."""
    reported(grid)
    _, found = raw(client, "workloads_list", {"node_id": grid.node.node_id, "cursor": 0})
    seen = check_types(found)
    assert {"content", "type", "mode", "disk_type", "created", "to_delete", "master_ips", "peers"} <= seen
    assert [one["type"] for one in found["workloads"]] == [3, 0, 2, 1, 4]
    assert all(isinstance(one["workload_id"], str) for one in found["workloads"])
    assert all(type(one["content"]["workload_id"]) is int for one in found["workloads"])


def test_a_reservation_has_the_types_of_its_fields(grid: Any, client: Client) -> None:
    """With signatures and results; the id of a result's workload is a text, that of a workload a number."""
    number = reported(grid)
    _, found = raw(client, "reservation_get", {"reservation_id": number})
    seen = check_types(found)
    assert {"next_action", "tid", "epoch", "state", "category", "data_json", "signature"} <= seen
    assert (found["id"], found["next_action"]) == (number, 4)
    assert [one["workload_id"] for one in found["results"]] == [f"{number}-2"]
    assert re.fullmatch(r"[A-Za-z0-9+/]{86}==", found["results"][0]["signature"])


def test_a_list_has_the_types_of_its_fields(fresh_grid: Any) -> None:
    """Reservations in a field, each as it is alone; no client asks for them."""
    client, number = fresh_grid.client(E5), reported(fresh_grid)
    _, listed = raw(client, "reservation_list", {})
    _, alone = raw(client, "reservation_get", {"reservation_id": number})
    check_types(listed)
    assert listed["reservations"] == [alone]


def test_the_directory_has_the_types_of_its_fields(grid: Any, client: Client) -> None:
    """A node that said everything of itself, alone and in a list, and the farms."""
    name, node_id = client.epoch.directory, grid.node.node_id
    client.register_farm(payloads.farm(threebot_id=11))
    client.tell_node("publish_interfaces", node_id=node_id, ifaces=payloads.interfaces(client.epoch))
    client.tell_node("add_proof", node_id=node_id, proof={**payloads.PROOF, "hypervisor": ["kvm"]})
    client.tell_node("set_public_iface", node_id=node_id, public=payloads.PUBLIC)
    seen = check_types(client.fetch(f"{name}.nodes.get", {"node_id": node_id}, anything))
    assert {"total_resources", "addrs", "hardware_hash", "hypervisor", "updated", "master", "version"} <= seen
    assert {"nodes", "ifaces"} <= check_types(client.fetch(f"{name}.nodes.list", {}, anything))
    assert {"farms", "wallet_addresses", "resource_prices"} <= check_types(
        client.fetch(f"{name}.farms.list", {}, anything)
    )


def test_what_is_empty_has_the_zero_of_its_type(grid: Any, client: Client) -> None:
    """A date 0, a range and an address an empty text; no null stands for a value."""
    found = client.fetch(f"{client.epoch.directory}.nodes.get", {"node_id": grid.node.node_id}, anything)
    nulls = [name for name, value in fields(found) if value is None and name != "public_config"]
    assert nulls == []
    public = found.get("public_config")
    assert not public or (public["master"], public["ipv4"], public["gw6"]) == ("", "", "")


def test_an_unset_number_is_a_number(grid: Any, client: Client) -> None:
    """2147483647 in fields of 64 bits is what clients take; a kubernetes size never is one."""
    number = grid.deployed(grid.every_kind())
    _, found = raw(client, "reservation_get", {"reservation_id": number})
    assert found["data_reservation"]["signing_request_delete"]["quorum_min"] in (0, NOT_SET)
    assert found["data_reservation"]["kubernetes"][0]["size"] == 2


def test_a_reply_is_json_in_utf_8_with_its_length_in_bytes(grid: Any, client: Client) -> None:
    """Letters beyond ASCII and line breaks arrive as they were sent."""
    description = "première réservation 🙂\n\twith two lines \u2028 and a \x7f"
    number = grid.deployed({**grid.data(), "description": description})
    text, found = raw(client, "reservation_get", {"reservation_id": number})
    assert found["data_reservation"]["description"] == description
    assert len(text.encode()) >= len(text)


def test_the_node_id_of_the_known_seed(fresh_grid: Any) -> None:
    """base58 of the public key, which the directory has in hex as well."""
    grid = fresh_grid
    assert grid.node.seed_hex() == NODE_SEED.hex()
    assert grid.node.public_key == NODE_KEY_HEX
    assert grid.client(E5).get_node(NODE_ID)["node_id"] == grid.node.node_id == NODE_ID
