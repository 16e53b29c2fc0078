"""The last part of the story: deletion, and what is still there after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

from ._deployment import placements
from ._host_stage import HostStage
from ._stage import Stage

__all__ = [
    "STATES",
    "deletion_is_agreed",
    "deletion_is_proposed",
    "everything_is_still_there",
    "history_is_told",
    "host_starts_again",
    "host_stops",
    "names_by_id",
    "nodes_delete",
    "store_is_sound",
]

STATES = ("create", "sign", "pay", "deploy", "delete", "deleted")


def deletion_is_proposed(stage: Stage) -> None:
    """The first of two signatures for the deletion changes no state."""
    stage.signs(stage.cast.customer, "delete", "signs the deletion", counted=1, should_be="deploy")


def deletion_is_agreed(stage: Stage) -> None:
    """The second one does."""
    stage.signs(stage.cast.cosigners[0], "delete", "signs the deletion", counted=2, should_be="delete")


def nodes_delete(stage: HostStage) -> None:
    """The nodes are told below their cursors, delete, and report it; after the last report all is deleted."""
    with stage.screen.waiting("the nodes work"):
        # Two nodes may tell of the last two reports in either order; the state says which came last.
        reports = sorted(stage.reports_on(placements(stage)), key=lambda report: report.state == "deleted")
    for position, report in enumerate(reports, start=1):
        below = f"{report.node.name} should be told of {report.gwid} below its cursor"
        stage.expect(report.deleted, f"{report.node.name} deployed {report.gwid} again instead of deleting it")
        stage.expect(report.cursor > stage.reservation_id, f"{below}, which is {report.cursor}")
        action = f"deletes {report.kind} {report.gwid}, to_delete below its cursor {report.cursor}"
        should_be = "deleted" if position == len(reports) else "delete"
        stage.done(report.node.name, action, report.state, should_be=should_be)


def host_stops(stage: HostStage) -> None:
    """Stop the nodes and the package."""
    stage.kept = stage.everything()
    stage.end()
    stage.expect(not stage.manager.running, "the workload manager should be stopped, and runs")
    stage.screen.done("host", "stops the nodes and the package")


def host_starts_again(stage: HostStage) -> None:
    """Start the package on the same store."""
    stage.begin()
    stage.screen.done("host", "starts it again on the same store")


def everything_is_still_there(stage: HostStage) -> None:
    """Whatever was stored before the stop is stored after the start."""
    found = stage.everything()
    different = [what for what, objects in stage.kept.items() if found[what] != objects]
    stage.expect(not different, f"the {', '.join(different)} should be as before the restart, and are not")
    amounts = ", ".join(f"{len(objects)} {what}" for what, objects in found.items())
    stage.screen.seen("host", f"finds {amounts} again", stage.reservation().next_action)


def history_is_told(stage: Stage) -> None:
    """Every accepted event was kept: who, what, and where it led."""
    reply = stage.calls.reservation_get(reservation_id=stage.reservation_id, history=True)
    entries = reply.history
    broken = [late.call for early, late in pairwise(entries) if early.to_state != late.from_state]
    stage.expect(not broken, f"the history should be one chain, and is broken at {', '.join(broken)}")
    way = tuple(state for state, _ in groupby(entry.to_state for entry in entries))
    stage.expect(
        way == STATES, f"the history should lead through {', '.join(STATES)}, and leads through {', '.join(way)}"
    )
    stage.screen.seen(stage.keeper, f"tells the history, {len(entries)} events:")
    for who, what, state in _grouped(stage, entries):
        stage.screen.note(who, what, state)


def names_by_id(stage: Stage) -> dict[str, str]:
    """Return the names of people and nodes by what the history has of them: a threebot id or a node id, as text."""
    names = {str(person.tid): person.name for person in stage.cast.people}
    return names | {node.node_id: node.name for node in stage.nodes}


def _grouped(stage: Stage, entries: list[Any]) -> Iterator[tuple[str, str, str]]:
    """Yield who did what and where it led; what nodes do one after another is one line."""
    names = names_by_id(stage)
    nodes = {node.node_id for node in stage.nodes}
    for (call, state, by_node), group in groupby(entries, lambda each: (each.call, each.to_state, each.who in nodes)):
        events = list(group)
        if not by_node:
            yield from ((names[event.who], call, state) for event in events)
            continue
        whose = {names[event.who] for event in events}
        often = f", {len(events)} times" if len(events) > 1 else ""
        yield "both nodes" if len(whose) > 1 else whose.pop(), f"{call}{often}", state


def store_is_sound(stage: HostStage) -> None:
    """The store compares itself with itself."""
    problems = stage.manager.store.check()
    stage.expect(not problems, f"the store should be sound, and is not: {'; '.join(problems)}")
    stage.screen.seen("host", "checks the store: documents, indexes and queues agree")
