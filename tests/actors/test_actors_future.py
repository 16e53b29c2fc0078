"""The future: Pykka's promises without a lock."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future as StoreFuture
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pykka
import pytest

from workloadmanager.actors import ActorStopped
from workloadmanager.actors._future import Future, chain
from workloadmanager.errors import Conflict, Unavailable


def test_a_value_is_returned_as_often_as_it_is_asked_for() -> None:
    """The answer stays."""
    future: Future[int] = Future()
    future.set(3)
    assert [future.get(), future.get(timeout=0)] == [3, 3]


def test_an_error_is_raised_each_time_with_the_same_traceback() -> None:
    """Asking ten times does not pile up frames."""
    future: Future[int] = Future()
    future.set_exception((Conflict, Conflict("no"), None))
    depths = set()
    for _ in range(3):
        with pytest.raises(Conflict, match="no") as caught:
            future.get()
        depths.add(len(caught.traceback))
    assert len(depths) == 1


def test_the_error_being_handled_is_taken_without_an_argument() -> None:
    """As `sys.exc_info` has it."""
    future: Future[int] = Future()
    try:
        raise Conflict("in hand")
    except Conflict:
        future.set_exception()
    with pytest.raises(Conflict, match="in hand"):
        future.get()


def test_an_error_may_be_given_as_its_type_alone() -> None:
    """Pykka allows the value of the three to be missing."""
    future: Future[int] = Future()
    future.set_exception((ValueError, None, None))
    with pytest.raises(ValueError, match=r"^$"):
        future.get()


def test_no_error_at_all_is_told_to_the_one_who_waits() -> None:
    """Outside of an except block there is nothing to take; silence would hang the caller."""
    future: Future[int] = Future()
    future.set_exception()
    with pytest.raises(RuntimeError, match="no error"):
        future.get()


@pytest.mark.parametrize("timeout", [0, 0.001, -1])
def test_waiting_ends_with_the_timeout(timeout: float) -> None:
    """Pykka's own error says how long it was."""
    with pytest.raises(pykka.Timeout, match=f"{timeout} seconds"):
        Future[int]().get(timeout=timeout)


def test_a_timeout_leaves_the_future_usable() -> None:
    """The answer that comes later is there for the next who asks."""
    future: Future[int] = Future()
    with pytest.raises(pykka.Timeout):
        future.get(timeout=0)
    future.set(1)
    assert future.get() == 1


SETTERS = {
    "set": lambda future: future.set(2),
    "set_exception": lambda future: future.set_exception((ValueError, None, None)),
    "set_get_hook": lambda future: future.set_get_hook(lambda timeout: timeout),
}


@pytest.mark.parametrize("second", SETTERS)
@pytest.mark.parametrize("first", ["set", "set_exception"])
def test_a_second_answer_is_refused(first: str, second: str) -> None:
    """As Pykka's own future does."""
    future: Future[Any] = Future()
    SETTERS[first](future)
    with pytest.raises(queue.Full):
        SETTERS[second](future)


@pytest.mark.parametrize("second", ["set", "set_exception"])
def test_an_answer_behind_a_hook_is_refused(second: str) -> None:
    """The hook is the answer."""
    future: Future[Any] = Future()
    future.set_get_hook(lambda _: 7)
    with pytest.raises(queue.Full):
        SETTERS[second](future)
    assert future.get() == 7


def test_a_hook_behind_an_answer_is_refused_as_often_as_it_comes() -> None:
    """And the answer stays what it was."""
    future: Future[int] = Future()
    future.set(3)
    for _ in range(2):
        with pytest.raises(queue.Full):
            future.set_get_hook(lambda _: 7)
    assert future.get() == 3


def test_a_hook_gets_the_timeout_and_is_called_once() -> None:
    """Its result is kept."""
    calls: list[float | None] = []
    future: Future[int] = Future()

    def hook(timeout: float | None) -> int:
        calls.append(timeout)
        return 5

    future.set_get_hook(hook)
    assert [future.get(timeout=9), future.get()] == [5, 5]
    assert calls == [9]


def test_a_hook_may_be_replaced_before_it_is_asked() -> None:
    """As Pykka's own future allows."""
    future: Future[int] = Future()
    future.set_get_hook(lambda _: 1)
    future.set_get_hook(lambda _: 2)
    assert future.get() == 2


