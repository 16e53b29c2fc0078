"""Who may sign, who has, and who is missing (``docs/states.md``, "Quorum")."""

from __future__ import annotations

import msgspec

from ._case import Case
from ._enums import Purpose
from ._shapes import SigningRequest

__all__ = ["Quorum", "quorum", "signers_of"]


class Quorum(msgspec.Struct, frozen=True):
    """How far a reservation is with the signatures for one purpose; a value, before anything is an error.

    Attributes:
        needed: how many signers are needed.
        signed: the threebot ids of those who signed, each once, in the order in which they did.
        missing: the threebot ids of those who may still sign; empty once the quorum is reached.
    """

    needed: int
    signed: tuple[int, ...]
    missing: tuple[int, ...]

    @property
    def reached(self) -> bool:
        """Whether enough have signed."""
        return len(self.signed) >= self.needed

    def __str__(self) -> str:
        """Return ``1 of 2, missing 7, 9``."""
        counted = f"{len(self.signed)} of {self.needed}"
        return f"{counted}, missing {', '.join(map(str, self.missing))}" if self.missing else counted


def signers_of(case: Case, purpose: Purpose) -> tuple[int, ...]:
    """Return the threebot ids of those who may sign for a purpose, each once.

    A signing request without signers leaves the decision to the customer alone.
    """
    if purpose == Purpose.farmer:
        return tuple(dict.fromkeys(case.farmers))
    named = [] if purpose == Purpose.customer else _request(case, purpose).signers
    return tuple(dict.fromkeys(named)) if named else (case.reservation.customer_tid,)


def quorum(case: Case, purpose: Purpose) -> Quorum:
    """Count the signers of a reservation for one purpose; signers are counted, not signatures.

    Arguments:
        case: the reservation.
        purpose: what the signatures are for. ``customer`` needs one; ``farmer`` needs every farmer;
            ``provision`` and ``delete`` need what their signing request says, or the customer alone
            where it names no signers (for provision, the customer's own signature is that decision).

    Returns:
        How many are needed, who has signed and who is missing.
    """
    allowed = signers_of(case, purpose)
    signed = tuple(dict.fromkeys([tid for tid in _signed(case, purpose) if tid in allowed]))
    needed = _needed(case, purpose, len(allowed))
    reached = len(signed) >= needed
    return Quorum(needed, signed, () if reached else tuple([tid for tid in allowed if tid not in signed]))


def _request(case: Case, purpose: Purpose) -> SigningRequest:
    data = case.reservation.data_reservation
    return data.signing_request_provision if purpose == Purpose.provision else data.signing_request_delete


def _needed(case: Case, purpose: Purpose, allowed: int) -> int:
    if purpose in (Purpose.provision, Purpose.delete) and (request := _request(case, purpose)).signers:
        return request.quorum_min
    return allowed


def _signed(case: Case, purpose: Purpose) -> list[int]:
    reservation = case.reservation
    customer = [reservation.customer_tid] if reservation.customer_signature else []
    match purpose:
        case Purpose.customer:
            return customer
        case Purpose.provision:
            named = reservation.data_reservation.signing_request_provision.signers
            return [entry.tid for entry in reservation.signatures_provision] if named else customer
        case Purpose.farmer:
            return [entry.tid for entry in reservation.signatures_farmer]
    return [entry.tid for entry in reservation.signatures_delete]
