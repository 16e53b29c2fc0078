"""The server in a host: it listens, answers, and stops; what it shares with a process it leaves in order."""

from __future__ import annotations

import json
import logging
import os
import socket
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pykka
import pytest

from workloadmanager import signing
from workloadmanager.errors import Conflict, InputError, Unavailable
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits, parse_address
from workloadmanager.threebot.gedis._listen import listen  # the sockets alone
from workloadmanager.threebot.gedis._server import Server  # the thread and the loop behind the handle

from .hosting import PASS_ON, Client, Gate, Logged, command, say, server_threads, word_of

Host = Callable[..., WorkloadManager]
Connect = Callable[..., Client]
Serve = Callable[..., Server]

TCP = "tcp://127.0.0.1:0"
LIST = command("tfgrid.workloads.workload_manager.reservation_list", "{}")
PING = command("PING")


def has_ipv6() -> bool:
    """Whether this machine has a loopback address of IPv6; some containers do not."""
    try:
        with socket.socket(socket.AF_INET6) as trial:
            trial.bind(("::1", 0))
    except OSError:
        return False
    return True


IPV6 = ["tcp://[::1]:0"] if has_ipv6() else []


def test_a_host_serves_its_calls_at_an_address(host: Host, connect: Connect) -> None:
    """A call that comes by the socket is answered by the actor that the handle asks as well."""
    client = connect(host(gedis=TCP).addresses[0])
    assert client.ask(PING) == b"PONG"
    assert client.ask(LIST) == b'{"reservations":[]}'


def test_the_handle_lists_the_ports_that_were_got(host: Host) -> None:
    """Port 0 becomes one that is free; two addresses are two ports."""
    first, second = host(gedis=[TCP, TCP]).addresses
    assert first != second
    assert all(address.startswith("tcp://127.0.0.1:") and not address.endswith(":0") for address in (first, second))


def test_a_host_without_a_server_has_no_address(host: Host) -> None:
    """And no thread for one."""
    assert host().addresses == ()
    assert server_threads() == []


@pytest.mark.parametrize("listen", ["tcp://127.0.0.1:0", "tcp://localhost:0", *IPV6])
def test_every_kind_of_host_is_listened_at(host: Host, connect: Connect, listen: str) -> None:
    """IPv4, IPv6, and a name, which may stand for both at one port."""
    addresses = host(gedis=listen).addresses
    assert addresses
    assert len({address.rpartition(":")[2] for address in addresses}) == 1
    assert [connect(address).ask(PING) for address in addresses] == [b"PONG"] * len(addresses)


@pytest.mark.parametrize("loopback", IPV6)
def test_ipv4_and_ipv6_have_sockets_of_their_own(host: Host, connect: Connect, loopback: str) -> None:
    """One port can be listened at on both, because an IPv6 socket takes nothing of IPv4."""
    (four,) = host(gedis="tcp://0.0.0.0:0").addresses
    port = four.rpartition(":")[2]
    (six,) = host(gedis=Gedis(listen=f"tcp://[::]:{port}", insecure=True)).addresses
    assert connect(f"tcp://127.0.0.1:{port}").ask(PING) == b"PONG"
    assert connect(loopback.replace(":0", f":{port}")).ask(PING) == b"PONG"
    assert six == f"tcp://[::]:{port}"


def test_a_unix_socket_is_for_its_owner_alone_and_gone_after_the_stop(
    host: Host, connect: Connect, tmp_path: Path
) -> None:
    """Nobody else may open it, and nothing is left behind."""
    path = tmp_path / "wm.sock"
    manager = host(gedis=f"unix://{path}")
    assert manager.addresses == (f"unix://{path}",)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert connect(manager.addresses[0]).ask(LIST) == b'{"reservations":[]}'
    manager.stop()
    assert not path.exists()


def test_a_socket_that_a_dead_server_left_behind_is_replaced(host: Host, connect: Connect, tmp_path: Path) -> None:
    """Its process had no time to remove it."""
    path = tmp_path / "wm.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
        left.listen()
    assert connect(host(gedis=f"unix://{path}").addresses[0]).ask(PING) == b"PONG"


def test_a_socket_of_a_server_that_lives_is_a_conflict_and_is_left_alone(
    host: Host, connect: Connect, tmp_path: Path
) -> None:
    """The second host does not start, and the first one is reached as before."""
    listen = f"unix://{tmp_path / 'wm.sock'}"
    host(gedis=listen)
    with pytest.raises(Conflict, match="something else listens at unix:///") as refusal:
        host(gedis=listen)
    assert refusal.value.path == "gedis"
    assert connect(listen).ask(PING) == b"PONG"


