"""What the steps of the story share: who takes part, what runs, and how a step is checked and shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ...errors import WorkloadManagerError
from ...schema import to_json
from ._nodes import NodeThread, Report
from ._parties import Cast, Node, Person

if TYPE_CHECKING:
    import msgspec

    from ...signing import Form
    from .. import WorkloadManager
    from ._screen import Screen

__all__ = ["Fault", "Opener", "Stage"]

Opener = Callable[[Path], "WorkloadManager"]
"""Starts a workload manager on a folder, as `workloadmanager.start` does."""


class Fault(Exception):
    """Something in the story is not as it should be; the text says what, in one sentence."""


@dataclass(slots=True)
class Stage:
    """Where the story takes place; its steps fill it and use what earlier ones put there.

    Attributes:
        screen: where it is shown.
        folder: where the store is; empty at the beginning.
        start: starts the workload manager.
        patience: how many seconds to wait for the nodes.
        running: what is stopped when the story ends, at whatever step.
        manager: the workload manager.
        cast: the people.
        nodes: the two nodes.
        reports: what the nodes told and nobody has read yet.
        reservation_id: the reservation whose life is told.
        json: its signed text.
        others: ids of further reservations.
        reported: how many reports of nodes were read.
        kept: what was stored before the workload manager was stopped, as JSON texts.
    """

    screen: Screen
    folder: Path
    start: Opener
    patience: float
    running: ExitStack = field(default_factory=ExitStack)
    manager: WorkloadManager = field(init=False)
    cast: Cast = field(init=False)
    nodes: tuple[Node, Node] = field(init=False)
    reports: SimpleQueue[Report] = field(default_factory=SimpleQueue)
    reservation_id: int = 0
    json: str = ""
    others: list[int] = field(default_factory=list)
    reported: int = 0
    kept: dict[str, list[str]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start the workload manager."""
        self.manager = self.running.enter_context(self.start(self.folder))

    def begin_node(self, node: Node) -> None:
        """Let a node work in a thread of its own."""
        lifetime = 4 * self.patience
        self.running.enter_context(NodeThread(node, self.manager, self.reports.put, lifetime=lifetime))

    def end(self) -> None:
        """Stop whatever runs, the nodes before the workload manager."""
        self.running.close()

    def reservation(self) -> Any:  # noqa: ANN401 - its type is made from the models when the package starts
        """Return the reservation as it is stored."""
        return self.manager.reservation_get(reservation_id=self.reservation_id)

    def done(self, party: str, action: str, state: object, *, should_be: str) -> None:
        """Show a step that changed something, if it led where it should.

        Raises:
            Fault: it led to another state.
        """
        self.expect(state == should_be, f"{party} {action}: the state should be {should_be} then, and is {state}")
        self.screen.done(party, action, state)

    def expect(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as `expect(a == b, "…")`
        """End the story unless something is as it should be.

        Raises:
            Fault: it is not.
        """
        if not is_so:
            raise Fault(otherwise)

    def signs(
        self, person: Person, purpose: str, action: str, *, counted: int, should_be: str, form: Form = "bound"
    ) -> None:
        """Let a person sign, and show how many have signed and who may still.

        Arguments:
            person: who signs.
            purpose: ``customer``, ``provision``, ``delete`` or ``farmer``.
            action: what the person does, in words.
            counted: how many signatures should be counted then.
            should_be: the state that should follow.
            form: the form of the signed bytes.

        Raises:
            Fault: another number was counted, or another state follows.
        """
        signature = person.sign(purpose, self.reservation_id, self.json, form)
        arguments = {"reservation_id": self.reservation_id, "signature": signature}
        if purpose != "customer":
            arguments["tid"] = person.tid
        reply = getattr(self.manager, f"sign_{purpose}")(**arguments)
        missing = self.cast.names_of(reply.missing)
        amount = f"{len(reply.signed)} of {reply.needed}{f', missing {missing}' if missing else ''}"
        self.expect(
            len(reply.signed) == counted, f"{person.name} {action}: {amount}, where {counted} should be counted"
        )
        self.done(person.name, f"{action}: {amount}", reply.next_action, should_be=should_be)

    def refused(
        self, party: str, action: str, attempt: Callable[[], object], *, kind: type[WorkloadManagerError]
    ) -> None:
        """Show an attempt, if it was refused for the right reason and changed nothing.

        Raises:
            Fault: it was accepted, refused for another reason, or left a trace.
        """
        before = self.reservation()
        try:
            attempt()
        except kind as error:
            reason = error.message
        except WorkloadManagerError as error:
            raise Fault(f"{party} {action}: refused as {error.kind} instead of {kind.kind}: {error.message}") from error
        else:
            raise Fault(f"{party} {action}, and it was accepted; it should be refused")
        after = self.reservation()
        self.expect(after == before, f"{party} {action}: it was refused, and changed the reservation all the same")
        self.screen.refused(party, action, reason, after.next_action)

    def reports_on(self, expected: set[tuple[str, str]]) -> Iterator[Report]:
        """Yield the nodes' reports until every expected one has come.

        Arguments:
            expected: pairs of a node's name and a global workload id.

        Raises:
            Fault: one did not come in time, came twice, or a node failed.
        """
        missing, deadline = set(expected), time.monotonic() + self.patience
        while missing:
            try:
                report = self.reports.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                late = ", ".join(f"{name} on {gwid}" for name, gwid in sorted(missing))
                raise Fault(f"no report came within {self.patience:g} seconds from {late}") from None
            if report.fault:
                raise Fault(report.fault)
            place = (report.node.name, report.gwid)
            self.expect(
                place in missing, f"{report.node.name} was handed {report.gwid} again, or never should have been"
            )
            missing.discard(place)
            self.reported += 1
            yield report

    def everything(self) -> dict[str, list[str]]:
        """Return all that is stored, as JSON texts by what it is."""
        directory = self.manager.directory
        stored: dict[str, list[Any]] = {
            "reservations": self.manager.reservation_list().reservations,
            "users": self.manager.phonebook.list(),
            "farms": directory.list_farms(),
            "nodes": directory.list_nodes(),
        }
        return {what: [_text(each) for each in objects] for what, objects in stored.items()}


def _text(stored: msgspec.Struct) -> str:
    return to_json(stored)
