"""The demo as a person sees it: every step is there, in order, on every kind of terminal."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from workloadmanager.threebot.demo import main, run

Tell = Callable[..., Any]

STEPS = (
    "A grid of two farms",
    "actors on a fresh LMDB store",
    "enters 7 people",
    "adds farm south",
    "An order",
    "registers reservation 1",
    "signs it: 1 of 1",
    "agrees: 1 of 2, missing co-signer B, C",
    "signs again: 1 of 2, missing co-signer B, C",
    "old plain signature: 2 of 2",
    "was paid, and signs: 1 of 2, missing farmer south",
    "was paid, and signs: 2 of 2",
    "The nodes deploy",
    "are handed nothing from their cursor 2 on",
    "finds 7 results, all ok",
    "lists what is on node north: 1",
    "lists what is on node south: 1, 2",
    "lists what is in state deploy: 1",
    "lists what is in state create: 2",
    "lists what is created after second",
    "in the customer's name",
    "does not verify with the key of threebot",
    "plain signature for the deletion",
    "make a bound signature",
    "reports on volume 1-2, which is on node north",
    "the result does not verify with the key of the node",
    "signs the deletion: 1 of 2, missing co-signer A, B",
    "signs the deletion: 2 of 2",
    "stops the nodes and the package",
    "starts it again on the same store",
    "finds 2 reservations, 7 users, 2 farms, 2 nodes again",
    "tells the history, 22 events",
    "set_workload_result, 7 times",
    "checks the store",
    "Everything is as it should be: 46 steps, 3 refusals, 14 node reports",
)
DEPLOYED = ("network 1-1", "zdb 1-4", "volume 1-2", "container 1-3", "kubernetes 1-5", "kubernetes 1-6")


@pytest.fixture(scope="module")
def told(tell: Tell) -> Any:
    """The story, told once at 80 columns."""
    return tell()


def test_the_story_ends_well(told: Any) -> None:
    """With the real package every step is as it should be."""
    assert told.status == 0


def test_the_steps_are_told_in_their_order(told: Any) -> None:
    """Each step of the story is on the screen, none before the one that it follows."""
    places = [told.in_one_line.find(step) for step in STEPS]
    assert [step for step, place in zip(STEPS, places, strict=True) if place < 0] == []
    assert places == sorted(places)


@pytest.mark.parametrize("workload", DEPLOYED)
def test_each_workload_is_deployed_and_deleted(told: Any, workload: str) -> None:
    """Every kind is deployed by its node, and deleted below the node's cursor."""
    assert f"deploys {workload}" in told.text
    assert f"deletes {workload}, to_delete below its cursor 2" in told.text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(tell: Tell, width: int) -> None:
    """Long sentences wrap in their column; the columns stay aligned."""
    told = tell(width=width)
    assert told.status == 0
    assert max(map(len, told.text.splitlines())) <= width


def test_the_states_stand_in_one_column(told: Any) -> None:
    """Each line that ends with a state has it where the head of the column is."""
    lines = told.text.splitlines()
    column = next(line.index("state") for line in lines if "did what" in line)
    ends = {line[column:].rstrip() for line in lines if len(line.rstrip()) > column and "signs   " not in line}
    assert ends >= {"create", "sign", "pay", "deploy", "delete", "deleted"}


def test_without_a_terminal_there_is_no_colour(told: Any) -> None:
    """What goes into a file or a pipe is plain text."""
    assert "\x1b" not in told.text


def test_on_a_terminal_the_refusals_have_a_colour(tell: Tell) -> None:
    """A refusal is seen at a glance."""
    told = tell(force_terminal=True, color_system="standard", _environ={})
    assert told.status == 0
    assert "\x1b[33m✗" in told.text


def test_no_color_is_respected(tell: Tell) -> None:
    """With NO_COLOR the signs and the words say it all."""
    told = tell(force_terminal=True, _environ={"NO_COLOR": "1", "TERM": "xterm"})
    assert "\x1b[33m" not in told.text
    assert "✗ outsider" in told.text.replace("\x1b[1m", "")


def test_a_terminal_of_ascii_only_gets_ascii_only() -> None:
    """Signs, arrows and dots have an ASCII form, so that nothing fails to be printed."""
    printed = io.BytesIO()
    with io.TextIOWrapper(printed, encoding="ascii") as file:
        assert run(Console(file=file, width=80, force_terminal=False)) == 0
        file.flush()
        text = printed.getvalue().decode("ascii")
    assert "+ customer      signs it: 1 of 1" in text
    assert "create > sign > pay > deploy" in text


def test_nothing_is_left_behind(tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is in a temporary folder that is removed at the end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert tell().status == 0
    assert list(tmp_path.iterdir()) == []


def test_main_tells_the_story_on_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """`main` is what the command line and ``python -m`` call."""
    assert main([]) == 0
    printed = capsys.readouterr()
    assert "Everything is as it should be" in printed.out
    assert printed.err == ""


def test_it_runs_as_a_module() -> None:
    """``python -m workloadmanager.threebot.demo`` runs in a process of its own, and ends by itself."""
    command = [sys.executable, "-W", "error", "-m", "workloadmanager.threebot.demo", "--patience", "60"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Everything is as it should be" in done.stdout


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    """Whoever has seen enough gets the prompt back, and nothing is left behind."""
    command = [sys.executable, "-m", "workloadmanager.threebot.demo"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (130, "stopped\n")
    assert list(tmp_path.iterdir()) == []


def test_without_rich_it_says_how_to_install_it() -> None:
    """The extra is optional; without it there is one line, and no traceback."""
    program = (
        "import sys; sys.modules['rich'] = None; from workloadmanager.threebot.demo import main; sys.exit(main([]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr == "the demo needs rich: pip install 'workloadmanager[cli]'\n"


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "nan", "inf"])
def test_a_patience_that_is_none_is_refused(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The nodes are waited for some seconds, neither none nor for ever."""
    with pytest.raises(SystemExit, match="2"):
        main([f"--patience={seconds}"])
    assert "more than 0" in capsys.readouterr().err
