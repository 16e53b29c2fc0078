"""The way back from the actors' threads into the loop's: nothing is left lying, and the loop is waked once for many."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import Any, TypeVarTuple

import pytest

from workloadmanager.actors import Request, Together
from workloadmanager.threebot.gedis._ask import Ask
from workloadmanager.threebot.gedis._outbox import Outbox  # what is behind the doorway, with threads of the test's own
from workloadmanager.threebot.gedis._slot import Slot
from workloadmanager.threebot.gedis._watchful import Watchful

Words = TypeVarTuple("Words")

MANY = 5000
THREADS = 8


class Heard:
    """Stands where an exchange does, and counts what it is told."""

    def __init__(self, expected: int) -> None:
        self.values: list[object] = []
        self.rounds = 0
        self.complete = threading.Event()
        self._expected = expected

    def settle(self, _slot: Slot, value: object, _error: BaseException | None) -> None:
        """Keep an answer."""
        self.values.append(value)

    def changed(self) -> None:
        """Count a round of answers."""
        self.rounds += 1
        if len(self.values) == self._expected:
            self.complete.set()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Counting(asyncio.SelectorEventLoop):
    """A loop that counts how often somebody wakes it."""

    wakes = 0

    def call_soon_threadsafe(
        self, callback: Callable[[*Words], object], *args: *Words, context: Context | None = None
    ) -> asyncio.Handle:
        """Wake, and count it."""
        self.wakes += 1
        return super().call_soon_threadsafe(callback, *args, context=context)


class Watched:
    """A loop in a thread of its own that says when it sleeps, as that of the server does."""

    def __init__(self) -> None:
        selector = Watchful()
        self.loop = Counting(selector)
        self.outbox = Outbox(self.loop)
        selector.before, selector.after = self.outbox.before_sleep, self.outbox.after_sleep
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, function: Callable[[], object]) -> None:
        """Have something called in the thread of the loop, and wait until it was."""
        done = threading.Event()

        def call() -> None:
            function()
            done.set()

        self.loop.call_soon_threadsafe(call)
        assert done.wait(30)

    def close(self) -> None:
        """End the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A loop that says when it sleeps; it ends with the test."""
    watched = Watched()
    yield watched
    watched.close()


def slot_of(heard: Heard) -> Slot:
    """A place for a reply of somebody who only listens."""
    exchange: Any = heard
    return Slot(exchange, Ask("call", Request({}), lambda _: b"", "call"))


def test_no_answer_is_left_lying_however_many_threads_answer(loop: asyncio.AbstractEventLoop) -> None:
    """Each is settled once, and each thread's in their order."""
    outbox, heard = Outbox(loop), Heard(THREADS * MANY)
    slot = slot_of(heard)
    begin = threading.Barrier(THREADS)

    def answer(number: int) -> None:
        begin.wait()
        for count in range(MANY):
            outbox.put(slot, (number, count), None)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.complete.wait(30)
    for number in range(THREADS):
        mine = [value for value in heard.values if isinstance(value, tuple) and value[0] == number]
        assert mine == [(number, count) for count in range(MANY)]


def test_answers_one_by_one_are_each_heard_without_another_behind_it(loop: asyncio.AbstractEventLoop) -> None:
    """No answer waits for the next one to wake the loop."""
    outbox = Outbox(loop)
    for number in range(1000):
        heard = Heard(1)
        outbox.put(slot_of(heard), number, None)
        assert heard.complete.wait(30)


def test_answers_that_are_given_together_come_in_one_round(loop: asyncio.AbstractEventLoop) -> None:
    """The loop is waked when the last is there, so that they go out in one piece."""
    outbox, heard = Outbox(loop), Heard(1000)
    slot = slot_of(heard)
    with Together():
        for count in range(1000):
            outbox.put(slot, count, None)
        assert heard.rounds == 0
    assert heard.complete.wait(30)
    assert (heard.rounds, heard.values) == (1, list(range(1000)))


def test_very_many_answers_come_in_some_rounds(loop: asyncio.AbstractEventLoop) -> None:
    """Between which the loop looks at what arrives; none is left lying."""
    outbox, heard = Outbox(loop), Heard(MANY)
    slot = slot_of(heard)
    with Together():
        for count in range(MANY):
            outbox.put(slot, count, None)
    assert heard.complete.wait(30)
    assert (heard.rounds, heard.values) == (3, list(range(MANY)))


def test_one_that_fails_keeps_no_other_from_its_answer(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged, and the others are settled."""

    class Broken(Heard):
        """Fails at everything it is told."""

        def settle(self, _slot: Slot, _value: object, _error: BaseException | None) -> None:
            raise RuntimeError("at the answer")

        def changed(self) -> None:
            raise RuntimeError("at the round")

    outbox, heard = Outbox(loop), Heard(1)
    with Together():
        outbox.put(slot_of(Broken(1)), 1, None)
        outbox.put(slot_of(heard), 2, None)
    assert heard.complete.wait(30)
    assert heard.values == [2]
    assert [record.getMessage() for record in caplog.records] == [
        "an answer of call could not be passed on",
        "replies could not be sent",
    ]


def test_an_answer_to_a_loop_that_has_closed_is_dropped() -> None:
    """The actor that answers is not told, and goes on."""
    loop = asyncio.new_event_loop()
    loop.close()
    put: Callable[..., None] = Outbox(loop).put
    put(slot_of(Heard(1)), 1, None)


def test_nothing_is_left_lying_by_a_loop_that_says_when_it_sleeps(watched: Watched) -> None:
    """Whichever instant of going to sleep, or of waking, an answer comes at."""
    heard = Heard(THREADS * MANY)
    slot = slot_of(heard)
    begin = threading.Barrier(THREADS)

    def answer(number: int) -> None:
        begin.wait()
        for count in range(MANY):
            watched.outbox.put(slot, (number, count), None)

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard.complete.wait(30)
    for number in range(THREADS):
        mine = [value for value in heard.values if isinstance(value, tuple) and value[0] == number]
        assert mine == [(number, count) for count in range(MANY)]


def test_a_loop_that_sleeps_is_waked_for_each_answer_that_nobody_is_behind(watched: Watched) -> None:
    """One by one, each is heard."""
    for number in range(1000):
        heard = Heard(1)
        watched.outbox.put(slot_of(heard), number, None)
        assert heard.complete.wait(30)
    assert watched.loop.wakes <= 1000


def test_a_loop_that_is_awake_is_not_waked(watched: Watched) -> None:
    """It looks for answers before it sleeps, and finds those that came meanwhile."""
    heard = Heard(MANY)
    slot = slot_of(heard)

    def answer() -> None:
        for count in range(MANY):
            watched.outbox.put(slot, count, None)

    def let_another_thread_answer() -> None:
        other = threading.Thread(target=answer)
        other.start()
        other.join()

    watched.run(let_another_thread_answer)
    assert heard.complete.wait(30)
    assert heard.values == list(range(MANY))
    assert watched.loop.wakes == 1  # by this test, to have it answer


def test_what_answers_give_the_loop_to_do_is_done_before_it_sleeps(watched: Watched) -> None:
    """A connection that has its replies may want its turn in the next round."""
    done = threading.Event()

    class Busy(Heard):
        """Has more to do after its answers."""

        def changed(self) -> None:
            watched.loop.call_soon(done.set)

    slot = slot_of(Busy(1))
    watched.run(lambda: watched.outbox.put(slot, 1, None))
    assert done.wait(30)