def test_a_file_that_is_no_socket_is_left_alone(host: Host, tmp_path: Path) -> None:
    """Somebody's data may be in it."""
    path = tmp_path / "notes"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(Conflict, match="is there already, and is no socket"):
        host(gedis=f"unix://{path}")
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_socket_that_another_server_took_over_is_not_removed(host: Host, tmp_path: Path) -> None:
    """The file of that name is another server's by now."""
    path = tmp_path / "wm.sock"
    manager = host(gedis=f"unix://{path}")
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        manager.stop()
        assert path.exists()


def test_an_address_that_is_in_use_is_a_conflict_and_nothing_goes_on_running(host: Host) -> None:
    """What had been started is stopped again, the server of the first host is not."""
    (address,) = host(gedis=TCP).addresses
    actors = len(pykka.ActorRegistry.get_all())
    with pytest.raises(Conflict, match="already; stop it, or choose another"):
        host(gedis=address)
    assert len(pykka.ActorRegistry.get_all()) == actors
    assert len(server_threads()) == 1


@pytest.mark.parametrize(
    ("listen", "error", "message"),
    [
        ("tcp://192.0.2.1:0", InputError, "this machine has no such address"),
        ("tcp://no-such-host.invalid:0", InputError, "is not known on this machine"),
        ("unix:///no-such-folder/wm.sock", InputError, "there is no folder"),
        ("unix:///proc/wm.sock", (InputError, Unavailable), "proc/wm.sock"),
    ],
)
def test_an_address_that_cannot_be_had_says_why(host: Host, listen: str, error: type[Exception], message: str) -> None:
    """In words that say what to do; no error of the system comes through."""
    with pytest.raises(error, match=message):
        host(gedis=listen)
    assert server_threads() == []


def test_a_folder_that_is_not_yours_is_not_permitted(tmp_path: Path) -> None:
    """The sentence says so. Root may do everything, so it becomes nobody for a moment."""
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o500)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(Unavailable, match="is not permitted: its folder is not yours"):
            listen([parse_address(f"unix://{folder}/wm.sock")])
    finally:
        os.seteuid(user)


def test_one_address_that_cannot_be_had_leaves_none_listening(host: Host, tmp_path: Path) -> None:
    """All of them or none."""
    path = tmp_path / "wm.sock"
    with pytest.raises(InputError):
        host(gedis=[f"unix://{path}", "tcp://192.0.2.1:0"])
    assert not path.exists()


def test_replies_come_in_the_order_of_the_commands(host: Host, connect: Connect) -> None:
    """However many are sent together, and whichever of them needs no actor."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    client.send(say("wait") + PING + say("b", name=PASS_ON) + PING + say("c"))
    gate = Gate(manager)
    assert gate.entered() == "wait"
    gate.open()
    replies = [client.reply() for _ in range(5)]
    assert [reply if reply == b"PONG" else word_of(reply) for reply in replies] == ["wait", b"PONG", "b", b"PONG", "c"]


def test_many_commands_at_once_are_all_answered(host: Host, connect: Connect) -> None:
    """More than may be outstanding: the rest is read later."""
    client = connect(host(gedis=TCP).addresses[0])
    sending = threading.Thread(target=client.send, args=(b"".join(say(f"w{number}") for number in range(3000)),))
    sending.start()
    assert [word_of(client.reply()) for _ in range(3000)] == [f"w{number}" for number in range(3000)]
    sending.join()


def test_a_command_may_come_in_single_bytes(host: Host, connect: Connect) -> None:
    """A command is whole when its last byte is there."""
    client = connect(host(gedis=TCP).addresses[0])
    for byte in say("slow"):
        client.send(bytes([byte]))
    assert word_of(client.reply()) == "slow"


def test_a_call_that_waits_blocks_no_other_connection(host: Host, connect: Connect) -> None:
    """The loop goes on, and so do other actors."""
    manager = host(gedis=TCP)
    first, second = connect(manager.addresses[0]), connect(manager.addresses[0])
    first.send(say("wait"))
    gate = Gate(manager)
    gate.entered()
    assert second.ask(PING) == b"PONG"
    assert word_of(second.ask(say("b", name=PASS_ON))) == "b"
    gate.open()
    assert word_of(first.reply()) == "wait"


def test_a_client_that_ends_its_side_still_gets_its_replies(host: Host, connect: Connect) -> None:
    """As `printf … | nc` does."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    client.send(say("wait") + PING)
    client.socket.shutdown(socket.SHUT_WR)
    Gate(manager).open()
    assert word_of(client.reply()) == "wait"
    assert client.reply() == b"PONG"
    assert client.is_closed()


