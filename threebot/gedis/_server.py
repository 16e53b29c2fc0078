"""The server: a thread of its own with an asyncio loop, in which all connections live."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import resource
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ...errors import Unavailable
from .._calls import Calls
from .._words import error_words
from ._address import Address
from ._asking import Asking
from ._budget import Budget
from ._connection import Connection
from ._connections import Connections
from ._exchange import Exchange
from ._listen import BACKLOG, Listener, listen
from ._options import Gedis
from ._outbox import Outbox
from ._services import Services
from ._session import Session
from ._tls import Handshake, server_context
from ._turns import Turns
from ._watchful import Watchful

__all__ = ["Server"]

logger = logging.getLogger(__name__)

_OWN_FILES = 20
"""The files that a process has open besides its connections, at the least."""
_SWEEP = 1.0
"""The seconds between two looks at the limits of time."""
_LAST_ANSWERS = 10.0
"""The seconds in which what is in flight is answered when the server stops."""

_running: weakref.WeakSet[Server] = weakref.WeakSet()


class Server:
    """Serves the calls at some addresses, from a thread of its own.

    Arguments:
        options: where it listens, who may come in, and what a connection may cost.
        services: what the sessions share.
        calls: the way to the actors.
        monotonic: seconds that never go back.
        pause: seconds between two looks at the limits of time; by default a second, or less where an answer may
            take little more than that.
    """

    def __init__(
        self,
        options: Gedis,
        services: Services,
        calls: Calls,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        pause: float | None = None,
    ) -> None:
        self._options = options
        self._services = services
        self._asking = Asking(calls)
        self._monotonic = monotonic
        self._outbox: Outbox
        self._pause = pause or min(_SWEEP, max(calls.timeout / 4, 0.01))
        self._context = server_context(options)
        self._listeners: list[Listener] = []
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="Gedis", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._budget = Budget(options.limits)
        self._connections = Connections(
            options.limits, self._exchange, monotonic, Turns(self._call_soon, monotonic), self._budget
        )
        services.info = self.info

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses at which it listens, with the ports that it has got; none before and after it runs."""
        return tuple(str(listener.address) for listener in self._listeners)

    def start(self) -> None:
        """Listen at every address, and return when all of them do.

        Raises:
            InputError: an address does not fit this machine.
            Conflict: something else listens at one.
            Unavailable: the system does not allow it.
        """
        self._listeners = listen(self._options.addresses)
        _running.add(self)
        self._warn_of_few_files()
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise Unavailable(f"the server does not start: {error_words(self._failure)}") from self._failure
        for listener in self._listeners:
            who = "guests" if self._options.is_open(listener.address) else "strangers until they log in"
            logger.info("listening at %s; those who connect are %s", listener.address, who)

    def stop(self) -> None:
        """Let nobody in any more, answer what is in flight, for ten seconds at most, close, and end the thread."""
        if self._loop is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has ended by itself, and said so in the log
                self._loop.call_soon_threadsafe(self._stop.set)
            if threading.current_thread() is not self._thread:
                self._thread.join(_LAST_ANSWERS + 5 * _SWEEP)
                if self._thread.is_alive():
                    logger.error("the server is busy and did not stop; its thread ends with the process")
        self._leave()

    def info(self) -> Mapping[str, Mapping[str, object]]:
        """Return what ``INFO`` shows of the connections."""
        connections = self._connections
        return {
            "clients": {"connected_clients": len(connections), "maxclients": connections.limits.maximum_connections},
            "stats": {
                "total_connections_received": connections.accepted,
                "rejected_connections": connections.turned_away,
                "unsent_bytes": self._budget.unsent,
            },
        }

    def leave_to_parent(self) -> None:
        """Give up the sockets in a process that was forked: they are served in the other one.

        The numbers of the connections stay taken, by a file that does nothing: one that is free would be
        that of another file soon, and would be closed by whoever cleans up behind asyncio. The loop is
        left alone, because what it waits with is that of the other process too.
        """
        for listener in self._listeners:
            listener.socket.close()
        self._listeners = []
        null = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        try:
            for number in self._connections.file_numbers():
                os.dup2(null, number, inheritable=False)
        finally:
            os.close(null)

    def _run(self) -> None:
        """Run the loop until the server is stopped. What ends it before is logged; the host goes on without it."""
        try:
            with asyncio.Runner(loop_factory=self._make_loop) as runner:
                runner.run(self._serve())
        except BaseException as error:
            self._failure = error
            if self._ready.is_set():
                logger.critical(
                    "the server ended by a fault of its own; the workload manager runs on without it, until it is "
                    "stopped and started again",
                    exc_info=error,
                )
        finally:
            self._leave()
            self._ready.set()

    def _make_loop(self) -> asyncio.AbstractEventLoop:
        """Make the loop, with what brings questions to the actors and answers back."""
        selector = Watchful()
        loop = asyncio.SelectorEventLoop(selector)
        asking, outbox = self._asking, Outbox(loop)

        def before() -> bool:
            goes_on = outbox.before_sleep()
            asking.hand_over()  # behind the answers, which let connections ask more
            return goes_on

        selector.before, selector.after = before, outbox.after_sleep
        self._outbox = outbox
        return loop

    def _warn_of_few_files(self) -> None:
        """Say at the start what would be a puzzle on a busy day."""
        files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self._options.limits.maximum_connections + _OWN_FILES
        if files != resource.RLIM_INFINITY and files < wanted:
            logger.warning(
                "this process may open %d files, too few for maximum_connections of %d: raise the limit (ulimit -n %d)",
                files,
                self._options.limits.maximum_connections,
                wanted,
            )

    async def _serve(self) -> None:
        loop = self._loop = asyncio.get_running_loop()
        loop.set_exception_handler(_log_fault)
        servers = [await self._accept(loop, listener) for listener in self._listeners]
        sweeping = loop.create_task(self._sweep())
        self._ready.set()
        try:
            await self._stop.wait()
        finally:
            for server in servers:
                server.close()
            await self._connections.stop(_LAST_ANSWERS)
            sweeping.cancel()
            for _ in range(3):  # so that what was cut off is closed, with what encrypted it, before the loop is
                await asyncio.sleep(0)

    async def _accept(self, loop: asyncio.AbstractEventLoop, listener: Listener) -> asyncio.Server:
        """Let connections in by a socket."""
        address = listener.address
        factory: Callable[[], asyncio.Protocol] = partial(Connection, self._connections, address)
        if address.scheme == "tls" and self._context is not None:
            factory = partial(Handshake, self._connections, address, self._context)
        return await loop.create_server(factory, sock=listener.socket, backlog=BACKLOG)

    async def _sweep(self) -> None:
        """Look at the limits of time now and then; what fails once is tried again."""
        while True:
            await asyncio.sleep(self._pause)
            try:
                self._connections.sweep()
            except Exception:
                logger.exception("the limits of time could not be looked at")

    def _exchange(self, peer: str, address: Address) -> Exchange:
        """Make what is behind a connection."""
        session = Session(self._services, peer=peer, is_open=self._options.is_open(address))
        return Exchange(
            session,
            self._options.limits,
            self._asking,
            self._outbox.put,
            budget=self._budget,
            monotonic=self._monotonic,
        )

    def _call_soon(self, function: Callable[[], None]) -> None:
        """Have something called in the next round of the loop."""
        asyncio.get_running_loop().call_soon(function)

    def _leave(self) -> None:
        """Give up the addresses."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener.close()
        _running.discard(self)


def _log_fault(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what asyncio could not tell anybody: a fault of this package, or of the system."""
    logger.error("in the server: %s", context.get("message"), exc_info=context.get("exception"))


def _leave_to_parent() -> None:
    for server in list(_running):
        server.leave_to_parent()


os.register_at_fork(after_in_child=_leave_to_parent)
