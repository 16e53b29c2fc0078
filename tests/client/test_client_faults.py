"""What breaks on the way: what is tried again, what is not, and what the caller is told of the outcome."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from workloadmanager.errors import InputError, Internal, Overloaded, PermissionDenied, Unavailable, WorkloadManagerError
from workloadmanager.threebot.client import Client, connect

Make = Callable[..., Any]
ANY_SECRET = "an open server takes any"  # noqa: S105 - it is none


@pytest.fixture(params=["blocking", "awaiting"])
def make(request: pytest.FixtureRequest) -> Make:
    """Make a call, in one of the two ways: ``make(client, "reservation_get", reservation_id=1)``."""

    def blocking(client: Client, name: str, **arguments: Any) -> Any:
        return client.call(name, **arguments)

    def awaiting(client: Client, name: str, **arguments: Any) -> Any:
        async def main() -> Any:
            return await client.acall(name, **arguments)

        return asyncio.run(main())

    return blocking if request.param == "blocking" else awaiting


@pytest.mark.parametrize("fault", ["request", "reply", "half"])
def test_a_signed_registration_is_made_once_whatever_breaks(grid: Any, line: Any, make: Make, fault: str) -> None:
    """It is sent again, and the server knows it by its signature."""
    line.lose(fault, b"reservation_register", times=3)
    with connect(line.address) as client:
        assert make(client, "reservation_register", reservation=grid.signed_order()).id == 1
    assert grid.count() == 1
    assert sum(b"reservation_register" in one for one in line.requests) == (1 if fault == "request" else 4)


@pytest.mark.parametrize("fault", ["request", "reply", "half"])
def test_an_unsigned_registration_is_sent_once(grid: Any, line: Any, make: Make, fault: str) -> None:
    """The caller is told that the outcome is not known."""
    line.lose(fault, b"reservation_register")
    with connect(line.address) as client, pytest.raises(Unavailable, match="not known whether the call was carried"):
        make(client, "reservation_register", reservation=grid.order())
    assert grid.count() == (0 if fault == "request" else 1)


def test_a_registration_that_was_certainly_not_sent_is_tried_again(grid: Any, make: Make, line_to: Any) -> None:
    """The connection broke before the command went out: while logging in."""
    line = line_to(str(grid.manager.addresses[0]))
    line.lose("request", b"AUTH", times=2)
    with connect(line.address, secret=ANY_SECRET) as client:
        assert make(client, "reservation_register", reservation=grid.order()).id == 1
    assert (grid.count(), line.connections) == (1, 3)


@pytest.mark.parametrize("fault", ["request", "reply", "half"])
def test_what_changes_nothing_twice_is_tried_again(grid: Any, line: Any, make: Make, fault: str) -> None:
    """Reads, signatures and reports."""
    reservation = grid.manager.reservation_register(reservation=grid.order())
    with connect(line.address) as client:
        line.lose(fault, b"reservation_get")
        assert make(client, "reservation_get", reservation_id=1).id == 1
        line.lose(fault, b"sign_customer")
        signature = grid.signature("customer", reservation)
        assert make(client, "sign_customer", reservation_id=1, signature=signature).next_action == "pay"


def test_the_attempts_are_counted(line: Any, make: Make) -> None:
    """A call that can be repeated says so."""
    line.lose("reply", b"reservation_get", times=100)
    with (
        connect(line.address, attempts=3) as client,
        pytest.raises(Unavailable, match="can be made again without harm") as raised,
    ):
        make(client, "reservation_get", reservation_id=1)
    assert raised.value.call == "reservation_get"
    assert sum(b"reservation_get" in one for one in line.requests) == 3


def test_a_server_that_is_away_is_named(make: Make) -> None:
    """With what the system says of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with (
        connect(address, attempts=2) as client,
        pytest.raises(Unavailable, match="can not be reached: Connection refused; the call was not sent"),
    ):
        make(client, "reservation_register", reservation={})


