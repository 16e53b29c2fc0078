"""Registering a reservation: verify, check, and store it as one change (``docs/registration.md``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import cast

import msgspec

from ..bcdb import Reader, Transaction
from ..errors import InputError, NotFound, PermissionDenied, Problem
from ..rules import (
    Case,
    Purpose,
    Reservation,
    Surroundings,
    Verification,
    accepted_forms,
    check_document_size,
    check_registration,
    farmers_of,
    needs,
    next_deadline,
    open_case,
    placements_of,
    verify,
)
from ._context import Context
from ._expiry import expire_due
from ._future import chain
from ._surroundings import volumes_of
from ._transitions import Happening, Opening, SingleUse, replayed

__all__ = [
    "check",
    "check_mounts",
    "check_size",
    "earlier_registration",
    "mounts_alone",
    "refuse_signature",
    "single_use_of",
    "submit",
    "verify_customer",
]

_MOST_PROBLEMS = 50


def verify_customer(context: Context, reservation: Reservation) -> Verification | None:
    """Return whether the customer's signature verifies; None where there is none, or the customer is not known."""
    tid = reservation.customer_tid
    if not reservation.customer_signature:
        return None
    try:
        key = context.key_of(tid)
    except NotFound:
        return None  # the check of the registration says so, with its path
    return verify(
        key,
        reservation.customer_signature,
        json=reservation.json,
        purpose=Purpose.customer,
        reservation_id=0,  # there is none yet, which is why only plain signatures are accepted here
        tid=tid,
        forms=accepted_forms(Purpose.customer, context.settings, registering=True),
    )


def refuse_signature(context: Context, verification: Verification | None) -> PermissionDenied:
    """Return the error for a customer's signature that does not verify, or whose customer is not known."""
    reason = verification.reason if verification is not None else "it verifies with the key of no user"
    if context.settings.unbound_signatures == "refuse":
        reason += "; register without a signature, then sign with the reservation's id by sign_customer"
    return PermissionDenied(f"the signature of the customer is refused: {reason}", path="customer_signature")


def single_use_of(reservation: Reservation, verification: Verification | None) -> SingleUse | None:
    """Return what keeps a customer's signature from being used again; None for a registration without one."""
    if not verification:
        return None
    return SingleUse(reservation.customer_tid, verification.digest, Purpose.customer)


def earlier_registration(context: Context, single_use: SingleUse | None) -> Case | None:
    """Return the reservation that a customer's signature was used for: a retried registration is not a new one.

    Raises:
        Conflict: it was used for another purpose.
    """
    if single_use is None:
        return None
    expire_due(context)  # it is shown in the state that it is in by now
    with context.store.read() as reader:
        return _registered_by(context, reader, single_use)


def _registered_by(context: Context, reader: Reader, single_use: SingleUse | None) -> Case | None:
    """Return the reservation that a customer's signature was used for, as a view has it.

    Raises:
        Conflict: it was used for another purpose.
    """
    used = reader.signature_use(single_use.tid, single_use.digest) if single_use is not None else None
    if used is None:
        return None
    record = reader.get(used.reservation_id)
    if used.purpose != Purpose.customer or record is None:
        raise replayed(used, path="customer_signature")
    return context.documents.case(record)


def check_size(context: Context, reservation: Reservation) -> None:
    """See that a reservation is not larger than it may be, before anything in it is looked up.

    Raises:
        InputError: it is.
    """
    size = len(context.documents.reservation.encode(cast("msgspec.Struct", reservation)))
    problems = check_document_size(size, context.settings)
    if problems:
        raise InputError.of(problems)


def check(
    context: Context, reservation: Reservation, surroundings: Surroundings, now: int, differences: Sequence[Problem]
) -> list[Problem]:
    """Check whether a reservation may be stored.

    Arguments:
        context: the host.
        reservation: the reservation, with its json text.
        surroundings: what was looked up for it.
        now: seconds since 1970.
        differences: where its json text says something else.

    Returns:
        Every mistake, each with its path; of very many, the first.
    """
    problems = [*differences, *check_registration(reservation, surroundings, now=now, settings=context.settings)]
    if len(problems) > _MOST_PROBLEMS:
        problems[_MOST_PROBLEMS:] = [Problem(f"there are more mistakes; these are the first {_MOST_PROBLEMS}")]
    return problems


def mounts_alone(problems: Sequence[Problem]) -> bool:
    """Return whether all mistakes are about volumes to mount: what was sent just before may be what makes them."""
    return all(problem.path.endswith(".volume_id") for problem in problems)


def check_mounts(
    context: Context, reservation: Reservation, surroundings: Surroundings, now: int, differences: Sequence[Problem]
) -> Callable[[Reader], None]:
    """Return what checks a reservation that mounts volumes of others once more, in a transaction.

    Such a volume may be registered, or given up, by what is stored just before. The arguments are those of `check`.

    Returns:
        A function of a view, which raises `InputError` where the reservation may not be stored beside what is in it.
    """
    mounted = needs(reservation).volumes

    def check_in(reader: Reader) -> None:
        found = replace(surroundings, volumes=volumes_of(context, reader, mounted))
        problems = check(context, reservation, found, now, differences)
        if problems:
            raise InputError.of(problems)

    return check_in


def submit(
    context: Context,
    reservation: Reservation,
    surroundings: Surroundings,
    single_use: SingleUse | None,
    now: int,
    check_in: Callable[[Reader], None] | None = None,
) -> Future[Reservation]:
    """Store a reservation that was checked, with the next id and an epoch that never falls.

    Arguments:
        context: the host.
        reservation: the reservation.
        surroundings: what was looked up for it.
        single_use: the customer's signature; None where there is none.
        now: seconds since 1970.
        check_in: what still has to be checked, in the transaction; None where all was.

    Returns:
        A future with the reservation as it is stored, settled once it is durable; or with an earlier one
        that the same signature registered.
    """
    happening = Happening("reservation_register", str(reservation.customer_tid), now, single_use)

    def opened() -> Opening:
        step = open_case(
            reservation,
            farmers=farmers_of(reservation.data_reservation, surroundings, context.settings),
            placements=placements_of(reservation.data_reservation),
            customer_signed=single_use is not None,
        )
        return Opening.of(context, step, happening)

    opening = opened() if check_in is None else None  # what is not fully checked can not be opened yet

    def change(transaction: Transaction) -> Case:
        # No deadline of an earlier one has passed: it has those that were checked just now.
        earlier = _registered_by(context, transaction, single_use)
        if earlier is not None:
            return earlier
        if check_in is not None:
            check_in(transaction)
        return (opening or opened()).write(context, transaction, now)

    def finish(case: Case) -> Reservation:
        context.tell_deadline(next_deadline(case))
        return case.reservation

    return chain(context.store.submit(change), finish)
