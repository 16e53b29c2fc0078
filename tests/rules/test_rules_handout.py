"""What a node is handed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from workloadmanager.errors import NotFound
from workloadmanager.rules import NextAction, apply, envelope, hand_out


def handed(grid: Any, case: Any, node_id: str = "") -> list[Any]:
    """The envelopes of a case."""
    return hand_out(case, node_id, grid.schema("reservation.workload.1"))


@pytest.mark.parametrize("state", list(NextAction), ids=lambda state: state.name)
def test_only_what_is_deployed_or_to_be_deleted_is_handed_out(grid: Any, state: NextAction) -> None:
    """In any other state there is nothing."""
    expected = 7 if state in (NextAction.deploy, NextAction.delete) else 0
    assert len(handed(grid, grid.case(state))) == expected


@pytest.mark.parametrize(
    ("node_id", "kinds"),
    [
        ("node-1", ["network", "volume", "container", "kubernetes"]),
        ("node-2", ["network", "zdb", "container", "kubernetes"]),
        ("node-3", []),
        ("", ["network", "zdb", "volume", "container", "container", "kubernetes", "kubernetes"]),
    ],
)
def test_a_node_gets_its_own_workloads_in_the_order_in_which_it_needs_them(
    grid: Any, node_id: str, kinds: list[str]
) -> None:
    """Networks first, then what has data, then what runs."""
    assert [str(each.type) for each in handed(grid, grid.case(NextAction.deploy), node_id)] == kinds


def test_an_envelope_says_what_a_node_has_to_know(grid: Any) -> None:
    """Field by field."""
    case = grid.case(NextAction.deploy)
    volume = handed(grid, case, "node-1")[1]
    assert (volume.workload_id, volume.user, int(volume.type)) == ("12-2", "1", 2)
    assert (volume.created, volume.duration, volume.to_delete) == (grid.now, 86_400, False)
    assert volume.signature == "cd" * 64
    assert volume.content == {
        "workload_id": 2,
        "node_id": "node-1",
        "size": 10,
        "type": 1,
        "stats_aggregator": [],
        "farmer_tid": 2147483647,
        "reservation_id": 12,
    }


def test_enumerations_are_handed_out_as_numbers(grid: Any) -> None:
    """A node refuses names."""
    zdb = handed(grid, grid.case(NextAction.deploy), "node-2")[1]
    assert [type(zdb.content[name]) for name in ("mode", "disk_type")] == [int, int]


def test_a_mount_of_the_same_reservation_gets_its_global_id(grid: Any) -> None:
    """In what is handed out alone; what was signed stays as it is."""
    case = grid.case(NextAction.deploy)
    before = msgspec.msgpack.encode(case.reservation)
    content = envelope(case, 3, grid.schema("reservation.workload.1")).content
    assert content["volumes"] == [{"volume_id": "12-2", "mountpoint": "/data"}]
    assert msgspec.msgpack.encode(case.reservation) == before
    assert case.reservation.data_reservation.containers[0].volumes[0].volume_id == "-2"


def test_a_mount_of_another_reservation_stays_as_it_is(grid: Any) -> None:
    """It has its global id already."""
    content = envelope(grid.case(NextAction.deploy), 4, grid.schema("reservation.workload.1")).content
    assert content["volumes"][0]["volume_id"] == "77-1"


@pytest.mark.parametrize(("node_id", "said"), [("node-1", "node-1"), ("node-2", "node-2"), ("", "")])
def test_a_network_says_the_node_it_is_handed_to(grid: Any, node_id: str, said: str) -> None:
    """Each node gets all of it."""
    network = handed(grid, grid.case(NextAction.deploy), node_id)[0]
    assert network.content["node_id"] == said
    assert len(network.content["network_resources"]) == 2


def test_a_network_on_one_node_says_it_always(grid: Any) -> None:
    """There is no other that it could be."""
    data = grid.data()
    del data["networks"][0]["network_resources"][1]
    case = grid.open(**data).case
    assert envelope(case, 1, grid.schema("reservation.workload.1")).content["node_id"] == "node-1"


def test_what_a_node_reported_deleted_is_not_handed_to_it_again(grid: Any) -> None:
    """To the other node of a network it is."""
    case = grid.case(NextAction.delete, grid.gone(1, "node-1"), grid.gone(2, "node-1"))
    assert [each.workload_id for each in handed(grid, case, "node-1")] == ["12-3", "12-6"]
    assert handed(grid, case, "node-2")[0].workload_id == "12-1"
    assert [each.workload_id for each in handed(grid, case)][:2] == ["12-1", "12-5"]
    both = apply(case, grid.gone(1, "node-2"), grid.now).case
    assert "12-1" not in [each.workload_id for each in handed(grid, both)]


def test_what_is_to_be_deleted_says_so(grid: Any) -> None:
    """For every workload."""
    assert all(each.to_delete for each in handed(grid, grid.case(NextAction.delete)))


@pytest.mark.parametrize("state", list(NextAction), ids=lambda state: state.name)
def test_one_workload_is_there_in_every_state(grid: Any, state: NextAction) -> None:
    """With whether it is to go."""
    found = envelope(grid.case(state), 5, grid.schema("reservation.workload.1"))
    assert found.workload_id == "12-5"
    assert found.to_delete is (state >= NextAction.delete)


def test_a_workload_that_is_not_there_is_not_found(grid: Any) -> None:
    """By its global id."""
    with pytest.raises(NotFound, match="there is no workload 12-8"):
        envelope(grid.case(NextAction.deploy), 8, grid.schema("reservation.workload.1"))


def test_a_duration_is_never_below_one(grid: Any) -> None:
    """A node refuses 0."""
    case = grid.case(NextAction.deploy)
    case.reservation.epoch = grid.now + 90_000
    assert handed(grid, case)[0].duration == 1


@pytest.mark.parametrize("node_id", ["", "node-1", "node-2"])
def test_an_envelope_is_what_its_schema_makes_of_it(grid: Any, node_id: str) -> None:
    """It is made without being looked at, and comes to the same, byte by byte and in the types of its fields."""
    schema = grid.schema("reservation.workload.1")
    for each in handed(grid, grid.case(NextAction.deploy), node_id):
        converted = schema.convert(schema.to_dict(each))
        assert schema.encode(converted) == schema.encode(each)
        names = schema.type.__struct_fields__
        assert [type(getattr(each, name)) for name in names] == [type(getattr(converted, name)) for name in names]


def test_an_envelope_shares_nothing_with_its_reservation(grid: Any) -> None:
    """Whoever is handed it may change it."""
    case = grid.case(NextAction.deploy)
    before = msgspec.msgpack.encode(case.reservation)
    for each in handed(grid, case):
        for part in each.content.values():
            if isinstance(part, dict | list):
                part.clear()
    assert msgspec.msgpack.encode(case.reservation) == before
