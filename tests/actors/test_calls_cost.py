"""What the reading calls cost in Python: how many functions run for one, which no other load changes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from workloadmanager.actors import CALLS

pytestmark = pytest.mark.parametrize("open_grid", ["lmdb"], indirect=True)

STORED = 12


@pytest.fixture
def grid(grid: Any) -> Any:
    """A grid on which some reservations are deployed, whose index rows are all written."""
    for _ in range(STORED):
        grid.deployed()
    for number in range(1, STORED + 1):
        grid.report(grid.node, f"{number}-1")  # which takes it out of the node's queue
    grid.store.rebuild()
    return grid


@pytest.fixture
def cost(grid: Any) -> Callable[..., int]:
    """Counts the Python functions that run while a call answers, without the way to its actor and back."""

    def count(name: str, **arguments: Any) -> int:
        answer = CALLS[name](grid.context).on_receive
        answer(arguments)  # what is made once is made now
        functions = 0

        def note(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal functions
            functions += event == "call"

        sys.setprofile(note)
        try:
            answer(arguments)
        finally:
            sys.setprofile(None)
        return functions

    return count


def test_a_get_runs_few_functions(cost: Callable[..., int]) -> None:
    """From the message to the object."""
    assert cost("reservation_get", reservation_id=2) <= 50


def test_a_poll_with_nothing_new_runs_few_functions(grid: Any, cost: Callable[..., int]) -> None:
    """It is what nodes do all day."""
    assert cost("workloads_list", node_id=grid.node.node_id, cursor=STORED + 1) <= 58


@pytest.mark.parametrize(("by", "functions"), [("nothing", 12), ("state", 15), ("node", 15), ("customer", 15)])
def test_one_more_in_a_list_runs_few_functions(grid: Any, cost: Callable[..., int], by: str, functions: int) -> None:
    """Each further reservation of a page."""
    wanted = {
        "nothing": {},
        "state": {"state": "deploy"},
        "node": {"state": "deploy", "node_id": grid.node.node_id},
        "customer": {"state": "deploy", "customer_tid": 1},
    }[by]
    one, ten = (cost("reservation_list", limit=limit, **wanted) for limit in (1, 10))
    assert ten - one <= 9 * functions


def test_one_more_workload_of_a_poll_runs_few_functions(grid: Any, cost: Callable[..., int]) -> None:
    """Each in a reservation of its own."""
    one, ten = (cost("workloads_list", node_id=grid.node.node_id, limit=limit) for limit in (1, 10))
    assert ten - one <= 9 * 50
