"""The call `reservation_list`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bcdb import Filter, Record
from ..errors import InputError
from ..rules import NextAction, Reservation
from ..schema import closest
from ._access import sees_everything, shown
from ._checks import is_number, whole_numbers
from ._declaration import Access
from ._page import Page
from ._view import ReadingCall

__all__ = ["ReservationList"]

_BY_WORD = {word: int(state) for state in NextAction for word in (state.name, str(int(state)))}


class ReservationList(ReadingCall):
    """Return the reservations that fit every filter, in the order of their ids.

    Filters that are left out keep everything. Without ``limit`` all that fit are returned, or as many as a
    server puts into one page; to read page by page, ask again with ``cursor`` one above the last id that was
    returned.

    A session of a user gets the reservations of others, and one of a node all, without what is for their
    parties alone: ``json``, environments, secrets and the texts of signatures are empty.

    Errors: ``input`` for a state that does not exist, or a negative number.

    ```in
    node_id = (S)        # those with a workload on this node
    state = (S)          # those in this state, or in one of several: a name or a number, a list, or "sign,pay"
    epoch = (I)          # those registered after this second
    cursor = (I)         # those with this id or a higher one
    limit = (I)          # at most so many; 0 or left out: all, or as many as a server puts into one page
    customer_tid = (I)   # those of this customer
    ```

    ```out
    reservations = (LO) !tfgrid.workloads.reservation.1
    ```
    """

    _access = Access.session
    _aliases = ("reservations_list",)

    def reservation_list(
        self,
        *,
        node_id: str = "",
        state: str = "",
        epoch: int = 0,
        cursor: int = 0,
        limit: int = 0,
        customer_tid: int | None = None,
    ) -> object:
        """Answer the call, which the class describes (``docs/lists.md``)."""
        whole_numbers(epoch=epoch, cursor=cursor, limit=limit, customer_tid=customer_tid or 0)
        wanted = Filter(
            node_id=node_id,
            states=_read_states(state),
            after_epoch=epoch,
            from_id=cursor,
            customer_tid=customer_tid,
        )
        page = Page(limit, self._request.page_bytes)
        documents = self._context.documents
        read = documents.whole if sees_everything(self._caller) else self._shown
        reservations = []
        with self._view as reader:
            for record in page.filled_from(reader.find(wanted)):
                reservation = documents.readable(record, read)
                if reservation is not None:
                    reservations.append(reservation)
                    page.take(1, len(record.body))
        return self._output.type(reservations=reservations)

    def _shown(self, record: Record) -> Reservation:
        """Return a reservation as a caller who does not see everything may see it."""
        return shown(self._caller, self._context.documents.case(record)).reservation

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        state = message.get("state")
        if state is None or isinstance(state, str):
            return message
        states = list(state) if isinstance(state, list | tuple) else [state]
        if not all(isinstance(one, str) or is_number(one) for one in states):
            return message  # nothing, or something that the schema refuses with its own words
        return {**message, "state": ",".join(str(one) for one in states)}


def _read_states(text: str) -> tuple[int, ...]:
    """Return the numbers of the states that a text names, separated by commas.

    Raises:
        InputError: there is no such state.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    return tuple(dict.fromkeys(_read_state(word) for word in words))


def _read_state(word: str) -> int:
    number = _BY_WORD.get(word.lower())
    if number is not None:
        return number
    close = closest(word, (state.name for state in NextAction))
    guess = f"; did you mean {close}?" if close else ""
    names = ", ".join(f"{state.name} ({int(state)})" for state in NextAction)
    shown = word if len(word) <= 40 else f"{word[:40]}…"
    raise InputError(f"'{shown}' is no state; those are {names}{guess}", path="state")
