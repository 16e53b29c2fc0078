"""The future of a change: what `concurrent.futures.Future` promises, without its condition."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, InvalidStateError, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.bcdb._answer import Answer  # private: callers know it as the future that it is

STEPS: dict[str, Callable[[Future[Any]], object]] = {
    "cancel": lambda future: future.cancel(),
    "run": lambda future: future.set_running_or_notify_cancel(),
    "result": lambda future: future.set_result("value"),
    "error": lambda future: future.set_exception(ValueError("no")),
    "get": lambda future: future.result(0),
    "get error": lambda future: type(future.exception(0)),
    "done": lambda future: future.done(),
    "running": lambda future: future.running(),
    "cancelled": lambda future: future.cancelled(),
    "text": lambda future: repr(future).rsplit(" ", 1)[-1],
}


def _note(seen: list[object], number: int, settled: Future[Any]) -> None:
    seen.append((number, settled.done()))


def took(future: Future[Any], steps: list[str]) -> list[object]:
    """Return what each step came to, a value or the kind of its error, and what callbacks were told."""
    seen: list[object] = []
    for number, step in enumerate(steps):
        if step == "callback":
            future.add_done_callback(partial(_note, seen, number))
            continue
        try:
            seen.append(STEPS[step](future))
        except (CancelledError, InvalidStateError, TimeoutError, RuntimeError, ValueError) as error:
            seen.append(type(error))
    return seen


@given(st.lists(st.sampled_from(["callback", *STEPS]), max_size=12))
def test_it_does_whatever_the_standard_one_does(steps: list[str]) -> None:
    """Whichever of its methods are called, and in which order."""
    assert took(Answer(), steps) == took(Future(), steps)


def test_all_who_wait_are_woken() -> None:
    """In threads, by one result."""
    answer: Answer[int] = Answer()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(answer.result, 10) for _ in range(4)]
        answer.set_result(8)
        assert [one.result(10) for one in waiting] == [8] * 4


@pytest.mark.parametrize(("settle", "error"), [("result", None), ("error", ValueError), ("cancel", CancelledError)])
def test_who_waits_hears_how_it_ends(settle: str, error: type[BaseException] | None) -> None:
    """Also of an error, and of being cancelled."""
    answer: Answer[str] = Answer()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(answer.result, 10)
        STEPS[settle](answer)
        if error is None:
            assert waiting.result(10) == "value"
        else:
            with pytest.raises(error):
                waiting.result(10)


def test_waiting_for_the_first_of_several_ends_with_it() -> None:
    """`concurrent.futures.wait` takes it for what it is."""
    first, second = Answer[int](), Answer[int]()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, [first, second], 10, FIRST_COMPLETED)
        second.set_result(2)
        assert waiting.result(10).done == {second}
    first.set_exception(ValueError("no"))
    assert wait([first, second], 10).done == {first, second}


def test_one_that_was_cancelled_counts_as_done_where_it_is_waited_for() -> None:
    """When its turn has come and was skipped."""
    answer: Answer[int] = Answer()
    answer.cancel()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait, [answer], 10)
        assert not answer.set_running_or_notify_cancel()
        assert waiting.result(10).done == {answer}


@pytest.mark.parametrize("settle", ["result", "error"])
def test_it_settles_in_no_moment_in_which_somebody_looks(settle: str) -> None:
    """`wait` and `as_completed` hold its condition between looking and waiting, and count on what they saw."""
    answer = Answer[str]()
    with ThreadPoolExecutor(1) as pool:
        with answer._condition:
            settling = pool.submit(STEPS[settle], answer)
            assert wait([settling], 0.05).not_done
            assert not answer.done()
        settling.result(10)
        assert answer.done()


def test_it_is_either_run_or_cancelled() -> None:
    """Of two threads at the same instant one gets its way, and the other is told so."""
    with ThreadPoolExecutor(2) as pool:
        for _ in range(200):
            answer: Answer[int] = Answer()
            together = threading.Barrier(2)

            def attempt(way: str, answer: Answer[int] = answer, together: threading.Barrier = together) -> object:
                together.wait()
                return STEPS[way](answer)

            ran, cancelled = pool.map(attempt, ["run", "cancel"])
            assert ran is not cancelled
            assert answer.cancelled() is cancelled


def _after(together: threading.Barrier, step: Callable[[], None]) -> None:
    together.wait(10)
    step()


def test_a_callback_that_comes_with_the_result_is_called_once() -> None:
    """Whether it is hung on before or behind it."""
    with ThreadPoolExecutor(2) as pool:
        for _ in range(200):
            answer: Answer[int] = Answer()
            together, called = threading.Barrier(2), list[object]()
            steps = partial(answer.set_result, 1), partial(answer.add_done_callback, called.append)
            for done in [pool.submit(_after, together, step) for step in steps]:
                done.result(10)
            assert called == [answer]


def test_a_callback_that_fails_is_logged_and_the_next_is_called(caplog: pytest.LogCaptureFixture) -> None:
    """It is nobody else's fault."""
    answer: Answer[int] = Answer()
    called: list[object] = []
    answer.add_done_callback(lambda _: 1 // 0)
    answer.add_done_callback(called.append)
    answer.set_result(1)
    assert called == [answer]
    assert "ZeroDivisionError" in caplog.text


def test_a_second_answer_is_refused() -> None:
    """The first stays."""
    answer: Answer[int] = Answer()
    answer.set_result(1)
    with pytest.raises(InvalidStateError):
        answer.set_result(2)
    assert answer.result(0) == 1


def test_it_has_what_the_standard_one_has() -> None:
    """It does not call the standard `__init__`, which makes the condition."""
    assert vars(Future()).keys() - {"_condition"} <= vars(Answer()).keys()
    assert type(Answer()._condition) is type(Future()._condition)
