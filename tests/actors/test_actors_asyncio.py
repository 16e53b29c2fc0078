"""Asking actors from asyncio: the loop is never blocked, and cancelling is safe."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextvars import Context
from typing import Any, TypeVarTuple

import pykka
import pytest

from workloadmanager.actors import Actor, AsyncReply, Together, ask_async
from workloadmanager.errors import Conflict, Overloaded, Unavailable


class Plain(Actor):
    """Runs the message, which is a function, or returns it."""

    _inbox_limit = 300

    def on_receive(self, message: object) -> object:
        """Return what the message returns, or the message."""
        return message() if callable(message) else message


@pytest.fixture
def ref() -> Iterator[pykka.ActorRef[Any]]:
    """Return a running actor."""
    yield Plain.start()
    pykka.ActorRegistry.stop_all(timeout=10)


def test_the_answer_is_awaited(ref: pykka.ActorRef[Any]) -> None:
    """A value comes back into the loop."""

    async def main() -> object:
        return await ask_async(ref, {"a": 1})

    assert asyncio.run(main()) == {"a": 1}


def test_a_refusal_is_raised_where_it_is_awaited(ref: pykka.ActorRef[Any]) -> None:
    """As with `ask`."""

    def refuse() -> None:
        raise Conflict("not now")

    async def main() -> None:
        await ask_async(ref, refuse)

    with pytest.raises(Conflict, match="not now"):
        asyncio.run(main())


def test_many_questions_wait_at_once(ref: pykka.ActorRef[Any]) -> None:
    """Each gets its own answer, in one loop."""

    async def main() -> list[Any]:
        return await asyncio.gather(*(ask_async(ref, number) for number in range(200)))

    assert asyncio.run(main()) == list(range(200))


def test_the_loop_runs_while_the_actor_works(ref: pykka.ActorRef[Any]) -> None:
    """The actor waits for something that only the loop can do."""
    opened = threading.Event()

    async def main() -> object:
        answer = ask_async(ref, lambda: opened.wait(10))
        await asyncio.sleep(0)
        opened.set()
        return await answer

    assert asyncio.run(main()) is True


def test_a_stopped_actor_is_unavailable(ref: pykka.ActorRef[Any]) -> None:
    """The future has the error; nothing is raised on the way in."""
    ref.stop()

    async def main() -> None:
        answer = ask_async(ref, 1)
        await answer

    with pytest.raises(Unavailable):
        asyncio.run(main())


def test_a_full_inbox_is_overloaded(ref: pykka.ActorRef[Any]) -> None:
    """The future that is one too many has the error; those before are answered."""
    entered, opened = threading.Event(), threading.Event()

    def wait() -> bool:
        entered.set()
        return opened.wait(10)

    async def main() -> list[Any]:
        first = ask_async(ref, wait)
        while not entered.is_set():
            await asyncio.sleep(0)
        waiting = [ask_async(ref, number) for number in range(300)]
        with pytest.raises(Overloaded):
            await ask_async(ref, "one too many")
        opened.set()
        return await asyncio.gather(first, *waiting)

    assert asyncio.run(main()) == [True, *range(300)]


def test_cancelling_gives_up_waiting_and_harms_nobody(ref: pykka.ActorRef[Any]) -> None:
    """The message is handled, its answer is dropped, and the loop hears no complaint."""
    opened = threading.Event()
    complaints: list[dict[str, Any]] = []

    async def main() -> object:
        asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ask_async(ref, lambda: opened.wait(10))
        opened.set()
        return await ask_async(ref, "next")

    assert asyncio.run(main()) == "next"
    assert complaints == []


def test_an_answer_to_a_closed_loop_is_dropped(ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture) -> None:
    """The host has gone; the actor goes on without a complaint."""
    opened = threading.Event()

    async def main() -> asyncio.Future[Any]:
        return ask_async(ref, lambda: opened.wait(10))

    asyncio.run(main())
    opened.set()
    assert ref.ask("next") == "next"
    assert caplog.records == []


def test_no_loop_is_an_error_of_the_caller(ref: pykka.ActorRef[Any]) -> None:
    """It belongs into a coroutine."""
    with pytest.raises(RuntimeError, match="no running event loop"):
        ask_async(ref, 1)


Ts = TypeVarTuple("Ts")


class Counting(asyncio.SelectorEventLoop):
    """Counts how often another thread wakes it."""

    waked = 0

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *arguments: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Count, and do it."""
        self.waked += 1
        return super().call_soon_threadsafe(callback, *arguments, context=context)


def test_answers_that_are_given_together_wake_the_loop_once() -> None:
    """And each of those who wait has its own."""

    async def main() -> tuple[list[Any], int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Counting)
        futures = [loop.create_future() for _ in range(64)]
        replies = [AsyncReply(future) for future in futures]

        def answer() -> None:
            with Together():
                for number, reply in enumerate(replies):
                    reply.set(number)

        thread = threading.Thread(target=answer)
        thread.start()
        answers = await asyncio.gather(*futures)
        return answers, loop.waked

    with asyncio.Runner(loop_factory=Counting) as runner:
        assert runner.run(main()) == (list(range(64)), 1)


def test_answers_that_come_while_the_loop_is_busy_wake_it_once(ref: pykka.ActorRef[Any]) -> None:
    """One by one, as an actor gives them that has nothing to hold back."""

    async def main() -> tuple[list[Any], int]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Counting)
        answers = [ask_async(ref, number) for number in range(64)]
        ref.ask("the actor is through with those before")
        return await asyncio.gather(*answers), loop.waked

    with asyncio.Runner(loop_factory=Counting) as runner:
        assert runner.run(main()) == (list(range(64)), 1)


def test_several_loops_are_each_answered(ref: pykka.ActorRef[Any]) -> None:
    """One after the other in a thread, and in threads beside each other."""

    async def main() -> list[Any]:
        return await asyncio.gather(*(ask_async(ref, number) for number in range(20)))

    answers: list[list[Any]] = [asyncio.run(main()) for _ in range(2)]
    threads = [threading.Thread(target=lambda: answers.append(asyncio.run(main()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert answers == [list(range(20))] * 5


def test_an_error_that_asyncio_does_not_take_holds_up_nobody() -> None:
    """A host's own reply may be anything; those behind it are answered."""

    async def main() -> list[object]:
        loop = asyncio.get_running_loop()
        unfit, next_one = loop.create_future(), loop.create_future()
        replies = AsyncReply(unfit), AsyncReply(next_one)
        replies[0].set_exception((StopIteration, StopIteration(), None))
        replies[1].set("next")
        return list(await asyncio.gather(unfit, next_one, return_exceptions=True))

    unfit, next_one = asyncio.run(main())
    assert isinstance(unfit, TypeError)
    assert next_one == "next"


def test_the_error_being_handled_is_taken_without_an_argument() -> None:
    """As Pykka's futures do; and without any, the one who waits is told so."""

    async def main() -> list[BaseException | None]:
        loop = asyncio.get_running_loop()
        handled, nothing = loop.create_future(), loop.create_future()
        try:
            raise Conflict("in hand")
        except Conflict:
            AsyncReply(handled).set_exception()
        AsyncReply(nothing).set_exception()
        await asyncio.wait([handled, nothing])
        return [handled.exception(), nothing.exception()]

    handled, nothing = asyncio.run(main())
    assert isinstance(handled, Conflict)
    assert isinstance(nothing, RuntimeError)
