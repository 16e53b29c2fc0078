"""The call `sign_farmer`."""

from __future__ import annotations

from concurrent.futures import Future

from ..rules import Purpose
from ._signing import SigningCall

__all__ = ["SignFarmer"]


class SignFarmer(SigningCall):
    """Add the signature of a farmer, who confirms that the reservation is paid.

    Every farmer whose nodes the reservation uses has to sign, each once however many farms and nodes
    they have; after the last one the reservation goes on to deploy.

    Errors: ``not_found`` for a reservation or a signer that does not exist; ``permission`` for a signature
    that does not verify, or a signer who is none of its farmers; ``conflict`` in a state in which nobody
    can sign for this, and for a signature that was used for something else.

    ```in
    reservation_id = (I)   # the reservation
    tid = (I)              # the threebot id of who signs
    signature = (S)        # the signature with the private key of the signer, hex text of 128 digits
    ```

    ```out
    next_action = "create,sign,pay,deploy,delete,invalid,deleted" (E)   # the step that is wanted next
    signed = (LI)    # the threebot ids of those who have signed
    needed = (I)     # how many are needed
    missing = (LI)   # the threebot ids of those who may still sign; empty once enough have
    ```
    """

    _purpose = Purpose.farmer

    def sign_farmer(self, *, reservation_id: int, tid: int, signature: str) -> Future[object]:
        """Answer the call, which the class describes (``docs/signatures.md``)."""
        return self._sign(reservation_id, signature, tid)
