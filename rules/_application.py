"""A reservation that asks to be registered, with everything that the checks need to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ._case import Found, workloads_of
from ._settings import Settings
from ._shapes import Data, Reservation
from ._surroundings import Surroundings

__all__ = ["Application"]


@dataclass(frozen=True, slots=True)
class Application:
    """What is checked, and what it is checked against.

    Attributes:
        reservation: as the client sent it, read through the model.
        surroundings: what was found in phonebook, directory and store.
        now: seconds since 1970.
        settings: the operator's.
        found: its workloads with their paths, in the order of the model.
    """

    reservation: Reservation
    surroundings: Surroundings
    now: int
    settings: Settings
    found: Sequence[Found]

    @classmethod
    def of(cls, reservation: Reservation, surroundings: Surroundings, *, now: int, settings: Settings) -> Application:
        """Find the workloads of a reservation, once for all checks."""
        return cls(reservation, surroundings, now, settings, workloads_of(reservation.data_reservation))

    @property
    def data(self) -> Data:
        """What is asked for."""
        return self.reservation.data_reservation
