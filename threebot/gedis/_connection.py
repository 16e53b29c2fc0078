"""A connection: bytes between a socket and an exchange, within the limits, and its end."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import cast

from ...errors import InputError, Overloaded, WorkloadManagerError
from ._address import Address
from ._budget import Unsent
from ._connections import Connections
from ._exchange import Exchange
from ._limits import Limits
from ._replies import error_line

__all__ = ["Connection", "file_number"]

logger = logging.getLogger(__name__)

_LINGER = 1.0
"""The seconds in which the other side may close first, after everything was said.

A socket that is closed while input waits in it is reset, and the other side may lose the replies that
were sent last.
"""


_STRANGER = 60
"""The seconds that somebody may be silent who has to log in, and did not: others may want the place."""
_SENT_TOGETHER = 256 * 1024
"""The bytes of replies after which is looked at how much was taken of them."""
_LEAST = 64 * 1024
_LONGEST_WITHOUT = 1.0
"""The seconds in which at least so much of a large command comes, while others wait for its room."""


class Connection(asyncio.Protocol):
    """Carries bytes between a socket and its exchange.

    Arguments:
        connections: all of the server.
        address: the one that it came in by.
    """

    _transport: asyncio.Transport
    _exchange: Exchange

    def __init__(self, connections: Connections, address: Address) -> None:
        self._connections = connections
        self._address = address
        self._peer = ""
        self._is_reading = True
        self._is_over = False
        self._peer_ended = False
        self._received = 0
        self._written = 0
        self._budget = connections.budget
        self._unsent = Unsent(connections.budget)
        self._is_kept_short = False
        now = connections.monotonic()
        self._half, self._idle, self._drain, self._slow = (Stopwatch(now) for _ in range(4))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in, or tell it that there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        self._peer = _peer_of(transport)
        connections = self._connections
        if not connections.enter(self):
            self._is_over = True
            _turn_away(connections, self._transport, self._peer)
            return
        self._transport.set_write_buffer_limits(high=connections.limits.maximum_unsent_bytes)
        self._exchange = connections.make_exchange(self._peer, self._address)
        self._exchange.changed = self.flush
        self._exchange.woken = partial(connections.turns.wait, self)
        logger.debug("%s came in by %s", self._peer, self._address)

    def data_received(self, data: bytes) -> None:
        """Take in what arrived, and send what is answered at once."""
        self._received += len(data)
        self._exchange.received(data)
        self.flush()

    def eof_received(self) -> bool:
        """Answer what arrived whole; the other side may still read, but for one that encrypts."""
        self._peer_ended = True
        self._exchange.ended()
        self.flush()
        return not self._is_over and self._transport.can_write_eof()

    def pause_writing(self) -> None:
        """Begin nothing more while the other side takes nothing."""
        self._exchange.block()

    def resume_writing(self) -> None:
        """Go on."""
        if self._is_kept_short:
            self._is_kept_short = False
            self._transport.set_write_buffer_limits(high=self._connections.limits.maximum_unsent_bytes)
        self._count_unsent()
        self._exchange.unblock()
        self.flush()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        self._is_over = True
        self._unsent.note(0)
        self._exchange.drop()
        self._connections.leave(self)
        _log_end(self._peer, error)

    def flush(self) -> None:
        """Do what was asked, and send the replies that are ready: now, or when the others had their turn."""
        if not self._is_over:
            self._connections.turns.take(self)

    def work(self, until: float) -> bool:
        """Do what was asked, send the replies in one piece, and read on or not as the exchange wants it.

        Arguments:
            until: when the others want their turn.

        Returns:
            Whether there is more to do.
        """
        if self._is_over:
            return False
        exchange, transport = self._exchange, self._transport
        is_tight = self._budget.is_tight
        if is_tight and transport.get_write_buffer_size():
            self._keep_short()
        data = exchange.outgoing(until, 1 if is_tight else _SENT_TOGETHER)
        if data:
            self._written += len(data)
            transport.write(data)
            self._count_unsent()
        if exchange.is_calm and self._is_reading:
            return False
        if exchange.finished:
            self._end()
            return False
        if exchange.wants_to_read is not self._is_reading:
            self._is_reading = not self._is_reading
            (transport.resume_reading if self._is_reading else transport.pause_reading)()
        return exchange.goes_on

    def sweep(self, now: float) -> None:
        """See whether a limit of time is over."""
        exchange, limits = self._exchange, self._connections.limits
        unsent = self._count_unsent()
        if self._drain.seconds(self._written - unsent if unsent else None, now) >= limits.drain_seconds:
            logger.warning("%s takes none of its replies for %d s, and is cut off", self._peer, limits.drain_seconds)
            self.abort()
        if self._is_over:
            return
        exchange.expire()
        half = exchange.commands if exchange.waits and (self._is_reading or exchange.lacks_room) else None
        quiet = None if unsent or exchange.busy else self._received
        arrived = self._received // _LEAST if exchange.keeps_room else None
        if self._half.seconds(half, now) >= limits.request_seconds:
            exchange.refuse(_too_late(exchange, limits))
        elif self._slow.seconds(arrived, now) >= _LONGEST_WITHOUT:
            exchange.refuse(Overloaded("others wait to send large commands, and this one comes too slowly; try again"))
        else:
            longest = min(limits.idle_seconds, _STRANGER) if exchange.is_stranger else limits.idle_seconds
            if self._idle.seconds(quiet, now) >= longest:
                logger.info("%s was silent for %d s, and its connection is closed", self._peer, longest)
                exchange.finish()
        self.flush()

    def finish(self) -> None:
        """Answer what is in flight, and close; one that waits for nothing is closed at once."""
        lingers = self._exchange.busy or not self._transport.can_write_eof()
        self._exchange.finish()
        if lingers:
            self.flush()
        else:
            self._is_over = True
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._is_over = True
        self._transport.abort()

    def file_number(self) -> int:
        """Return the number of its socket."""
        return file_number(self._transport)

    def _count_unsent(self) -> int:
        """Return how many bytes of replies were not taken, and let the budget know."""
        number = self._transport.get_write_buffer_size()
        self._unsent.note(number)
        return number

    def _keep_short(self) -> None:
        """Give it nothing more before it has taken everything: so much is unsent over all connections."""
        if not self._is_kept_short:
            self._is_kept_short = True
            self._transport.set_write_buffer_limits(high=0)

    def _end(self) -> None:
        """Close when everything that was said is out."""
        self._is_over = True
        if self._exchange.fault is not None:
            logger.info("nothing more is read from %s: %s", self._peer, self._exchange.fault)
        if self._peer_ended:
            self._transport.close()
            return
        self._exchange.drop()
        farewell = Farewell(self._connections, self._transport, self._peer, self._unsent)
        self._connections.replace(self, farewell)
        farewell.say()


class Farewell(asyncio.Protocol):
    """The end of a connection: what was said last is sent, what comes is not listened to, the other side closes first.

    Arguments:
        connections: all of the server.
        transport: the connection's.
        peer: the address of the other side.
        unsent: counts what it has not taken.
    """

    def __init__(self, connections: Connections, transport: asyncio.Transport, peer: str, unsent: Unsent) -> None:
        self._connections = connections
        self._unsent = unsent
        self._transport = transport
        self._peer = peer
        self._loop = asyncio.get_running_loop()
        self._drain = Stopwatch(self._loop.time())
        self._timer: asyncio.TimerHandle | None = None

    def say(self, last: bytes = b"") -> None:
        """Take over, send what is said last, and close as soon as the other side has read it, or does not."""
        transport = self._transport
        transport.set_protocol(self)
        if last:
            transport.write(last)
        if transport.can_write_eof():
            try:
                transport.write_eof()
            except OSError:  # the other side has reset the connection
                transport.abort()
            transport.resume_reading()
        else:
            transport.close()
        self._drain.seconds(transport.get_write_buffer_size(), self._loop.time())
        self._wait()

    def eof_received(self) -> bool:
        """Close: the other side has."""
        return False

    def connection_lost(self, error: Exception | None) -> None:
        """Forget it."""
        if self._timer is not None:
            self._timer.cancel()
        self._unsent.note(0)
        self._connections.leave(self)
        _log_end(self._peer, error)

    def sweep(self, now: float) -> None:
        """Leave it to the timer, which is shorter."""

    def finish(self) -> None:
        """Go on: it ends by itself."""

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def file_number(self) -> int:
        """Return the number of its socket."""
        return file_number(self._transport)

    def _wait(self) -> None:
        """Give the other side a moment more, for as long as it takes what it was sent."""
        self._timer = self._loop.call_later(_LINGER, self._look)

    def _look(self) -> None:
        unsent = self._transport.get_write_buffer_size()
        silent = self._drain.seconds(unsent, self._loop.time())
        if silent >= (self._connections.limits.drain_seconds if unsent else _LINGER):
            self.abort()
        else:
            self._wait()


class Stopwatch:
    """For how long something has been as it is.

    Arguments:
        now: the seconds from which it counts.
    """

    __slots__ = ("_seen", "_since")

    def __init__(self, now: float) -> None:
        self._seen: int | None = None
        self._since = now

    def seconds(self, seen: int | None, now: float) -> float:
        """Return for how many seconds it has been what is seen now; where that is None, it begins anew."""
        if seen is None or seen != self._seen:
            self._seen, self._since = seen, now
        return now - self._since


def _turn_away(connections: Connections, transport: asyncio.Transport, peer: str) -> None:
    """Tell a connection that there are too many, once; where many come, close it without a word."""
    farewell = Farewell(connections, transport, peer, Unsent(connections.budget))
    if connections.turn_away(farewell):
        most = connections.limits.maximum_connections
        farewell.say(error_line(Overloaded(f"{most} connections are open, and no more are let in; try again later")))
    else:
        transport.set_protocol(farewell)
        transport.abort()


def _too_late(exchange: Exchange, limits: Limits) -> WorkloadManagerError:
    """Return the error for a command of which a part is there, and the rest did not come."""
    seconds = limits.request_seconds
    if exchange.lacks_room:
        return Overloaded(f"no room came free within {seconds} s for the rest of a large command; try again later")
    return InputError(f"the rest of a command did not come within {seconds} s")


def file_number(transport: asyncio.BaseTransport) -> int:
    """Return the number of the socket of a connection; below 0 where it is closed."""
    return int(transport.get_extra_info("socket").fileno())


def _log_end(peer: str, error: Exception | None) -> None:
    logger.debug("%s is gone%s", peer, f": {error}" if error else "")


def _peer_of(transport: asyncio.BaseTransport) -> str:
    """Return the address of the other side; those of unix sockets have none."""
    name = transport.get_extra_info("peername")
    if not isinstance(name, tuple):
        return "unix"
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
