"""The call `sign_customer`."""

from __future__ import annotations

from concurrent.futures import Future

from ..rules import Purpose
from ._signing import SigningCall

__all__ = ["SignCustomer"]


class SignCustomer(SigningCall):
    """Set the signature of the customer of a reservation that was registered without one.

    Signing again succeeds without change.

    Errors: ``not_found`` for a reservation that does not exist; ``permission`` for a signature that does
    not verify; ``conflict`` in a state in which it is not wanted, and for a signature that was used for
    something else.

    ```in
    reservation_id = (I)   # the reservation
    signature = (S)        # the signature with the private key of the customer, hex text of 128 digits
    ```

    ```out
    next_action = "create,sign,pay,deploy,delete,invalid,deleted" (E)   # the step that is wanted next
    signed = (LI)    # the threebot id of the customer, who has signed
    needed = (I)     # how many are needed: 1
    missing = (LI)   # empty
    ```
    """

    _purpose = Purpose.customer

    def sign_customer(self, *, reservation_id: int, signature: str) -> Future[object]:
        """Answer the call, which the class describes (``docs/signatures.md``)."""
        return self._sign(reservation_id, signature)
