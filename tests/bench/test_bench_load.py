"""The process that sends requests: what it is told, it sends; what goes wrong, it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture(scope="module")
def load_module(load: Load) -> Any:
    """The module under test."""
    return load("_load")


@pytest.fixture(scope="module")
def served(load: Load, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A service on an empty store."""
    with load("_gedis_server").gedis_server(tmp_path_factory.mktemp("served") / "bcdb") as service:
        yield service


@pytest.fixture(scope="module")
def sender(load_module: Any) -> Iterator[Any]:
    """The process."""
    with load_module.process_of_load() as process:
        yield process


def test_a_command_is_written_as_clients_write_it(load_module: Any) -> None:
    """An array of bulk strings whose lengths count bytes."""
    assert load_module.command("GET", "é") == b"*2\r\n$3\r\nGET\r\n$2\r\n\xc3\xa9\r\n"


def test_replies_are_in_the_order_of_the_requests(load_module: Any, served: Any) -> None:
    """More of them than are sent at once."""
    texts = [str(number).encode() for number in range(200)]
    replies = load_module.replies_to(served.address, [load_module.command("ECHO", text) for text in texts])
    assert replies == texts


@pytest.mark.parametrize(("connections", "outstanding"), [(1, 1), (3, 2), (8, 64)])
def test_work_ends_when_every_request_is_answered(
    load_module: Any, served: Any, sender: Any, connections: int, outstanding: int
) -> None:
    """Also where they do not fill the last turn, or not every connection has one."""
    requests = repeat(load_module.command("PING"))
    work = sender.sending(served.address, requests, connections=connections, outstanding=outstanding)
    assert work(100)() == work(1)() == []


def test_a_mixture_says_how_long_each_request_took(load_module: Any, served: Any, sender: Any) -> None:
    """By kind, and each of them was sent more than once by every connection."""
    kinds = [
        load_module.Kind([load_module.command("PING")], 2),
        load_module.Kind([load_module.command("ECHO", "a"), load_module.command("ECHO", "b")], 1),
    ]
    pings, echoes = sender.mixing(served.address, kinds, seconds=0.05)
    assert len(pings) > 2
    assert len(echoes) > 1
    assert all(0 < seconds < 10 for seconds in (*pings, *echoes))


def test_an_error_in_place_of_a_reply_ends_a_benchmark(load_module: Any, served: Any, sender: Any) -> None:
    """Else it would measure how fast a server refuses."""
    nonsense = load_module.command("nonsense")
    with pytest.raises(RuntimeError, match="there is no command"):
        load_module.replies_to(served.address, [nonsense])
    with pytest.raises(RuntimeError, match="there is no command"):
        sender.sending(served.address, repeat(nonsense), connections=1)(1)()
    with pytest.raises(RuntimeError, match="there is no command"):
        sender.mixing(served.address, [load_module.Kind([nonsense], 1)], seconds=0.05)


def test_the_process_goes_on_after_an_error(load_module: Any, served: Any, sender: Any) -> None:
    """A benchmark that failed does not take the others with it."""
    with pytest.raises(RuntimeError, match="ConnectionRefusedError"):
        sender.sending(("127.0.0.1", 1), repeat(load_module.command("PING")), connections=1)(1)
    assert sender.sending(served.address, repeat(load_module.command("PING")), connections=1)(10)() == []


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="this system does not say what a process has used")
def test_a_service_computes_as_long_as_it_is_told_to(load_module: Any, served: Any) -> None:
    """Its process uses processor time then, though hardly anything is asked of it; and it answers all the same."""

    def used() -> int:
        """Return the process' time in its own code, in hundredths of a second; 12 fields after its name in brackets."""
        return int(Path(f"/proc/{served.process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11])

    ping = [load_module.command("PING")]
    with served.computing():
        before, pings = used(), 0
        while used() < before + 20 and pings < 100_000:
            load_module.replies_to(served.address, ping)
            pings += 1
    assert used() >= before + 20
    assert pings < 2000


def test_a_round_of_mixed_load_is_measured_once(load: Load, load_module: Any, served: Any, sender: Any) -> None:
    """All figures of a round are of the same requests, and the next round is another."""
    convoy = load("_convoy")
    ping = load_module.command("PING")
    kinds = [load_module.Kind([ping], number) for number in convoy.CONNECTIONS.values()]
    rounds, seen = convoy._Rounds(sender, served, kinds), []

    def note(measured: Any) -> tuple[float, None]:
        seen.append(measured)
        return measured.seconds, None

    first, second = rounds.figure(note), rounds.figure(note)
    assert first(0.0) == second(0.0) == first(0.0) == (0.2, None)
    assert seen[0] is seen[1]
    assert seen[2] is not seen[1]
    assert seen[0].beside.keys() == seen[0].alone.keys() == convoy.CONNECTIONS.keys()


def test_a_service_that_does_not_start_says_so(load: Load, tmp_path: Path) -> None:
    """Nobody waits for an address that never comes."""
    (tmp_path / "bcdb").write_text("no folder", encoding="utf-8")
    with pytest.raises(EOFError, match="the service has ended"), load("_gedis_server").gedis_server(tmp_path / "bcdb"):
        pass
