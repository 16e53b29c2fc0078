"""The end of the story over gedis: nothing is claimed, all is counted."""

from __future__ import annotations

from collections.abc import Iterator

from ._deployment import placements
from ._ending import names_by_id
from ._gedis_stage import GedisStage
from ._parties import Node
from ._proof import differences
from ._stage import Fault
from ._talk import Deed

__all__ = ["nodes_stop", "store_is_sound", "whole_life_is_proven"]


def nodes_stop(stage: GedisStage) -> None:
    """Both nodes stop in order, and nothing runs on them any more."""
    for node in stage.nodes:
        running = stage.at_work[node.name].stop()
        stage.expect(not running, f"nothing should run on {node.name} any more, and {', '.join(running)} does")
    stage.screen.done("both nodes", "stop; nothing runs on them any more")


def whole_life_is_proven(stage: GedisStage) -> None:
    """Hold the server's history and results, and the nodes' own logs, against what was to be done.

    Raises:
        Fault: anything was lost or done twice; the sentence says all of it.
    """
    names = names_by_id(stage)
    reply = stage.operator.reservation_get(reservation_id=stage.reservation_id, history=True)
    steps = [f"{entry.call} of {names.get(entry.who, entry.who)}" for entry in reply.history]
    results = [f"{result.workload_id} {result.state}" for result in reply.reservation.results]
    gwids = sorted(gwid for _, gwid in placements(stage))
    wrong = differences("the history", _steps(stage), steps)
    wrong += differences("the reservation", (f"{gwid} deleted" for gwid in gwids), results)
    for node in stage.nodes:
        wrong += differences(f"the log of {node.name}", _deeds(stage, node), stage.at_work[node.name].deeds())
    if wrong:
        raise Fault(f"not everything was done exactly once: {'; '.join(wrong)}")
    words = f"finds each of {len(steps)} steps exactly once, {len(results)} results deleted"
    stage.screen.seen("operator", words, reply.reservation.next_action)
    for node in stage.nodes:
        stage.screen.seen(node.name, "did, by its own log, each thing exactly once:")
        for deed in (Deed.deploy, Deed.delete):
            done = (each for each in stage.at_work[node.name].deeds() if each.startswith(deed))
            stage.screen.note("", ", ".join(done), "")


def store_is_sound(stage: GedisStage) -> None:
    """Stop the server for good, and let the command line compare its store with itself."""
    status = stage.server.stop()
    stage.expect(status == 0, f"the server should end with status 0 after SIGTERM, and ends with {status}")
    stage.screen.done("server", "stops at SIGTERM, for good")
    problems = stage.server.check_store()
    stage.expect(not problems, f"the store should be sound, and is not: {'; '.join(problems)}")
    stage.screen.seen("operator", "runs bcdb check: documents, indexes and queues agree")


def _steps(stage: GedisStage) -> Iterator[str]:
    """Yield each step of the reservation's life as often as the history should have it."""
    customer, (first, second, _) = stage.cast.customer.name, stage.cast.cosigners
    yield from (f"{call} of {customer}" for call in ("reservation_register", "sign_customer", "sign_delete"))
    yield from (f"sign_provision of {person.name}" for person in (first, second))
    yield from (f"sign_farmer of {person.name}" for person in stage.cast.farmers)
    yield f"sign_delete of {first.name}"
    for node, _ in placements(stage):
        yield from (f"{call} of {node}" for call in ("set_workload_result", "workload_deleted"))


def _deeds(stage: GedisStage, node: Node) -> Iterator[str]:
    """Yield what a node should have done, as its log has it."""
    for name, gwid in placements(stage):
        if name == node.name:
            yield from (f"{deed} {gwid}" for deed in (Deed.deploy, Deed.delete))
