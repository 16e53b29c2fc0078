"""Callers begin together, share the work, and pass on what failed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def callers(load: Load) -> Any:
    """The module under test."""
    return load("_callers")


def test_callers_run_at_the_same_time(callers: Any) -> None:
    """Each in a thread of its own: a barrier that waits for all of them opens."""
    barrier = threading.Barrier(4)
    with callers.Callers(4) as four:
        four.together(lambda _: barrier.wait(10))


def test_callers_share_the_things_and_leave_none_out(callers: Any) -> None:
    """Each thing is done once."""
    done: list[int] = []
    with callers.Callers(3) as three:
        three.sharing(lambda operations: list(range(operations)), done.append)(9)()
    assert sorted(done) == list(range(9))


def test_things_are_made_before_the_work_begins(callers: Any) -> None:
    """What is not to be measured is over by then."""
    made: list[int] = []

    def make(operations: int) -> list[int]:
        made.append(operations)
        return [0] * operations

    with callers.Callers(2) as two:
        two.sharing(make, lambda _: None)(4)
    assert made == [4]


def test_an_error_of_a_caller_is_raised(callers: Any) -> None:
    """A benchmark that fails in a thread does not look fast."""
    with callers.Callers(2) as two, pytest.raises(ZeroDivisionError):
        two.together(lambda caller: 1 // caller)


def test_one_core_is_given_back(callers: Any) -> None:
    """Threads that start inside are on one core, those that start after it are where they were."""
    if not callers.CAN_PIN:
        with callers.one_core():
            return
    before, inside = os.sched_getaffinity(0), []
    with callers.one_core():
        thread = threading.Thread(target=lambda: inside.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
    assert [len(cores) for cores in inside] == [1]
    assert os.sched_getaffinity(0) == before


def test_a_process_starts_on_the_core_that_was_chosen(callers: Any) -> None:
    """The first, or the last, so that two of them can be kept apart."""
    if not callers.CAN_PIN:
        pytest.skip("this system does not let a process choose its core")
    program = "import os; print(*os.sched_getaffinity(0))"
    found = []
    for last in (False, True):
        with callers.one_core(last=last):
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        found.append(int(done.stdout))
    assert found == [min(os.sched_getaffinity(0)), max(os.sched_getaffinity(0))]
