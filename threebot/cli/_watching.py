"""Watching a reservation: its history as it happens."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

from ...errors import Conflict, Unavailable
from ...schema import to_json
from ..shell import Line, Style, moment, visible
from ._output import Output

if TYPE_CHECKING:
    from .. import WorkloadManager

__all__ = ["FINAL", "watch_reservation"]

FINAL = frozenset({"deleted", "invalid"})


class Entry(Protocol):
    """An entry of a reservation's history."""

    epoch: int
    call: str
    who: str
    from_state: str
    to_state: str


def watch_reservation(
    output: Output,
    manager: WorkloadManager,
    reservation_id: int,
    until: frozenset[str],
    *,
    timeout: float,
    every: float,
) -> None:
    """Write what happens to a reservation until it is in one of some states.

    Arguments:
        output: gets a line for each entry of the history; programs get the reservation once, at the end.
        manager: has the reservation.
        reservation_id: which one.
        until: names of states; none is the same as the final ones.
        timeout: seconds after which to give up; 0 is never.
        every: seconds from one look to the next.

    Raises:
        NotFound: there is no such reservation.
        Conflict: it ended in a final state that is not wanted.
        Unavailable: the time is up.
    """
    wanted = until or FINAL
    give_up = time.monotonic() + timeout if timeout else float("inf")
    seen = 0
    while True:
        reply = manager.reservation_get(reservation_id=reservation_id, history=True)
        state = str(reply.reservation.next_action)
        output.progress(_entry(entry) for entry in reply.history[seen:])
        seen = len(reply.history)
        if state in wanted:
            output.result(to_json(reply.reservation), [])
            return
        if state in FINAL:
            raise Conflict(
                f"reservation {reservation_id} ended as {state} and does not come to {' or '.join(sorted(wanted))}"
            )
        if time.monotonic() + every > give_up:
            raise Unavailable(
                f"reservation {reservation_id} is in {state} after {timeout:g} s; watch it again, or longer"
            )
        time.sleep(every)


def _entry(entry: Entry) -> Line:
    """Return the line of one entry of the history."""
    who = f" by {visible(entry.who)}" if entry.who else ""
    before = f"{entry.from_state} → " if entry.from_state and entry.from_state != entry.to_state else ""
    return [
        (Style.DIM, f"{moment(entry.epoch)}  "),
        (Style.NAME, f"{before}{entry.to_state}"),
        (Style.TEXT, f"  {visible(entry.call)}{who}"),
    ]
