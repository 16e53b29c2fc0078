"""The limits of a connection: what goes over one is told so, and harms nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits
from workloadmanager.threebot.gedis._server import Server  # with a clock of the test's own

from .hosting import Client, Clock, Gate, Logged, command, say, word_of

Host = Callable[..., WorkloadManager]
Connect = Callable[..., Client]
Serve = Callable[..., Server]

TCP = "tcp://127.0.0.1:0"
PING = command("PING")
LARGE = 100_000


def test_a_connection_over_the_most_is_told_so_and_closed(host: Host, connect: Connect) -> None:
    """Those that are open go on, and one that closes makes room."""
    manager = host(gedis=Gedis(listen=TCP, limits=Limits(maximum_connections=2)))
    (address,) = manager.addresses
    first, second = connect(address), connect(address)
    assert [first.ask(PING), second.ask(PING)] == [b"PONG"] * 2
    third = connect(address)
    third.send(PING)
    error = third.error()
    assert (error["kind"], error["level"]) == ("overloaded", 40)
    assert "2 connections are open" in error["message"]
    assert third.is_closed()
    assert first.ask(PING) == b"PONG"
    second.send(command("QUIT"))
    assert second.reply() == b"OK"
    assert second.is_closed()
    second.close()
    _connect_until_let_in(connect, address)


def test_many_connections_over_the_most_are_closed_and_the_server_goes_on(
    host: Host, serve: Serve, connect: Connect, log: Logged
) -> None:
    """Most are told why; those that were turned away are one line of the log."""
    options = Gedis(listen=TCP, limits=Limits(maximum_connections=1))
    (address,) = serve(host(), options).addresses
    first = connect(address)
    assert first.ask(PING) == b"PONG"
    others = [connect(address) for _ in range(100)]
    told = [not other.is_closed() for other in others]
    assert any(told)
    assert first.ask(PING) == b"PONG"
    assert log.wait_for("connections were turned away: there may be 1 at once")


def test_a_command_that_is_too_large_is_refused_before_it_is_there(host: Host, connect: Connect) -> None:
    """Its header says how large it will be."""
    manager = host(gedis=Gedis(listen=TCP, limits=Limits(maximum_request_bytes=2048)))
    client = connect(manager.addresses[0])
    client.send(b"*2\r\n$4\r\nPING\r\n$3000\r\n")
    assert client.error()["kind"] == "input"
    assert client.is_closed()


def test_a_header_that_promises_very_much_costs_nothing(host: Host, connect: Connect) -> None:
    """No memory is set aside for parts that were not sent."""
    client = connect(host(gedis=TCP).addresses[0])
    client.send(b"*1000000000\r\n")
    assert client.error()["kind"] == "input"
    assert client.is_closed()


def test_half_a_command_that_does_not_go_on_is_one_error(
    host: Host, serve: Serve, connect: Connect, monotonic: Clock, log: Logged
) -> None:
    """It is closed, and others are served meanwhile."""
    (address,) = serve(host(), Gedis(listen=TCP)).addresses
    slow, other = connect(address), connect(address)
    assert slow.ask(PING) == b"PONG"
    slow.send(b"*2\r\n$4\r\nPI")
    assert other.ask(PING) == b"PONG"
    _move_on_until(log, "nothing more is read from", monotonic, 31)
    assert "the rest of a command did not come within 30 s" in slow.error()["message"]
    assert slow.is_closed()
    assert other.ask(PING) == b"PONG"


def test_a_slow_client_that_goes_on_is_served(host: Host, serve: Serve, connect: Connect, monotonic: Clock) -> None:
    """Only a command that takes too long is refused, not a connection that lasts."""
    (address,) = serve(host(), Gedis(listen=TCP)).addresses
    client = connect(address)
    for _ in range(5):
        monotonic.now += 25
        client.send(PING[:5])
        client.send(PING[5:])
        assert client.reply() == b"PONG"


def test_a_silent_connection_is_closed_after_a_while(
    host: Host, serve: Serve, connect: Connect, monotonic: Clock, log: Logged
) -> None:
    """Without an error: nothing was asked."""
    (address,) = serve(host(), Gedis(listen=TCP)).addresses
    client = connect(address)
    assert client.ask(PING) == b"PONG"
    _move_on_until(log, "was silent for 3600 s", monotonic, 3601)
    assert client.is_closed()


def test_a_stranger_is_not_silent_for_long(
    host: Host, serve: Serve, connect: Connect, monotonic: Clock, log: Logged
) -> None:
    """Who has logged in may be."""
    (address,) = serve(
        host(), Gedis(listen=TCP, closed=True, secrets={"operator": "a.secret-of.the~operator"})
    ).addresses
    stranger, operator = connect(address), connect(address)
    assert stranger.ask(PING) == b"PONG"
    assert operator.ask(command("AUTH", "a.secret-of.the~operator")) == b"OK"
    _move_on_until(log, "was silent for 60 s", monotonic, 61)
    assert stranger.is_closed()
    assert operator.ask(PING) == b"PONG"


def test_a_connection_that_waits_for_its_answer_is_not_silent(
    host: Host, serve: Serve, connect: Connect, monotonic: Clock, log: Logged
) -> None:
    """However long the idle limit is over; one that waits for nothing is closed meanwhile."""
    manager = host(timeout=10_000)
    (address,) = serve(manager, Gedis(listen=TCP)).addresses
    waiting, silent = connect(address), connect(address)
    waiting.send(say("wait"))
    gate = Gate(manager)
    gate.entered()
    assert silent.ask(PING) == b"PONG"
    _move_on_until(log, "was silent for 3600 s", monotonic, 3601)
    gate.open()
    assert word_of(waiting.reply()) == "wait"


def test_a_reader_that_takes_nothing_is_not_buffered_without_end_and_cut_off(
    host: Host, serve: Serve, connect: Connect, monotonic: Clock, log: Logged, tmp_path: Path
) -> None:
    """No more is begun for it than what may be kept, others are served, and in the end it is dropped."""
    manager = host()
    limits = Limits(maximum_unsent_bytes=4 * LARGE)
    (address,) = serve(manager, Gedis(listen=f"unix://{tmp_path / 'wm.sock'}", limits=limits)).addresses
    reader, other = connect(address), connect(address)
    sending = threading.Thread(target=_send_all, args=(reader, say("x", LARGE) * 500))
    sending.start()
    gate = Gate(manager)
    for _ in range(8):
        assert gate.entered() == "x"
    assert word_of(other.ask(say("y"))) == "y"
    _move_on_until(log, "takes none of its replies for 30 s", monotonic, 31)
    assert gate.count() < 20
    with pytest.raises((EOFError, ConnectionError)):
        _read_all(reader)
    reader.close()
    sending.join(30)
    assert word_of(other.ask(say("z"))) == "z"


def test_a_slow_reader_gets_everything(host: Host, connect: Connect, tmp_path: Path) -> None:
    """It is waited for, and what it sent is answered in order."""
    limits = Limits(maximum_unsent_bytes=2 * LARGE)
    manager = host(gedis=Gedis(listen=f"unix://{tmp_path / 'wm.sock'}", limits=limits))
    client = connect(manager.addresses[0])
    sending = threading.Thread(
        target=client.send, args=(b"".join(say(f"{number:03}", LARGE // 3) for number in range(200)),)
    )
    sending.start()
    assert [word_of(client.reply())[:3] for _ in range(200)] == [f"{number:03}" for number in range(200)]
    sending.join(30)


def test_a_flood_of_small_commands_with_large_replies_is_bounded(host: Host, connect: Connect, tmp_path: Path) -> None:
    """What is answered without an actor waits as well while nothing is taken."""
    limits = Limits(maximum_unsent_bytes=LARGE)
    manager = host(gedis=Gedis(listen=f"unix://{tmp_path / 'wm.sock'}", limits=limits))
    client = connect(manager.addresses[0])
    sending = threading.Thread(target=client.send, args=(command("system.api_meta", "{}") * 300,))
    sending.start()
    sizes = {len(client.reply()) for _ in range(300)}
    sending.join(30)
    assert len(sizes) == 1


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"maximum_connections": 0}, "maximum_connections: must be a whole number from 1, not 0"),
        ({"idle_seconds": 1.5}, "idle_seconds: must be a whole number from 1"),
        ({"maximum_page": True}, "maximum_page: must be a whole number from 1"),
    ],
)
def test_a_limit_that_lets_nothing_through_is_refused(limits: dict[str, int], words: str) -> None:
    """By its name."""
    with pytest.raises(InputError, match=words):
        Limits(**limits)


def test_a_limit_of_files_below_the_connections_is_said_at_the_start(host: Host, log: Logged) -> None:
    """And not on the day when the connections come."""
    host(gedis=Gedis(listen=TCP, limits=Limits(maximum_connections=2**31)))
    assert any("raise the limit (ulimit -n" in line for line in log.lines)


def _connect_until_let_in(connect: Connect, address: str) -> None:
    """Connect until there is room: a connection that closed is forgotten a moment later."""
    while True:
        client = connect(address)
        try:
            if client.ask(PING) == b"PONG":
                return
        except ConnectionError:
            pass
        client.close()


def _move_on_until(log: Logged, words: str, monotonic: Clock, seconds: float) -> None:
    """Move the clock on until the server says something; it looks at the clock every few milliseconds."""
    for _ in range(3000):
        if log.wait_for(words, seconds=0.01):
            return
        monotonic.now += seconds / 3
    pytest.fail(f"the server never said: {words}")


def _read_all(client: Client) -> None:
    """Read replies until there are no more."""
    while True:
        client.reply()


def _send_all(client: Client, data: bytes) -> None:
    """Send as much as the server takes before it closes."""
    try:
        client.send(data)
    except OSError:
        return
