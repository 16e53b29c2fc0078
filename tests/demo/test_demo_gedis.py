"""The demo over gedis, with real processes: told in full, told of what is wrong, and nothing left behind."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from rich.console import Console

from workloadmanager.threebot.demo import Programs, run_over_gedis

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]
DEMO = [*COMMAND, "demo", "--gedis", "--patience", "60"]

# A session leader without a terminal gets the one that it opens.
ON_TERMINAL = "import os, sys; os.open(os.ttyname(0), os.O_RDWR); os.execv(sys.argv[1], sys.argv[1:])"

STEPS = (
    "A grid of two farms",
    "server serves at tcp://127.0.0.1:",
    "people 7 register, each with a signature of the own key",
    "people 7 log in, each by signing the server's challenge",
    "farmer north registers farm north",
    "farmer south registers farm south",
    "node north joins farm north",
    "node south joins farm south",
    "registers reservation 1: 6 workloads on 2 nodes",
    "signs it: 1 of 1",
    "agrees, with an old plain signature: 2 of 2",
    "was paid, and signs: 2 of 2",
    "node north deploys network 1-1 with its secret, reports it",
    "node south deploys network 1-1 with its secret, reports it",
    "node north deploys volume 1-2, reports it",
    "node south deploys zdb 1-4 with its secret; the answer is lost",
    "server stops at SIGTERM, with 4 of 7 results stored",
    "node north deploys container 1-3 with its secret; nobody answers",
    "node south loses its power: the process ends by SIGKILL",
    "server is started again on the same store",
    "operator finds the reservation and its history as they were deploy",
    "node south goes on from its journal",
    "node north deploys kubernetes 1-5 with its secret; report waits",
    "node south reports 1-4, which waited",
    "node north reports 1-3, which waited",
    "node south deploys kubernetes 1-6 with its secret, reports it",
    "node north reports 1-5, which waited",
    "both nodes are handed nothing from their cursor 2 on deploy",
    "customer finds 7 results, all ok",
    "stranger polls for node north without a login",
    "log in first: AUTH with a secret, or auth.challenge with a key",
    "outsider signs the deletion in the customer's name",
    "outsider replays co-signer B's plain signature for the deletion",
    "node south reports on volume 1-2 in the name of node north",
    "speaks for itself alone",
    "outsider is shown the reservation without its secrets",
    "co-signer A signs the deletion: 2 of 2 delete",
    "node north deletes network 1-1, reports it",
    "node south deletes network 1-1, reports it",
    "node south deletes zdb 1-4, and is about to report it",
    "server is killed by SIGKILL, with 2 of 7 deletions stored",
    "node south tries to report 1-4; nobody answers",
    "node north deletes volume 1-2; nobody answers",
    "server is started again on the same store",
    "operator finds the reservation and its history as they were delete",
    "which waited deleted",
    "both nodes are handed nothing from their cursor 2 on deleted",
    "both nodes stop; nothing runs on them any more",
    "operator tells the history, 22 events",
    "both nodes set_workload_result, 7 times",
    "operator finds each of 22 steps exactly once, 7 results deleted",
    "node north did, by its own log, each thing exactly once: deploy 1-1, deploy 1-2, deploy 1-3, deploy 1-5",
    "delete 1-1, delete 1-2, delete 1-3, delete 1-5",
    "node south did, by its own log, each thing exactly once: deploy 1-1, deploy 1-4, deploy 1-6",
    "delete 1-1, delete 1-4, delete 1-6",
    "server stops at SIGTERM, for good",
    "operator runs bcdb check: documents, indexes and queues agree",
    "Everything is as it should be: 62 steps, 4 refusals, 2 restarts",
)


class Told(NamedTuple):
    """How a run ended, what it wrote, and what was left in its folder for temporary files."""

    status: int
    out: str
    err: str
    left: list[str]

    @property
    def steps(self) -> str:
        """What was told, in one line without the signs."""
        return " ".join(re.sub(r"[✓•✗]", "", self.out).split())


def environment(folder: Path) -> dict[str, str]:
    """What a run sees: a terminal's width, and a folder of its own for temporary files."""
    return {**os.environ, "TMPDIR": str(folder), "COLUMNS": "80", "PYTHONWARNINGS": "error"}


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of the processes that have a folder among their arguments."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


