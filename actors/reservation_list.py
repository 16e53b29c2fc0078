"""The call `reservation_list`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..bcdb import Filter
from ..errors import InputError
from ..rules import NextAction
from ..schema import closest
from ._access import shown
from ._checks import is_number, whole_numbers
from ._declaration import Access
from ._page import Page
from ._view import ReadingCall

__all__ = ["ReservationList"]


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
        reservations = []
        with self._view as reader:
            for record in page.filled_from(reader.find(wanted)):
                for case in self._context.documents.readable([record]):
                    reservations.append(shown(self._caller, case).reservation)
                    page.take(1, len(record.body))
        return self._output.type(reservations=reservations)

    def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        state = message.get("state")
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
    by_word = {name: int(state) for state in NextAction for name in (state.name, str(int(state)))}
    number = by_word.get(word.lower())
    if number is not None:
        return number
    close = closest(word, (state.name for state in NextAction))
    guess = f"; did you mean {close}?" if close else ""
    names = ", ".join(f"{state.name} ({int(state)})" for state in NextAction)
    shown = word if len(word) <= 40 else f"{word[:40]}…"
    raise InputError(f"'{shown}' is no state; those are {names}{guess}", path="state")
