"""The call `reservation_register`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from ..errors import Conflict, InputError
from ..rules import Reservation
from ._access import check_unsigned
from ._caller import Role
from ._completion import complete
from ._declaration import Access
from ._registration import (
    check,
    check_mounts,
    check_size,
    earlier_registration,
    mounts_alone,
    refuse_signature,
    single_use_of,
    submit,
    verify_customer,
)
from ._signed_extras import without_signed_extras
from ._surroundings import look_up
from ._view import ChangingCall

__all__ = ["ReservationRegister"]


class ReservationRegister(ChangingCall):
    """Register a reservation: check all of it, then store it.

    What the server decides (id, epoch, next_action, signatures, results) is ignored where it is sent,
    but for the customer's own signature over ``json``. With that signature the reservation goes on at
    once; without it, it waits for `sign_customer`. One of ``json`` and ``data_reservation`` is enough,
    and the other is made of it. A registration that is sent again with the same signature returns the
    reservation that the first one made; one without a signature is always new. A session that is logged in
    as somebody else than the customer, or as nobody at a closed server, registers with that signature alone.

    Errors: ``input`` for whatever is wrong in the reservation, all of it at once, each with its path
    within the reservation; ``permission`` for a signature that does not verify, or one that is missing;
    ``conflict`` for a signature that was used for something else. Nothing is stored then.

    ```in
    reservation = (O) !tfgrid.workloads.reservation.1   # what is asked for, and who asks
    ```

    ```out
    !tfgrid.workloads.reservation.1   # the reservation as it is stored, with id, epoch and next_action
    ```
    """

    _access = Access.anybody
    _subject = "reservation"

    def reservation_register(self, *, reservation: Reservation) -> Future[Reservation] | Reservation:
        """Answer the call, which the class describes (``docs/registration.md``)."""
        context = self._context
        if not reservation.customer_signature:
            check_unsigned(self._caller, reservation.customer_tid)
        now = context.clock()
        sent = self._request.arguments.get("reservation")
        reservation, differences = complete(context.documents, reservation, context.settings, sent)
        check_size(context, reservation)
        verification = verify_customer(context, reservation)
        if not verification and self._caller.role is Role.stranger:
            # Before anything is looked up: what is wrong besides would tell a stranger who and what is known here.
            raise refuse_signature(context, verification)
        single_use = single_use_of(reservation, verification)
        known = frozenset({reservation.customer_tid} if verification is not None else ())
        surroundings = look_up(context, reservation, known=known)
        problems = check(context, reservation, surroundings, now, differences)
        if problems:
            # One that was registered before is answered all the same: what was valid then may have expired since.
            earlier = earlier_registration(context, single_use)
            if earlier is not None and not differences:
                return earlier.reservation
            if not mounts_alone(problems) or (reservation.customer_signature and not verification):
                raise InputError.of(problems)
        if reservation.customer_signature and verification is None:
            # Unlike now, the customer was not in the phonebook when the key was looked up.
            raise Conflict("the customer was added to the phonebook just now; send it again", path="customer_tid")
        if verification is not None and not verification:
            raise refuse_signature(context, verification)
        check_in = None
        if problems or surroundings.volumes:
            check_in = check_mounts(context, reservation, surroundings, now, differences)
        return submit(context, reservation, surroundings, single_use, now, check_in)

    def _read(self, message: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return super()._read(message)
        except InputError as error:
            # Only now: to read the json text here as well is worth it for those alone who send what is not known.
            try:
                known = without_signed_extras(self._context, message)
            except InputError as unreadable:
                raise InputError.of((*unreadable.errors, *error.errors)) from error
            if known is None:
                raise
        return super()._read(known)
