"""The call `sign_delete`."""

from __future__ import annotations

from concurrent.futures import Future

from ..errors import PermissionDenied
from ..rules import Purpose
from ._signing import SigningCall

__all__ = ["SignDelete"]


class SignDelete(SigningCall):
    """Add a signature for deletion, of one whom the reservation names for it.

    Where it names nobody, the customer decides alone. Once enough have signed, a reservation that runs
    goes on to delete, and its nodes are told; one that does not run yet is deleted at once.

    Errors: ``not_found`` for a reservation or a signer that does not exist; ``permission`` for a signature
    that does not verify, one that is missing, or a signer who is not named; ``conflict`` in a state in
    which nobody can sign for this, and for a signature that was used for something else.

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

    _purpose = Purpose.delete

    def sign_delete(self, *, reservation_id: int, tid: int | None = None, signature: str = "") -> Future[object]:
        """Answer the call, which the class describes (``docs/signatures.md``)."""
        if tid is None or not signature:
            # Some clients send the id alone and rely on who they are logged in as; here nobody is logged in.
            missing = "tid" if tid is None else "signature"
            raise PermissionDenied("a deletion is signed: give tid and signature of one who may sign it", path=missing)
        return self._sign(reservation_id, signature, tid)
