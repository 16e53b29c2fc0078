"""Deadlines: the second before and the second itself, through lists, polls, gets and the sweep's function."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from workloadmanager.actors import expire_due
from workloadmanager.actors._expiry import _expire_together


@pytest.mark.parametrize("state", ["create", "pay"])
def test_what_was_not_deployed_in_time_becomes_invalid(grid: Any, state: str) -> None:
    """At the second of expiration_provisioning, not before; it is final."""
    reservation = grid.register()
    if state == "pay":
        grid.signed(reservation)
    grid.clock.now = reservation.data_reservation.expiration_provisioning - 1
    assert grid.state(reservation) == state
    grid.clock.now += 1
    assert grid.state(reservation) == "invalid"
    grid.clock.now += 10_000
    assert grid.state(reservation) == "invalid"


def test_what_runs_is_deleted_at_its_end(grid: Any) -> None:
    """Its nodes are told, below their cursor."""
    reservation = grid.deployed(grid.large())
    grid.clock.now = reservation.data_reservation.expiration_reservation - 1
    assert grid.polled(grid.node, cursor=2) == ["1-1", "1-3", "1-2"]
    for gwid in ("1-1", "1-3", "1-2"):
        grid.report(grid.node, gwid)
    assert grid.polled(grid.node, cursor=2) == []
    grid.clock.now += 1
    polled = grid.call("workloads_list", node_id=grid.node.node_id, cursor=2).workloads
    assert [(one.workload_id, one.to_delete) for one in polled] == [("1-1", True), ("1-3", True), ("1-2", True)]


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("reservation_list", {}),
        ("workloads_list", {"node_id": "n"}),
        ("workload_get", {"gwid": "1-1"}),
        ("reservation_get", {"reservation_id": 1}),
    ],
)
def test_every_reading_call_looks_for_deadlines_first(grid: Any, call: str, arguments: dict[str, Any]) -> None:
    """So that nobody sees a state that is over."""
    grid.register()
    grid.clock.now += 600
    grid.call(call, **arguments)
    with grid.store.read() as reader:
        assert reader.get(1).state == 5


def test_the_list_by_state_shows_what_expired(grid: Any) -> None:
    """Stored state is shown state."""
    grid.register()
    grid.clock.now += 600
    assert grid.call("reservation_list", state="create").reservations == []
    assert [one.id for one in grid.call("reservation_list", state="invalid").reservations] == [1]


def test_many_deadlines_pass_at_once(grid: Any) -> None:
    """In changes of many at a time; the number is returned."""
    for _ in range(150):
        grid.register()
    grid.clock.now += 600
    assert expire_due(grid.context) == 150
    assert expire_due(grid.context) == 0
    assert grid.store.statistics().reservations == {5: 150}


def test_with_nothing_due_one_key_is_read(grid: Any) -> None:
    """Whatever is stored."""
    for _ in range(5):
        grid.register()
    before = replace(grid.store.totals)
    assert expire_due(grid.context) == 0
    assert (grid.store.totals.documents - before.documents, grid.store.totals.keys - before.keys) == (0, 1)


def test_the_history_tells_of_a_deadline(grid: Any) -> None:
    """Nobody did it."""
    grid.register()
    grid.clock.now += 600
    (_, entry) = grid.call("reservation_get", reservation_id=1, history=True).history
    assert (entry.call, entry.who, entry.from_state, entry.to_state) == ("deadline", "", "create", "invalid")


def test_a_deadline_of_a_bad_row_is_taken_off_once(grid: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the others expire, and later lists are not slowed by it."""
    for _ in range(3):
        grid.register()
    grid.damage(2)
    grid.clock.now += 600
    assert expire_due(grid.context) == 2
    assert "reservation 2" in caplog.text
    caplog.clear()
    assert expire_due(grid.context) == 0
    assert caplog.records == []


def test_what_somebody_else_moved_meanwhile_is_left_alone(grid: Any) -> None:
    """Between finding what is due and writing it; here the same one twice, and one that does not exist."""
    grid.register()
    grid.clock.now += 600
    assert _expire_together(grid.context, [1, 1, 99], grid.clock.now) == 1
