"""Whatever happens in whatever order: the table holds, the queues agree, nobody counts twice."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import Conflict, PermissionDenied
from workloadmanager.rules import TABLE, Case, DeadlinePassed, NextAction, apply

TIDS = st.sampled_from([1, 2, 3, 4, 9, 21, 22])
WORKLOADS = st.integers(1, 8)
NODES = st.sampled_from(["node-1", "node-2", "node-3"])
MOMENTS = st.sampled_from([0] * 12 + [599, 600, 86_399, 86_400])

EVENTS = st.one_of(
    st.tuples(st.just("customer_signed")),
    st.tuples(st.sampled_from(["operator_deleted"] + ["customer_signed"] * 5)),
    st.tuples(st.sampled_from(["provision", "farmer", "delete"]), TIDS),
    st.tuples(st.just("report"), WORKLOADS, NODES, st.sampled_from(["error", "ok", "deleted"])),
    st.tuples(st.just("gone"), WORKLOADS, NODES),
    st.just(("deadline",)),
)
EDGES = {(row.state, row.target) for row in TABLE if row.state is not row.target}
SMALL: dict[str, Any] = {"containers": [], "volumes": [], "kubernetes": [], "signing_request_delete": {}}
"""A network over two nodes and a zdb, with fewer signers, so that the far states come up often."""

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def make(grid: Any, parts: tuple[Any, ...]) -> Any:
    """An event of its parts."""
    name, *arguments = parts
    return DeadlinePassed() if name == "deadline" else getattr(grid, name)(*arguments)


def check_queues(case: Case, queue: set[tuple[str, int]]) -> None:
    """A row waits for whoever has something to run or to delete, and for nobody else."""
    if case.state is NextAction.delete:
        assert queue == {(each.node_id, each.workload_id) for each in case.not_yet_deleted()}
    elif case.state is NextAction.deploy:
        reported = {(reporter, result.workload_id) for reporter, result in zip_results(case)}
        everywhere = {(each.node_id, each.workload_id) for each in case.placements}
        assert queue == {(node, number) for node, number in everywhere if (node, f"12-{number}") not in reported}
    else:
        assert queue == set()


def zip_results(case: Case) -> list[tuple[str, Any]]:
    """Every result with its reporter."""
    return list(zip(case.reporters, case.reservation.results, strict=True))


def check_counts(case: Case) -> None:
    """No signer is kept twice, no node twice for a workload."""
    reservation = case.reservation
    for entries in (reservation.signatures_provision, reservation.signatures_farmer, reservation.signatures_delete):
        tids = [entry.tid for entry in entries]
        assert len(tids) == len(set(tids))
    reports = [(reporter, result.workload_id) for reporter, result in zip_results(case)]
    assert len(reports) == len(set(reports))


@relaxed
@given(signed=st.booleans(), steps=st.lists(st.tuples(EVENTS, MOMENTS), max_size=40))
def test_no_sequence_of_events_leaves_the_table(grid: Any, *, signed: bool, steps: list[Any]) -> None:
    """Every move is an edge of the table, final states stay, and a refusal leaves everything as it was."""
    data = grid.data(**SMALL)
    data["zdbs"][0]["workload_id"] = 2
    case, queue, latest = grid.open(signed=signed, **data).case, set[tuple[str, int]](), 0
    asked_for = msgspec.msgpack.encode(case.reservation.data_reservation)
    for parts, moment in steps:
        latest = max(latest, moment)
        before, state = msgspec.msgpack.encode(case.reservation), case.state
        try:
            step = apply(case, make(grid, parts), grid.now + latest)
        except (Conflict, PermissionDenied):
            assert msgspec.msgpack.encode(case.reservation) == before
            continue
        for target in step.moves:
            assert (state, target) in EDGES
            state = target
        assert state is step.case.state
        assert msgspec.msgpack.encode(case.reservation) == before
        assert step.changed or step.case is case
        assert len(set(step.enqueue)) == len(step.enqueue)
        queue = (queue | set(step.enqueue)) - set(step.dequeue)
        case = step.case
        check_queues(case, queue)
        check_counts(case)
    assert msgspec.msgpack.encode(case.reservation.data_reservation) == asked_for


@relaxed
@given(order=st.permutations([("customer_signed",), ("provision", 2), ("provision", 3), ("provision", 2)]))
def test_the_order_of_signatures_within_create_and_sign_makes_no_difference(grid: Any, order: list[Any]) -> None:
    """All of them together always lead to pay."""
    case = grid.open().case
    for parts in order:
        case = apply(case, make(grid, parts), grid.now).case
    assert case.state is NextAction.pay


@relaxed
@given(
    order=st.permutations([(1, "node-1"), (1, "node-2"), (2, "node-1"), (3, "node-1"), (4, "node-2"), (5, "node-2")])
)
def test_the_order_of_deletions_makes_no_difference(grid: Any, order: list[tuple[int, str]]) -> None:
    """The last report ends it, whichever it is, and not one before."""
    case = grid.case(NextAction.delete, grid.gone(6, "node-1"), grid.gone(7, "node-2"))
    *others, last = order
    for workload_id, node_id in others:
        case = apply(case, grid.gone(workload_id, node_id), grid.now).case
        assert case.state is NextAction.delete
    assert apply(case, grid.gone(*last), grid.now).moves == (NextAction.deleted,)
