"""``workloadmanager user``, ``farm`` and ``node``: the phonebook and the directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager.signing import Key
from workloadmanager.threebot.cli._keyring import Keyring

KEY = Key(b"\x09" * 32)


def test_a_user_is_added_with_a_key_of_ones_own(cli: Any, keyring: Keyring) -> None:
    """The public half of a key file goes into the phonebook."""
    finished = cli("user", "add", "alice", "--key", "alice", "--json")
    assert finished.status == 0
    assert finished.document["pubkey"] == keyring.get("alice").public_key
    assert finished.document["id"] == 1


def test_a_user_is_added_with_a_public_key(cli: Any) -> None:
    """Somebody else's key is known by its public half alone."""
    finished = cli("user", "add", "bob", "--public-key", KEY.public_key, "--tid", "70", "--json")
    assert (finished.document["id"], finished.document["pubkey"]) == (70, KEY.public_key)


@pytest.mark.parametrize("options", [(), ("--key", "alice", "--public-key", KEY.public_key)])
def test_a_user_needs_one_key(cli: Any, keyring: Keyring, options: tuple[str, ...]) -> None:
    """None and two are both refused, with the two ways to give one."""
    assert keyring.names()
    finished = cli("user", "add", "alice", *options)
    assert finished.status == 1
    assert "--key" in finished.err
    assert "--public-key" in finished.err


def test_the_phonebook_is_a_table(cli: Any, grid: Path) -> None:
    """Who is who, one line each."""
    assert grid.is_dir()
    assert [line.split()[:2] for line in cli("user", "list").out.splitlines()] == [
        ["tid", "name"],
        ["1", "alice"],
        ["2", "bob"],
        ["3", "carol"],
        ["4", "farmer"],
    ]


@pytest.mark.parametrize("who", ["2", "bob", "BOB"])
def test_a_user_is_shown_by_number_or_name(cli: Any, grid: Path, who: str) -> None:
    """People know names, programs know numbers."""
    assert grid.is_dir()
    assert cli("user", "show", who, "--json").document["name"] == "bob"


@pytest.mark.parametrize("who", ["9", "nobody"])
def test_an_unknown_user_is_said_to_be(cli: Any, grid: Path, who: str) -> None:
    """Status 1, and the sentence says who."""
    assert grid.is_dir()
    finished = cli("user", "show", who)
    assert finished.status == 1
    assert who in finished.err


def test_a_farm_belongs_to_a_farmer_named_as_people_do(cli: Any, grid: Path) -> None:
    """The farmer is a user, by name or by number."""
    assert grid.is_dir()
    assert cli("farm", "add", "blue", "--farmer", "bob", "--json").document["threebot_id"] == 2
    assert [line.split() for line in cli("farm", "list").out.splitlines()] == [
        ["id", "name", "farmer"],
        ["1", "green", "4"],
        ["2", "blue", "2"],
    ]
    assert cli("farm", "show", "2", "--json").document["name"] == "blue"


def test_a_node_is_added_with_its_key(cli: Any, grid: Path, keyring: Keyring) -> None:
    """The id of a node follows from its key."""
    assert grid.is_dir()
    finished = cli("node", "add", "--key", "carol", "--farm", "1", "--json")
    assert finished.document["node_id"] == keyring.get("carol").node_id
    assert finished.document["public_key_hex"] == keyring.get("carol").public_key


def test_a_node_of_another_name_has_its_key_beside_it(cli: Any, grid: Path) -> None:
    """A small grid calls its nodes as it likes."""
    assert grid.is_dir()
    finished = cli("node", "add", "node-1", "--farm", "1", "--public-key", KEY.public_key, "--json")
    assert (finished.document["node_id"], finished.document["public_key_hex"]) == ("node-1", KEY.public_key)
    assert "node-1" in cli("node", "show", "node-1").out


@pytest.mark.parametrize("which", [(), ("node-1", "--key", "carol")])
def test_a_node_is_named_once(cli: Any, grid: Path, which: tuple[str, ...]) -> None:
    """By its id, or by its key."""
    assert grid.is_dir()
    finished = cli("node", "add", *which, "--farm", "1")
    assert finished.status == 1
    assert "--key" in finished.err


def test_nodes_are_listed_by_farm(cli: Any, grid: Path) -> None:
    """A farmer looks at one farm."""
    assert grid.is_dir()
    cli("farm", "add", "blue", "--farmer", "bob")
    cli("node", "add", "node-1", "--farm", "2")
    assert len(cli("node", "list", "--json").document["nodes"]) == 2
    assert [node["node_id"] for node in cli("node", "list", "--farm", "2", "--json").document["nodes"]] == ["node-1"]


@pytest.mark.parametrize("noun", ["user", "farm", "node"])
def test_an_empty_list_says_how_to_begin(cli: Any, noun: str) -> None:
    """People get the next command, programs an empty list."""
    assert f"workloadmanager {noun} add" in cli(noun, "list").out
    assert cli(noun, "list", "--json").document == {f"{noun}s": []}


def test_what_is_added_is_in_the_store(cli: Any, grid: Path) -> None:
    """The command line and a host that embeds the package see the same."""
    cli("user", "add", "dora", "--public-key", KEY.public_key)
    with workloadmanager.start(path=grid / "store") as manager:
        assert manager.phonebook.find("dora").pubkey == KEY.public_key
