"""The clients themselves, at a server that answers what it is told: what they take for success, and what fails them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .clients import CallFailed, Client, Poller
from .epochs import Epoch
from .wire import command

Answer = Callable[..., str]
EMPTY = b'$16\r\n{"workloads":[]}\r\n'
BAD = b'+{"workloads":[{"workload_id":1,"content":{}}]}\r\n'


class Canned:
    """A server that answers every session command with OK or PONG, and calls with the replies it was given."""

    def __init__(self, *replies: bytes) -> None:
        self._replies = list(replies)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = "tcp://{}:{}".format(*self._listening.getsockname())
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening, and wait for the last connection to end."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listening.close()

    def _serve(self) -> None:
        while True:
            try:
                connected, _ = self._listening.accept()
            except OSError:
                return
            with connected, connected.makefile("rb") as stream:
                while header := stream.readline():
                    words = [self._word(stream) for _ in range(int(header[1:]))]
                    connected.sendall(self._reply(words[0]))

    @staticmethod
    def _word(stream: Any) -> bytes:
        size = int(stream.readline()[1:])
        word: bytes = stream.read(size + 2)[:-2]
        return word

    def _reply(self, name: bytes) -> bytes:
        if name in (b"config_format", b"AUTH"):
            return b"+OK\r\n"
        return b"+PONG\r\n" if name == b"PING" else self._replies.pop(0)


@pytest.fixture
def answer() -> Iterator[Answer]:
    """Serve replies, one for each call: ``answer(reply, …)`` returns the address."""
    servers: list[Canned] = []

    def serve(*replies: bytes) -> str:
        servers.append(Canned(*replies))
        return servers[-1].address

    yield serve
    for server in servers:
        server.close()


@pytest.fixture
def visit(answer: Answer, clock: Any) -> Iterator[Callable[..., Client]]:
    """Make clients at a server of such replies: ``visit(epoch, reply, …)``."""
    clients: list[Client] = []

    def make(epoch: Epoch, *replies: bytes) -> Client:
        clients.append(Client(epoch, answer(*replies), clock=clock))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.mark.parametrize("reply", [EMPTY, b"+{}\r\n", b'+{"workloads":null}\r\n'], ids=repr)
def test_json_in_a_bulk_or_simple_string_is_a_value(visit: Callable[..., Client], epoch: Epoch, reply: bytes) -> None:
    """Both work, at all of them."""
    assert visit(epoch, reply).poll("node-1") == []


@pytest.mark.parametrize(
    "reply", [b"$-1\r\n", b":1\r\n", b"*0\r\n", b"$0\r\n\r\n", b"+OK\r\n", b"+[]\r\n", b"-ERR no\r\n"], ids=repr
)
def test_anything_else_is_no_value(visit: Callable[..., Client], epoch: Epoch, reply: bytes) -> None:
    """Integer, array, nil, an empty bulk, a text that is no JSON."""
    with pytest.raises(CallFailed):
        visit(epoch, reply).poll("node-1")


@pytest.mark.parametrize("reply", [b"$-1\r\n", b":0\r\n", b":1\r\n", b"+OK\r\n", b"$2\r\nOK\r\n", b"*0\r\n"], ids=repr)
def test_a_call_without_a_value_takes_anything_but_an_error(
    visit: Callable[..., Client], epoch: Epoch, reply: bytes
) -> None:
    """The real ones were seen to."""
    assert visit(epoch, reply).feedback("1-1", {}).kind == chr(reply[0])


def test_an_extra_reply_poisons_the_next_call_of_a_pool(visit: Callable[..., Client], pooled: Epoch) -> None:
    """An error and a nil for one call: the call after it gets the nil."""
    client = visit(pooled, b"-ERR no\r\n$-1\r\n", EMPTY)
    with pytest.raises(CallFailed, match="no"):
        client.poll("node-1")
    with pytest.raises(CallFailed, match="unexpected"):
        client.poll("node-1")
    client.close()
    assert client.unasked == EMPTY


@pytest.mark.parametrize("reply", [b"-ERR no\r\n", b"$-1\r\n", b":1\r\n"], ids=repr)
def test_a_call_that_failed_is_tried_again_with_the_same_cursor(
    visit: Callable[..., Client], epoch: Epoch, reply: bytes
) -> None:
    """Ten seconds later."""
    poller = Poller(visit(epoch, reply), "node-1")
    with pytest.raises(CallFailed):
        poller.poll()
    assert poller.cursor == 0


def test_a_reply_that_does_not_decode_moves_later_clients_on(visit: Callable[..., Client], epoch: Epoch) -> None:
    """By one; the first two are blocked for good."""
    poller = Poller(visit(epoch, BAD), "node-1")
    with pytest.raises(CallFailed):
        poller.poll()
    assert poller.cursor == (1 if epoch.moves_on else 0)


def test_the_next_cursor_is_above_the_highest_reservation(visit: Callable[..., Client], epoch: Epoch) -> None:
    """Whatever the order in which they came."""
    listed = b'+{"workloads":[{"workload_id":"12-1","content":null},{"workload_id":"7-3","content":null}]}\r\n'
    poller = Poller(visit(epoch, listed, EMPTY), "node-1")
    poller.poll()
    assert poller.poll() == []
    assert poller.client.connections[-1].sent.endswith(b'{"cursor":13,"node_id":"node-1"}\r\n')


def test_a_connection_that_idled_is_asked_first(visit: Callable[..., Client], clock: Any, pooled: Epoch) -> None:
    """After ten seconds, and not before."""
    client = visit(pooled, EMPTY, EMPTY, EMPTY)
    client.poll("node-1")
    clock.now += 10
    client.poll("node-1")
    assert command("PING") not in client.connections[0].sent
    clock.now += 11
    client.poll("node-1")
    assert command("PING") in client.connections[0].sent
    assert len(client.connections) == 1
