"""Whether, and after how long, a request is sent again: decided here, without a connection or a clock."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import Unavailable
from ._catalogue import ALL_CALLS

__all__ = ["Attempts", "Lost", "Request", "is_repeatable"]

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Request:
    """One command, and what may be done with it.

    Attributes:
        call: the call, as it is named in the process of the server.
        command: the parts of the command.
        repeatable: whether carrying it out twice is the same as once.
    """

    call: str
    command: tuple[bytes, ...] = field(repr=False)
    repeatable: bool


class Lost(Exception):
    """No reply came.

    Attributes:
        reason: why, in a few words.
        sent: whether the server may have the command; if not, it was certainly not carried out.
        hopeless: whether another attempt would end the same way.
    """

    def __init__(self, reason: str, *, sent: bool, hopeless: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.hopeless = hopeless


class Attempts:
    """The attempts of one request: capped, with pauses that grow and differ, and never past the deadline.

    Arguments:
        request: what is asked.
        most: how often it is tried at most.
        deadline: when the answer is needed, on the clock that `pause` is told the time of.
        timeout: how many seconds the whole call has, for the message.
        place: where the server is, for the message.
        draw: returns a number from 0 to 1.
    """

    def __init__(
        self,
        request: Request,
        *,
        most: int,
        deadline: float,
        timeout: float,
        place: str,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._request = request
        self._left = most
        self._deadline = deadline
        self._timeout = timeout
        self._place = place
        self._draw = draw
        self._longest = _FIRST_PAUSE
        self._sent = False

    def pause(self, lost: Lost, now: float) -> float:
        """Return how many seconds to wait before the next attempt.

        Raises:
            Unavailable: there is none; the message says what is known of the outcome.
        """
        self._left -= 1
        self._sent = self._sent or lost.sent
        seconds = self._longest * (0.5 + self._draw() / 2)
        self._longest = min(2 * self._longest, _LONGEST_PAUSE)
        is_late = now + seconds >= self._deadline
        if is_late or lost.hopeless or not self._left or (lost.sent and not self._request.repeatable):
            raise self._refusal(lost, is_late=is_late) from lost
        return seconds

    def _refusal(self, lost: Lost, *, is_late: bool) -> Unavailable:
        reason = f"no answer came within {self._timeout:g} s" if is_late and lost.sent else lost.reason
        if not self._sent:
            message = f"{self._place} can not be reached: {reason}; the call was not sent"
        elif self._request.repeatable:
            message = f"{self._place} did not answer: {reason}; the call can be made again without harm"
        else:
            message = (
                f"{self._place} did not answer: {reason}, and it is not known whether the call was carried out; "
                "look at what is stored before you try again"
            )
        return Unavailable(message, call=self._request.call)


def is_repeatable(call: str, arguments: Mapping[str, Any]) -> bool:
    """Return whether a call may be made twice without harm (``docs/client.md``, "What is tried again").

    Reads, signatures, results and reports of deletion are: the second one changes nothing. So is a registration
    that carries its customer's signature, and a change of a user that carries its counter; without, each is another.
    """
    if call == "reservation_register":
        reservation = arguments.get("reservation")
        get = reservation.get if isinstance(reservation, Mapping) else lambda name: getattr(reservation, name, "")
        return bool(get("customer_signature"))
    if call == "users_update":
        return bool(arguments.get("counter"))
    return call in ALL_CALLS