def test_a_server_that_comes_back_is_found_again(open_grid: Any, make: Make) -> None:
    """The client is the same one, and the old connection is not tried with anything that must not be lost."""
    with open_grid(gedis="tcp://127.0.0.1:0") as grid:
        address = str(grid.manager.addresses[0])
        client = connect(address)
        assert make(client, "reservation_list").reservations == []
    with open_grid(gedis=address) as grid, client:
        assert make(client, "reservation_register", reservation=grid.order()).id == 1


def test_an_answer_that_never_comes_ends_with_the_time(grid: Any, line: Any, make: Make) -> None:
    """What may have been carried out is said so."""
    line.lose("silence", b"reservation_register")
    started = time.monotonic()
    with connect(line.address, timeout=0.3) as client, pytest.raises(Unavailable, match=r"within 0\.3 s.*not known"):
        make(client, "reservation_register", reservation=grid.order())
    assert time.monotonic() - started < 5


def test_an_answer_that_trickles_ends_with_the_time_too(make: Make) -> None:
    """Each byte comes in time, and all together do not."""

    def trickle(client: socket.socket, ended: threading.Event) -> None:
        client.sendall(b"$1000000\r\n")
        while not ended.wait(0.02):
            client.sendall(b".")

    started = time.monotonic()
    with (
        pretender(trickle) as address,
        connect(address, timeout=0.3) as client,
        pytest.raises(Unavailable, match=r"within 0\.3 s"),
    ):
        make(client, "reservation_list")
    assert time.monotonic() - started < 5


@contextmanager
def pretender(answer: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """Serve something that is no workload manager: what is done with each connection after its first command."""
    ended = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                try:
                    while (command := client.recv(65536)) and b"CLIENT" in command:
                        client.sendall(b"+OK\r\n" * command.count(b"CLIENT"))
                    answer(client, ended)
                except OSError:
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)


ANSWERS: list[tuple[bytes, type[WorkloadManagerError], str]] = [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", Unavailable, "does not speak the protocol of Redis"),
    (b"-ERR unknown command\r\n", Unavailable, "no workload manager: it says 'unknown command'"),
    (b"-NOAUTH Authentication required.\r\n", PermissionDenied, "refuses to log in: Authentication required"),
    (b"-ERR []\r\n", Unavailable, "no workload manager"),
    (b'-ERR {"message":"of another server","context":"its call","cat":"x"}\r\n', Internal, "of another server"),
    (b'-ERR {"message":"a: full","kind":"overloaded","path":"a"}\r\n', Overloaded, "a: full"),
    (b'-ERR {"message":"b","kind":"unheard of"}\r\n', Internal, "b"),
    (b"$3\r\nabc\r\n", Unavailable, "of another version"),
    (b"$-1\r\n", Unavailable, "of another version"),
    (b":1\r\n", Unavailable, "of another version"),
    (b"*0\r\n", Unavailable, "of another version"),
    (b"+OK\r\n", Unavailable, "of another version"),
]


@pytest.mark.parametrize(("line", "kind", "words"), ANSWERS)
def test_whatever_answers_the_caller_gets_an_error_of_ours(
    line: bytes, kind: type[WorkloadManagerError], words: str, make: Make
) -> None:
    """In plain words, and at once."""

    def answer(client: socket.socket, _: threading.Event) -> None:
        client.sendall(line)
        client.recv(1)

    with pretender(answer) as address, connect(address, timeout=20) as client, pytest.raises(kind) as raised:
        make(client, "reservation_list")
    assert type(raised.value) is kind
    assert words in str(raised.value)


def test_newer_fields_of_a_reply_are_ignored(make: Make) -> None:
    """A newer server may know more."""

    def answer(client: socket.socket, _: threading.Event) -> None:
        body = b"\x81\xa7unknown\x01"
        client.sendall(b"$%d\r\n%b\r\n" % (len(body), body))
        client.recv(1)

    with pretender(answer) as address, connect(address, timeout=20) as client:
        assert make(client, "workload_get", gwid="1-1").workload_id == ""


