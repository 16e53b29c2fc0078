"""The connections of a client inside one asyncio loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from functools import partial
from typing import Any, Protocol

import redis
import redis.asyncio

from ._links import Link, raise_lost
from ._retrying import Attempts, Lost, Request

__all__ = ["AwaitingConnections"]

_MOST = 16
"""How many connections one loop has at most; what is more waits for one of them."""


class _Connection(Protocol):
    """The part of an awaiting connection of redis-py that is used here."""

    async def connect(self) -> None: ...
    async def disconnect(self, nowait: bool = False) -> None: ...  # noqa: FBT001, FBT002 - redis-py's
    async def on_connect(self) -> None: ...
    async def send_command(self, *parts: bytes | str) -> None: ...
    async def read_response(self) -> object: ...


_CLASSES: dict[str, Callable[..., _Connection]] = {
    "tcp": redis.asyncio.Connection,
    "tls": redis.asyncio.SSLConnection,
    "unix": redis.asyncio.UnixDomainSocketConnection,
}


class AwaitingConnections:
    """Asks a server without blocking the loop that it is made in, and closes with that loop.

    Arguments:
        link: the server.
        timeout: how many seconds a call has.
        attempts: how often a request is tried at most.
    """

    def __init__(self, link: Link, *, timeout: float, attempts: int) -> None:
        self._link = link
        self._timeout = timeout
        self._attempts = attempts
        self._idle: deque[_Connection] = deque()
        self._room = asyncio.Semaphore(_MOST)
        self._end: AsyncGenerator[None, None] | None = None
        self._open = True

    async def ask(self, request: Request, deadline: float) -> Any:  # noqa: ANN401 - whatever the server answers
        """Return the reply to a request.

        Arguments:
            request: what is asked.
            deadline: when the answer is needed, by the loop's clock.

        Raises:
            Unavailable: none came; the message says what is known of the outcome.
            WorkloadManagerError: the server refused.
        """
        attempts = Attempts(
            request, most=self._attempts, deadline=deadline, timeout=self._timeout, place=self._link.place
        )
        loop = asyncio.get_running_loop()
        if self._end is None:
            self._end = self._until_the_loop_ends()
            await anext(self._end)
        while True:
            try:
                return await self._exchange_in_time(request, deadline)
            except Lost as lost:
                await asyncio.sleep(attempts.pause(lost, loop.time()))

    async def close(self) -> None:
        """Close the connections; one that is in use is closed after its reply."""
        self._open = False
        while self._idle:
            await self._idle.pop().disconnect()

    async def _until_the_loop_ends(self) -> AsyncGenerator[None, None]:
        """Close with the loop: one that ends finishes its asynchronous generators first."""
        try:
            yield
        finally:
            await self.close()

    async def _keep(self, connection: _Connection) -> None:
        if self._open:
            self._idle.append(connection)
        else:
            await connection.disconnect()

    async def _exchange_in_time(self, request: Request, deadline: float) -> object:
        progress = _Progress()
        try:
            async with asyncio.timeout_at(deadline) as limit, self._room:
                return await self._exchange(request, progress)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Lost("no answer came in time", sent=progress.sent) from error

    async def _exchange(self, request: Request, progress: _Progress) -> object:
        connection: _Connection | None = None
        try:
            connection = await self._take()
            progress.sent = True
            await connection.send_command(*request.command)
            reply = await connection.read_response()
        except (redis.RedisError, OSError) as error:
            if connection is not None and isinstance(error, redis.ResponseError):
                await self._keep(connection)
            elif connection is not None:
                await connection.disconnect(nowait=True)
            raise_lost(error, self._link, request, sent=progress.sent)
        except BaseException:
            if connection is not None:
                await connection.disconnect(nowait=True)
            raise
        await self._keep(connection)
        return reply

    async def _take(self) -> _Connection:
        """Return a connection that is open and logged in."""
        while self._idle:
            connection = self._idle.pop()
            if await _is_fresh(connection):
                return connection
            await connection.disconnect(nowait=True)
        connection_class = _CLASSES[self._link.address.scheme]
        connection = connection_class(
            redis_connect_func=partial(_log_in, self._link),
            socket_timeout=None,
            socket_connect_timeout=None,
            **self._link.options,
        )
        try:
            await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return connection


class _Progress:
    """How far a request came: whether the server may have it."""

    sent = False


async def _is_fresh(connection: _Connection) -> bool:
    """Return whether a connection is open still, and nothing came that nobody asked for."""
    # What redis-py called `can_read_destructive` before its version 8.
    look = getattr(connection, "can_read", None) or getattr(connection, "can_read_destructive")  # noqa: B009
    try:
        return not await look()
    except (redis.RedisError, OSError):
        return False


async def _log_in(link: Link, connection: _Connection) -> None:
    await connection.on_connect()
    challenge = link.credentials.challenge(link.place)
    try:
        command = next(challenge)
        while True:
            await connection.send_command(*command)
            command = challenge.send(await connection.read_response())
    except StopIteration:
        return
