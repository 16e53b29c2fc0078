"""What registration has to look up before it can check: users, farmers, volumes (``docs/registration.md``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..schema import NOT_SET
from ._case import workloads_of
from ._gwid import parse_gwid
from ._settings import Settings
from ._shapes import Data, Reservation

__all__ = ["Needs", "Surroundings", "VolumeFact", "farmers_of", "needs"]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a registration asks about.

    Attributes:
        tids: threebot ids to look up in the phonebook: customer, signers, declared farmers.
        node_ids: nodes to look up in the directory.
        volumes: global workload ids of volumes of other reservations that it mounts.
    """

    tids: frozenset[int]
    node_ids: frozenset[str]
    volumes: frozenset[str]


@dataclass(frozen=True, slots=True)
class VolumeFact:
    """What is known of a volume of another reservation.

    Attributes:
        customer_tid: the customer whose volume it is.
        node_id: the node it is on.
    """

    customer_tid: int
    node_id: str


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What was found of what a registration `needs`.

    Attributes:
        known_tids: those of the threebot ids that the phonebook has.
        farmers: the farmer's threebot id by node, for the nodes that the directory has.
        volumes: what is known of each volume by its global workload id; volumes that do not exist, and those of
            reservations that are over, are absent.
    """

    known_tids: frozenset[int] = frozenset()
    farmers: Mapping[str, int] = field(default_factory=dict)
    volumes: Mapping[str, VolumeFact] = field(default_factory=dict)


def needs(reservation: Reservation) -> Needs:
    """Return what has to be looked up before a reservation can be checked.

    Arguments:
        reservation: as the client sent it, read through the model; nothing else about it is checked yet.
    """
    data = reservation.data_reservation
    tids = {reservation.customer_tid, *data.signing_request_provision.signers, *data.signing_request_delete.signers}
    node_ids: set[str] = set()
    for found in workloads_of(data):
        node_ids.update(found.node_ids)
        if found.workload.farmer_tid != NOT_SET:
            tids.add(found.workload.farmer_tid)
    node_ids.discard("")
    return Needs(frozenset(tids), frozenset(node_ids), frozenset(_volumes_elsewhere(data)))


def farmers_of(data: Data, surroundings: Surroundings, settings: Settings) -> tuple[int, ...]:
    """Return the threebot ids of the farmers of a reservation, each once, in rising order.

    Arguments:
        data: what is asked for, in which `check_registration` found no problem.
        surroundings: what was found of what it `needs`.
        settings: the operator's; with ``unknown_nodes = "declared"`` a workload's ``farmer_tid`` counts for
            the nodes that the directory does not know, and for those alone.

    Raises:
        InputError: a node has no farmer; `check_registration` says so first.
    """
    farmers = set()
    for found in workloads_of(data):
        for place, node_id in enumerate(found.node_ids):
            farmer = surroundings.farmers.get(node_id)
            if farmer is None and settings.unknown_nodes == "declared":
                farmer = found.workload.farmer_tid
            if farmer is None:
                raise InputError(f"node {node_id!r} is not in the directory", path=found.node_path(place))
            farmers.add(farmer)
    return tuple(sorted(farmers))


def _volumes_elsewhere(data: Data) -> Iterator[str]:
    for container in data.containers:
        for mount in container.volumes:
            try:
                parse_gwid(mount.volume_id)
            except InputError:
                continue  # not an id of another reservation: the check of the mounts says what is wrong with it
            yield mount.volume_id
