"""Pages that end by their size: a server bounds what one reply holds, and who reads on misses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import Caller, Request, Role

GUEST = Caller(Role.guest)


def ask(grid: Any, name: str, *, page_bytes: int, **arguments: Any) -> Any:
    """Ask for one page."""
    return grid.refs[name].ask(Request(arguments, GUEST, page_bytes=page_bytes), timeout=20)


def listed(grid: Any, *, page_bytes: int, **arguments: Any) -> list[int]:
    """The ids of one page of the list."""
    page = ask(grid, "reservation_list", page_bytes=page_bytes, **arguments)
    return [reservation.id for reservation in page.reservations]


def polled(grid: Any, *, page_bytes: int, **arguments: Any) -> list[str]:
    """The ids of one page of a poll of the first node."""
    page = ask(grid, "workloads_list", page_bytes=page_bytes, node_id=grid.node.node_id, **arguments)
    return [workload.workload_id for workload in page.workloads]


def test_a_page_ends_with_the_reservation_that_fills_it(grid: Any) -> None:
    """One is given in any case, however large; a byte more than it has lets the next one in."""
    for _ in range(3):
        grid.register()
    with grid.store.read() as reader:
        size = len(reader.get(1).body)
    assert listed(grid, page_bytes=1) == [1]
    assert listed(grid, page_bytes=size) == [1]
    assert listed(grid, page_bytes=size + 1) == [1, 2]
    assert listed(grid, page_bytes=0) == [1, 2, 3]


def test_a_page_ends_by_whichever_comes_first(grid: Any) -> None:
    """By the number that was asked for, or by its size."""
    for _ in range(3):
        grid.register()
    assert listed(grid, page_bytes=10**9, limit=2) == [1, 2]
    assert listed(grid, page_bytes=1, limit=2) == [1]


@pytest.mark.parametrize("page_bytes", [1, 1500, 10**9])
def test_reading_on_by_cursor_misses_nothing(grid: Any, page_bytes: int) -> None:
    """Until a page comes that is empty: a short one says nothing."""
    for _ in range(4):
        grid.register()
    grid.damage(2)
    seen: list[int] = []
    while page := listed(grid, page_bytes=page_bytes, cursor=seen[-1] + 1 if seen else 0):
        seen += page
    assert seen == [1, 3, 4]


def test_a_poll_ends_by_its_size_as_well(grid: Any) -> None:
    """And never cuts a reservation in two."""
    for _ in range(2):
        grid.deployed(grid.large())
    assert polled(grid, page_bytes=1) == ["1-1", "1-3", "1-2"]
    assert polled(grid, page_bytes=1, cursor=2) == ["1-1", "1-3", "1-2", "2-1", "2-3", "2-2"]


def test_what_waits_below_the_cursor_takes_no_room(grid: Any) -> None:
    """A node never asks for it again, so that it is in every page until the node has reported."""
    for _ in range(3):
        grid.deployed()
    assert polled(grid, page_bytes=1, cursor=3) == ["1-1", "2-1", "3-1"]