def left_in(folder: Path) -> list[str]:
    """Return what a run has left behind: files and processes."""
    return [*(str(file) for file in folder.iterdir()), *processes_of(folder)]


CLI = "import sys; from workloadmanager.threebot.cli import main"
NODE = "import sys; from workloadmanager.threebot.demo._fake_node import main"


def python(*lines: str) -> tuple[str, ...]:
    """Return a program of Python as a command."""
    return (sys.executable, "-c", "\n".join(lines))


FORGETFUL_NODE = python(NODE, "at = sys.argv.index('--journal')", "sys.exit(main(sys.argv[1:at] + sys.argv[at + 2:]))")
IDLE_NODE = python(NODE, "at = sys.argv.index('--log')", "sys.argv[at + 1] += '.other'", "sys.exit(main())")
FORGETFUL_SERVER = python(CLI, "at = sys.argv.index('--store')", "sys.argv[at + 1] = ':memory:'", "sys.exit(main())")
OPEN_SERVER = python(CLI, "sys.argv.remove('--closed')", "sys.exit(main())")


class Fault(NamedTuple):
    """A planted fault: what is run, and what is to be said of it."""

    programs: Programs
    sentences: tuple[str, ...]
    patience: float = 60.0


FAULTS = {
    "a node forgets its journal": Fault(
        Programs(node=FORGETFUL_NODE),
        (
            "not everything was done exactly once: ",
            "the log of node south has 'deploy 1-1' twice, and should have it once",
            "the log of node south has 'deploy 1-4' twice, and should have it once",
        ),
    ),
    "nodes only say that they did something": Fault(
        Programs(node=IDLE_NODE),
        (
            "not everything was done exactly once: ",
            "the log of node north has 'delete 1-5' not at all, and should have it once",
            "the log of node south has 'deploy 1-6' not at all, and should have it once",
        ),
    ),
    "a server forgets everything": Fault(
        Programs(workloadmanager=FORGETFUL_SERVER),
        ("a call was refused that should have succeeded: reservation_id: there is no reservation 1",),
    ),
    "a server is open": Fault(
        Programs(workloadmanager=OPEN_SERVER), ("the server should listen at tcp://127.0.0.1:", ", closed, and says ")
    ),
    "a server does not start": Fault(
        Programs(workloadmanager=python("import sys; sys.exit('no room')")),
        ("the server ended, with status 1; the last line of its log is: no room",),
    ),
    "a server says nothing": Fault(
        Programs(workloadmanager=python("import time; time.sleep(600)")),
        ("the server said nothing within 0.5 seconds",),
        patience=0.5,
    ),
    "a node does not start": Fault(
        Programs(node=python("import sys; sys.exit('no room')")),
        ("node north ended, with status 1; the last line of its log is: no room",),
    ),
    "a node babbles": Fault(
        Programs(node=python("print('hello'); input()")), ("node north says what nobody understands: hello",)
    ),
}


class Ending(NamedTuple):
    """How a story with a fault ended, and what it printed, in one line."""

    status: int
    text: str


def tell(fault: Fault) -> Ending:
    """Tell the story to a text."""
    printed = io.StringIO()
    console = Console(file=printed, width=80, force_terminal=False)
    status = run_over_gedis(console, programs=fault.programs, patience=fault.patience)
    return Ending(status, " ".join(printed.getvalue().split()))


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Ending]]]:
    """All stories with faults, told at once, each in a thread: most of their time is spent waiting."""
    folder = tmp_path_factory.mktemp("demos")
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    with ThreadPoolExecutor(len(FAULTS)) as threads:
        yield {name: threads.submit(tell, fault) for name, fault in FAULTS.items()}
    tempfile.tempdir = before
    assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, stories: dict[str, Future[Ending]]) -> Told:
    """The whole story, told by the command line into a pipe, while the stories with faults are told beside it."""
    assert set(stories) == set(FAULTS)
    folder = tmp_path_factory.mktemp("demo")
    done = subprocess.run(
        DEMO, env=environment(folder), capture_output=True, text=True, encoding="utf-8", timeout=180, check=False
    )
    return Told(done.returncode, done.stdout, done.stderr, left_in(folder))


