"""The call `reservation_get`."""

from __future__ import annotations

from ..rules import waits_for
from ..schema import Registry, Schema
from ._access import sees_everything, shown
from ._checks import record_of
from ._context import Context
from ._declaration import Access
from ._history import History
from ._view import ReadingCall

__all__ = ["ReservationGet", "history_schema"]

_URL = "actors.tfgrid.workloadmanager.reservation_get.history"

_WITH_HISTORY = """
reservation = (O) !tfgrid.workloads.reservation.1
history = (LO) !tfgrid.workloads.reservation.history.entry.1
waits_for = (S)   # what it waits for, in words, with the signatures that are missing
"""


class ReservationGet(ReadingCall):
    """Return a reservation as it is stored.

    With ``history`` the reply is an object with three fields: ``reservation``; ``history``, a list of
    what happened to it, oldest first; and ``waits_for``, which says in words what it waits for and which
    signatures are missing. Each entry has ``epoch``, the ``call`` (or ``deadline``), ``who`` did it (a
    threebot id or a node id as text), ``from_state`` and ``to_state``.

    A session of a user gets a reservation of others, and one of a node any, without what is for its parties
    alone: ``json``, environments, secrets and the texts of signatures are empty.

    Errors: ``not_found`` where there is no such reservation.

    ```in
    reservation_id = (I)   # the id that reservation_register returned
    history = (B)          # whether to tell what happened to it as well
    ```

    ```out
    !tfgrid.workloads.reservation.1
    ```
    """

    _access = Access.session

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._with_history = history_schema(context.registry)

    def reservation_get(self, *, reservation_id: int, history: bool = False) -> object:
        """Answer the call, which the class describes (``docs/states.md``, "History")."""
        context = self._context
        with self._view as reader:
            record = record_of(reader, reservation_id)
            entries = list(reader.history(reservation_id)) if history else []
        if not history and sees_everything(self._caller):
            documents = context.documents
            return documents.stored(record) if self._request.takes_stored else documents.whole(record)
        case = context.documents.case(record)
        reservation = shown(self._caller, case).reservation
        if not history:
            return reservation
        decoded = [context.documents.history.decode(entry) for entry in entries]
        return self._with_history.type(reservation=reservation, history=decoded, waits_for=waits_for(case))


def history_schema(registry: Registry) -> Schema:
    """Register and return the schema of the reply that tells the history too; doing it again changes nothing."""
    History(registry)
    registry.add_block(_WITH_HISTORY, url=_URL, source="reservation_get")
    return registry.get(_URL)
