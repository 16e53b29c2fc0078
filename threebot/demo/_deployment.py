"""The middle of the story: the nodes deploy, everybody looks it up, and three attempts are refused."""

from __future__ import annotations

from ... import signing
from ...errors import Conflict, PermissionDenied
from ._host_stage import HostStage
from ._nodes import result_of
from ._stage import Stage

__all__ = [
    "forgery_is_refused",
    "list_by_epoch",
    "list_by_node",
    "list_by_state",
    "nodes_begin",
    "nodes_deploy",
    "nodes_see_nothing_new",
    "placements",
    "replay_is_refused",
    "results_are_kept",
    "wrong_node_is_refused",
]

NORTH, SOUTH = (1, 2, 3, 5), (1, 4, 6)  # the workloads of each node; the network is on both
VOLUME = 2


def placements(stage: Stage) -> set[tuple[str, str]]:
    """Return every node's name with each of its workloads' global ids."""
    north, south = stage.nodes
    of_north = {(north.name, f"{stage.reservation_id}-{workload_id}") for workload_id in NORTH}
    return of_north | {(south.name, f"{stage.reservation_id}-{workload_id}") for workload_id in SOUTH}


def nodes_begin(stage: HostStage) -> None:
    """Both nodes start to poll, each in its own thread."""
    for node in stage.nodes:
        stage.begin_node(node)
        stage.screen.done(node.name, f"polls from cursor 0, signs as nodes did in {node.form}")


def nodes_deploy(stage: HostStage) -> None:
    """Each node deploys what it is handed and sends a signed result for it."""
    with stage.screen.waiting("the nodes work"):
        for report in stage.reports_on(placements(stage)):
            opened = ", opens its secret" if report.secrets else ""
            action = f"deploys {report.kind} {report.gwid}{opened}, signs result"
            stage.done(report.node.name, action, report.state, should_be="deploy")


def nodes_see_nothing_new(stage: HostStage) -> None:
    """From their cursors on, the nodes have nothing more to do."""
    cursor = stage.reservation_id + 1
    for node in stage.nodes:
        waiting = stage.manager.workloads_list(node_id=node.node_id, cursor=cursor).workloads
        stage.expect(not waiting, f"{node.name} should have nothing to do from cursor {cursor} on, and has")
    stage.screen.seen("both nodes", f"are handed nothing from their cursor {cursor} on", "deploy")


def results_are_kept(stage: Stage) -> None:
    """The customer finds a result of every node for every workload."""
    customer = stage.cast.customer
    reservation = stage.reservation(seen_by=customer)
    amount = len(placements(stage))
    good = [result for result in reservation.results if result.state == "ok"]
    stage.expect(len(good) == amount, f"{amount} results should be ok, and {len(good)} are")
    stage.screen.seen(customer.name, f"finds {amount} results, all ok", reservation.next_action)


def list_by_node(stage: HostStage) -> None:
    """Each node's list has what is on that node."""
    north, south = stage.nodes
    everything = [stage.reservation_id, *stage.others]
    _lists(stage, f"on {north.name}", [stage.reservation_id], node_id=north.node_id)
    _lists(stage, f"on {south.name}", everything, node_id=south.node_id)


def list_by_state(stage: HostStage) -> None:
    """Each state's list has what is in that state."""
    _lists(stage, "in state deploy", [stage.reservation_id], state="deploy")
    _lists(stage, "in state create", stage.others, state="create")


def list_by_epoch(stage: HostStage) -> None:
    """What is created after an epoch leaves out what was created in that second."""
    first = stage.reservation().epoch
    last = stage.manager.reservation_get(reservation_id=stage.others[-1]).epoch
    _lists(stage, f"created after second {first - 1}", [stage.reservation_id, *stage.others], epoch=first - 1)
    _lists(stage, f"created after second {last}", [], epoch=last)


def _lists(stage: HostStage, words: str, expected: list[int], **filters: object) -> None:
    found = [each.id for each in stage.manager.reservation_list(**filters).reservations]
    stage.expect(found == expected, f"the list of reservations {words} should be {expected}, and is {found}")
    shown = ", ".join(str(each) for each in found) or "none"
    stage.screen.seen(stage.cast.customer.name, f"lists what is {words}: {shown}")


def forgery_is_refused(stage: Stage) -> None:
    """An outsider signs in the customer's name, with another key."""
    outsider, victim = stage.cast.outsider, stage.cast.customer
    forged = signing.sign(outsider.key, "delete", json=stage.json, reservation_id=stage.reservation_id, tid=victim.tid)
    stage.refused(
        outsider.name,
        f"signs the deletion in the {victim.name}'s name",
        lambda: stage.calls_of(outsider).sign_delete(
            reservation_id=stage.reservation_id, tid=victim.tid, signature=forged
        ),
        kind=PermissionDenied,
    )


def replay_is_refused(stage: Stage) -> None:
    """An outsider has seen a plain signature, and sends it again for another purpose."""
    outsider, victim = stage.cast.outsider, stage.cast.cosigners[1]
    seen = victim.sign("provision", stage.reservation_id, stage.json, form="plain")
    stage.refused(
        outsider.name,
        f"replays {victim.name}'s plain signature for the deletion",
        lambda: stage.calls_of(outsider).sign_delete(
            reservation_id=stage.reservation_id, tid=victim.tid, signature=seen
        ),
        kind=Conflict,
    )


def wrong_node_is_refused(stage: HostStage) -> None:
    """A node reports on a workload of the other one."""
    _, south = stage.nodes
    gwid = f"{stage.reservation_id}-{VOLUME}"
    result = result_of(south, stage.manager.workload_get(gwid=gwid))
    stage.refused(
        south.name,
        f"reports on volume {gwid}, which is on node north",
        lambda: stage.manager.set_workload_result(global_workload_id=gwid, result=result),
        kind=PermissionDenied,
    )
