"""Load on a server of the Redis protocol, sent by a process of its own."""

from __future__ import annotations

import multiprocessing
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection

import hiredis
from _callers import one_core
from _rounds import Work
from _sending import Address, Answers, Everything, Kind, Mixture, receive, work_for

__all__ = ["Address", "Kind", "Load", "command", "process_of_load", "replies_to"]

_TOGETHER = 64


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
            self._ask(Everything(address, list(islice(requests, operations)), connections, outstanding))
            return partial(self._ask, None)

        return work

    def mixing(self, address: Address, kinds: Sequence[Kind], *, seconds: float) -> Answers:
        """Send requests of several kinds at once for some seconds.

        Returns:
            For each kind the seconds that each of its requests took.

        Raises:
            RuntimeError: the server answered with an error, or not at all.
        """
        self._ask(Mixture(address, kinds, seconds))
        return self._ask(None)

    def _ask(self, message: Everything | Mixture | None) -> Answers:
        """Send a job, or the word to begin, wait until it is done, and return what it came to.

        Raises:
            RuntimeError: the server answered with an error, or not at all.
        """
        self._pipe.send(message)
        problem, answers = self._pipe.recv()
        if problem:
            raise RuntimeError(problem)
        found: Answers = answers
        return found


@contextmanager
def process_of_load() -> Iterator[Load]:
    """Start the process, for a ``with`` block; it stays on the first core, so that a peer can have another.

    Two processes that talk all the time are at one of two speeds else, as the system happens to place them.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the measuring process with its threads
    ours, theirs = context.Pipe()
    process = context.Process(target=work_for, args=(theirs,), daemon=True)
    with one_core():
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
                receive(link, reader)
                while (reply := reader.gets()) is not False:
                    if not isinstance(reply, bytes):
                        raise RuntimeError(str(reply))
                    replies.append(reply)
    return replies
