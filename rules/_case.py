"""A reservation with what the server knows of it, and where its workloads run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ._enums import NextAction, ResultState, WorkloadKind
from ._gwid import format_gwid
from ._shapes import Data, Network, Placed, Reservation

__all__ = ["Case", "Found", "Placement", "placements_of", "workloads_of"]


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


class Found(NamedTuple):
    """A workload where it stands in the data.

    Attributes:
        kind: what it is.
        path: where it stands, as ``data_reservation.zdbs[0]``.
        workload: the workload itself.
        nodes: each node it runs on, with the path at which it is named.
    """

    kind: WorkloadKind
    path: str
    workload: Placed | Network
    nodes: tuple[tuple[str, str], ...]


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
        return NextAction(int(self.reservation.next_action))

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


def workloads_of(data: Data) -> Iterator[Found]:
    """Yield every workload of a reservation's data with its path, in the order of the model."""
    yield from _on_one_node(WorkloadKind.container, "containers", data.containers)
    yield from _on_one_node(WorkloadKind.volume, "volumes", data.volumes)
    yield from _on_one_node(WorkloadKind.zdb, "zdbs", data.zdbs)
    for position, network in enumerate(data.networks):
        path = f"data_reservation.networks[{position}]"
        nodes = tuple(
            (resource.node_id, f"{path}.network_resources[{place}].node_id")
            for place, resource in enumerate(network.network_resources)
        )
        yield Found(WorkloadKind.network, path, network, nodes)
    yield from _on_one_node(WorkloadKind.kubernetes, "kubernetes", data.kubernetes)


def _on_one_node(kind: WorkloadKind, name: str, workloads: Sequence[Placed]) -> Iterator[Found]:
    for position, workload in enumerate(workloads):
        path = f"data_reservation.{name}[{position}]"
        yield Found(kind, path, workload, ((workload.node_id, f"{path}.node_id"),))


def placements_of(data: Data) -> tuple[Placement, ...]:
    """Return where the workloads of a reservation run: each (workload, node) once, in the order of the model."""
    placements = (
        Placement(found.workload.workload_id, int(found.kind), node_id)
        for found in workloads_of(data)
        for node_id, _ in found.nodes
    )
    return tuple(dict.fromkeys(placements))
