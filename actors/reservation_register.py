"""The call `reservation_register`."""

from __future__ import annotations

from concurrent.futures import Future

from ..rules import Reservation
from ._call import CallActor
from ._completion import complete
from ._expiry import expire_due
from ._registration import (
    check,
    check_size,
    earlier_registration,
    refuse_signature,
    single_use_of,
    submit,
    verify_customer,
)
from ._surroundings import look_up

__all__ = ["ReservationRegister"]


class ReservationRegister(CallActor):
    """Register a reservation: check all of it, then store it.

    What the server decides (id, epoch, next_action, signatures, results) is ignored where it is sent,
    but for the customer's own signature over ``json``. With that signature the reservation goes on at
    once; without it, it waits for `sign_customer`. One of ``json`` and ``data_reservation`` is enough,
    and the other is made of it. A registration that is sent again with the same signature returns the
    reservation that the first one made; one without a signature is always new.

    Errors: ``input`` for whatever is wrong in the reservation, all of it at once, each with its path
    within the reservation; ``permission`` for a signature that does not verify; ``conflict`` for a
    signature that was used for something else. Nothing is stored then.

    ```in
    reservation = (O) !tfgrid.workloads.reservation.1   # what is asked for, and who asks
    ```

    ```out
    !tfgrid.workloads.reservation.1   # the reservation as it is stored, with id, epoch and next_action
    ```
    """

    _subject = "reservation"

    def reservation_register(self, *, reservation: Reservation) -> Future[Reservation] | Reservation:
        """Answer the call, which the class describes (``docs/registration.md``)."""
        context = self._context
        now = context.clock()
        reservation, differences = complete(context.documents, reservation, context.settings)
        check_size(context, reservation)
        verification = verify_customer(context, reservation)
        single_use = single_use_of(reservation, verification)
        if single_use is not None:
            expire_due(context)  # an earlier one is shown in the state that it is in by now
            with context.store.read() as reader:
                earlier = earlier_registration(context, reader, single_use)
            # Looked for before the checks: what was valid then may have expired since.
            if earlier is not None and not differences:
                return earlier.reservation
        surroundings = look_up(context, reservation)
        check(context, reservation, surroundings, now, differences)
        if verification is not None and not verification:
            raise refuse_signature(context, verification)
        return submit(context, reservation, surroundings, single_use, now)
