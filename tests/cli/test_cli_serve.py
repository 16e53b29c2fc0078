"""``workloadmanager serve``: a real process, real sockets and real signals."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.threebot.cli._serve import LogFormat, LogLevel  # no doorway: the command line's own
from workloadmanager.threebot.service import FORMATS, LEVELS

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]
TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) +[\w.]+: .+")


def ask(port: int, *words: str) -> bytes:
    """Send one command and return what comes back first."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(command(*words))
        return connection.recv(65536)


def command(*words: str) -> bytes:
    """A command as it is sent."""
    return b"".join((f"*{len(words)}\r\n".encode(), *(f"${len(word)}\r\n{word}\r\n".encode() for word in words)))


@pytest.mark.slow
def test_it_says_where_it_answers_and_stops_in_order_at_sigterm(serve: Any, folder: Path) -> None:
    """The port is the one that it has got; scripts need not wait or guess."""
    service = serve()
    assert re.fullmatch(r"tcp://127\.0\.0\.1:[1-9]\d+", service.address)
    assert service.ready == {
        "addresses": [{"address": service.address, "open": True}],
        "store": "store",
        "process": service.process.pid,
    }
    assert ask(service.port, "PING") == b"+PONG\r\n"
    assert service.stop() == 0
    assert (folder / "store").is_dir()
    assert [line.partition(": ")[2] for line in service.lines()[-2:]] == [
        "stops, as SIGTERM asks for it",
        "stopped; everything that was answered is stored",
    ]
    assert all(TEXT.fullmatch(line) for line in service.lines())


@pytest.mark.slow
@pytest.mark.usefixtures("ctrl_c")
def test_sigint_stops_it_in_the_same_way(serve: Any) -> None:
    """Ctrl-C is no fault; the log is JSON where that was asked for, every line of it."""
    service = serve("--log-format", "json", "--log-level", "debug")
    assert ask(service.port, "PING") == b"+PONG\r\n"
    assert service.stop(signal.SIGINT) == 0
    records = [json.loads(line) for line in service.lines()]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(each) for each in records))
    assert any(each.get("addresses") == [service.address] for each in records)


@pytest.mark.slow
def test_what_was_answered_is_there_after_a_restart(serve: Any, cli: Any, grid: Path, monkeypatch: Any) -> None:
    """A clean stop closes the store, and the next start finds everything."""
    secrets = grid / "secrets.toml"
    secrets.touch(mode=0o600)
    made = cli("key", "secret", "operator", "--json").document["secret"]
    secrets.write_text(f'operator = "{made}"\n')
    service = serve("--secrets", "secrets.toml")
    monkeypatch.setenv("WORKLOADMANAGER_SECRET", made)
    assert cli("user", "add", "emil", "--key", "node", "--connect", service.address).status == 0
    assert service.stop() == 0
    assert cli("user", "show", "emil").status == 0
    assert cli("bcdb", "check").status == 0
    assert made not in "".join(service.lines())


WAITING = '''
from workloadmanager.actors import Access, CallActor


class PipeRead(CallActor):
    """Say that it has begun, then wait until somebody writes.

    ```in
    begun = (S)
    go = (S)
    ```

    ```out
    !tfgrid.waiting.word.1
    ```
    """

    _access = Access.anybody

    def __init__(self, context):
        super().__init__(context)
        self._schema = context.registry.get("tfgrid.waiting.word.1")

    def pipe_read(self, *, begun: str = "", go: str = ""):
        """Open one pipe and close it, then read the other."""
        open(begun, "w").close()
        with open(go) as pipe:
            return self._schema.new(word=pipe.read())
'''


@pytest.fixture
def waiting(folder: Path) -> Path:
    """A package with a call that waits for the test, and its two pipes."""
    package = folder / "waiting"
    (package / "actors").mkdir(parents=True)
    (package / "models").mkdir()
    (package / "package.toml").write_text('[source]\nname = "waiting"\nthreebot = "tfgrid"\nversion = "1.0.0"\n')
    (package / "models" / "word.toml").write_text('["tfgrid.waiting.word.1"]\nword = "(S)"\n')
    (package / "actors" / "pipe_read.py").write_text(WAITING)
    (folder / "serve.toml").write_text('[packages]\nfolders = ["waiting"]\n')
    os.mkfifo(folder / "begun")
    os.mkfifo(folder / "go")
    return folder


