"""What the tests of the command line share: a run of it in this process, and a small grid to run it on."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager.signing import Key, sign
from workloadmanager.threebot.cli import main
from workloadmanager.threebot.cli._keyring import KeyFile, Keyring  # no doorway: key files are the command line's own

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]
ALICE, BOB, CAROL, FARMER, NODE = (Key(bytes([number]) * 32) for number in range(1, 6))
NAMES = {"alice": ALICE, "bob": BOB, "carol": CAROL, "farmer": FARMER, "node": NODE}
TIDS = {"alice": 1, "bob": 2, "carol": 3, "farmer": 4}


@dataclass(frozen=True)
class Finished:
    """How a run of the command line ended."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The JSON document on stderr."""
        return json.loads(self.err)


Cli = Callable[..., Finished]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a test works in, with a store and key files of its own, and nothing of this machine's user."""
    for name in [name for name in os.environ if name.startswith("WORKLOADMANAGER_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WORKLOADMANAGER_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("WORKLOADMANAGER_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")  # the prompt does not ask a terminal that nobody draws
    monkeypatch.chdir(tmp_path)
    return tmp_path


@contextmanager
def stdin_that_holds(text: str) -> Iterator[None]:
    """Put a text into stdin for a ``with`` block, as `contextlib.redirect_stdout` does for the other end."""
    before = sys.stdin
    sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()))
    try:
        yield
    finally:
        sys.stdin = before


@pytest.fixture
def cli(folder: Path, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Run the command line in this process; what stdin holds may be given."""
    assert folder.is_dir()

    def run(*arguments: str, stdin: str = "") -> Finished:
        capsys.readouterr()
        with stdin_that_holds(stdin):
            status = main(arguments)
        captured = capsys.readouterr()
        return Finished(status, captured.out, captured.err)

    return run


@pytest.fixture
def keyring(folder: Path) -> Keyring:
    """The key files of everybody on the grid, none of them encrypted."""
    keyring = Keyring(folder / "keys")
    for name, key in NAMES.items():
        keyring.add(KeyFile(name=name, public_key=key.public_key, created=1_780_000_000, seed=key.seed_hex()))
    return keyring


def reservation_of_alice() -> dict[str, Any]:
    """What alice asks for: a volume, which bob and carol have to agree to."""
    return {
        "customer_tid": TIDS["alice"],
        "data_reservation": {
            "description": "a disk",
            "signing_request_provision": {"signers": [TIDS["bob"], TIDS["carol"]], "quorum_min": 2},
            "volumes": [{"workload_id": 1, "node_id": NODE.node_id, "size": 10, "type": "SSD"}],
            "expiration_provisioning": "+1d",
            "expiration_reservation": "+30d",
        },
    }


@pytest.fixture
def reservation() -> dict[str, Any]:
    """What alice asks for, to be changed and registered."""
    return reservation_of_alice()


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stores that tests copy: ``grid``, and on it a reservation that is ``registered``, then ``deployed``."""
    folder = tmp_path_factory.mktemp("stores")
    with workloadmanager.start(path=folder / "grid") as manager:
        for name, tid in TIDS.items():
            manager.phonebook.add(name=name, public_key=NAMES[name].public_key, tid=tid)
        manager.directory.add_farm(name="green", farmer_tid=TIDS["farmer"])
        manager.directory.add_node(node_id=NODE.node_id, farm_id=1)
    shutil.copytree(folder / "grid", folder / "registered")
    with workloadmanager.start(path=folder / "registered") as manager:
        made = manager.reservation_register(reservation=reservation_of_alice())
        signed = partial(sign, json=made.json, reservation_id=1)
        manager.sign_customer(reservation_id=1, signature=signed(ALICE, "customer", tid=1))
    shutil.copytree(folder / "registered", folder / "deployed")
    with workloadmanager.start(path=folder / "deployed") as manager:
        for tid, key in ((2, BOB), (3, CAROL)):
            manager.sign_provision(reservation_id=1, tid=tid, signature=signed(key, "provision", tid=tid))
        manager.sign_farmer(reservation_id=1, tid=4, signature=signed(FARMER, "farmer", tid=4))
    return folder


@pytest.fixture
def grid(folder: Path, keyring: Keyring, stores: Path) -> Path:
    """A store that knows four users, a farm and a node, and the key files of them all; the folder of these."""
    assert keyring.names()
    shutil.copytree(stores / "grid", folder / "store")
    return folder


@pytest.fixture
def registered(folder: Path, keyring: Keyring, stores: Path) -> Path:
    """The same with reservation 1, which its customer has signed; it waits for bob and carol."""
    assert keyring.names()
    shutil.copytree(stores / "registered", folder / "store")
    return folder


@pytest.fixture
def deployed(folder: Path, keyring: Keyring, stores: Path) -> Path:
    """The same with reservation 1 in deploy; its node is to run workload 1-1."""
    assert keyring.names()
    shutil.copytree(stores / "deployed", folder / "store")
    return folder


class Served:
    """A service in a process of its own, which answers.

    Attributes:
        process: the process.
        ready: what it said when it did.
        log: the file of its stderr.
    """

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log.read_text()
        self.process = process
        self.ready: dict[str, Any] = json.loads(line)
        self.log = log

    @property
    def address(self) -> str:
        """Where it answers first."""
        return str(self.ready["addresses"][0]["address"])

    @property
    def port(self) -> int:
        """The port of the first address."""
        return int(self.address.rpartition(":")[2])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and return the status that the process ended with."""
        self.process.send_signal(number)
        return self.process.wait(timeout=60)

    def lines(self) -> list[str]:
        """The lines of its log."""
        return self.log.read_text().splitlines()


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    """Run the service for a ``with`` block in a folder, on a port that is free, with a store there."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("WORKLOADMANAGER_")}
    variables = {"WORKLOADMANAGER_STORE": "store", "WORKLOADMANAGER_LISTEN": "tcp://127.0.0.1:0"}
    log = folder / "serve.log"
    with (
        log.open("w") as stderr,
        subprocess.Popen(
            [*COMMAND, "serve", "--json", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            cwd=folder,
            env={**inherited, **variables, **environment},
        ) as process,
    ):
        try:
            yield Served(process, log)
        finally:
            if process.poll() is None:
                process.kill()


@pytest.fixture(scope="session")
def run_service() -> Callable[..., Any]:
    """Run a service in a folder for a ``with`` block, for a fixture that several tests share."""
    return serving


@pytest.fixture
def serve(folder: Path) -> Iterator[Callable[..., Served]]:
    """Run a service in the folder of the test, with some options and variables."""
    with ExitStack() as stack:
        yield lambda *arguments, **environment: stack.enter_context(serving(folder, *arguments, **environment))


@pytest.fixture
def on_a_terminal(folder: Path) -> Callable[..., tuple[int, str]]:
    """Run the command line on a terminal of its own; each answer is typed when its question is there."""
    spawn = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
    command = [sys.executable, "-c", spawn, *COMMAND]

    def run(*arguments: str, answers: list[tuple[str, str]]) -> tuple[int, str]:
        with subprocess.Popen(
            [*command, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            seen = ""
            for question, answer in answers:
                while question not in seen:
                    piece = os.read(process.stdout.fileno(), 65536).decode(errors="replace")
                    assert piece, f"it ended without asking {question!r}: {seen}"
                    seen += piece
                seen = seen.partition(question)[2]
                process.stdin.write(f"{answer}\r".encode())
                process.stdin.flush()
            seen += process.stdout.read().decode(errors="replace")
            return process.wait(), seen

    return run
