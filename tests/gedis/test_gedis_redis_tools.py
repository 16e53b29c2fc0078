"""The tools and libraries of Redis at the server: redis-cli, redis-benchmark, redis-py, and languages without any."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
import redis.asyncio

from .golden.grid import Clock, Grid

PREFIX = "tfgrid.workloads.workload_manager"
GET = f"{PREFIX}.reservation_get"
LIST = f"{PREFIX}.reservation_list"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def grid() -> Iterator[Grid]:
    """A grid with one reservation in deploy, behind an open server."""
    grid = Grid(Clock())
    try:
        grid.deployed({**grid.data(), "description": "première\n🙂"})
        yield grid
    finally:
        grid.close()


@pytest.fixture
def port(grid: Grid) -> str:
    """The port of the server."""
    return str(urlsplit(grid.address).port)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a program to its end: ``run("redis-cli", "PING")``. In CI it has to be there."""

    def run_one(program: str, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        path = shutil.which(program)
        if path is None:
            if "CI" in os.environ:
                pytest.fail(f"{program} is not installed, and CI has to have it")
            pytest.skip(f"{program} is not installed")
        home = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        return subprocess.run(
            [path, *arguments], input=given, capture_output=True, text=True, timeout=60, check=False, env=home
        )

    return run_one


@pytest.fixture
def cli(run: Run, port: str) -> Run:
    """Run redis-cli: ``cli("PING")``."""
    return lambda *arguments, given="": run("redis-cli", "-p", port, *arguments, given=given)


# redis-cli


def test_redis_cli_prints_a_reservation(cli: Run) -> None:
    """The whole reservation, as JSON."""
    done = cli(GET, '{"reservation_id":1}')
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["id"], found["next_action"], found["customer_tid"]) == (1, 3, 1)
    assert found["data_reservation"]["description"] == "première\n🙂"


@pytest.mark.parametrize("option", ["--json", "-3", "-2"])
def test_redis_cli_speaks_both_versions(cli: Run, option: str) -> None:
    """Its JSON output is of version 3."""
    done = cli(option, GET, '{"reservation_id":1}')
    assert (done.returncode, done.stderr) == (0, "")
    text = json.loads(done.stdout)
    assert (json.loads(text) if option == "--json" else text)["id"] == 1


def test_redis_cli_takes_commands_from_a_pipe(cli: Run) -> None:
    """One to a line, quoted as in a shell."""
    commands = f"PING\n{GET} '{{\"reservation_id\":1}}'\n{GET} '{{\"reservation_id\":7}}'\nPING\n"
    lines = [line for line in cli(given=commands).stdout.splitlines() if line]
    assert (lines[0], lines[-1]) == ("PONG", "PONG")
    assert json.loads(lines[1])["id"] == 1
    assert json.loads(lines[2].removeprefix("ERR "))["message"]


def test_redis_cli_shows_an_error_with_its_reason(cli: Run) -> None:
    """One line of JSON after ERR; with -e the status says it too."""
    done = cli("-e", GET, '{"reservation_id":7}')
    assert done.returncode == 1
    shown = (done.stdout + done.stderr).strip()
    assert json.loads(shown.removeprefix("ERR "))["cat"] == "not_found"


def test_redis_cli_asks_for_information(cli: Run) -> None:
    """Sections of name:value lines, as a Redis server gives them."""
    assert cli("PING").stdout == "PONG\n"
    assert cli("PING", "hello").stdout == "hello\n"
    lines = cli("INFO").stdout.splitlines()
    assert any(line.startswith("#") for line in lines)
    assert all(":" in line for line in lines if line and not line.startswith("#"))


def test_redis_cli_logs_in(cli: Run, grid: Grid) -> None:
    """By an option, with a name or without; a wrong secret warns, and the session stays what it was."""
    asked = ("tfgrid.workloads.workload_manager.sign_delete", '{"reservation_id":"1"}')
    assert "permission" in cli(*asked).stdout
    assert "AUTH failed" in cli("-a", "wrong", "--no-auth-warning", "PING").stderr
    assert cli("--user", "operator", "-a", grid.secret, "--no-auth-warning", "PING").stdout == "PONG\n"
    assert "ERR" not in cli("-a", grid.secret, "--no-auth-warning", *asked).stdout
    assert grid.state(1) == "delete"


def test_redis_cli_sends_the_raw_protocol(cli: Run, grid: Grid) -> None:
    """Its mass insertion counts replies against commands: one for each."""
    frame = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in (GET.encode(), b'{"reservation_id":1}'))
    done = cli("--pipe", given=(b"*2\r\n" + frame).decode() * 50)
    assert "errors: 0, replies: 50" in done.stdout
    assert grid.state(1) == "deploy"


# redis-benchmark


@pytest.mark.parametrize("command", [("ping",), (GET, '{"reservation_id":1}')], ids=["ping", "reservation_get"])
def test_redis_benchmark_runs_to_its_end(run: Run, port: str, command: tuple[str, ...]) -> None:
    """Eight connections, four commands in flight on each."""
    done = run("redis-benchmark", "-p", port, "-n", "1000", "-c", "8", "-P", "4", "-q", *command)
    assert done.returncode == 0, done.stderr
    assert "requests per second" in done.stdout
    assert "Error" not in done.stdout + done.stderr


