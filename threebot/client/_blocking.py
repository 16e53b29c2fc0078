"""The blocking connections of a client: one for each thread that is waiting, kept for the next call."""

from __future__ import annotations

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import redis

from ._links import Link, raise_lost
from ._retrying import Attempts, Lost, Request

__all__ = ["BlockingConnections"]

_KEPT = 16
"""How many connections are kept while nobody uses them."""


class _Connection(Protocol):
    """The part of a connection of redis-py that is used here."""

    def connect(self) -> None: ...
    def disconnect(self) -> None: ...
    def on_connect(self) -> None: ...
    def can_read(self, timeout: float = 0) -> bool: ...
    def send_command(self, *parts: bytes | str) -> None: ...
    def read_response(self) -> object: ...


class _Limit:
    """When a connection has to be done with what it does just now."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline

    def left(self) -> float:
        """Return how many seconds are left.

        Raises:
            TimeoutError: none is.
        """
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("no answer came in time")
        return seconds


class _LimitedSocket:
    """A socket all of whose waits together end with a limit; redis-py limits each of them alone."""

    def __init__(self, wrapped: socket.socket, limit: _Limit) -> None:
        self._wrapped = wrapped
        self._limit = limit

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever a socket has
        return getattr(self._wrapped, name)

    def recv(self, size: int, flags: int = 0) -> bytes:
        self._wait()
        return self._wrapped.recv(size, flags)

    def recv_into(self, buffer: bytearray) -> int:
        self._wait()
        return self._wrapped.recv_into(buffer)

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait()
            rest = rest[self._wrapped.send(rest) :]

    def _wait(self) -> None:
        if self._wrapped.gettimeout() != 0:  # redis-py looks whether something came, without waiting for it
            self._wrapped.settimeout(self._limit.left())


def _limited(connection_class: type[Any]) -> type[Any]:
    """Return a class of redis-py's connections that keep to a limit, in all that they do."""

    class Limited(connection_class):  # type: ignore[misc]  # the base is one of three, each untyped in parts
        def __init__(self, *, limit: _Limit, **options: object) -> None:
            self._limit = limit
            super().__init__(**options)

        @property
        def socket_timeout(self) -> float:
            return self._limit.left()

        @socket_timeout.setter
        def socket_timeout(self, seconds: float | None) -> None:
            """Keep the limit: redis-py sets what it was given, which is nothing."""

        # A host may have several addresses, and each is given this long.
        socket_connect_timeout = socket_timeout

        def _connect(self) -> _LimitedSocket:
            return _LimitedSocket(super()._connect(), self._limit)

    return Limited


_CLASSES = {
    "tcp": _limited(redis.Connection),
    "tls": _limited(redis.SSLConnection),
    "unix": _limited(redis.UnixDomainSocketConnection),
}


class BlockingConnections:
    """Asks a server, and waits for the reply.

    Only the look-up of a host's name is not limited by a deadline: it is the system's, with limits of its own.

    Arguments:
        link: the server.
        timeout: how many seconds a call has.
        attempts: how often a request is tried at most.
    """

    def __init__(self, link: Link, *, timeout: float, attempts: int) -> None:
        self._link = link
        self._timeout = timeout
        self._attempts = attempts
        self._idle: deque[tuple[_Connection, _Limit]] = deque()
        self._process = os.getpid()
        self._open = True

    def ask(self, request: Request, deadline: float) -> Any:  # noqa: ANN401 - whatever the server answers
        """Return the reply to a request.

        Arguments:
            request: what is asked.
            deadline: when the answer is needed, by `time.monotonic`.

        Raises:
            Unavailable: none came; the message says what is known of the outcome.
            WorkloadManagerError: the server refused.
        """
        attempts = Attempts(
            request, most=self._attempts, deadline=deadline, timeout=self._timeout, place=self._link.place
        )
        while True:
            try:
                return self._exchange(request, deadline)
            except Lost as lost:
                time.sleep(attempts.pause(lost, time.monotonic()))

    def close(self) -> None:
        """Close the connections; one that is in use is closed after its reply."""
        self._open = False
        while self._idle:
            connection, _ = self._idle.pop()
            connection.disconnect()

    def _exchange(self, request: Request, deadline: float) -> object:
        sent = False
        connection: _Connection | None = None
        try:
            connection, limit = self._take(deadline)
            sent = True
            connection.send_command(*request.command)
            reply = connection.read_response()
        except (redis.RedisError, OSError) as error:
            if connection is not None and isinstance(error, redis.ResponseError):
                self._keep(connection, limit)
            elif connection is not None:
                connection.disconnect()
            raise_lost(error, self._link, request, sent=sent)
        except BaseException:
            if connection is not None:
                connection.disconnect()
            raise
        self._keep(connection, limit)
        return reply

    def _take(self, deadline: float) -> tuple[_Connection, _Limit]:
        """Return a connection that is open and logged in."""
        if os.getpid() != self._process:  # those of the parent of a fork are the parent's
            self._idle, self._process = deque(), os.getpid()
        while self._idle:
            connection, limit = self._idle.pop()
            limit.deadline = deadline
            if _is_fresh(connection):
                return connection, limit
            connection.disconnect()
        limit = _Limit(deadline)
        connection_class: Callable[..., _Connection] = _CLASSES[self._link.address.scheme]
        connection = connection_class(
            limit=limit,
            redis_connect_func=partial(_log_in, self._link),
            socket_timeout=None,
            socket_connect_timeout=None,
            **self._link.options,
        )
        try:
            connection.connect()
        except BaseException:
            connection.disconnect()
            raise
        return connection, limit

    def _keep(self, connection: _Connection, limit: _Limit) -> None:
        if self._open and len(self._idle) < _KEPT:
            self._idle.append((connection, limit))
        else:
            connection.disconnect()


def _is_fresh(connection: _Connection) -> bool:
    """Return whether a connection is open still, and nothing came that nobody asked for."""
    try:
        return not connection.can_read(timeout=0)
    except (redis.RedisError, OSError):
        return False


def _log_in(link: Link, connection: _Connection) -> None:
    connection.on_connect()
    challenge = link.credentials.challenge(link.place)
    try:
        command = next(challenge)
        while True:
            connection.send_command(*command)
            command = challenge.send(connection.read_response())
    except StopIteration:
        return
