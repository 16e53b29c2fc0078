"""What a registration has to look up in the phonebook, the directory and the store (``docs/registration.md``)."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from ..bcdb import Reader
from ..errors import Internal
from ..rules import NextAction, Reservation, Surroundings, VolumeFact, needs, parse_gwid
from ..schema import NOT_SET
from ._context import Context

__all__ = ["look_up", "volumes_of"]

logger = logging.getLogger(__name__)

_OVER = (NextAction.delete, NextAction.invalid, NextAction.deleted)


def look_up(context: Context, reservation: Reservation, *, known: frozenset[int] = frozenset()) -> Surroundings:
    """Return what is known of the users, nodes and volumes that a reservation names.

    Arguments:
        context: the host.
        reservation: the reservation.
        known: the threebot ids of users whom the phonebook is known to have.
    """
    wanted = needs(reservation)
    return Surroundings(
        known_tids=known | _known(context, wanted.tids - known),
        farmers=context.farmers_of(wanted.node_ids),
        volumes=_volumes(context, wanted.volumes),
    )


def volumes_of(context: Context, reader: Reader, gwids: Iterable[str]) -> dict[str, VolumeFact]:
    """Return what a view knows of some volumes, by global workload id; those that can not be mounted are absent."""
    found = {gwid: _volume(context, reader, gwid) for gwid in gwids}
    return {gwid: fact for gwid, fact in found.items() if fact is not None}


def _known(context: Context, tids: frozenset[int]) -> frozenset[int]:
    """Return those that the phonebook has; more than a reservation may name are refused whoever they are."""
    settings = context.settings
    if len(tids) > 1 + 2 * settings.maximum_signers + settings.maximum_workloads:
        return tids
    wanted = tids - {NOT_SET}
    return frozenset(context.keys_of(wanted)) if wanted else wanted


def _volumes(context: Context, gwids: frozenset[str]) -> dict[str, VolumeFact]:
    if not gwids:
        return {}
    with context.store.read() as reader:
        return volumes_of(context, reader, gwids)


def _volume(context: Context, reader: Reader, gwid: str) -> VolumeFact | None:
    """Return what is known of a volume; None where there is none, or its reservation is being deleted or over.

    One whose deadline has passed is as good as over, also before that is stored.
    """
    reservation_id, workload_id = parse_gwid(gwid)
    record = reader.get(reservation_id)
    if record is None or record.state in _OVER or 0 < record.deadline <= context.clock():
        return None
    try:
        volumes = context.documents.case(record).reservation.data_reservation.volumes
    except Internal:
        logger.exception("the volume %s can not be looked up", gwid)
        return None
    for volume in volumes:
        if volume.workload_id == workload_id:
            return VolumeFact(record.customer_tid, volume.node_id)
    return None
