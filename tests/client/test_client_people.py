"""The phonebook and the directory of a client: the methods of those in the process, by calls of the server."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from workloadmanager import schema
from workloadmanager.errors import Conflict, InputError, NotFound, PermissionDenied, WorkloadManagerError
from workloadmanager.threebot import Directory, Phonebook
from workloadmanager.threebot.client import Client, connect
from workloadmanager.threebot.gedis import Gedis

SECRET = "a-secret-of-the-operator"  # noqa: S105 - known to these tests alone


@pytest.fixture
def operated(open_grid: Any) -> Iterator[tuple[Any, Client]]:
    """A grid, and a client of its operator."""
    options = Gedis(listen="tcp://127.0.0.1:0", closed=True, secrets={"operator": SECRET})
    with open_grid(gedis=options) as grid, connect(str(grid.manager.addresses[0]), secret=SECRET) as client:
        yield grid, client


@pytest.fixture
def guest(grid: Any, client: Client) -> tuple[Any, Client]:
    """A grid, and a client that did not log in."""
    return grid, client


SHARED: dict[str, tuple[type, tuple[str, ...]]] = {
    "phonebook": (Phonebook, ("add", "get", "find", "list")),
    "directory": (
        Directory,
        ("add_farm", "get_farm", "list_farms", "add_node", "get_node", "list_nodes", "approve_node", "list_proofs"),
    ),
}


def test_the_methods_are_those_of_the_process(client: Client) -> None:
    """Every argument that is taken there is taken here."""
    for part, (there, names) in SHARED.items():
        for name in names:
            original = inspect.signature(getattr(there, name)).parameters
            ours = inspect.signature(getattr(type(getattr(client, part)), name)).parameters
            assert [one for one in original if one not in ours] == []


def test_what_is_there_is_read(guest: tuple[Any, Client]) -> None:
    """By id and by name, one or all."""
    grid, client = guest
    for read in READS:
        here, there = read(grid.manager), read(client)
        assert [schema.to_json(one) for one in there] == [schema.to_json(one) for one in here]


READS: list[Callable[[Any], list[Any]]] = [
    lambda calls: [calls.phonebook.get(1)],
    lambda calls: [calls.phonebook.find("Customer")],
    lambda calls: calls.phonebook.list(),
    lambda calls: [calls.directory.get_farm(1)],
    lambda calls: calls.directory.list_farms(),
    lambda calls: calls.directory.list_nodes(),
    lambda calls: calls.directory.list_nodes(1),
    lambda calls: calls.directory.list_nodes(7),
    lambda calls: [calls.directory.get_node(one.node_id) for one in calls.directory.list_nodes()],
    lambda calls: calls.directory.list_proofs(calls.directory.list_nodes()[0].node_id),
]


MISSING: list[Callable[[Any], object]] = [
    lambda calls: calls.phonebook.get(77),
    lambda calls: calls.phonebook.find("nobody"),
    lambda calls: calls.directory.get_farm(77),
    lambda calls: calls.directory.get_node("nowhere"),
    lambda calls: calls.directory.add_farm(name="farm two", farmer_tid=77),
    lambda calls: calls.directory.add_farm(name="farm", farmer_tid=1),
    lambda calls: calls.directory.add_farm(name=" ", farmer_tid=0),
    lambda calls: calls.directory.add_node(node_id="node-1", farm_id=77),
    lambda calls: calls.directory.add_node(node_id=" ", farm_id=1, public_key="00"),
    lambda calls: calls.phonebook.add(name="customer", public_key=calls.phonebook.get(2).pubkey),
    lambda calls: calls.phonebook.add(name=" ", public_key="00"),
]


def test_errors_are_those_of_the_process(operated: tuple[Any, Client]) -> None:
    """The same class, sentence and path; what was made for the wire is not mentioned."""

    def refusal(calls: Any, call: Callable[[Any], object]) -> tuple[type, str, object]:
        with pytest.raises(WorkloadManagerError) as raised:
            call(calls)
        return type(raised.value), str(raised.value), raised.value.errors

    grid, client = operated
    for call in MISSING:
        assert refusal(client, call) == refusal(grid.manager, call)


def test_an_operator_adds_people_and_places(operated: tuple[Any, Client]) -> None:
    """Adding the same again changes nothing."""
    grid, client = operated
    for _ in range(2):
        user = client.phonebook.add(name="carol", public_key=grid.other.public_key)
        farm = client.directory.add_farm(name="new farm", farmer_tid=user.id)
        node = client.directory.add_node(node_id="node-9", farm_id=farm.id, public_key=grid.other.public_key)
        assert (user.id, farm.id, farm.threebot_id, node.node_id, node.farm_id) == (3, 2, 3, "node-9", 2)
    assert client.phonebook.add(name="carol", public_key=grid.other.public_key, tid=3).id == 3
    assert schema.to_json(client.directory.approve_node("node-9")) == schema.to_json(
        grid.manager.directory.get_node("node-9")
    )
    assert grid.manager.directory.get_node("node-9").approved


def test_a_farm_that_is_there_keeps_what_is_known_of_it(operated: tuple[Any, Client]) -> None:
    """Adding it again, with its name in another case, writes nothing over."""
    grid, client = operated
    farm = {"name": "far away", "threebot_id": 2, "email": "farmer@example.org"}
    farm_id = client.farms_register(farm=farm).farm_id
    again: Any = client.directory.add_farm(name="Far Away", farmer_tid=2)
    assert again.email == "farmer@example.org"
    assert grid.manager.directory.get_farm(farm_id).email == "farmer@example.org"


def test_somebody_new_gets_no_id_of_choice(operated: tuple[Any, Client]) -> None:
    """Only the process of the server gives one; another's id is refused as there."""
    grid, client = operated
    with pytest.raises(InputError, match="leave tid out") as raised:
        client.phonebook.add(name="carol", public_key=grid.other.public_key, tid=40)
    assert raised.value.path == "tid"
    with pytest.raises(Conflict, match='threebot id 1 is "customer" already'):
        client.phonebook.add(name="carol", public_key=grid.other.public_key, tid=1)


def test_an_approval_is_not_taken_back_over_the_wire(operated: tuple[Any, Client]) -> None:
    """There is no call for it."""
    grid, client = operated
    with pytest.raises(InputError, match="in the process of the server"):
        client.directory.approve_node(grid.node.node_id, approved=False)


def test_users_add_themselves_with_their_key(guest: tuple[Any, Client]) -> None:
    """Nobody else can; the error says what is needed."""
    grid, client = guest
    assert client.phonebook.add(name="carol", key=grid.other).pubkey == grid.other.public_key
    with pytest.raises(PermissionDenied, match="give key, the user's") as raised:
        client.phonebook.add(name="dave", public_key=grid.node.public_key)
    assert raised.value.path == "key"
    with pytest.raises(PermissionDenied, match="does not verify"):
        client.phonebook.add(name="dave", public_key=grid.node.public_key, key=grid.other)


def test_they_say_what_they_are(guest: tuple[Any, Client]) -> None:
    """And of which server."""
    _, client = guest
    assert repr(client.phonebook) == f"<phonebook of {client!r}>"
    assert repr(client.directory) == f"<directory of {client!r}>"
    with pytest.raises(NotFound):
        client.phonebook.get(99)