@pytest.mark.slow
def test_the_life_over_gedis_ends_well(told: Told) -> None:
    """Two restarts of the server and a cut of power, and every step was done exactly once."""
    assert (told.status, told.err) == (0, ""), told.out


@pytest.mark.slow
def test_the_steps_over_gedis_are_told_in_their_order(told: Told) -> None:
    """Each step is on the screen, none before the one that it follows."""
    place = 0
    for step in STEPS:
        found = told.steps.find(step, place)
        assert found >= 0, f"{step!r} is missing after {told.steps[:place][-80:]!r}"
        place = found + len(step)


@pytest.mark.slow
def test_each_party_is_a_process_of_its_own(told: Told) -> None:
    """Three times a server and three times a node, no two of them one process."""
    numbers = re.findall(r"process (\d+)", told.steps)
    assert len(set(numbers)) == 6


@pytest.mark.slow
def test_into_a_pipe_it_is_plain_and_fits(told: Told) -> None:
    """No colours, no tracebacks, no line that is wider than the terminal beside it."""
    assert "\x1b" not in told.out
    assert "Traceback" not in told.out
    assert max(map(len, told.out.splitlines())) <= 80


@pytest.mark.slow
def test_neither_a_process_nor_a_file_is_left(told: Told) -> None:
    """All processes have ended, and the folder is removed."""
    assert told.left == []


@pytest.mark.slow
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_noticed_over_gedis(name: str, stories: dict[str, Future[Ending]]) -> None:
    """The demo ends with 1 and says what is wrong, and does not say that all is well."""
    told = stories[name].result(timeout=180)
    _, _, reason = told.text.partition("The demo failed: ")
    assert told.status == 1, told.text
    assert [sentence for sentence in FAULTS[name].sentences if sentence not in reason] == []
    assert "Everything is as it should be" not in told.text
    assert "Traceback" not in told.text


@contextlib.contextmanager
def started(command: list[str], folder: Path, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Start the demo for a block; the block does not leave it behind."""
    with subprocess.Popen(command, env=environment(folder), **options) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(read: Callable[[], bytes], words: str) -> str:
    """Return what is read until some words are there."""
    text = ""
    while words not in text:
        data = read()
        assert data, f"it ended without {words!r}: {text}"
        text += data.decode(errors="replace")
    return text


def read_all(read: Callable[[], bytes]) -> str:
    """Return what is read until the end; a terminal that nobody has open any more is an error on some systems."""
    text = b""
    with contextlib.suppress(OSError):
        while data := read():
            text += data
    return text.decode(errors="replace")


@pytest.mark.slow
def test_ctrl_c_on_a_terminal_ends_all_processes(tmp_path: Path) -> None:
    """On 80 columns with colours: whoever has seen enough gets the prompt back, and nothing runs on."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-c", ON_TERMINAL, *DEMO]
    terminal = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True}
    with started(command, tmp_path, **terminal) as process:
        os.close(theirs)
        try:
            told = read_until(lambda: os.read(ours, 65536), "deploys")
            assert len(processes_of(tmp_path)) == 3
            os.write(ours, b"\x03")
            told += read_all(lambda: os.read(ours, 65536))
        finally:
            os.close(ours)
        assert process.wait(60) == 130
    assert "\x1b[" in told
    assert "Traceback" not in told
    assert left_in(tmp_path) == []


@pytest.mark.slow
def test_sigterm_ends_all_processes(tmp_path: Path) -> None:
    """Whoever kills the demo kills what it has started."""
    with started(DEMO, tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        read_until(process.stdout.readline, "joins farm south")
        assert len(processes_of(tmp_path)) == 3
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=60)
        assert (process.returncode, complaints) == (143, b"")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("module", ["hiredis", "redis"])
def test_without_the_extra_it_says_how_to_install_it(module: str) -> None:
    """One line, and nothing is started."""
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "from workloadmanager.threebot.demo import main; sys.exit(main(['--gedis']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    sentence = f"the demo over gedis needs {module}: pip install 'workloadmanager[cli,gedis]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", sentence)
