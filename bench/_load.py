"""Load on a server of the Redis protocol, sent by a process of its own."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from typing import NamedTuple

import hiredis
from _rounds import Work

__all__ = ["Address", "Load", "command", "process_of_load", "replies_to"]

_RECEIVED_AT_ONCE = 256 * 1024
_TOGETHER = 64

Address = tuple[str, int]
"""Host and port of a server."""


class Job(NamedTuple):
    """What the process is to send.

    Attributes:
        address: host and port of the server.
        requests: encoded commands, in the order in which they are sent.
        connections: how many connections share them.
        outstanding: how many requests each connection sends before it reads the replies.
    """

    address: Address
    requests: list[bytes]
    connections: int
    outstanding: int


class Load:
    """The process that sends requests, as the one who measures sees it.

    Arguments:
        pipe: leads to the process.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def sending(self, address: Address, requests: Iterator[bytes], *, connections: int, outstanding: int = 1) -> Work:
        """Return the work of sending requests and reading every reply.

        The requests are made, and the connections too, before the clock starts.

        Arguments:
            address: host and port of the server.
            requests: encoded commands, without end.
            connections: how many connections share them.
            outstanding: how many requests each connection sends before it reads.
        """

        def work(operations: int) -> Callable[[], object]:
            self._ask(Job(address, list(islice(requests, operations)), connections, outstanding))
            return partial(self._ask, None)

        return work

    def _ask(self, message: Job | None) -> None:
        """Send a job, or the word to begin, and wait until it is done.

        Raises:
            RuntimeError: the server answered with an error, or not at all.
        """
        self._pipe.send(message)
        problem = self._pipe.recv()
        if problem:
            raise RuntimeError(problem)


@contextmanager
def process_of_load() -> Iterator[Load]:
    """Start the process, for a ``with`` block."""
    context = multiprocessing.get_context("spawn")  # a fork would copy the measuring process with its threads
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Load(ours)
    finally:
        ours.close()
        process.join()


def command(*words: str | bytes) -> bytes:
    """Return a command as it is sent."""
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


def replies_to(address: Address, requests: Sequence[bytes]) -> list[bytes]:
    """Send requests on a connection of their own, and return the replies.

    Raises:
        RuntimeError: a reply is an error or no text, or the server closed.
    """
    replies: list[bytes] = []
    reader = hiredis.Reader()
    with socket.create_connection(address) as link:
        for start in range(0, len(requests), _TOGETHER):
            together = requests[start : start + _TOGETHER]
            link.sendall(b"".join(together))
            expected = len(replies) + len(together)
            while len(replies) < expected:
                _receive(link, reader)
                while (reply := reader.gets()) is not False:
                    if not isinstance(reply, bytes):
                        raise RuntimeError(str(reply))
                    replies.append(reply)
    return replies


def _receive(link: socket.socket, reader: hiredis.Reader) -> None:
    """Read what is there.

    Raises:
        RuntimeError: the server closed.
    """
    data = link.recv(_RECEIVED_AT_ONCE)
    if not data:
        raise RuntimeError("the server closed the connection")
    reader.feed(data)


def _work(pipe: Connection) -> None:
    """Do one job after another until the pipe ends."""
    links: list[_Link] = []
    try:
        while True:
            message = pipe.recv()
            try:
                if message is None:
                    _exchange(links)
                    _close(links)
                else:
                    links = _links(message)
            except (OSError, RuntimeError) as error:
                pipe.send(f"{type(error).__name__}: {error}")
            else:
                pipe.send("")
    except EOFError:
        _close(links)


class _Link:
    """One connection with its share of the requests, joined as they are sent together."""

    def __init__(self, address: Address, requests: Sequence[bytes], outstanding: int) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = hiredis.Reader()
        groups = [requests[start : start + outstanding] for start in range(0, len(requests), outstanding)]
        self.waiting = deque((len(group), b"".join(group)) for group in groups)
        self.expected = 0

    def send(self) -> bool:
        """Send what is next together; False where there is nothing more."""
        if not self.waiting:
            return False
        self.expected, together = self.waiting.popleft()
        self.socket.sendall(together)
        return True

    def receive(self) -> bool:
        """Read what is there; True once every reply has come.

        Raises:
            RuntimeError: a reply is an error, or the server closed.
        """
        _receive(self.socket, self.reader)
        while self.expected:
            reply = self.reader.gets()
            if reply is False:
                return False
            if isinstance(reply, Exception):
                raise RuntimeError(str(reply))
            self.expected -= 1
        return True


def _links(job: Job) -> list[_Link]:
    shares = [job.requests[number :: job.connections] for number in range(job.connections)]
    return [_Link(job.address, share, job.outstanding) for share in shares]


def _exchange(links: list[_Link]) -> None:
    """Send everything and read every reply."""
    with selectors.DefaultSelector() as selector:
        for link in links:
            if link.send():
                selector.register(link.socket, selectors.EVENT_READ, link)
        while selector.get_map():
            for key, _ in selector.select():
                if key.data.receive() and not key.data.send():
                    selector.unregister(key.data.socket)


def _close(links: list[_Link]) -> None:
    for link in links:
        link.socket.close()
    links.clear()
