"""What a message costs: our actors against stock Pykka ones, and against two threads with nothing but queues."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import repeat
from queue import SimpleQueue
from typing import Any

import pykka
from _bench import Bench
from _callers import CAN_PIN, Callers, one_core
from _rounds import Benchmark, Work, agree, at_most

from workloadmanager.actors import Actor

__all__ = ["CALLERS", "OUTSTANDING", "hand_off_between_callers", "hand_off_of_messages"]

CALLERS = 8
"""How many threads ask at once."""

OUTSTANDING = 64
"""How many messages are sent before the first answer is read."""

_MESSAGE = {"reservation_id": 1}


class Echo(Actor):
    """One of our actors that answers with the message."""

    def on_receive(self, message: object) -> object:
        """Return the message."""
        return message


class StockEcho(pykka.ThreadingActor):
    """A stock Pykka actor that answers with the message."""

    use_daemon_thread = True

    def on_receive(self, message: object) -> object:
        """Return the message."""
        return message


class _Turn(threading.Event):
    """In the place of the event that ends an actor's loop: ends it after a message, at the price of the event."""

    over = False

    def is_set(self) -> bool:
        return self.over


@contextmanager
def hand_off_of_messages(_bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of one caller."""
    ours, stock = Echo.start(), StockEcho.start()
    agree("ask", ours.ask(_MESSAGE), stock.ask(_MESSAGE))
    try:
        yield [
            Benchmark(
                name="B1",
                operation="ask, handle and reply on one thread, CPU",
                peer_name="stock Pykka",
                ours=_on_one_thread(Echo()),
                peer=_on_one_thread(StockEcho()),
                operations=20_000,
                clock=time.thread_time,
                bar=at_most(0.30),
            ),
            Benchmark(
                name="B2",
                operation=f"ask, {OUTSTANDING} outstanding",
                peer_name="stock Pykka",
                ours=_outstanding(ours),
                peer=_outstanding(stock),
                operations=OUTSTANDING * 300,
                step=OUTSTANDING,
                bar=at_most(0.30),
            ),
        ]
    finally:
        ours.stop()
        stock.stop()


@contextmanager
def hand_off_between_callers(_bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of several callers on one core, where thread switches are what is left to pay."""
    with one_core(), Callers(CALLERS) as callers, _answering() as inbox:
        ours, stock = Echo.start(), StockEcho.start()
        where = "one core" if CAN_PIN else "all cores"
        peers = [
            ("SimpleQueue round trip", _round_trips(callers, inbox), at_most(1.3)),
            ("stock Pykka", _asking(callers, stock), None),
        ]
        try:
            yield [
                Benchmark(
                    name="B3",
                    operation=f"ask, {CALLERS} callers, {where}",
                    peer_name=peer_name,
                    ours=_asking(callers, ours),
                    peer=peer,
                    operations=CALLERS * 2000,
                    step=CALLERS,
                    bar=bar,
                )
                for peer_name, peer, bar in peers
            ]
        finally:
            ours.stop()
            stock.stop()


def _on_one_thread(actor: pykka.ThreadingActor) -> Work:
    """Return the work of an actor whose own loop runs in the caller's thread, one message at a time."""
    turn = actor.actor_stopped = _Turn()

    def on_receive(message: object) -> object:
        turn.over = True
        return message

    actor.on_receive = on_receive  # type: ignore[method-assign]  # both sides end their loop in the same way
    run_loop = actor._actor_loop_running  # noqa: SLF001 - the loop itself is what is measured
    ask = actor.actor_ref.ask

    def work(operations: int) -> Callable[[], object]:
        def perform() -> None:
            for _ in repeat(None, operations):
                turn.over = False
                future = ask(_MESSAGE, block=False)
                run_loop()
                future.get()

        return perform

    return work


def _outstanding(reference: pykka.ActorRef[Any]) -> Work:
    """Return the work of sending some messages, then reading all their answers."""
    ask = reference.ask

    def work(operations: int) -> Callable[[], object]:
        def perform() -> None:
            for _ in repeat(None, operations // OUTSTANDING):
                for future in [ask(_MESSAGE, block=False) for _ in range(OUTSTANDING)]:
                    future.get()

        return perform

    return work


def _asking(callers: Callers, reference: pykka.ActorRef[Any]) -> Work:
    """Return the work of asking an actor and waiting for each answer."""
    return callers.sharing(lambda operations: [_MESSAGE] * operations, reference.ask)


@contextmanager
def _answering() -> Iterator[SimpleQueue[SimpleQueue[None] | None]]:
    """Yield the inbox of a thread that answers into whatever queue it is sent: the least that a hand-off can be."""
    inbox: SimpleQueue[SimpleQueue[None] | None] = SimpleQueue()

    def answer() -> None:
        while (reply := inbox.get()) is not None:
            reply.put(None)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        inbox.put(None)
        thread.join()


def _round_trips(callers: Callers, inbox: SimpleQueue[SimpleQueue[None] | None]) -> Work:
    """Return the work of going to that thread and back."""

    def queues(operations: int) -> list[SimpleQueue[None]]:
        """One for each caller, again and again."""
        replies: list[SimpleQueue[None]] = [SimpleQueue() for _ in range(callers.number)]
        return replies * (operations // callers.number)

    def perform(reply: SimpleQueue[None]) -> None:
        inbox.put(reply)
        reply.get()

    return callers.sharing(queues, perform)
