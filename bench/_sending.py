"""The process that sends requests to a server: its connections, and what it does with them."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from multiprocessing.connection import Connection
from typing import NamedTuple

import hiredis

__all__ = ["Address", "Answers", "Everything", "Kind", "Mixture", "receive", "work_for"]

Address = tuple[str, int]
"""Host and port of a server."""

_RECEIVED_AT_ONCE = 256 * 1024


class Everything(NamedTuple):
    """Requests that are all to be answered.

    Attributes:
        address: host and port of the server.
        requests: encoded commands, in the order in which they are sent.
        connections: how many connections share them.
        outstanding: how many requests each connection sends before it reads the replies.
    """

    address: Address
    requests: Sequence[bytes]
    connections: int
    outstanding: int


class Kind(NamedTuple):
    """One kind of request in a mixture: on so many connections, one outstanding, after the last the first again."""

    requests: Sequence[bytes]
    connections: int


class Mixture(NamedTuple):
    """Requests of several kinds at once, for as long as it is told.

    Attributes:
        address: host and port of the server.
        kinds: what is sent.
        seconds: how long.
    """

    address: Address
    kinds: Sequence[Kind]
    seconds: float


Answers = list[list[float]]
"""What a mixture came to: for each kind the seconds that each of its requests took."""


def receive(link: socket.socket, reader: hiredis.Reader) -> None:
    """Read what is there.

    Raises:
        RuntimeError: the server closed.
    """
    data = link.recv(_RECEIVED_AT_ONCE)
    if not data:
        raise RuntimeError("the server closed the connection")
    reader.feed(data)


def work_for(pipe: Connection) -> None:
    """Do one job after another until the pipe ends.

    A job is answered twice, once when its connections are made, and, after the word to begin, when it is
    done: each time with what is wrong, empty where nothing is, and with what it came to.
    """
    begin: Callable[[], Answers] | None = None
    try:
        while True:
            message = pipe.recv()
            problem, answers = "", Answers()
            try:
                if message is not None:
                    begin = _prepare(message)
                elif begin is not None:
                    answers = begin()
            except (OSError, RuntimeError) as error:
                problem = f"{type(error).__name__}: {error}"
            pipe.send((problem, answers))
    except EOFError:
        pass


def _prepare(job: Everything | Mixture) -> Callable[[], Answers]:
    """Make the connections of a job, and return what does it."""
    if isinstance(job, Mixture):
        kinds = [[_Link(job.address) for _ in range(kind.connections)] for kind in job.kinds]
        return lambda: _mix(job, kinds)
    shares = [job.requests[number :: job.connections] for number in range(job.connections)]
    links = [_Link(job.address) for _ in shares]
    return lambda: _exchange(links, [_together(share, job.outstanding) for share in shares])


class _Link:
    """One connection."""

    def __init__(self, address: Address) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = hiredis.Reader()
        self._expected = 0

    def send(self, number: int, together: bytes) -> None:
        """Send so many requests, which are joined."""
        self._expected = number
        self.socket.sendall(together)

    def receive(self) -> bool:
        """Read what is there; True once every reply has come.

        Raises:
            RuntimeError: a reply is an error, or the server closed.
        """
        receive(self.socket, self._reader)
        while self._expected:
            reply = self._reader.gets()
            if reply is False:
                return False
            if isinstance(reply, Exception):
                raise RuntimeError(str(reply))
            self._expected -= 1
        return True


def _together(requests: Sequence[bytes], outstanding: int) -> deque[tuple[int, bytes]]:
    """Return requests joined as they are sent, with the number of each."""
    groups = [requests[start : start + outstanding] for start in range(0, len(requests), outstanding)]
    return deque((len(group), b"".join(group)) for group in groups)


def _exchange(links: Sequence[_Link], waiting: Sequence[deque[tuple[int, bytes]]]) -> Answers:
    """Send everything and read every reply; then close."""
    with selectors.DefaultSelector() as selector:
        try:
            for link, mine in zip(links, waiting, strict=True):
                if mine:
                    link.send(*mine.popleft())
                    selector.register(link.socket, selectors.EVENT_READ, (link, mine))
            while selector.get_map():
                for key, _ in selector.select():
                    link, mine = key.data
                    if not link.receive():
                        continue
                    if mine:
                        link.send(*mine.popleft())
                    else:
                        selector.unregister(link.socket)
        finally:
            _close(links)
    return []


class _Turn:
    """A connection of a mixture: when it sent last, and the seconds that its kind took so far."""

    def __init__(self, link: _Link, requests: Iterator[bytes], took: list[float]) -> None:
        self.link = link
        self._requests = requests
        self._took = took

    def send(self) -> None:
        request = next(self._requests)
        self._sent = time.perf_counter()
        self.link.send(1, request)

    def receive(self) -> bool:
        """Read what is there; True once the reply has come, which is noted."""
        if not self.link.receive():
            return False
        self._took.append(time.perf_counter() - self._sent)
        return True


def _mix(job: Mixture, kinds: Sequence[Sequence[_Link]]) -> Answers:
    """Send requests of all kinds for as long as the job says, and read the last replies; then close."""
    answers: Answers = [[] for _ in kinds]
    end = time.perf_counter() + job.seconds
    with selectors.DefaultSelector() as selector:
        try:
            for kind, links, took in zip(job.kinds, kinds, answers, strict=True):
                requests = cycle(kind.requests)
                for link in links:
                    turn = _Turn(link, requests, took)
                    turn.send()
                    selector.register(link.socket, selectors.EVENT_READ, turn)
            while selector.get_map():
                for key, _ in selector.select():
                    if not key.data.receive():
                        continue
                    if time.perf_counter() < end:
                        key.data.send()
                    else:
                        selector.unregister(key.data.link.socket)
        finally:
            for links in kinds:
                _close(links)
    return answers


def _close(links: Sequence[_Link]) -> None:
    for link in links:
        link.socket.close()
