"""Lists over the wire are as complete as in the process, however small the server's pages are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from workloadmanager import schema
from workloadmanager.errors import InputError
from workloadmanager.threebot.client import Client, connect
from workloadmanager.threebot.gedis import Gedis, Limits

SMALL = {
    "three of anything": Limits(maximum_page=3),
    "one reservation": Limits(maximum_page_bytes=1),
    "two reservations": Limits(maximum_page_bytes=2000),
}


@pytest.fixture(params=SMALL)
def small(open_grid: Any, request: pytest.FixtureRequest) -> Iterator[tuple[Any, Client]]:
    """A grid whose server gives little in one reply, with eight reservations of two workloads each."""
    options = Gedis(listen="tcp://127.0.0.1:0", limits=SMALL[request.param])
    with open_grid(gedis=options) as grid, connect(str(grid.manager.addresses[0]), timeout=20) as client:
        for _ in range(8):
            grid.deployed(workloads=2)
        yield grid, client


FILTERS: list[dict[str, Any]] = [
    {},
    {"limit": 0},
    {"limit": 2},
    {"limit": 3},
    {"limit": 5},
    {"limit": "5"},
    {"limit": 100},
    {"limit": 2147483647},
    {"cursor": 4},
    {"cursor": 4, "limit": 4},
    {"cursor": "6"},
    {"cursor": 9},
    {"state": "deploy"},
    {"state": ["create", "sign"]},
    {"customer_tid": 1, "cursor": 2},
    {"epoch": 1_800_000_000},
    {"epoch": 1_799_999_999, "limit": 7},
]


def differing(call: str, both: tuple[Any, Client], each: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the arguments with which a call answers something else over the wire than in the process."""
    grid, client = both

    def reply(calls: Any, arguments: dict[str, Any]) -> str:
        return schema.to_json(getattr(calls, call)(**arguments))

    return [arguments for arguments in each if reply(grid.manager, arguments) != reply(client, arguments)]


def test_reservations_are_listed_to_the_end(small: tuple[Any, Client]) -> None:
    """With every filter, and up to a limit of any size."""
    assert differing("reservation_list", small, FILTERS) == []


POLLS: list[dict[str, Any]] = [
    {},
    {"cursor": 0},
    {"cursor": 4},
    {"cursor": 9},
    {"epoch": 1_800_000_000},
    {"epoch": 1_800_000_000, "cursor": 9},
    {"limit": 1},
    {"limit": 2},
    {"limit": 3, "cursor": 2},
    {"limit": 4},
    {"limit": 7},
    {"limit": "7", "cursor": 3},
    {"limit": 100},
]


@pytest.mark.parametrize("node", ["node", "other", None])
def test_polls_are_complete(small: tuple[Any, Client], node: str | None) -> None:
    """Everything from the cursor on, up to a limit of any size, and what waits below it; each once, in order."""
    grid, _ = small
    whose = {} if node is None else {"node_id": getattr(grid, node).node_id}
    assert differing("workloads_list", small, [{**arguments, **whose} for arguments in POLLS]) == []


def test_what_changes_between_two_pages_comes_as_it_is_now(small: tuple[Any, Client]) -> None:
    """A reservation that is to be deleted below the cursor is there once."""
    grid, client = small
    reservation = grid.manager.reservation_get(reservation_id=2)
    grid.sign("delete", reservation)
    listed = client.workloads_list(node_id=grid.node.node_id, cursor=6).workloads
    assert [one.workload_id for one in listed if one.to_delete] == ["2-1", "2-2"]
    assert len(listed) == len({one.workload_id for one in listed})


PLACES: list[dict[str, Any]] = [
    {},
    {"limit": 0},
    {"limit": 2},
    {"limit": "5"},
    {"limit": 100},
    {"city": "cairo"},
    {"country": "eg", "limit": 3},
    {"country": "be"},
]


def settle(grid: Any) -> None:
    """Seven more farms, and seven more nodes in two of them; every other one is in Cairo."""
    cairo = {"city": "Cairo", "country": "EG"}
    for number in range(7):
        place = {"location": cairo} if number % 2 else {}
        grid.manager.farms_register(
            farm={"name": f"farm {number}", "threebot_id": 2, "wallet_addresses": ["x" * 200], **place}
        )
        grid.manager.nodes_add(node={"node_id": f"ñode-{number}", "farm_id": 1 + number // 4, **place})


def test_nodes_are_listed_to_the_end(small: tuple[Any, Client]) -> None:
    """All of them, those of a farm or a place, and those after a cursor; up to a limit of any size."""
    grid, client = small
    settle(grid)
    more: list[dict[str, Any]] = [
        {"farm_id": 1},
        {"farm_id": 2, "city": "CAIRO"},
        {"farm_id": 9},
        {"cursor": "ñode-3"},
        {"cursor": "~"},
    ]
    assert differing("nodes_list", small, [*PLACES, *more, {"cursor": "ñode", "limit": 3, "farm_id": 1}]) == []
    for farm in (None, 1, 2, 9):
        here, there = (calls.directory.list_nodes(farm) for calls in (grid.manager, client))
        assert [node.node_id for node in there] == [node.node_id for node in here]


def test_farms_are_listed_to_the_end(small: tuple[Any, Client]) -> None:
    """In the same way; and one that is on the last page is found by its name."""
    grid, client = small
    settle(grid)
    assert differing("farms_list", small, [*PLACES, {"cursor": 3}, {"cursor": "4", "limit": 3}, {"cursor": 99}]) == []
    assert [farm.id for farm in client.directory.list_farms()] == list(range(1, 9))
    assert client.directory.add_farm(name="FARM 6", farmer_tid=2).id == 8


def test_a_client_of_the_time_gets_the_first_page(small: tuple[Any, Client]) -> None:
    """It says neither where to begin nor how much it wants; what it gets is the beginning, and never nothing."""
    grid, client = small
    settle(grid)
    for call, field, key in (("nodes", "nodes", "node_id"), ("farms", "farms", "id")):
        listed = [one[key] for one in client.call(f"tfgrid.directory.{call}.list")[field]]
        everything = [getattr(one, key) for one in getattr(getattr(grid.manager, f"{call}_list")(), field)]
        assert 0 < len(listed) < len(everything)
        assert listed == everything[: len(listed)]


def test_users_are_listed_to_the_end(small: tuple[Any, Client]) -> None:
    """As in the process, where the phonebook lists them without pages."""
    grid, client = small
    for number in range(7):
        grid.manager.phonebook.add(name=f"user {number}", public_key=grid.other.public_key)
    assert [user.name for user in client.phonebook.list()] == [user.name for user in grid.manager.phonebook.list()]
    assert len(client.users_list(limit=5).users) == 5


@pytest.mark.parametrize("call", ["reservation_list", "workloads_list", "farms_list"])
def test_what_is_no_number_is_refused_by_the_server(call: str, grid: Any, client: Client) -> None:
    """In its words."""

    def refusal(calls: Any, arguments: dict[str, Any]) -> str:
        with pytest.raises(InputError) as raised:
            getattr(calls, call)(**arguments)
        return str(raised.value)

    for arguments in ({"limit": -1}, {"limit": "many"}, {"cursor": [1]}, {"limit": 1.5}):
        assert refusal(client, arguments) == refusal(grid.manager, arguments)
