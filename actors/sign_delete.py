"""The call `sign_delete`."""

from __future__ import annotations

from concurrent.futures import Future

from ..errors import PermissionDenied
from ..rules import Case, OperatorDeleted, Purpose, quorum
from ._access import decides
from ._caller import Caller, Role
from ._signing import SigningCall
from ._transitions import Happening, find, submit_event

__all__ = ["SignDelete"]


class SignDelete(SigningCall):
    """Add a signature for deletion, of one whom the reservation names for it.

    Where it names nobody, the customer decides alone. Once enough have signed, a reservation that runs
    goes on to delete, and its nodes are told; one that does not run yet is deleted at once.

    A session of the operator sends the reservation's id alone, and decides by that. From everybody else a
    deletion is signed.

    Errors: ``not_found`` for a reservation or a signer that does not exist; ``permission`` for a signature
    that does not verify, one that is missing where it is not the operator who asks, or a signer who is not
    named; ``conflict`` in a state in which nobody can sign for this, and for a signature that was used for
    something else.

    ```in
    reservation_id = (I)   # the reservation
    tid = (I)              # the threebot id of who signs; the operator leaves it out
    signature = (S)        # the signature with the private key of the signer, hex text of 128 digits; likewise
    ```

    ```out
    next_action = "create,sign,pay,deploy,delete,invalid,deleted" (E)   # the step that is wanted next
    signed = (LI)    # the threebot ids of those who have signed
    needed = (I)     # how many are needed
    missing = (LI)   # the threebot ids of those who may still sign; empty once enough have, or nobody needs to
    ```
    """

    _purpose = Purpose.delete

    def sign_delete(self, *, reservation_id: int, tid: int | None = None, signature: str = "") -> Future[object]:
        """Answer the call, which the class describes (``docs/signatures.md``)."""
        if tid is None and not signature and decides(self._caller):
            return self._decide(reservation_id)
        if tid is None or not signature:
            raise PermissionDenied(_why_signed(self._caller), path="tid" if tid is None else "signature")
        return self._sign(reservation_id, signature, tid)

    def _decide(self, reservation_id: int) -> Future[object]:
        """Delete a reservation on the word of the operator."""
        happening = Happening(self._call.name, str(self._caller), self._context.clock())
        found = find(self._context, reservation_id)
        return submit_event(self._context, found, OperatorDeleted(), happening, self._decided)

    def _decided(self, case: Case) -> object:
        """Return the receipt of a deletion that nobody needs to sign any more."""
        counted = quorum(case, Purpose.delete)
        return self._output.new(
            next_action=int(case.state), signed=list(counted.signed), needed=counted.needed, missing=[]
        )


def _why_signed(caller: Caller) -> str:
    """Return why a deletion without a signature is refused, and what to do about it."""
    signed = "a deletion is signed: give tid and signature of one who may sign it"
    if caller.role is Role.operator:
        return f"{signed}, or neither of them to decide it as the operator"
    if caller.role is Role.host:
        return f"{signed}; where it is the operator who asks, send it as a request of the operator"
    return f"{signed}; only a session of the operator deletes without"
