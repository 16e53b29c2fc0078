"""The middle of the story over gedis: the nodes work, and the server goes away twice while they do."""

from __future__ import annotations

import signal

from ...errors import PermissionDenied
from ._deployment import placements
from ._gedis_stage import GedisStage
from ._nodes import result_of
from ._talk import Deed
from ._turns import do_without_report, take_turn, work_off

__all__ = [
    "answer_is_lost",
    "first_half_is_deleted",
    "first_half_is_deployed",
    "node_comes_back",
    "node_loses_power",
    "nodes_delete_without_server",
    "nodes_deploy_without_server",
    "nodes_have_nothing_to_do",
    "other_node_is_refused",
    "outsider_sees_no_secrets",
    "rest_is_deleted",
    "rest_is_deployed",
    "server_comes_back",
    "server_is_killed",
    "server_stops",
    "stranger_is_refused",
]


def first_half_is_deployed(stage: GedisStage) -> None:
    """The nodes are handed their workloads, and begin."""
    stage.deed, stage.unreported = Deed.deploy, placements(stage)
    north, south = stage.nodes
    for node in (north, south, north):
        take_turn(stage, node)


def answer_is_lost(stage: GedisStage) -> None:
    """The server has a report, and the node does not know that: it will send it again."""
    take_turn(stage, stage.nodes[1], lose=True)


def server_stops(stage: GedisStage) -> None:
    """The server is stopped in order while each node is about to deploy its next workload."""
    for node in stage.nodes:
        asked = stage.at_work[node.name].question().deed
        stage.expect(asked is Deed.deploy, f"{node.name} should be about to deploy, and is about to {asked}")
    total, results = len(placements(stage)), len(stage.reservation().results)
    # The one whose answer was lost is among them; its node does not know that.
    expected = total - len(stage.unreported) + 1
    stage.expect(results == expected, f"{expected} results should be stored, and {results} are")
    stage.kept = stage.now()
    status = stage.server.stop()
    stage.expect(status == 0, f"the server should end with status 0 after SIGTERM, and ends with {status}")
    stage.screen.done("server", f"stops at SIGTERM, with {results} of {total} results stored")


def nodes_deploy_without_server(stage: GedisStage) -> None:
    """A node goes on without the server, and keeps what it has to report."""
    take_turn(stage, stage.nodes[0])


def node_loses_power(stage: GedisStage) -> None:
    """The other node ends on the spot, and only its journal knows what it has deployed."""
    south = stage.nodes[1]
    status = stage.at_work[south.name].cut()
    stage.expect(status == -signal.SIGKILL, f"{south.name} should end by SIGKILL, and ends with {status}")
    stage.screen.done(south.name, "loses its power: the process ends by SIGKILL")


def server_comes_back(stage: GedisStage) -> None:
    """The server is started again, at the same address and on the same store, and nothing is gone."""
    with stage.screen.waiting("the server starts"):
        stage.server.start()
    stage.restarts += 1
    stage.screen.done("server", f"is started again on the same store, process {stage.server.number}")
    found = stage.now()
    stage.expect(found == stage.kept, "the reservation and its history should be as before the restart, and are not")
    stage.screen.seen("operator", "finds the reservation and its history as they were", stage.reservation().next_action)


def node_comes_back(stage: GedisStage) -> None:
    """The node that lost its power is switched on again."""
    south = stage.nodes[1]
    number = stage.begin_node(south)
    stage.at_work[south.name].wait_until_joined()
    stage.screen.done(south.name, f"goes on from its journal, process {number}")


def rest_is_deployed(stage: GedisStage) -> None:
    """The nodes notice by themselves that the server is back; what they kept is delivered."""
    with stage.screen.waiting("the nodes work"):
        work_off(stage)


def nodes_have_nothing_to_do(stage: GedisStage) -> None:
    """Both nodes poll once more, from above all that they have seen."""
    cursor = stage.reservation_id + 1
    for node in stage.nodes:
        poll = stage.at_work[node.name].poll()
        stage.expect(
            (poll.cursor, poll.handed) == (cursor, 0),
            f"{node.name} should be handed nothing from cursor {cursor} on, and is handed {poll.handed} workloads "
            f"from {poll.cursor} on",
        )
    state = stage.reservation().next_action
    stage.screen.seen("both nodes", f"are handed nothing from their cursor {cursor} on", state)


def stranger_is_refused(stage: GedisStage) -> None:
    """Somebody who did not log in polls for a node."""
    node = stage.nodes[0]
    stage.refused(
        "stranger",
        f"polls for {node.name} without a login",
        lambda: stage.stranger.workloads_list(node_id=node.node_id),
        kind=PermissionDenied,
    )


def other_node_is_refused(stage: GedisStage) -> None:
    """A node that is logged in reports in the name of the other one."""
    north, south = stage.nodes
    gwid = f"{stage.reservation_id}-2"
    result = result_of(south, stage.operator.workload_get(gwid=gwid))
    stage.refused(
        south.name,
        f"reports on volume {gwid} in the name of {north.name}",
        lambda: stage.calls_of_node(south).set_workload_result(
            global_workload_id=gwid, result=result, node_id=north.node_id
        ),
        kind=PermissionDenied,
    )


def outsider_sees_no_secrets(stage: GedisStage) -> None:
    """A user who has no part in the reservation sees what runs where, and nothing that is for its parties alone."""
    outsider = stage.cast.outsider
    seen = stage.reservation(seen_by=outsider)
    (container,) = seen.data_reservation.containers
    hidden = (seen.json, seen.customer_signature, container.environment, container.secret_environment)
    stage.expect(not any(hidden), f"{outsider.name} should see no secrets of others, and does")
    stage.screen.seen(outsider.name, "is shown the reservation without its secrets", seen.next_action)


def first_half_is_deleted(stage: GedisStage) -> None:
    """The nodes are told below their cursors what is to go; one of them is about to report when the server dies."""
    stage.deed, stage.unreported = Deed.delete, placements(stage)
    north, south = stage.nodes
    for node in (north, south):
        take_turn(stage, node)
    do_without_report(stage, south)


def server_is_killed(stage: GedisStage) -> None:
    """The server ends on the spot; what it had acknowledged is on disk."""
    stage.at_work[stage.nodes[0].name].question()
    stage.kept = stage.now()
    status = stage.server.kill()
    stage.expect(status == -signal.SIGKILL, f"the server should end by SIGKILL, and ends with {status}")
    total = len(placements(stage))
    stage.screen.done(
        "server", f"is killed by SIGKILL, with {total - len(stage.unreported)} of {total} deletions stored"
    )


def nodes_delete_without_server(stage: GedisStage) -> None:
    """Each node goes on alone, and keeps what it has to report."""
    for node in reversed(stage.nodes):
        take_turn(stage, node)


def rest_is_deleted(stage: GedisStage) -> None:
    """After the last report all is deleted."""
    with stage.screen.waiting("the nodes work"):
        work_off(stage)
