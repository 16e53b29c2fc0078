"""The stage of the story in one process: a workload manager that this process starts, and nodes as threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from ...schema import to_json
from ._nodes import NodeThread, Report
from ._parties import Node, Person
from ._stage import Fault, Stage

if TYPE_CHECKING:
    import msgspec

    from .. import WorkloadManager

__all__ = ["HostStage", "Opener"]

Opener = Callable[[Path], "WorkloadManager"]
"""Starts a workload manager on a folder, as `workloadmanager.start` does."""


@dataclass(slots=True, kw_only=True)
class HostStage(Stage):
    """Where everybody makes calls of one handle.

    Attributes:
        folder: where the store is; empty at the beginning.
        start: starts the workload manager.
        manager: the workload manager.
        reports: what the nodes told and nobody has read yet.
        others: ids of further reservations.
        reported: how many reports of nodes were read.
        kept: what was stored before the workload manager was stopped, as JSON texts.
    """

    keeper: str = "host"
    folder: Path
    start: Opener
    manager: WorkloadManager = field(init=False)
    reports: SimpleQueue[Report] = field(default_factory=SimpleQueue)
    others: list[int] = field(default_factory=list)
    reported: int = 0
    kept: dict[str, list[str]] = field(default_factory=dict)

    @property
    def calls(self) -> WorkloadManager:
        """The handle."""
        return self.manager

    def calls_of(self, person: Person) -> WorkloadManager:  # noqa: ARG002 - code of the host's process may do everything
        """Return the handle: it is everybody's."""
        return self.manager

    def facts(self) -> tuple[str, ...]:
        """Return how often nodes reported."""
        return (f"{self.reported} node reports",)

    def begin(self) -> None:
        """Start the workload manager."""
        self.manager = self.running.enter_context(self.start(self.folder))

    def begin_node(self, node: Node) -> None:
        """Let a node work in a thread of its own."""
        lifetime = 4 * self.patience
        self.running.enter_context(NodeThread(node, self.manager, self.reports.put, lifetime=lifetime))

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