# redis-py


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def protocol(request: pytest.FixtureRequest) -> int:
    """Both versions of the protocol."""
    version: int = request.param
    return version


def _url(grid: Grid, protocol: int, user: str = "") -> str:
    parts = urlsplit(grid.address)
    return f"redis://{user}{parts.hostname}:{parts.port}?protocol={protocol}"


def test_redis_py_calls(grid: Grid, protocol: int) -> None:
    """With a command of any name, and with its own ones for the session."""
    with redis.Redis.from_url(_url(grid, protocol), decode_responses=True) as client:
        assert client.ping() is True
        found: Any = client.execute_command(GET, '{"reservation_id":1}')
        assert json.loads(found)["id"] == 1
        with pytest.raises(redis.ResponseError, match="not_found"):
            client.execute_command(GET, '{"reservation_id":7}')
        information: Any = client.info()
        assert information


def test_redis_py_calls_without_any_option(grid: Grid) -> None:
    """Whatever it says of itself on a new connection, by default."""
    parts = urlsplit(grid.address)
    with redis.Redis(host=parts.hostname or "", port=parts.port or 0) as client:
        found: Any = client.execute_command(LIST, "{}")
        assert json.loads(found)["reservations"][0]["id"] == 1


def test_redis_py_sends_many_at_once(grid: Grid, protocol: int) -> None:
    """A pipeline is answered in its order, mistakes in their places."""
    with redis.Redis.from_url(_url(grid, protocol)) as client:
        pipeline = client.pipeline(transaction=False)
        for number in (1, 7) * 50:
            pipeline.execute_command(GET, f'{{"reservation_id":{number}}}')
        replies = pipeline.execute(raise_on_error=False)
        assert [isinstance(reply, redis.ResponseError) for reply in replies] == [False, True] * 50
        assert client.ping() is True


@pytest.mark.parametrize("user", ["operator:{}@", ":{}@", "default:{}@"])
def test_redis_py_logs_in_by_its_url(grid: Grid, protocol: int, user: str) -> None:
    """The secret decides what the session may do."""
    with redis.Redis.from_url(_url(grid, protocol, user.format(grid.secret))) as client:
        signed: Any = client.execute_command(f"{PREFIX}.sign_delete", '{"reservation_id":"1"}')
        assert json.loads(signed)["next_action"] == 4
    assert grid.state(1) == "delete"
    with redis.Redis.from_url(_url(grid, protocol, user.format("wrong"))) as client, pytest.raises(redis.RedisError):
        client.ping()


def test_redis_py_calls_from_coroutines(grid: Grid, protocol: int) -> None:
    """Several at the same time, each with a connection of the pool, and a pipeline."""

    async def visit() -> None:
        async with redis.asyncio.Redis.from_url(_url(grid, protocol)) as client:
            call: Callable[..., Awaitable[Any]] = client.execute_command
            replies = await asyncio.gather(*(call(GET, '{"reservation_id":1}') for _ in range(20)))
            assert [json.loads(found)["id"] for found in replies] == [1] * 20
            pipeline = client.pipeline(transaction=False)
            pipeline.execute_command(LIST, "{}")
            pipeline.execute_command("PING")
            listed, pong = await pipeline.execute()
            assert json.loads(listed)["reservations"][0]["id"] == 1
            assert pong

    asyncio.run(visit())


# Languages without a library

JAVASCRIPT = r"""
const net = require("net");

const command = (...words) =>
  `*${words.length}\r\n` + words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("");

const connection = net.connect(process.argv[1], "127.0.0.1");
let received = Buffer.alloc(0);
connection.on("data", (data) => {
  received = Buffer.concat([received, data]);
  const end = received.indexOf("\r\n");
  if (end < 0) return;
  const line = received.toString("utf8", 0, end);
  if (line[0] === "-") throw new Error(line);
  const size = Number(line.slice(1));
  if (received.length < end + 2 + size + 2) return;
  const reservation = JSON.parse(received.toString("utf8", end + 2, end + 2 + size));
  console.log(reservation.id, reservation.data_reservation.description);
  connection.end();
});
connection.write(command("tfgrid.workloads.workload_manager.reservation_get", '{"reservation_id":1}'));
"""

SHELL = r"""
exec 3<>/dev/tcp/127.0.0.1/$1
call() { printf '*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n' "${#1}" "$1" "${#2}" "$2" >&3; }
LC_ALL=C
call tfgrid.workloads.workload_manager.reservation_get '{"reservation_id":1}'
read -r header <&3
header=${header%$'\r'}
case $header in
  '$'*) IFS= read -r -N "${header#?}" reply <&3; printf '%s\n' "$reply" ;;
  *) printf '%s\n' "$header" >&2; exit 1 ;;
esac
"""


def test_javascript_needs_no_library(run: Run, port: str) -> None:
    """The net module of Node.js, and a command as text."""
    done = run("node", "-e", JAVASCRIPT, port)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 première\n🙂\n", "")


def test_the_shell_needs_no_tool(run: Run, port: str) -> None:
    """Bash alone opens the connection; lengths count bytes."""
    done = run("bash", "-c", SHELL, "bash", port)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["id"] == 1
