"""The directory in the store: farms, their farmers, their nodes, and each mistake with its own error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import base58
import pytest

from workloadmanager.errors import Conflict, InputError, NotFound
from workloadmanager.threebot import Directory, WorkloadManager

FARMER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
KEY = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
OWN_KEY = base58.b58encode(bytes.fromhex(KEY)).decode()


@pytest.fixture
def directory(start: Callable[..., WorkloadManager], place: str) -> Iterator[Directory]:
    """Two farmers, each with a farm, and a node in the first farm; the store is sound at the end."""
    manager = start(place)
    for number in (1, 2):
        manager.phonebook.add(name=f"farmer {number}", public_key=FARMER)
        manager.directory.add_farm(name=f"farm {number}", farmer_tid=number)
    manager.directory.add_node(node_id="node-1", farm_id=1)
    yield manager.directory
    assert manager.store.check() == []


def test_farms_and_nodes_are_found(directory: Directory, clock: Callable[[], int]) -> None:
    """What was added comes back, with the farmer and the farm."""
    farm, node = directory.get_farm(1), directory.get_node("node-1")
    assert (farm.id, farm.name, farm.threebot_id) == (1, "farm 1", 1)
    assert (node.node_id, node.farm_id, node.public_key_hex, node.created) == ("node-1", 1, "", clock())
    assert [farm.name for farm in directory.list_farms()] == ["farm 1", "farm 2"]


def test_nodes_are_listed_by_farm(directory: Directory) -> None:
    """All of them, or those of one farm."""
    directory.add_node(node_id="node-0", farm_id=2)
    assert [node.node_id for node in directory.list_nodes()] == ["node-0", "node-1"]
    assert [node.node_id for node in directory.list_nodes(farm_id=1)] == ["node-1"]
    assert directory.list_nodes(farm_id=3) == []


def test_the_same_again_changes_nothing(directory: Directory) -> None:
    """A retry after a lost answer does not fail, and adds nothing."""
    assert directory.add_farm(name="Farm 1", farmer_tid=1) == directory.get_farm(1)
    assert directory.add_node(node_id="node-1", farm_id=1) == directory.get_node("node-1")
    assert (len(directory.list_farms()), len(directory.list_nodes())) == (2, 1)


def test_a_key_can_be_given_later(directory: Directory) -> None:
    """A node that was added without one gets it by being added again; then it stays."""
    assert directory.add_node(node_id="node-1", farm_id=1, public_key=KEY.upper()).public_key_hex == KEY
    assert directory.add_node(node_id="node-1", farm_id=1).public_key_hex == KEY
    with pytest.raises(Conflict, match="another public key"):
        directory.add_node(node_id="node-1", farm_id=1, public_key=FARMER)


def test_a_node_id_that_is_a_key_is_its_own_key(directory: Directory) -> None:
    """Base58 of 32 bytes needs no key beside it."""
    assert directory.add_node(node_id=OWN_KEY, farm_id=1).public_key_hex == KEY
    assert directory.add_node(node_id=OWN_KEY, farm_id=1, public_key=KEY).public_key_hex == KEY


@pytest.mark.parametrize(
    ("wrong", "error", "path", "message"),
    [
        ({"name": ""}, InputError, "name", "1 to 40 characters"),
        ({"name": None}, InputError, "name", "is a text"),
        ({"farmer_tid": 0}, InputError, "farmer_tid", "whole number of 1"),
        ({"farmer_tid": "1"}, InputError, "farmer_tid", "whole number of 1"),
        ({"farmer_tid": 3}, NotFound, "farmer_tid", "add the farmer first"),
        ({"name": "FARM 2"}, Conflict, "name", "the name of farm 2 already"),
    ],
)
def test_a_mistake_in_a_farm_is_refused(
    directory: Directory, wrong: dict[str, Any], error: type[InputError], path: str, message: str
) -> None:
    """One mistake in a good farm, one error with its path; nothing is stored."""
    with pytest.raises(error, match=message) as refusal:
        directory.add_farm(**{"name": "farm 3", "farmer_tid": 1, **wrong})
    assert refusal.value.path == path
    assert len(directory.list_farms()) == 2


@pytest.mark.parametrize(
    ("wrong", "error", "path", "message"),
    [
        ({"node_id": ""}, InputError, "node_id", "1 to 255 bytes"),
        ({"node_id": "n" * 256}, InputError, "node_id", "1 to 255 bytes"),
        ({"node_id": "n\0"}, InputError, "node_id", "does not print"),
        ({"node_id": " n"}, InputError, "node_id", "with a space"),
        ({"node_id": 5}, InputError, "node_id", "is a text"),
        ({"farm_id": 0}, InputError, "farm_id", "whole number of 1"),
        ({"farm_id": None}, InputError, "farm_id", "whole number of 1"),
        ({"farm_id": 3}, NotFound, "farm_id", "no farm 3"),
        ({"public_key": "ab"}, InputError, "public_key", "64 digits"),
        ({"public_key": "02" + "00" * 31}, InputError, "public_key", "no ed25519 public key"),
        ({"node_id": OWN_KEY, "public_key": FARMER}, InputError, "public_key", "a public key itself"),
        ({"node_id": OWN_KEY, "public_key": 5}, InputError, "public_key", "a public key itself"),
        ({"node_id": "node-1", "farm_id": 2}, Conflict, "node_id", "in farm 1 already"),
    ],
)
def test_a_mistake_in_a_node_is_refused(
    directory: Directory, wrong: dict[str, Any], error: type[InputError], path: str, message: str
) -> None:
    """One mistake in a good node, one error with its path; nothing is stored."""
    with pytest.raises(error, match=message) as refusal:
        directory.add_node(**{"node_id": "node-2", "farm_id": 1, **wrong})
    assert refusal.value.path == path
    assert len(directory.list_nodes()) == 1


def test_unknown_farms_and_nodes_are_not_found(directory: Directory) -> None:
    """The message says what to do."""
    with pytest.raises(NotFound, match="no farm 3 in the directory; add it first"):
        directory.get_farm(3)
    with pytest.raises(NotFound, match='no node "node-2" in the directory; add it first'):
        directory.get_node("node-2")


def test_what_nobody_set_is_zero(directory: Directory) -> None:
    """A node that the host adds has no amounts, no uptime and no version of a public interface either."""
    node = directory.get_node("node-1")
    amounts = (node.total_resources, node.used_resources, node.reserved_resources)
    assert {(each.cru, each.mru, each.hru, each.sru) for each in amounts} == {(0, 0, 0, 0)}
    assert (node.uptime, node.public_config.version, node.public_config.ipv4) == (0, 0, "")


def test_an_answer_shares_nothing_with_the_next_one(directory: Directory) -> None:
    """Who writes into an entry that was returned writes into their own copy."""
    first = directory.add_node(node_id="node-2", farm_id=1)
    first.location.city = "Atlantis"
    assert directory.add_node(node_id="node-3", farm_id=1).location.city == ""
    assert directory.get_node("node-2").location.city == ""
