"""Signing a reservation with one of the user's keys, and saying what it waits for then."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, cast

from ...errors import InputError, NotFound, PermissionDenied
from ...schema import NOT_SET

if TYPE_CHECKING:
    from ...rules import Reservation
    from ...signing import Key
    from .. import WorkloadManager

__all__ = ["Purpose", "Standing", "holder_of", "refuse_other_key", "sign_reservation", "standing"]


class Purpose(StrEnum):
    """What a reservation is signed for, as in `workloadmanager.signing`, which is slow to load for a help text."""

    customer = "customer"
    provision = "provision"
    delete = "delete"
    farmer = "farmer"


class Standing(Protocol):
    """The reply to a signature: how many are counted, and what the reservation waits for."""

    next_action: object
    signed: list[int]
    needed: int
    missing: list[int]


def sign_reservation(
    manager: WorkloadManager, reservation: Reservation, purpose: Purpose, tid: int, key: Key
) -> Standing:
    """Sign a reservation with a bound signature, send it, and return the reply.

    Arguments:
        manager: has the reservation.
        reservation: as it is stored; its json text is signed.
        purpose: what for.
        tid: the threebot id of the signer.
        key: the signer's key.

    Raises:
        InputError: somebody else than the customer signs as the customer.
        WorkloadManagerError: whatever the call refuses.
    """
    from ...signing import sign

    if purpose is Purpose.customer and tid != reservation.customer_tid:
        raise InputError(
            f"the customer of reservation {reservation.id} is {reservation.customer_tid}, not {tid}; "
            "sign with the customer's key",
            path="--tid",
        )
    signature = sign(key, purpose, json=reservation.json, reservation_id=reservation.id, tid=tid)
    if purpose is Purpose.customer:
        return cast("Standing", manager.sign_customer(reservation_id=reservation.id, signature=signature))
    call = {
        Purpose.provision: manager.sign_provision,
        Purpose.delete: manager.sign_delete,
        Purpose.farmer: manager.sign_farmer,
    }[purpose]
    return cast("Standing", call(reservation_id=reservation.id, tid=tid, signature=signature))


def holder_of(manager: WorkloadManager, public_key: str) -> int:
    """Return the threebot id of the one user who has a key.

    Raises:
        NotFound: nobody in the phonebook has it.
        InputError: several users have it.
    """
    holders = [user.id for user in manager.phonebook.list() if user.pubkey == public_key]
    if not holders:
        raise NotFound("no user of the phonebook has this key; say who signs with --tid, or add the user first")
    if len(holders) > 1:
        raise InputError(f"the users {', '.join(map(str, holders))} share this key; say who signs with --tid")
    return holders[0]


def refuse_other_key(manager: WorkloadManager, reservation: object, key: Key) -> None:
    """Refuse a key that is not the customer's before anything is registered; the call finds all other mistakes.

    Raises:
        PermissionDenied: the phonebook has another key for the customer.
    """
    tid = reservation.get("customer_tid") if isinstance(reservation, dict) else None
    if not isinstance(tid, int):
        return
    try:
        customer = manager.phonebook.get(tid)
    except NotFound:
        return
    if customer.pubkey != key.public_key:
        raise PermissionDenied(
            f"this key is not the one of the customer, threebot {tid} ({customer.name}); nothing is registered",
            path="--sign-with",
        )


def standing(reservation: Reservation) -> str:
    """Return in which state a reservation is and what it waits for, in a sentence."""
    waits = {
        "create": f"it waits for its customer: workloadmanager reservation sign customer {reservation.id} --key KEY",
        "sign": f"it waits for its co-signers: {_missing_signers(reservation)}",
        "pay": f"it waits for its farmers: workloadmanager reservation sign farmer {reservation.id} --key KEY",
        "deploy": "its nodes deploy it, or run it already",
        "delete": "its nodes delete it",
        "invalid": "it expired before it was deployed",
        "deleted": "nothing of it is left on any node",
    }
    state = str(reservation.next_action)
    return f"Reservation {reservation.id} is in {state}; {waits[state]}."


def _missing_signers(reservation: Reservation) -> str:
    """Return how many co-signers signed, and who may still."""
    request = reservation.data_reservation.signing_request_provision
    signed = {signature.tid for signature in reservation.signatures_provision}
    missing = sorted(set(request.signers) - signed)
    needed = 0 if request.quorum_min == NOT_SET else request.quorum_min
    return f"{len(signed)} of {needed} signed, missing {', '.join(map(str, missing))}"
