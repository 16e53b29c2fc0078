"""A reservation with what the server knows of it, and where its workloads run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from ._enums import NextAction, ResultState, WorkloadKind
from ._gwid import format_gwid
from ._shapes import Data, Network, Placed, Reservation

__all__ = ["Case", "Found", "Placement", "placements_of", "workloads_of"]

_STATES = tuple(NextAction)
"""The states by their numbers: to look one up is a tenth of what asking the enumeration is."""


class Placement(NamedTuple):
    """One workload on one node; a network has one placement per network resource.

    Attributes:
        workload_id: the id within the reservation, 1 or more.
        kind: the number of its `WorkloadKind`.
        node_id: the node it runs on.
    """

    workload_id: int
    kind: int
    node_id: str


class Found(msgspec.Struct, frozen=True):
    """A workload where it stands in the data.

    Its paths are for mistakes, and are made for those alone.

    Attributes:
        kind: what it is.
        family: the field of the data that it is in.
        position: its place there, from 0.
        workload: the workload itself.
        node_ids: the nodes it runs on: of a network one per resource, of all others one.
    """

    kind: WorkloadKind
    family: str
    position: int
    workload: Placed | Network
    node_ids: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it stands, as ``data_reservation.zdbs[0]``."""
        return f"data_reservation.{self.family}[{self.position}]"

    @property
    def nodes(self) -> tuple[tuple[str, str], ...]:
        """Each node it runs on, with the path at which it is named."""
        return tuple((node_id, self.node_path(place)) for place, node_id in enumerate(self.node_ids))

    def node_path(self, place: int) -> str:
        """Return the path at which one of its nodes is named."""
        resource = f".network_resources[{place}]" if self.kind is WorkloadKind.network else ""
        return f"{self.path}{resource}.node_id"


@dataclass(frozen=True, slots=True)
class Case:
    """A reservation with what the server knows of it; every rule is a function of this.

    Attributes:
        reservation: the reservation; it is replaced, never changed.
        farmers: the threebot ids of the farmers whose nodes it uses, found at registration and frozen.
        placements: every workload on every node it runs on.
        reporters: the node that sent each result: ``reporters[i]`` sent ``reservation.results[i]``.
    """

    reservation: Reservation
    farmers: tuple[int, ...] = ()
    placements: tuple[Placement, ...] = ()
    reporters: tuple[str, ...] = ()

    @property
    def state(self) -> NextAction:
        """The state of the reservation."""
        return _STATES[self.reservation.next_action]

    def holding(self, reservation: Reservation) -> Case:
        """Return the same case with another reservation in it."""
        return Case(reservation, self.farmers, self.placements, self.reporters)

    def result_position(self, workload_id: int, node_id: str) -> int | None:
        """Return where the results hold what a node reported about a workload; None where it did not."""
        gwid = format_gwid(self.reservation.id, workload_id)
        for position, (result, reporter) in enumerate(zip(self.reservation.results, self.reporters, strict=True)):
            if reporter == node_id and result.workload_id == gwid:
                return position
        return None

    def is_reported_deleted(self, workload_id: int, node_id: str) -> bool:
        """Return whether a node has reported a workload as deleted."""
        position = self.result_position(workload_id, node_id)
        return position is not None and int(self.reservation.results[position].state) == ResultState.deleted

    def not_yet_deleted(self) -> tuple[Placement, ...]:
        """Return the placements whose nodes have not reported them as deleted."""
        deleted = {
            (result.workload_id, reporter)
            for result, reporter in zip(self.reservation.results, self.reporters, strict=True)
            if int(result.state) == ResultState.deleted
        }
        reservation_id = self.reservation.id
        return tuple(
            placement
            for placement in self.placements
            if (format_gwid(reservation_id, placement.workload_id), placement.node_id) not in deleted
        )


def workloads_of(data: Data) -> list[Found]:
    """Return every workload of a reservation's data, in the order of the model."""
    families: tuple[tuple[WorkloadKind, str, Sequence[Placed]], ...] = (
        (WorkloadKind.container, "containers", data.containers),
        (WorkloadKind.volume, "volumes", data.volumes),
        (WorkloadKind.zdb, "zdbs", data.zdbs),
    )
    found = [
        Found(kind, family, position, workload, (workload.node_id,))
        for kind, family, workloads in families
        for position, workload in enumerate(workloads)
    ]
    for position, network in enumerate(data.networks):
        node_ids = tuple([resource.node_id for resource in network.network_resources])
        found.append(Found(WorkloadKind.network, "networks", position, network, node_ids))
    for position, machine in enumerate(data.kubernetes):
        found.append(Found(WorkloadKind.kubernetes, "kubernetes", position, machine, (machine.node_id,)))
    return found


def placements_of(data: Data) -> tuple[Placement, ...]:
    """Return where the workloads of a reservation run: each (workload, node) once, in the order of the model."""
    placements = [
        Placement(found.workload.workload_id, int(found.kind), node_id)
        for found in workloads_of(data)
        for node_id in found.node_ids
    ]
    return tuple(dict.fromkeys(placements))