def test_a_fork_has_connections_of_its_own(grid: Any, client: Client) -> None:
    """The child leaves those of its parent alone."""
    grid.manager.reservation_register(reservation=grid.order())
    client.reservation_list()
    child = os.fork()
    if not child:
        status = 1
        try:
            status = 0 if client.reservation_get(reservation_id=1).id == 1 else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert client.reservation_get(reservation_id=1).id == 1


def test_many_coroutines_share_few_connections(grid: Any, line: Any) -> None:
    """Each gets its own answer."""

    async def main(client: Client) -> list[int]:
        orders: list[Awaitable[Any]] = [
            client.acall("reservation_register", reservation=grid.order()) for _ in range(100)
        ]
        return sorted(one.id for one in await asyncio.gather(*orders))

    with connect(line.address) as client:
        assert asyncio.run(main(client)) == list(range(1, 101))
    assert line.connections <= 16


def test_a_coroutine_that_is_cancelled_leaves_nothing_behind(line: Any) -> None:
    """The answer that it waited for is nobody else's."""

    async def main(client: Client) -> Any:
        await client.acall("reservation_list")
        line.lose("silence", b"reservation_get")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await client.acall("reservation_get", reservation_id=1)
        return await client.acall("workloads_list")

    with connect(line.address) as client:
        assert asyncio.run(main(client)).workloads == []


def test_each_loop_closes_its_connections(line: Any) -> None:
    """Without a word, one loop after the other; and sooner with the block of the client."""

    async def once(client: Client) -> None:
        await client.acall("reservation_list")

    async def block() -> None:
        async with connect(line.address) as client:
            await client.acall("reservation_list")
            await client.acall("reservation_list")
        with pytest.raises(Unavailable, match="is closed"):
            await client.acall("reservation_list")

    with connect(line.address) as client:
        asyncio.run(once(client))
        asyncio.run(once(client))
    asyncio.run(block())
    assert line.connections == 3


def test_a_plain_block_in_a_coroutine_leaves_nothing_open(line: Any) -> None:
    """Where nobody awaits the end of the client, the end of the loop is in time."""

    async def main() -> None:
        with connect(line.address) as client:
            await client.acall("reservation_list")

    asyncio.run(main())
    gc.collect()  # what was left open would complain now
    assert line.connections == 1


def test_a_server_that_accepts_and_is_silent_is_given_up(make: Make) -> None:
    """Also while the client is not even logged in."""
    started = time.monotonic()
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        connect(f"tcp://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3) as client,
        pytest.raises(Unavailable, match="the call was not sent"),
    ):
        make(client, "reservation_register", reservation={})
    assert time.monotonic() - started < 5


def test_closing_elsewhere_closes_the_connections_of_a_loop(line: Any) -> None:
    """A thread that closes the client does not leave them open."""

    async def main() -> None:
        client = connect(line.address)
        await client.acall("reservation_list")
        await asyncio.to_thread(client.close)
        with pytest.raises(Unavailable):
            await client.acall("reservation_list")

    asyncio.run(main())


def test_the_loop_is_not_blocked_by_the_way_to_the_server(line: Any) -> None:
    """What else it does goes on while the server is silent."""
    line.lose("silence", b"reservation_list")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0)

    async def main(client: Client) -> None:
        beating = asyncio.create_task(beat())
        with pytest.raises(Unavailable):
            await client.acall("reservation_list")
        beating.cancel()

    with connect(line.address, timeout=0.2) as client:
        asyncio.run(main(client))
    assert beats > 100


def test_an_input_error_of_the_wire_itself_is_raised(client: Client) -> None:
    """A request that is larger than the server takes."""
    with pytest.raises(InputError, match="bytes"):
        client.reservation_list(state="x" * 9 * 1024**2)
    assert client.reservation_list().reservations == []
