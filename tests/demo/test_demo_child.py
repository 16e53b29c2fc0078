"""The processes of the demo: they are heard, bounded in time, and ended whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workloadmanager.threebot.demo._child import Child  # tested by itself, on purpose
from workloadmanager.threebot.demo._signals import leaving_in_order, undisturbed
from workloadmanager.threebot.demo._stage import Fault

Start = Callable[..., Child]

STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('"deaf"', flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start a program of Python: ``start(source)``."""

    def run(source: str, **options: float) -> Child:
        return Child("the child", (sys.executable, "-c", source), log=tmp_path / "log", **options)

    return run


def is_running(number: int) -> bool:
    """Say whether there is a process with an id."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_is_heard_and_answered(start: Start) -> None:
    """Each line of JSON is one thing that it says."""
    with start("print(1, flush=True); print(len(input()), flush=True)") as child:
        assert child.hear(int, within=30) == 1
        child.say("four")
        assert child.hear(int, within=30) == 4
        assert child.wait(within=30) == 0


def test_a_child_has_ended_after_its_block(start: Start) -> None:
    """Also where the block ends by an error."""
    child = start("print(1, flush=True); import time; time.sleep(600)")
    assert child.hear(int, within=30) == 1
    assert is_running(child.number)
    with pytest.raises(ZeroDivisionError), child:
        raise ZeroDivisionError
    assert child.wait(within=0) == -signal.SIGTERM
    assert not is_running(child.number)


def test_a_child_that_does_not_listen_to_sigterm_is_ended_on_the_spot(start: Start) -> None:
    """It has some seconds, and no more."""
    with start(STUBBORN, mercy=0.2) as child:
        assert child.hear(str, within=30) == "deaf"
    assert child.wait(within=0) == -signal.SIGKILL


def test_a_child_that_has_ended_says_so_with_the_end_of_its_log(start: Start) -> None:
    """The sentence has the status, and the last line that it left."""
    source = "import sys; print('first', file=sys.stderr); print('no such thing', file=sys.stderr); sys.exit(3)"
    with start(source) as child, pytest.raises(Fault) as caught:
        child.hear(int, within=30)
    sentence = "the child ended, with status 3; the last line of its log is: no such thing"
    assert str(caught.value) == sentence


def test_a_silent_child_is_not_waited_for_without_end(start: Start) -> None:
    """Neither for what it says nor for its end."""
    with start("input()") as child:
        with pytest.raises(Fault, match=r"^the child said nothing within 0\.05 seconds$"):
            child.hear(int, within=0.05)
        with pytest.raises(Fault, match=r"^the child did not end within 0\.05 seconds$"):
            child.wait(within=0.05)
        child.hang_up()
        assert child.wait(within=30) == 1


def test_what_nobody_understands_is_told(start: Start) -> None:
    """A traceback on stdout is no JSON."""
    sentence = r"^the child says what nobody understands: Trace back$"
    with start("print('Trace\\tback', flush=True); input()") as child, pytest.raises(Fault, match=sentence):
        child.hear(int, within=30)


def test_nothing_can_be_said_to_a_child_that_has_ended(start: Start) -> None:
    """It is told as its end."""
    with start("pass") as child:
        child.wait(within=30)
        with pytest.raises(Fault, match=r"^the child ended, with status 0$"):
            child.say("anybody there?")


def test_a_program_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """Nothing was started, so nothing has to be ended."""
    with pytest.raises(Fault, match=r"^the child could not be started: No such file or directory$"):
        Child("the child", (str(tmp_path / "nothing"),), log=tmp_path / "log")


def test_a_child_gets_no_variables_of_the_command_line(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose shell has a configuration file in a variable sees the same demo as everybody else."""
    monkeypatch.setenv("WORKLOADMANAGER_CONFIG", "/nowhere")
    monkeypatch.setenv("SOMETHING_ELSE", "1")
    source = "import json, os; print(json.dumps(sorted(os.environ)))"
    with start(source) as child:
        names = child.hear(list[str], within=30)
    assert ("SOMETHING_ELSE" in names, "WORKLOADMANAGER_CONFIG" in names) == (True, False)


def test_ctrl_c_on_the_terminal_does_not_reach_a_child(start: Start) -> None:
    """It is in a process group of its own, so that the demo ends it in order."""
    with start("import os; print(os.getpgrp(), flush=True); input()") as child:
        assert child.hear(int, within=30) == child.number != os.getpgrp()


@pytest.fixture
def raising() -> Iterator[None]:
    """SIGINT and SIGTERM raise, whatever the tests were started by."""
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.usefixtures("raising")
def test_sigterm_ends_what_was_begun() -> None:
    """It is raised with the status that a shell gives it, and is the system's again afterwards."""
    with pytest.raises(SystemExit) as caught, leaving_in_order():
        signal.raise_signal(signal.SIGTERM)
    assert caught.value.code == 143
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("raising")
def test_who_is_leaving_already_is_not_disturbed() -> None:
    """Whoever presses Ctrl-C twice still leaves nothing behind."""
    steps: list[str] = []

    def tidy_up() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        steps.append("tidied up")

    begun = contextlib.ExitStack()
    begun.callback(tidy_up)
    with pytest.raises(KeyboardInterrupt), leaving_in_order(), begun:
        signal.raise_signal(signal.SIGINT)
    assert steps == ["tidied up"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("raising")
def test_the_handlers_of_a_host_stay(raised: Callable[[int], list[int]]) -> None:
    """A host that has a handler of its own keeps it."""
    arrived = raised(signal.SIGTERM)
    with leaving_in_order():
        signal.raise_signal(signal.SIGTERM)
    assert arrived == [signal.SIGTERM]


@pytest.fixture
def raised() -> Callable[[int], list[int]]:
    """Take a signal: ``raised(number)`` gives the list to which each arrival is added."""

    def take(number: int) -> list[int]:
        arrived: list[int] = []
        signal.signal(number, lambda each, _: arrived.append(each))
        return arrived

    return take


@pytest.mark.usefixtures("raising")
def test_what_would_disturb_the_start_of_a_process_comes_after_it() -> None:
    """A process that is started and not written down yet could be ended by nobody."""
    steps: list[str] = []

    def start() -> None:
        with undisturbed():
            signal.raise_signal(signal.SIGINT)
            steps.append("written down")

    with pytest.raises(KeyboardInterrupt):
        start()
    assert steps == ["written down"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("raising")
def test_a_child_that_is_started_undisturbed_can_be_ended(start: Start) -> None:
    """What is put off in the demo is not put off in the child."""
    with undisturbed():
        child = start("print(1, flush=True); input()")
    with child:
        assert child.hear(int, within=30) == 1
        child.send(signal.SIGTERM)
        assert child.wait(within=30) == -signal.SIGTERM


def test_signals_are_left_alone_in_other_threads() -> None:
    """Python takes no signals there; a host may run the demo in a thread of its own."""
    program = (
        "import threading; from workloadmanager.threebot.demo._signals import leaving_in_order, undisturbed\n"
        "def run():\n    with leaving_in_order(), undisturbed():\n        print('ran')\n"
        "threading.Thread(target=run).start()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("ran\n", "")