def test_a_connection_that_is_left_in_the_middle_harms_nobody(host: Host, connect: Connect) -> None:
    """Its call is carried out, and the reply is dropped."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    client.send(say("wait") + b"*2\r\n$3\r\nab")
    gate = Gate(manager)
    gate.entered()
    client.close()
    other = connect(manager.addresses[0])
    gate.open()
    assert word_of(other.ask(say("next"))) == "next"


def test_connections_that_are_reset_leave_nothing_behind(host: Host, connect: Connect, log: Logged) -> None:
    """Whatever they had sent, and wherever their end finds them."""
    manager = host(gedis=TCP)
    for number in range(100):
        client = connect(manager.addresses[0])
        client.send((b"*1\r\n:5\r\n", say("a") * 20, command("QUIT"), PING[:5])[number % 4])
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        client.close()
    last = connect(manager.addresses[0])
    assert word_of(last.ask(say("b"))) == "b"
    last.close()
    manager.stop()
    assert [line for line in log.lines if log.levels[line] >= logging.WARNING] == []


def test_quit_is_answered_and_then_the_connection_closes(host: Host, connect: Connect) -> None:
    """What is sent behind it is not looked at."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    client.send(say("a") + command("QUIT") + say("b"))
    assert word_of(client.reply()) == "a"
    assert client.reply() == b"OK"
    assert client.is_closed()
    assert [Gate(manager).entered(), Gate(manager).nobody()] == ["a", True]


def test_bytes_that_are_no_commands_are_answered_once_and_the_connection_closes(
    host: Host, connect: Connect, log: Logged
) -> None:
    """What came before is answered first; what comes behind is not listened to."""
    client = connect(host(gedis=TCP).addresses[0])
    client.send(say("a") + b"*1\r\n:5\r\n" + PING * 1000)
    assert word_of(client.reply()) == "a"
    assert client.error()["kind"] == "input"
    assert client.is_closed()
    assert log.wait_for("nothing more is read from")


def test_an_actor_that_dies_answers_and_is_asked_again_by_its_name(host: Host, connect: Connect) -> None:
    """The connection goes on, and leads to the new one as soon as it runs."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    client.send(say("die"))
    assert client.error()["kind"] == "unavailable"
    client.send(say("a"))
    error = client.error()
    assert error["kind"] == "unavailable"
    assert "started again by itself" in error["message"]
    assert client.ask(LIST) == b'{"reservations":[]}'


def test_an_answer_that_does_not_come_in_time_is_unavailable_and_a_late_one_is_dropped(
    host: Host, connect: Connect
) -> None:
    """One reply for a command, and the words of the handle: the outcome is not known."""
    manager = host(gedis=TCP, timeout=0.05)
    client = connect(manager.addresses[0])
    client.send(say("wait"))
    error = client.error()
    assert (error["kind"], error["call"]) == ("unavailable", "hold")
    assert "it is not known whether the call was carried out" in error["message"]
    Gate(manager).open()
    assert client.ask(PING) == b"PONG"
    assert word_of(client.ask(say("b", name=PASS_ON))) == "b"


def test_a_stop_answers_what_is_in_flight(host: Host, connect: Connect) -> None:
    """The reply is sent, then the connection closes; nobody is let in meanwhile, and nothing more is begun."""
    manager = host(gedis=TCP)
    (address,) = manager.addresses
    client, idle = connect(address), connect(address)
    assert idle.ask(PING) == b"PONG"
    client.send(say("wait") + say("b", name=PASS_ON) + say("c"))
    gate = Gate(manager)
    gate.entered()
    stopping = threading.Thread(target=manager.stop)
    stopping.start()
    assert idle.is_closed()
    with pytest.raises(OSError, match="refused"):
        connect(address)
    gate.open()
    assert word_of(client.reply()) == "wait"
    assert word_of(client.reply()) == "b"  # it was taken up behind the first
    assert client.is_closed()
    stopping.join(30)
    assert manager.addresses == ()
    assert server_threads() == []
    assert gate.nobody()


def test_a_stop_is_over_when_nobody_waits(host: Host, connect: Connect) -> None:
    """Connections that are open do not hold it up."""
    manager = host(gedis=TCP)
    clients = [connect(manager.addresses[0]) for _ in range(20)]
    assert [client.ask(PING) for client in clients] == [b"PONG"] * 20
    manager.stop()
    assert [client.is_closed() for client in clients] == [True] * 20


def test_a_port_can_be_listened_at_again_at_once(host: Host, connect: Connect) -> None:
    """Connections that were closed a moment ago do not keep it."""
    manager = host(gedis=TCP)
    (address,) = manager.addresses
    assert connect(address).ask(PING) == b"PONG"
    manager.stop()
    assert connect(host(gedis=address).addresses[0]).ask(PING) == b"PONG"


def test_stopping_all_actors_stops_the_server(host: Host, connect: Connect) -> None:
    """As a Pykka program ends: nothing is left that listens."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    assert client.ask(PING) == b"PONG"
    pykka.ActorRegistry.stop_all()
    assert client.is_closed()
    for thread in server_threads():
        thread.join(30)
    assert server_threads() == []
    manager.stop()