@pytest.fixture
def in_flight(serve: Any, waiting: Path) -> Iterator[tuple[Any, socket.socket]]:
    """A service that was told to stop while a call waits, and the connection of who made the call."""
    service = serve("--config", "serve.toml")
    words = json.dumps({"begun": str(waiting / "begun"), "go": str(waiting / "go")})
    with socket.create_connection(("127.0.0.1", service.port), timeout=30) as connection:
        connection.sendall(command("tfgrid.waiting.pipe_read", words))
        (waiting / "begun").read_text()
        service.process.send_signal(signal.SIGTERM)
        yield service, connection


def until_refused(port: int) -> None:
    """Return as soon as nobody listens at a port any more."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=30).close()
        except ConnectionError:
            return


@pytest.mark.slow
def test_what_is_in_flight_is_answered_before_it_stops(in_flight: Any, waiting: Path) -> None:
    """Nothing new is accepted meanwhile."""
    service, connection = in_flight
    until_refused(service.port)
    (waiting / "go").write_text("done")
    answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert b'"done"' in answer
    assert service.process.wait(timeout=60) == 0


@pytest.mark.slow
def test_a_second_signal_ends_it_on_the_spot(in_flight: Any) -> None:
    """Whatever is still in flight: a shell reports 143."""
    service, _ = in_flight
    until_refused(service.port)
    assert service.stop(signal.SIGTERM) == -signal.SIGTERM


@pytest.mark.slow
def test_it_tells_systemd_when_it_answers_and_when_it_stops(serve: Any, folder: Path) -> None:
    """As a unit of Type=notify."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        manager.settimeout(30)
        service = serve(NOTIFY_SOCKET=str(folder / "notify"))
        assert manager.recv(4096) == b"READY=1\nSTATUS=serves store"
        assert service.stop() == 0
        assert manager.recv(4096) == b"STOPPING=1"


@pytest.mark.slow
def test_every_address_is_said_with_whether_it_is_open(serve: Any, folder: Path) -> None:
    """This machine's are, others are not; --closed and --insecure are for all."""
    (folder / "serve.toml").write_text("[limits]\nmaximum_connections = 2000\n")
    addresses = ["tcp://127.0.0.1:0", "tcp://0.0.0.0:0", "unix:///proc/self/cwd/gedis.sock"]
    options = [word for address in addresses for word in ("--listen", address)]
    service = serve("--config", "serve.toml", *options)
    assert [each["open"] for each in service.ready["addresses"]] == [True, False, True]
    limits = Path(f"/proc/{service.process.pid}/limits").read_text()
    (allowed,) = re.findall(r"^Max open files +(\d+)", limits, re.MULTILINE)
    assert int(allowed) >= 2000


@pytest.mark.slow
@pytest.mark.usefixtures("ctrl_c")
def test_a_person_reads_what_to_type_next(on_a_terminal: Any) -> None:
    """And stops it with Ctrl-C, which is no error."""
    arguments = ("serve", "--store", ":memory:", "--listen", "tcp://127.0.0.1:0", "--closed")
    status, seen = on_a_terminal(*arguments, answers=[("Stop", "\x03")])
    assert status == 0
    assert "closed: log in to read and poll" not in seen  # it stands above the question
    assert "stops, as SIGINT asks for it" in seen


@pytest.mark.slow
def test_the_first_message_can_be_typed(folder: Path) -> None:
    """redis-cli and the command line, each with the port."""
    arguments = ["serve", "--store", ":memory:", "--listen", "tcp://0.0.0.0:0"]
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().rstrip() for _ in range(5)]
        process.terminate()
    address = re.fullmatch(r"  (tcp://0\.0\.0\.0:(\d+))  closed: log in to read and poll", lines[1])
    assert address
    assert lines[0] == "Serving :memory:"
    assert lines[2].startswith(f"Next  redis-cli -p {address[2]} tfgrid.workloads.workload_manager.")
    assert lines[3] == f"      workloadmanager reservation list --connect tcp://127.0.0.1:{address[2]}"
    assert lines[4] == f"Stop  Ctrl-C, or kill {process.pid}"


