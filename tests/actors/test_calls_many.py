"""What lists and polls cost over 100,000 stored reservations: what they return, and a handful of keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from workloadmanager.bcdb import Transaction
from workloadmanager.rules import Placement

pytestmark = pytest.mark.slow

STORED = 100_000
NODES = 400
DEPLOY, DELETED = 3, 6
HANDFUL = 30
"""A few look-ups for each of seven states, and one each for the node, the epoch and the deadlines."""


@pytest.fixture(scope="module")
def old_grid(open_grid: Any) -> Iterator[Any]:
    """A grid that has run for long: one reservation in fifty is deployed, the others are deleted."""
    with open_grid() as grid:
        model = grid.context.documents.case(_stored(grid, grid.deployed().id))

        def fill(transaction: Transaction) -> None:
            for number in range(2, STORED + 1):
                transaction.insert(grid.context.documents.record(_aged(model, number)))

        grid.stop()
        grid.store.write(fill)
        yield grid


@pytest.fixture
def many(old_grid: Any) -> Iterator[Any]:
    """The old grid; its calls are started for each test anew."""
    yield old_grid
    old_grid.stop()


def _stored(grid: Any, reservation_id: int) -> Any:
    with grid.store.read() as reader:
        return reader.get(reservation_id)


def _aged(model: Any, number: int) -> Any:
    """Return the model case as the reservation of that number, on a node and in a state of its own."""
    state = DEPLOY if number % 50 == 0 else DELETED
    reservation = msgspec.structs.replace(
        model.reservation,
        id=number,
        epoch=model.reservation.epoch + number,
        next_action=type(model.reservation.next_action)(state),
    )
    return replace(model, reservation=reservation, placements=(Placement(1, 2, f"node-{number % NODES}"),))


def cost(grid: Any, call: str, **arguments: Any) -> tuple[Any, int, int]:
    """Return the reply of a call, and how many documents and keys were read for it."""
    before = replace(grid.store.totals)
    reply = grid.call(call, **arguments)
    after = grid.store.totals
    return reply, after.documents - before.documents, after.keys - before.keys


@pytest.mark.parametrize(
    ("arguments", "returned"),
    [
        ({"node_id": "node-100"}, STORED // NODES),
        ({"node_id": "node-100", "state": "deploy"}, STORED // NODES),
        ({"node_id": "node-101", "state": "deploy"}, 0),
        ({"node_id": "node-101", "state": "deleted", "limit": 5}, 5),
        ({"node_id": "node-101", "cursor": STORED - 2 * NODES}, 2),
        ({"state": "deploy", "limit": 50}, 50),
        ({"state": ["deploy", "delete"], "cursor": STORED - 100}, 3),
        ({"cursor": STORED - 10, "limit": 20}, 11),
    ],
    ids=str,
)
def test_a_list_reads_only_what_it_returns(many: Any, arguments: dict[str, Any], returned: int) -> None:
    """Through the call, whatever is filtered: no document more, and hardly a key."""
    reply, documents, keys = cost(many, "reservation_list", **arguments)
    assert len(reply.reservations) == returned
    assert documents == returned
    assert keys <= returned + HANDFUL


def test_an_epoch_is_found_without_reading_what_came_before(many: Any) -> None:
    """What was registered after a second is a position in the order of ids."""
    last = _stored(many, STORED).epoch
    for filters, returned in (({}, 100), ({"state": "deploy"}, 2), ({"node_id": "node-0", "state": "deploy"}, 1)):
        reply, documents, keys = cost(many, "reservation_list", epoch=last - 100, **filters)
        assert (len(reply.reservations), documents) == (returned, returned)
        assert keys <= returned + HANDFUL


def test_a_poll_with_nothing_new_touches_no_document(many: Any) -> None:
    """However much the node has run before."""
    reply, documents, keys = cost(many, "workloads_list", node_id="node-100", cursor=STORED + 1)
    assert (reply.workloads, documents) == ([], 0)
    assert keys <= HANDFUL


def test_a_first_poll_reads_what_the_node_is_to_run(many: Any) -> None:
    """From cursor 0, and nothing of what it has deleted long ago."""
    reply, documents, keys = cost(many, "workloads_list", node_id="node-100")
    assert len(reply.workloads) == documents == STORED // NODES
    assert keys <= 2 * documents + HANDFUL