def test_a_server_whose_loop_dies_says_so_and_the_host_goes_on(host: Host, connect: Connect, log: Logged) -> None:
    """Its clients are disconnected rather than left waiting, and the handle calls and stops as before."""
    manager = host(gedis=TCP)
    client = connect(manager.addresses[0])
    assert client.ask(PING) == b"PONG"
    (server,) = (each for each in _servers() if each.addresses == manager.addresses)

    def fail() -> None:
        raise SystemExit

    assert server._loop is not None
    server._loop.call_soon_threadsafe(fail)
    assert client.is_closed()
    assert log.wait_for("the server ended by a fault of its own")
    for thread in server_threads():
        thread.join(30)
    assert manager.addresses == ()
    assert manager.reservation_list().reservations == []
    manager.stop()


def test_what_is_logged_says_who_and_where_and_never_what(host: Host, connect: Connect, log: Logged) -> None:
    """A line for each address, a line for each connection, no payload."""
    client = connect(host(gedis=TCP).addresses[0])
    client.ask(say("confidential"))
    client.send(command("AUTH", "a-secret-of-mine"))
    client.reply()
    client.close()
    assert log.wait_for("is gone")
    text = "\n".join(log.lines)
    assert "listening at tcp://127.0.0.1:" in text
    assert "127.0.0.1:" in text
    assert "confidential" not in text
    assert "secret" not in text


def test_a_closed_server_lets_strangers_do_what_is_signed_alone(host: Host, connect: Connect) -> None:
    """The operator's options reach the sessions."""
    manager = host(gedis=Gedis(listen=TCP, closed=True, secrets={"operator": "0123456789abcdefghij"}))
    client = connect(manager.addresses[0])
    client.send(LIST)
    assert client.error()["kind"] == "permission"
    assert client.ask(command("AUTH", "0123456789abcdefghij")) == b"OK"
    assert client.ask(LIST) == b'{"reservations":[]}'


def test_what_is_sent_behind_a_login_is_made_by_who_logged_in(host: Host, connect: Connect) -> None:
    """Also where the client does not wait for the reply of the login."""
    key = signing.Key.generate()
    client = connect(host(gedis=Gedis(listen=TCP, operator_keys=[key.public_key])).addresses[0])
    whoami = command("auth.whoami", "{}")
    assert json.loads(client.ask(whoami))["role"] == "guest"
    challenge = json.loads(client.ask(command("auth.challenge", '{"role":"operator"}')))["challenge"]
    signature = signing.sign_login(key, role="operator", challenge=challenge)
    client.send(say("a") + command("auth.answer", json.dumps({"signature": signature})) + whoami + say("b"))
    assert word_of(client.reply()) == "a"
    assert json.loads(client.reply())["role"] == "operator"
    assert json.loads(client.reply())["role"] == "operator"
    assert word_of(client.reply()) == "b"


def test_info_shows_the_connections(host: Host, connect: Connect) -> None:
    """As monitoring asks for it."""
    manager = host(gedis=Gedis(listen=TCP, limits=Limits(maximum_connections=7)))
    connect(manager.addresses[0]).ask(PING)
    text = connect(manager.addresses[0]).ask(command("INFO")).decode()
    for line in ("connected_clients:2", "maxclients:7", "total_connections_received:2", "rejected_connections:0"):
        assert line in text.splitlines()


def _servers() -> list[Server]:
    from workloadmanager.threebot.gedis._server import _running

    return list(_running)
