"""One connection without its socket: bytes in, questions to actors out, answers in, bytes out.

It knows nothing of sockets, loops and threads. Everything but `Slot.set` and `Slot.set_exception` is
called from one thread, that of the server's loop.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ...actors import Role
from ...errors import Internal, WorkloadManagerError
from ._arriving import Arriving
from ._asking import Asker
from ._budget import Budget
from ._flight import Flight
from ._limits import Limits
from ._owed import Owed
from ._session import Ask, Session
from ._slot import Deliver, Slot

__all__ = ["Exchange"]

logger = logging.getLogger(__name__)


class Exchange:
    """The commands of one connection on their way to the actors, and the replies on their way back.

    Every command is answered once, and replies go out in the order of the commands. Commands for one
    actor may be with it together, because it answers in order; a command for another actor, and one
    behind a login, waits until those before it are answered. So a client that sends many commands
    without waiting sees what it would see if it waited for each.

    What a connection may hold is bounded, and so is what all of them hold together. No more is read of it while a
    command waits, while `Limits.maximum_outstanding` are not answered, or while replies wait to be taken.

    Arguments:
        session: what the commands mean.
        limits: what the connection may cost.
        calls: the way to the actors, and how long an answer may take.
        deliver: brings the answers of the actors into the thread of the loop.
        budget: the bytes that all connections share; by default this one has them for itself.
        monotonic: seconds that never go back.

    Attributes:
        changed: is called when answers of actors have been settled, once for those that came together.
        woken: is called when there is room for what waited for it; it may be called at any time, and is quick.
    """

    def __init__(
        self,
        session: Session,
        limits: Limits,
        calls: Asker,
        deliver: Deliver,
        *,
        budget: Budget | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        budget = budget or Budget(limits)
        self.deliver = deliver
        self.changed: Callable[[], None] = _nothing
        self.woken: Callable[[], None] = _nothing
        self._session = session
        self._most_outstanding = limits.maximum_outstanding
        self._calls = calls
        self._monotonic = monotonic
        self._arriving = Arriving(limits, budget, lambda: self.woken())
        self._flight = Flight(limits, budget)
        self._owed = Owed(self._encoded, monotonic)
        self._held: Slot | None = None  # handled, and not asked yet: in its turn, or when there is room
        self._blocked = False
        self._closing = False
        self._ended = False
        self._gone = False

    @property
    def commands(self) -> int:
        """How many commands arrived whole."""
        return self._arriving.number

    @property
    def fault(self) -> WorkloadManagerError | None:
        """What is wrong with what arrived; it is answered once, and nothing behind it is read."""
        return self._arriving.fault

    @property
    def wants_to_read(self) -> bool:
        """Whether more input would be of use now."""
        return not (
            self._arriving.waiting
            or self._closing
            or self._ended
            or self._blocked
            or self._held is not None
            or self._arriving.fault is not None
            or len(self._owed.slots) >= self._most_outstanding
            or (self._arriving.has_large and self._arriving.lacks_room)
        )

    @property
    def is_stranger(self) -> bool:
        """Whether the other side has to log in, and did not."""
        return self._session.caller.role is Role.stranger

    @property
    def waits(self) -> bool:
        """Whether a command was begun, and its rest has not arrived."""
        return self._arriving.is_begun and not self._closing

    @property
    def lacks_room(self) -> bool:
        """Whether the rest of a large command is not read, because others have the room."""
        return self._arriving.lacks_room

    @property
    def keeps_room(self) -> bool:
        """Whether a part of a large command has room that others wait for."""
        return self._arriving.keeps_room

    @property
    def busy(self) -> bool:
        """Whether a command that arrived is not answered, or its reply was not taken by `outgoing`."""
        return bool(self._owed.slots or self._arriving.waiting)

    @property
    def finished(self) -> bool:
        """Whether nothing more will come out of `outgoing`, and the connection is to be closed."""
        return not self._owed.slots and (self._closing or (self._ended and not self._arriving.waiting))

    @property
    def is_calm(self) -> bool:
        """Whether it waits for nothing but actors and further commands: it wants to read, and neither goes on nor ends.

        It is what nearly every connection is nearly always, and quicker to say than each of these.
        """
        arriving, owed = self._arriving, self._owed
        return not (
            arriving.waiting
            or arriving.has_large
            or arriving.fault is not None
            or self._held is not None
            or self._blocked
            or self._closing
            or self._ended
            or (owed.slots and (owed.is_ready or len(owed.slots) >= self._most_outstanding))
        )

    @property
    def goes_on(self) -> bool:
        """Whether `outgoing` has more to give or to do, without an answer of an actor in between."""
        if self._blocked:
            return False
        return self._owed.is_ready or (bool(self._arriving.waiting) and self._held is None and self._has_room())

    def received(self, data: bytes) -> None:
        """Take in what arrived, cut anywhere; `outgoing` does what it says."""
        if not self._closing and not self._ended:
            self._arriving.take_in(data)

    def ended(self) -> None:
        """Take note that nothing more will arrive; what arrived whole is still answered."""
        self._ended = True

    def refuse(self, error: WorkloadManagerError) -> None:
        """Answer what arrived whole, then this error, and be finished."""
        if self.fault is None:
            self._arriving.fault = error

    def finish(self) -> None:
        """Answer what was handled, and be finished; commands that were not begun are dropped, and nothing was done."""
        self._arriving.clear()
        self._closing = True

    def drop(self) -> None:
        """Forget everything: the other side is gone. Answers that come from now on are dropped as well."""
        self.finish()
        self._gone = True
        self._owed.clear()
        self._arriving.drop()
        self.changed = self.woken = _nothing
        if self._held is not None:
            self._flight.release(self._held)
            self._held = None

    def block(self) -> None:
        """Begin nothing more: the other side does not take what is sent to it."""
        self._blocked = True

    def unblock(self) -> None:
        """Go on."""
        self._blocked = False

    def outgoing(self, until: float = float("inf"), most: int = 2**20) -> bytes:
        """Handle the commands that wait, as far as their order and the limits let them, and take what is to be sent.

        Arguments:
            until: when the others want their turn, by the clock of the exchange. At least a little is done: where
                `goes_on`, call it again when they had it.
            most: the bytes from which on no more is taken.

        Returns:
            The replies that are ready and in turn; empty where there are none.
        """
        if self._blocked:
            return b""
        taken: list[bytes] = []
        size = 0
        arriving, owed = self._arriving, self._owed
        self._advance(until)
        while owed.is_ready:
            size += owed.take(taken, most - size, until)
            waits = arriving.waiting or self._held is not None
            if not waits or size >= most or self._monotonic() > until:
                break
            self._advance(until)
        if arriving.has_large:
            arriving.tend(on_its_way=self._held is None)
        return taken[0] if len(taken) == 1 else b"".join(taken)

    def settle(self, slot: Slot, value: object, error: BaseException | None) -> None:
        """Take in the answer of an actor; what comes too late, or a second time, is dropped.

        Arguments:
            slot: the place of the reply.
            value: what the actor answered.
            error: the error that it answered with, instead.
        """
        if slot.admitted:
            self._flight.release(slot)
        if not slot.is_answered and not self._gone:
            self._answer(slot, value, error)

    def expire(self) -> None:
        """Answer the calls that an actor did not answer in time; what they hold, they hold until it does."""
        for slot in self._owed.late(self._monotonic() - self._calls.timeout):
            logger.warning("%s did not answer in time; what it answers later is dropped", slot.ask.name)
            self._answer(slot, None, self._calls.late(slot.ask.name))

    def _answer(self, slot: Slot, value: object, error: BaseException | None) -> None:
        slot.is_answered, slot.value, slot.error = True, value, error
        if slot.ask.alone:  # what comes behind depends on it
            slot.data = self._encoded(slot)
        self._flight.leave(slot.ask)

    def _advance(self, until: float) -> None:
        """Handle the commands that wait, while their order lets them, there is room, and others had their turn."""
        arriving = self._arriving
        handled = False
        while True:
            if self._held is not None:
                if not self._flight.admits(self._held):
                    return
                held, self._held = self._held, None
                self._ask(held, self._monotonic())
            elif arriving.waiting:
                now = self._monotonic()
                if (handled and now > until) or not self._has_room():
                    return
                self._handle(arriving.waiting.popleft(), now)
                handled = True
            else:
                break
        if arriving.fault is not None and not self._closing:
            self._closing = True
            self._owed.add(self._session.refusal(arriving.fault))

    def _has_room(self) -> bool:
        flight, owed = self._flight, self._owed
        return (
            not self._blocked
            and not flight.is_closed
            and owed.asks < flight.window
            and len(owed.slots) < self._most_outstanding
        )

    def _handle(self, command: list[bytes], now: float) -> None:
        answer = self._session.handle(command)
        if isinstance(answer, Ask):
            slot = Slot(self, answer)
            self._owed.add(slot)
            if self._flight.admits(slot):
                self._ask(slot, now)
            else:
                self._held = slot
            return
        self._owed.add(answer)
        if self._session.closing:
            self.finish()

    def _ask(self, slot: Slot, now: float) -> None:
        """Ask the actor; where it cannot be asked, that is the answer."""
        ask = slot.ask
        self._flight.enter(ask)
        slot.asked = now
        try:
            self._calls.ask_into(ask.name, ask.request, slot)
        except WorkloadManagerError as error:
            self.settle(slot, None, error)

    def _encoded(self, slot: Slot) -> bytes:
        """Return the reply of what an actor answered."""
        ask, value, error = slot.ask, slot.value, slot.error
        slot.value = slot.error = None
        data = self._reply(ask, value) if error is None else self._refusal(ask, error)
        self._flight.learn(ask.name, len(data))
        return data

    def _reply(self, ask: Ask, value: object) -> bytes:
        try:
            return ask.encode(value)
        except WorkloadManagerError as error:
            return self._refusal(ask, error)
        except Exception:
            logger.exception("a reply of %s could not be encoded", ask.name)
            message = "a fault in the package, not in what was sent; the log of the host has the details"
            return self._refusal(ask, Internal(message))

    def _refusal(self, ask: Ask, error: BaseException) -> bytes:
        return self._session.refusal(self._calls.told(ask.name, error), ask)


def _nothing() -> None:
    """Stand for the connection, where there is none."""