def test_only_one_of_many_threads_settles_it() -> None:
    """One thing can be taken once, so that no two can both believe they answered."""
    for _ in range(50):
        future: Future[int] = Future()
        together = threading.Barrier(4)

        def attempt(number: int, future: Future[int] = future, together: threading.Barrier = together) -> int | None:
            together.wait()
            try:
                future.set(number)
            except queue.Full:
                return None
            return number

        with ThreadPoolExecutor(4) as pool:
            winners = [number for number in pool.map(attempt, range(4)) if number is not None]
        assert winners == [future.get()]


def test_all_waiting_threads_are_woken() -> None:
    """One answer reaches every one of them."""
    future: Future[int] = Future()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(future.get) for _ in range(4)]
        future.set(8)
        assert [one.result() for one in waiting] == [8] * 4


def test_a_hook_given_while_a_thread_waits_answers_it() -> None:
    """The one who waits is woken and asks the hook."""
    future: Future[int] = Future()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(future.get)
        future.set_get_hook(lambda _: 6)
        assert waiting.result() == 6


def test_the_helpers_of_pykka_work_on_it() -> None:
    """`map`, `filter`, `reduce`, `join` and `get_all` make futures of this class."""
    one: Future[Any] = Future()
    two: Future[Any] = Future()
    one.set([1, 2, 3])
    two.set([4])
    assert one.map(len).get() == 3
    assert one.filter(lambda number: number > 1).get() == [2, 3]
    assert one.reduce(lambda left, right: left + right).get() == 6
    assert one.join(two).get() == [[1, 2, 3], [4]]
    assert pykka.get_all([one, two]) == [[1, 2, 3], [4]]
    assert type(one.map(len)) is Future


def test_the_dead_actor_of_pykka_is_an_error_of_this_family() -> None:
    """What `ActorRef.ask` sets for an actor that is gone is translated, and is still Pykka's own error."""
    future: Future[Any] = Future()
    future.set_exception((pykka.ActorDeadError, pykka.ActorDeadError("urn not found"), None))
    with pytest.raises(Unavailable) as caught:
        future.get()
    assert isinstance(caught.value, ActorStopped)
    assert isinstance(caught.value, pykka.ActorDeadError)
    assert "urn" not in str(caught.value)


def test_an_answer_that_comes_while_a_thread_begins_to_wait_is_not_missed() -> None:
    """Whichever of the two is first."""
    with ThreadPoolExecutor(3) as pool:
        for number in range(300):
            future: Future[int] = Future()
            together = threading.Barrier(3)

            def get(future: Future[int] = future, together: threading.Barrier = together) -> int:
                together.wait()
                return future.get(timeout=10)

            def settle(
                future: Future[int] = future, together: threading.Barrier = together, number: int = number
            ) -> None:
                together.wait()
                future.set(number)

            waiting: list[StoreFuture[Any]] = [pool.submit(get), pool.submit(get), pool.submit(settle)]
            assert [one.result(20) for one in waiting] == [number, number, None]


def test_a_chained_future_is_of_the_kind_of_its_source() -> None:
    """So that of a change is as light as the change's own."""

    class Light(StoreFuture[Any]):
        """Another kind."""

    assert isinstance(chain(Light(), str), Light)


def test_a_chained_future_has_what_was_made_of_the_result() -> None:
    """The function runs once the source is there."""
    source: StoreFuture[int] = StoreFuture()
    chained = chain(source, lambda number: number * 2)
    assert not chained.done()
    source.set_result(4)
    assert chained.result() == 8


def test_a_chained_future_has_the_error_of_its_source() -> None:
    """Nothing is made of an error."""
    source: StoreFuture[int] = StoreFuture()
    chained = chain(source, lambda number: number * 2)
    source.set_exception(Conflict("no"))
    with pytest.raises(Conflict):
        chained.result()


def test_a_chained_future_has_the_error_of_its_function() -> None:
    """Whoever waits hears of it."""
    source: StoreFuture[int] = StoreFuture()
    chained = chain(source, lambda number: 1 // number)
    source.set_result(0)
    with pytest.raises(ZeroDivisionError):
        chained.result()
