"""The demo notices what is wrong: with a fault planted it ends with 1 and one sentence that says which."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

import workloadmanager
from workloadmanager.errors import Conflict, PermissionDenied, WorkloadManagerError
from workloadmanager.threebot import WorkloadManager

Tell = Callable[..., Any]
StartWithFault = Callable[[str, Callable[[Any], object]], Callable[[Path], WorkloadManager]]


class Fault(NamedTuple):
    """A planted fault: which attribute of the workload manager it is in, what it does, what is to be said."""

    attribute: str
    replace: Callable[[Any], object]
    sentence: str


def accepts(kind: type[WorkloadManagerError]) -> Callable[[Any], object]:
    """Make a call that accepts what should be refused with one kind of error."""

    def call(real: Callable[..., Any], **arguments: Any) -> object:
        try:
            return real(**arguments)
        except kind:
            return SimpleNamespace(next_action="deploy", signed=[], needed=0, missing=[])

    return lambda real: partial(call, real)


def refuses_otherwise(real: Callable[..., Any]) -> Callable[..., object]:
    """Make a call that refuses everything it refuses as a conflict."""

    def call(**arguments: Any) -> object:
        try:
            return real(**arguments)
        except WorkloadManagerError as error:
            raise Conflict(error.message) from error

    return call


def changed(change: Callable[[Any], None]) -> Callable[[Any], object]:
    """Make a call whose reply is changed before it is returned."""

    def call(real: Callable[..., Any], **arguments: Any) -> object:
        reply = real(**arguments)
        change(reply)
        return reply

    return lambda real: partial(call, real)


def without(argument: str) -> Callable[[Any], object]:
    """Make a call that ignores one of its arguments."""
    return lambda real: lambda **arguments: real(**{key: arguments[key] for key in arguments if key != argument})


def count_every_signature(reply: Any) -> None:
    """Count a signature twice."""
    reply.signed = reply.signed * 2


def differ_each_time(reply: Any) -> None:
    """Give a reservation another description each time it is looked at."""
    if hasattr(reply, "data_reservation"):
        reply.data_reservation.description = secrets.token_hex(8)


def lose_a_result(reply: Any) -> None:
    """Forget the last result of a reservation that has some."""
    if hasattr(reply, "results"):
        reply.results = reply.results[:-1]


def lose_an_event(reply: Any) -> None:
    """Forget how a reservation came into the state sign."""
    if hasattr(reply, "history"):
        reply.history = [entry for entry in reply.history if entry.call != "sign_customer"]


def hand_out_nothing(reply: Any) -> None:
    """Leave the nodes without work."""
    reply.workloads = []


def shorten_mounts(reply: Any) -> None:
    """Name a volume of the same reservation by its workload id alone."""
    for workload in reply.workloads:
        for mount in workload.content.get("volumes", ()):
            mount["volume_id"] = f"-{mount['volume_id'].partition('-')[2]}"


def hide_deletions(reply: Any) -> None:
    """Never tell a node what it is to delete."""
    reply.workloads = [workload for workload in reply.workloads if not workload.to_delete]


FAULTS = {
    "a forged signature is accepted": Fault(
        "sign_delete",
        accepts(PermissionDenied),
        "outsider signs the deletion in the customer's name, and it was accepted; it should be refused",
    ),
    "a replayed signature is accepted": Fault(
        "sign_delete",
        accepts(Conflict),
        "outsider replays co-signer B's plain signature for the deletion, and it was accepted; it should be refused",
    ),
    "the result of the wrong node is accepted": Fault(
        "set_workload_result",
        accepts(PermissionDenied),
        "node south reports on volume 1-2, which is on node north, and it was accepted; it should be refused",
    ),
    "a refusal has the wrong reason": Fault(
        "sign_delete", refuses_otherwise, "refused as conflict instead of permission"
    ),
    "a signer is counted twice": Fault(
        "sign_provision",
        changed(count_every_signature),
        "co-signer A agrees: 2 of 2, missing co-signer B, C, where 1 should be counted",
    ),
    "a refusal leaves a trace": Fault(
        "reservation_get",
        changed(differ_each_time),
        "outsider signs the deletion in the customer's name: it was refused, and changed the reservation all the same",
    ),
    "a result is lost": Fault("reservation_get", changed(lose_a_result), "7 results should be ok, and 6 are"),
    "a list ignores the node": Fault(
        "reservation_list",
        without("node_id"),
        "the list of reservations on node north should be [1], and is [1, 2]",
    ),
    "a list ignores the state": Fault(
        "reservation_list",
        without("state"),
        "the list of reservations in state deploy should be [1], and is [1, 2]",
    ),
    "a list ignores the epoch": Fault("reservation_list", without("epoch"), "should be [], and is [1, 2]"),
    "a poll ignores the cursor": Fault(
        "workloads_list", without("cursor"), "node north should have nothing to do from cursor 2 on, and has"
    ),
    "a mount is handed out as it was signed": Fault(
        "workloads_list",
        changed(shorten_mounts),
        "node north stopped: 1-3 mounts volume -2, which is not here",
    ),
    "the history has a gap": Fault(
        "reservation_get", changed(lose_an_event), "the history should be one chain, and is broken at sign_provision"
    ),
    "the store is not sound": Fault(
        "store",
        lambda _: SimpleNamespace(check=lambda: ["reservation 1: no row in the index of states"]),
        "the store should be sound, and is not: reservation 1: no row in the index of states",
    ),
}
SILENCE = {
    "the nodes are handed nothing": Fault(
        "workloads_list", changed(hand_out_nothing), "no report came within 0.5 seconds from node north on 1-1"
    ),
    "the nodes are not told what to delete": Fault(
        "workloads_list", changed(hide_deletions), "no report came within 0.5 seconds from node north on 1-1"
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_told_in_one_sentence(name: str, tell: Tell, start_with_fault: StartWithFault) -> None:
    """Whatever the package does wrong, the demo says which step it was and ends with 1."""
    attribute, replace, sentence = FAULTS[name]
    told = tell(start_with_fault(attribute, replace))
    assert told.status == 1
    assert "The demo failed: " in told.in_one_line
    assert sentence in told.in_one_line.partition("The demo failed: ")[2]
    assert "Everything is as it should be" not in told.text


@pytest.mark.parametrize("name", SILENCE)
def test_a_silent_node_is_not_waited_for_without_end(name: str, tell: Tell, start_with_fault: StartWithFault) -> None:
    """What does not come within the patience is named, and the demo ends."""
    attribute, replace, sentence = SILENCE[name]
    told = tell(start_with_fault(attribute, replace), patience=0.5)
    assert told.status == 1
    assert sentence in told.in_one_line


def test_a_node_that_is_refused_ends_the_story(tell: Tell, start_with_fault: StartWithFault) -> None:
    """A node's error is told in the story's own thread, and not lost in the node's."""

    def refuse(**_: object) -> None:
        raise Conflict("no result is wanted")

    told = tell(start_with_fault("set_workload_result", lambda _: refuse))
    assert told.status == 1
    assert "stopped: no result is wanted" in told.in_one_line


def test_a_store_that_forgets_is_noticed(tell: Tell) -> None:
    """A store in memory does not survive the restart."""
    told = tell(lambda _: workloadmanager.start(":memory:"))
    assert told.status == 1
    sentence = "the reservations, users, farms, nodes should be as before the restart, and are not"
    assert sentence in told.in_one_line


def test_a_package_that_does_not_start_is_told_too(tell: Tell) -> None:
    """A call that is refused is one sentence as well."""

    def start(folder: Path) -> WorkloadManager:
        folder.write_text("no folder")
        return workloadmanager.start(folder)

    told = tell(start)
    assert told.status == 1
    assert "The demo failed: a call was refused that should have succeeded: " in told.in_one_line
