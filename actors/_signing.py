"""What the four signing calls share: find the key, verify outside of the writer, then make the change."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from typing import ClassVar, cast

from ..errors import PermissionDenied
from ..rules import (
    Case,
    CustomerSigned,
    DeleteSigned,
    Event,
    FarmerSigned,
    ProvisionSigned,
    Purpose,
    Signature,
    Verification,
    accepted_forms,
    quorum,
    verify,
)
from ._declaration import Access
from ._transitions import Happening, SingleUse, find, submit_event
from ._view import ChangingCall

__all__ = ["SigningCall"]

_EVENTS: Mapping[Purpose, type[ProvisionSigned | FarmerSigned | DeleteSigned]] = {
    Purpose.provision: ProvisionSigned,
    Purpose.farmer: FarmerSigned,
    Purpose.delete: DeleteSigned,
}


class SigningCall(ChangingCall):
    """The base of the signing calls; a subclass says what its signatures are for."""

    _access = Access.anybody
    _purpose: ClassVar[Purpose]

    def _sign(self, reservation_id: int, signature: str, tid: int | None = None) -> Future[object]:
        """Verify a signature and count it; without a ``tid`` it is the customer's.

        Raises:
            NotFound: there is no such reservation or signer.
            PermissionDenied: the signature does not verify.
        """
        context = self._context
        now = context.clock()
        found = find(context, reservation_id)
        signer = found.record.customer_tid if tid is None else tid
        # The json text never changes once it is registered, so that it is verified without the writer.
        verification = verify(
            context.key_of(signer),
            signature,
            json=found.case.reservation.json,
            purpose=self._purpose,
            reservation_id=reservation_id,
            tid=signer,
            forms=accepted_forms(self._purpose, context.settings),
        )
        if not verification:
            raise PermissionDenied(f"the signature is refused: {verification.reason}", path="signature")
        happening = Happening(self._call.name, str(signer), now, self._single_use(signer, verification))
        event = self._event(signer, signature, now)
        return submit_event(context, found, event, happening, self._receipt)

    def _event(self, tid: int, signature: str, now: int) -> Event:
        if self._purpose is Purpose.customer:
            return CustomerSigned(signature)
        entry = self._context.documents.signature.type(tid=tid, signature=signature, epoch=now)
        return _EVENTS[self._purpose](tid, cast("Signature", entry))

    def _single_use(self, tid: int, verification: Verification) -> SingleUse | None:
        return SingleUse(tid, verification.digest, self._purpose) if verification.single_use else None

    def _receipt(self, case: Case) -> object:
        """Return how far the reservation is with signatures for this purpose."""
        counted = quorum(case, self._purpose)
        return self._output.new(
            next_action=int(case.state),
            signed=list(counted.signed),
            needed=counted.needed,
            missing=list(counted.missing),
        )