def test_an_address_that_is_taken_is_one_line(cli: Any) -> None:
    """With what to do, and status 1; a log for programs has it as a record."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        finished = cli("serve", "--listen", address, "--log-level", "error")
        logged = cli("serve", "--listen", address, "--log-level", "error", "--log-format", "json")
    assert (finished.status, finished.out) == (1, "")
    assert (
        finished.err
        == f"workloadmanager: gedis: something else listens at {address} already; {finished.err.partition('; ')[2]}"
    )
    assert (logged.status, logged.out) == (1, "")
    record = json.loads(logged.err)
    assert (record["level"], record["error"]["kind"]) == ("error", "conflict")
    assert address in record["message"]


def test_a_store_that_is_none_is_one_line(cli: Any, folder: Path) -> None:
    """Before anything listens."""
    (folder / "file").write_text("no store")
    finished = cli("serve", "--store", "file")
    assert finished.status == 1
    assert finished.err.startswith("workloadmanager: --store: ")
    assert finished.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--log-format", "xml"),
        ("--log-level", "loud"),
        ("--listen",),
        ("here",),
        ("--keys-to-the-city",),
        ("--connect", "tcp://127.0.0.1:1"),
        ("--role", "operator"),
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_status_2(cli: Any, arguments: tuple[str, ...]) -> None:
    """Also one that would lead to another server."""
    finished = cli("serve", *arguments)
    assert (finished.status, finished.out) == (2, "")
    assert finished.err.count("\n") == 1


@pytest.mark.parametrize("option", ["--store", "--secrets", "--config", "--tls-certificate", "--listen"])
def test_an_empty_value_is_no_default(cli: Any, option: str) -> None:
    """A variable that is not set in a script does not start another service than the one that was meant."""
    assert cli("serve", "--check-config", option, "").status == 1


def test_a_check_starts_nothing(cli: Any, folder: Path) -> None:
    """One sentence, and no store."""
    finished = cli("serve", "--check-config")
    assert (finished.status, finished.out, finished.err) == (0, "The configuration is fine.\n", "")
    assert cli("serve", "--check-config", "--json").document == {"fine": True}
    assert list(folder.iterdir()) == []


def test_a_check_reports_every_mistake_on_its_line(cli: Any, folder: Path) -> None:
    """Of the file and of the options, each by its name; the status is 1."""
    (folder / "serve.toml").write_text('stor = "x"\n[serve]\nlisten = ["8901"]\n[settings]\nunknown_nodes = "no"\n')
    finished = cli("serve", "--config", "serve.toml", "--check-config", "--secrets", "none", "--set", "a=1")
    assert (finished.status, finished.out) == (1, "")
    assert [line.removeprefix("workloadmanager: ")[:35] for line in finished.err.splitlines()] == [
        "serve.toml:1: stor: a configuration",
        "none: the secrets cannot be read: N",
        "serve.toml:3: serve.listen[0]: '890",
        "--set a: there is no setting of thi",
        "serve.toml:5: settings.unknown_node",
    ]


def test_a_start_reports_the_same_mistakes(cli: Any, folder: Path) -> None:
    """Nothing is opened before all of them are known."""
    (folder / "serve.toml").write_text('[serve]\nlisten = ["8901"]\n[settings]\nunknown_nodes = "no"\n')
    checked = cli("serve", "--config", "serve.toml", "--check-config")
    started = cli("serve", "--config", "serve.toml")
    assert (started.status, started.err) == (checked.status, checked.err)
    assert not (folder / "store").exists()


def test_the_line_wins_over_a_variable_and_both_over_the_file(cli: Any, folder: Path, monkeypatch: Any) -> None:
    """Each takes its turn at being the wrong one."""
    (folder / "serve.toml").write_text('[serve]\nlisten = "of-the-file"\n')
    monkeypatch.setenv("WORKLOADMANAGER_CONFIG", "serve.toml")
    assert "'of-the-file'" in cli("serve", "--check-config").err
    monkeypatch.setenv("WORKLOADMANAGER_LISTEN", "of-the-variable")
    assert "'of-the-variable'" in cli("serve", "--check-config").err
    assert "'of-the-line'" in cli("serve", "--check-config", "--listen", "of-the-line").err
    assert cli("serve", "--check-config", "--listen", "tcp://[::1]:0").status == 0


def test_the_words_of_the_options_are_those_of_the_service() -> None:
    """A help text does not load the service to know them."""
    assert tuple(LogFormat) == FORMATS
    assert tuple(LogLevel) == LEVELS


def test_a_secret_is_shown_once_or_as_a_line_of_the_file(cli: Any) -> None:
    """A role that is none is refused."""
    assert re.fullmatch(r"[0-9a-f]{64}\n", cli("key", "secret").out)
    assert re.fullmatch(r'"node:n-1" = "[0-9a-f]{64}"\n', cli("key", "secret", "node:n-1").out)
    finished = cli("key", "secret", "root")
    assert (finished.status, finished.out) == (1, "")
