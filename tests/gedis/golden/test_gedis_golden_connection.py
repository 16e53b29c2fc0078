"""How the five clients connect and call: the exact bytes, short and pooled connections, one reply per command."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.actors import CALLS
from workloadmanager.threebot.gedis import Gedis

from .clients import CallFailed, Client
from .decoding import error_of
from .epochs import CLIENTS, E1, Epoch
from .grid import ABSENT
from .wire import Connection, command, dial

FORMAT = b"*2\r\n$13\r\nconfig_format\r\n$4\r\njson\r\n"
POLL = b'*2\r\n$48\r\ntfgrid.workloads.workload_manager.workloads_list\r\n$31\r\n{"cursor":0,"node_id":"node-1"}\r\n'
OLD_POLL = b'*2\r\n$39\r\ndefault.workload_manager.workloads_list\r\n$31\r\n{"cursor":0,"node_id":"node-1"}\r\n'


def _poll(epoch: Epoch) -> bytes:
    return OLD_POLL if epoch.workloads == E1.workloads else POLL


def test_the_first_call_is_answered(client: Client) -> None:
    """The bytes of a first call, and an empty poll as its answer."""
    assert client.poll("node-1") == []
    assert client.connections[0].sent == FORMAT + _poll(client.epoch)


def test_a_name_in_the_address_is_sent_first(grid: Any, epoch: Epoch) -> None:
    """The user part of the url is the one argument of AUTH, and the calls go on from there."""
    client = grid.client(epoch, address=grid.operator_address)
    assert client.poll("node-1") == []
    name = grid.secret.encode()
    assert client.connections[0].sent.startswith(b"*2\r\n$4\r\nAUTH\r\n$%d\r\n%b\r\n" % (len(name), name) + FORMAT)


def test_a_wrong_secret_fails_the_call_with_a_reason(grid: Any, epoch: Epoch) -> None:
    """An error to AUTH is an error of every call; what the node logs says why."""
    client = grid.client(epoch, address=grid.address.replace("tcp://", "tcp://wrong@"))
    with pytest.raises(CallFailed) as failure:
        client.poll("node-1")
    assert failure.value.error is not None
    assert failure.value.error.typed


def test_an_open_server_without_secrets_takes_any_name(open_grid: Callable[..., Any], epoch: Epoch) -> None:
    """Nodes send AUTH whenever their address has a user part, whatever the server thinks of it."""
    grid = open_grid(Gedis(listen=("tcp://127.0.0.1:0",)))
    assert grid.client(epoch, address=grid.address.replace("tcp://", "tcp://anything@")).poll("node-1") == []


def test_ping_is_an_array_of_one_element(grid: Any) -> None:
    """As the pools of the later clients send it, before anything else as well."""
    connection = Connection(dial(grid.address))
    connection.send(b"*1\r\n$4\r\nPING\r\n")
    assert connection.read().text == "PONG"
    assert connection.close() == b""


@pytest.mark.parametrize("spelling", ["config_format", "CONFIG_FORMAT", "config_anything"])
def test_any_config_is_taken(grid: Any, spelling: str) -> None:
    """An error reply to it would make every call fail."""
    connection = Connection(dial(grid.address))
    assert connection.ask(spelling, "json").kind != "-"
    assert connection.close() == b""


def test_a_client_dials_for_each_call_or_keeps_its_connection(grid: Any, clock: Any, epoch: Epoch) -> None:
    """Three calls are three connections, or one."""
    client = grid.client(epoch)
    for _ in range(3):
        client.poll("node-1")
        clock.now += 1
    assert len(client.connections) == (1 if epoch.pooled else 3)
    assert all(connection.sent.startswith(FORMAT) for connection in client.connections)


def test_a_pool_asks_whether_an_idle_connection_lives(grid: Any, clock: Any, pooled: Epoch) -> None:
    """With polls every eleven seconds each begins with a PING; after a minute the pool dials again."""
    client = grid.client(pooled)
    for _ in range(3):
        client.poll("node-1")
        clock.now += 11
    poll, ping = _poll(pooled), command("PING")
    assert client.connections[0].sent == FORMAT + poll + ping + poll + ping + poll
    clock.now += 61
    client.poll("node-1")
    assert [one.sent for one in client.connections[1:]] == [FORMAT + poll]


def test_a_pool_holds_five_connections(grid: Any, pooled: Epoch) -> None:
    """The daemons of one node call at the same time."""
    client = grid.client(pooled)
    with ExitStack() as calls:
        lent = [calls.enter_context(client.connection()) for _ in range(5)]
        for connection in lent:
            connection.send(_poll(pooled))
        assert [connection.read().kind for connection in reversed(lent)] == ["$"] * 5
        with pytest.raises(CallFailed):
            client.poll("node-1")
    assert client.poll("node-1") == []
    assert len(client.connections) == 5


def test_many_short_connections_follow_each_other(grid: Any, short: Epoch) -> None:
    """A grid of early nodes dials for every call of each of its daemons."""
    client = grid.client(short)
    for _ in range(200):
        client.poll("node-1")
    assert len(client.connections) == 200


def test_a_unix_socket_serves_as_well(open_grid: Callable[..., Any], tmp_path: Path, epoch: Epoch) -> None:
    """The client takes two schemes."""
    grid = open_grid(Gedis(listen=(f"unix://{tmp_path}/gedis.sock",)))
    assert grid.client(epoch, address=f"unix://{tmp_path}/gedis.sock").poll("node-1") == []


def test_an_ipv6_address_serves_as_well(open_grid: Callable[..., Any], epoch: Epoch) -> None:
    """A node of the time is reached by IPv6 as often as not."""
    grid = open_grid(Gedis(listen=("tcp://[::1]:0",)))
    assert grid.client(epoch).poll("node-1") == []


@pytest.mark.parametrize(
    "name",
    [
        "default.workload_manager.workloads_list",
        "tfgrid.directory.workload_manager.workloads_list",
        "tfgrid.workloads.workload_manager.workloads_list",
        "TFGRID.Workloads.Workload_Manager.Workloads_List",
    ],
)
def test_a_call_has_a_name_for_each_time(grid: Any, name: str) -> None:
    """The prefix changed twice; the case of the letters does not matter."""
    connection = Connection(dial(grid.address))
    assert connection.ask(name, '{"cursor":0,"node_id":"node-1"}').text is not None
    assert connection.close() == b""


@pytest.mark.parametrize(
    "prefix", ["default.workload_manager", "tfgrid.directory.workload_manager", "tfgrid.workloads.workload_manager"]
)
def test_every_call_has_each_of_the_names(grid: Any, prefix: str) -> None:
    """All eleven, and the alias: none of them is unknown."""
    connection = Connection(dial(grid.address))
    for call in (*CALLS, "reservations_list"):
        reply = connection.ask(f"{prefix}.{call}", "{}")
        assert reply.kind == "$" or "there is no command" not in error_of(reply.value.decode()).text
    assert "there is no command" in error_of(connection.ask(f"{prefix}.nothing", "{}").value.decode()).text
    assert connection.close() == b""


PREFIX = "tfgrid.workloads.workload_manager"
MISTAKES = {
    "an unknown command": ("nothing",),
    "an unknown call": (f"{PREFIX}.nothing", "{}"),
    "an unknown actor": ("tfgrid.workloads.nobody.workloads_list", "{}"),
    "an internal actor": ("tfgrid.workloads.workload_manager._sweep", "{}"),
    "an unknown workload": (f"{PREFIX}.workload_get", f'{{"gwid":"{ABSENT}-1"}}'),
    "an id that is none": (f"{PREFIX}.workload_get", '{"gwid":"77"}'),
    "no argument": (f"{PREFIX}.workload_get",),
    "a missing field": (f"{PREFIX}.workload_get", "{}"),
    "an unknown field": (f"{PREFIX}.workload_get", '{"gwid":"1-1","gwids":1}'),
    "a wrong type": (f"{PREFIX}.workload_get", '{"gwid":[1]}'),
    "a list": (f"{PREFIX}.workload_get", '["1-1"]'),
    "half an object": (f"{PREFIX}.workload_get", '{"gwid":"1-'),
    "a line break in a name": ("no\r\nthing\n", "{}"),
    "a line break in an id": (f"{PREFIX}.workload_get", '{"gwid":"1\\r\\n+OK\\r\\n"}'),
    "a line break in a node": ("tfgrid.directory.nodes.get", '{"node_id":"a\\r\\nb\\u2028"}'),
    "letters beyond ASCII": ("tfgrid.directory.nodes.get", '{"node_id":"ñandú"}'),
    "half a character": ("tfgrid.directory.nodes.get", '{"node_id":"\\ud800"}'),
    "an empty name": ("", "{}"),
    "a deletion of nothing": (f"{PREFIX}.workload_deleted", f'{{"workload_id":"{ABSENT}-1"}}'),
    "a result of nothing": (
        f"{PREFIX}.set_workload_result",
        f'{{"global_workload_id":"{ABSENT}-1","result":{{}}}}',
    ),
    "a registration of nothing": (f"{PREFIX}.reservation_register", '{"reservation":null}'),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_an_error_is_one_line_that_decodes(grid: Any, mistake: tuple[str, ...]) -> None:
    """One reply, after which the connection goes on: an extra one would be taken for the answer to the next call."""
    connection = Connection(dial(grid.address))
    connection.ask("config_format", "json")
    reply = connection.ask(*mistake)
    assert reply.kind == "-"
    line = reply.value.decode("ascii")
    error = error_of(line)
    assert line.startswith("ERR {")
    assert error.typed
    assert error.text
    assert error.level == 40
    assert error.category
    assert "Traceback" not in line
    connection.send(POLL + command("PING"))
    assert (connection.read().text or "").startswith('{"workloads":')
    assert connection.read().text == "PONG"
    assert connection.close() == b""


def test_a_refused_call_does_not_spoil_the_next_one(client: Client) -> None:
    """Pooled or not, each of three refusals is one failed call, and the calls between them are answered."""
    for _ in range(3):
        with pytest.raises(CallFailed, match=f"{ABSENT}-1"):
            client.get(f"{ABSENT}-1")
        assert client.poll("node-1") == []


def test_commands_that_arrive_together_are_answered_in_order(grid: Any) -> None:
    """Nobody has to wait for a reply before the next command, nor to send a whole command at once."""
    connection = Connection(dial(grid.address))
    refused = command(f"{PREFIX}.workload_get", f'{{"gwid":"{ABSENT}-1"}}')
    commands = FORMAT + POLL + refused + command("PING") + OLD_POLL
    for byte in commands[:60]:
        connection.send(bytes([byte]))
    connection.send(commands[60:])
    assert [connection.read().kind for _ in range(5)] == ["+", "$", "-", "+", "$"]
    assert connection.close() == b""


def test_a_large_reply_arrives_whole(grid: Any, epoch: Epoch) -> None:
    """More than a socket takes at once, with letters of two and of four bytes."""
    data = grid.every_kind()
    texts = {f"TEXT_{number}": "é🙂" * 2000 for number in range(20)}
    data["containers"][0]["environment"] = texts
    for _ in range(3):
        grid.deployed(data)
    found = grid.client(epoch).poll(grid.node.node_id)
    assert [one.content["environment"] for one in found if one.kind == "container"] == [texts] * 3


def test_what_a_reply_without_a_value_is_does_not_matter(grid: Any, client: Client) -> None:
    """It is no error, and it is one."""
    reply = client.tell_node("uptime_update", node_id=grid.node.node_id, uptime=600)
    assert reply.kind in "+$:"


def test_all_of_them_are_served_at_the_same_time(grid: Any) -> None:
    """Nodes of different years poll and ask at once, with short connections and with pooled ones."""
    number = grid.deployed()
    clients = [grid.client(epoch) for epoch in CLIENTS]

    def visit(client: Client) -> list[str]:
        seen = []
        for _ in range(10):
            seen += [one.gwid for one in client.poll(grid.node.node_id)]
            seen.append(client.get(f"{number}-1").gwid)
        return seen

    with ThreadPoolExecutor(len(clients)) as threads:
        for seen in threads.map(visit, clients):
            assert seen == [f"{number}-1"] * 20
