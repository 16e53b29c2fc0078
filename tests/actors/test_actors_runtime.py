"""The actor base: Pykka's semantics, pending replies, refusals, faults, and an end without silence."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future as StoreFuture
from typing import Any, cast

import pykka
import pytest

from workloadmanager.actors import Actor, ActorStopped
from workloadmanager.actors._future import chain  # not public: what joins a change to the answer of a call
from workloadmanager.actors._pykka import ActorStop, Envelope
from workloadmanager.bcdb import Transaction, open_store
from workloadmanager.errors import Conflict, Internal, NotFound, Overloaded, Unavailable

LOGGER = "workloadmanager.actors._actor"


class Plain(Actor):
    """Runs the message, which is a function, or returns it."""

    def on_receive(self, message: object) -> object:
        """Return what the message returns, or the message."""
        return message() if callable(message) else message

    def double(self, number: int) -> int:
        """Return twice the number."""
        return number * 2


class Narrow(Plain):
    """Lets three messages wait."""

    _inbox_limit = 3


class Gate:
    """A message that holds the actor until it is opened, and says when the actor has arrived at it."""

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self.opened = threading.Event()

    def __call__(self) -> str:
        """Wait to be opened."""
        self.arrived.set()
        assert self.opened.wait(10)
        return "through"


@pytest.fixture
def start() -> Iterator[Callable[[type[Actor]], pykka.ActorRef[Any]]]:
    """Return a function that starts an actor, which the test need not stop."""
    yield lambda actor_class: actor_class.start()
    pykka.ActorRegistry.stop_all(timeout=10)
    assert pykka.ActorRegistry.get_all() == []


@pytest.fixture
def ref(start: Callable[[type[Actor]], pykka.ActorRef[Any]]) -> pykka.ActorRef[Any]:
    """Return a running plain actor."""
    return start(Plain)


def hold(ref: pykka.ActorRef[Any]) -> tuple[Gate, pykka.Future[Any]]:
    """Bring the actor to a gate and return it with the reply that is to come."""
    gate = Gate()
    reply = ref.ask(gate, block=False)
    assert gate.arrived.wait(10)
    return gate, reply


@pytest.mark.parametrize("message", [{"a": 1}, "text", None, (1, 2), [3]])
def test_ask_returns_what_the_handler_returned(ref: pykka.ActorRef[Any], message: object) -> None:
    """Whatever kind of message it is."""
    assert ref.ask(message) == message


def test_ask_without_blocking_returns_a_future(ref: pykka.ActorRef[Any]) -> None:
    """The answer is got later."""
    assert ref.ask({"a": 1}, block=False).get() == {"a": 1}


def test_ask_gives_up_after_its_timeout(ref: pykka.ActorRef[Any]) -> None:
    """The actor goes on."""
    gate = Gate()
    with pytest.raises(pykka.Timeout):
        ref.ask(gate, timeout=0.01)
    gate.opened.set()
    assert ref.ask("next") == "next"


def test_tell_is_handled_in_order_with_ask(ref: pykka.ActorRef[Any]) -> None:
    """One mailbox, one thread."""
    seen: list[int] = []
    for number in range(200):
        ref.tell(lambda number=number: seen.append(number))
    ref.ask("done")
    assert seen == list(range(200))


def test_a_proxy_calls_reads_and_sets(ref: pykka.ActorRef[Any]) -> None:
    """All three messages of a proxy pass through the lighter loop."""
    proxy = ref.proxy()
    assert proxy.double(4).get() == 8
    assert proxy.actor_urn.get() == ref.actor_urn
    proxy.use_daemon_thread = False
    assert proxy.use_daemon_thread.get() is False


def test_the_registry_finds_it_by_class_and_name(ref: pykka.ActorRef[Any]) -> None:
    """As every Pykka actor."""
    assert pykka.ActorRegistry.get_by_class_name("Plain") == [ref]
    assert pykka.ActorRegistry.get_by_class(Plain) == [ref]
    assert pykka.ActorRegistry.get_by_urn(ref.actor_urn) is ref


def test_its_futures_are_the_light_ones_on_every_path(ref: pykka.ActorRef[Any]) -> None:
    """`ask` and proxies take them from the actor's class."""
    assert {type(ref.ask(1, block=False)), type(ref.proxy().double(1))} == {type(Plain._create_future())}


def test_its_thread_does_not_keep_a_process_alive(ref: pykka.ActorRef[Any]) -> None:
    """An owner that forgot to stop it can end."""
    assert ref.ask(lambda: threading.current_thread().daemon) is True


def test_stop_ends_it_after_the_messages_before(ref: pykka.ActorRef[Any]) -> None:
    """What was asked first is answered first."""
    gate, first = hold(ref)
    second = ref.ask("before", block=False)
    stopped = ref.stop(block=False)
    gate.opened.set()
    assert [first.get(), second.get(), stopped.get()] == ["through", "before", True]
    assert not ref.is_alive()


def test_stopping_twice_says_that_it_was_stopped(ref: pykka.ActorRef[Any]) -> None:
    """The second answer is False, as in Pykka."""
    assert [ref.stop(), ref.stop()] == [True, False]


def test_two_stops_that_wait_are_both_true(ref: pykka.ActorRef[Any]) -> None:
    """The second finds the actor being stopped."""
    gate, _ = hold(ref)
    stops = [ref.stop(block=False) for _ in range(2)]
    gate.opened.set()
    assert [stop.get() for stop in stops] == [True, True]


def test_messages_behind_the_stop_are_answered_unavailable(ref: pykka.ActorRef[Any]) -> None:
    """Never silence."""
    gate, _ = hold(ref)
    ref.stop(block=False)
    left = [ref.ask(number, block=False) for number in range(100)]
    ref.tell("nobody waits")
    gate.opened.set()
    for reply in left:
        with pytest.raises(ActorStopped):
            reply.get(timeout=10)


def test_asking_a_stopped_actor_is_unavailable(ref: pykka.ActorRef[Any]) -> None:
    """It is Pykka's error and one of this family."""
    ref.stop()
    with pytest.raises(Unavailable, match="has stopped") as caught:
        ref.ask("anybody?")
    assert isinstance(caught.value, pykka.ActorDeadError)


def test_a_message_that_slips_in_after_the_end_is_answered(ref: pykka.ActorRef[Any]) -> None:
    """A caller may have seen the actor alive just before it ended; the closed inbox answers."""
    ref.stop()
    for _ in range(2):
        late = slip_in(ref, "late")
        with pytest.raises(ActorStopped):
            late.get(timeout=10)


def slip_in(ref: pykka.ActorRef[Any], message: object) -> pykka.Future[Any]:
    """Put a message into an inbox, as `ask` does after it has looked whether the actor is alive."""
    reply = Plain._create_future()
    ref.actor_inbox.put(Envelope(message, reply_to=reply))
    return reply


def test_a_full_inbox_refuses_at_once(start: Callable[[type[Actor]], pykka.ActorRef[Any]]) -> None:
    """The caller is told and may try again; those before are handled."""
    ref = start(Narrow)
    gate, first = hold(ref)
    waiting = [ref.ask(number, block=False) for number in range(3)]
    with pytest.raises(Overloaded, match="3 messages wait"):
        ref.ask("one too many", block=False)
    with pytest.raises(Overloaded):
        ref.tell("one too many")
    with pytest.raises(Overloaded):
        ref.proxy().double(1)
    gate.opened.set()
    assert [first.get(), *(reply.get() for reply in waiting)] == ["through", 0, 1, 2]


def test_a_full_inbox_lets_the_stop_in(start: Callable[[type[Actor]], pykka.ActorRef[Any]]) -> None:
    """However busy it is, it can be stopped."""
    ref = start(Narrow)
    gate, _ = hold(ref)
    for number in range(3):
        ref.tell(number)
    stopped = ref.stop(block=False)
    gate.opened.set()
    assert stopped.get(timeout=10) is True


def test_a_refusal_is_an_answer_and_is_not_logged_as_a_failure(
    ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The caller gets it as it is, with no frames of the actor's thread, and the actor goes on."""
    caplog.set_level(logging.INFO, LOGGER)

    def refuse() -> None:
        raise NotFound("there is no reservation 7", path="reservation_id")

    with pytest.raises(NotFound) as caught:
        ref.ask(refuse)
    assert caught.value.path == "reservation_id"
    assert "refuse" not in [entry.name for entry in caught.traceback]
    assert ref.ask("next") == "next"
    assert caplog.records == []


def test_a_fault_is_logged_once_and_answered_without_details(
    ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the traceback; the caller has a sentence without path or text of the host."""

    def fail() -> None:
        raise OSError(2, "No such file", "/etc/secret/path")

    with pytest.raises(Internal) as caught:
        ref.ask(fail)
    error = caught.value
    assert "/etc" not in f"{error} {error.as_dict()} {error.__cause__} {error.__context__}"
    assert ref.ask("next") == "next"
    (record,) = caplog.records
    assert record.exc_info is not None
    assert record.exc_info[0] is FileNotFoundError


@pytest.mark.parametrize(
    "error", [pykka.ActorDeadError("urn:uuid:1 not found"), pykka.Timeout("3 seconds")], ids=["dead", "timeout"]
)
def test_a_part_that_does_not_answer_is_unavailable(ref: pykka.ActorRef[Any], error: Exception) -> None:
    """A handler that asks another actor need not translate."""

    def ask_in_vain() -> None:
        raise error

    with pytest.raises(Unavailable, match="does not answer"):
        ref.ask(ask_in_vain)


def test_a_told_refusal_does_not_end_the_actor(ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture) -> None:
    """A message that somebody got wrong is no fault of the actor's."""
    caplog.set_level(logging.INFO, LOGGER)

    def refuse() -> None:
        raise Conflict("not now")

    ref.tell(refuse)
    assert ref.ask("next") == "next"
    assert [record.levelname for record in caplog.records] == ["INFO"]


def test_a_told_fault_ends_the_actor_as_in_pykka(ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits for an answer, so the actor dies aloud; whoever waits behind it is told."""
    gate, _ = hold(ref)
    ref.tell(lambda: 1 // 0)
    behind = ref.ask("behind", block=False)
    gate.opened.set()
    with pytest.raises(ActorStopped):
        behind.get(timeout=10)
    assert not ref.is_alive()
    assert "ZeroDivisionError" in caplog.text


class Mourned(Plain):
    """Fails again while it is told of its failure."""

    def on_failure(self, *_: object) -> None:
        """Fail."""
        raise RuntimeError("in on_failure")


def test_a_failing_on_failure_is_logged_too(
    start: Callable[[type[Actor]], pykka.ActorRef[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """Both errors are in the log."""
    ref = start(Mourned)
    ref.tell(lambda: 1 // 0)
    ref.actor_stopped.wait(10)
    with pytest.raises(ActorStopped):
        ref.ask("anybody?")
    with pytest.raises(ActorStopped):
        slip_in(ref, "late").get(timeout=10)  # the actor has come to its end
    assert "ZeroDivisionError" in caplog.text
    assert "in on_failure" in caplog.text


class Stillborn(Plain):
    """Fails to start."""

    def on_start(self) -> None:
        """Fail."""
        raise RuntimeError("no disk")


class Leaving(Plain):
    """Asks the interpreter to stop when it comes to its own end."""

    def on_failure(self, *_: object) -> None:
        """Leave."""
        raise SystemExit

    def on_stop(self) -> None:
        """Leave."""
        raise SystemExit


@pytest.mark.parametrize("end", [lambda: 1 // 0, ActorStop()], ids=["on_failure", "on_stop"])
def test_an_exit_at_the_end_of_an_actor_leaves_nobody_waiting(
    start: Callable[[type[Actor]], pykka.ActorRef[Any]], end: object
) -> None:
    """Not even those whose messages were taken out of the inbox together with the one that ended it."""
    ref = start(Leaving)
    gate, held = hold(ref)
    ref.tell(end)
    behind = [ref.ask(number, block=False) for number in range(3)]
    gate.opened.set()
    assert held.get(timeout=10) == "through"
    for reply in (*behind, slip_in(ref, "later")):
        with pytest.raises(ActorStopped):
            reply.get(timeout=10)


def test_an_actor_that_fails_to_start_answers_those_who_asked(
    start: Callable[[type[Actor]], pykka.ActorRef[Any]], caplog: pytest.LogCaptureFixture
) -> None:
    """They hear that it does not run, the log says why."""
    ref = start(Stillborn)
    with pytest.raises(Unavailable):
        ref.ask("anybody?", timeout=10)
    assert "no disk" in caplog.text


def test_an_exit_inside_a_handler_answers_its_caller_and_stops_all(
    start: Callable[[type[Actor]], pykka.ActorRef[Any]],
) -> None:
    """As in Pykka every actor stops; the one who asked is not left waiting."""
    ref, other = start(Plain), start(Plain)

    def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(Unavailable):
        ref.ask(leave, timeout=10)
    assert other.actor_stopped.wait(10)


def test_an_exit_inside_a_told_message_stops_all_too(start: Callable[[type[Actor]], pykka.ActorRef[Any]]) -> None:
    """Nobody waits for an answer."""
    ref, other = start(Plain), start(Plain)

    def leave() -> None:
        raise SystemExit(3)

    ref.tell(leave)
    assert ref.actor_stopped.wait(10)
    assert other.actor_stopped.wait(10)


def test_a_pending_reply_is_answered_when_it_is_settled(ref: pykka.ActorRef[Any]) -> None:
    """The actor handles its next message meanwhile."""
    pending: StoreFuture[str] = StoreFuture()
    reply = ref.ask(lambda: pending, block=False)
    assert ref.ask("next") == "next"
    pending.set_result("written")
    assert reply.get(timeout=10) == "written"


def test_a_pending_reply_outlives_its_actor(ref: pykka.ActorRef[Any]) -> None:
    """What was submitted is still answered after the stop."""
    pending: StoreFuture[str] = StoreFuture()
    reply = ref.ask(lambda: pending, block=False)
    ref.stop()
    pending.set_result("written")
    assert reply.get(timeout=10) == "written"


def test_the_refusal_of_a_pending_reply_reaches_its_caller(ref: pykka.ActorRef[Any]) -> None:
    """As it is."""
    pending: StoreFuture[str] = StoreFuture()
    pending.set_exception(Conflict("somebody was faster"))
    with pytest.raises(Conflict, match="faster"):
        ref.ask(lambda: pending)


def test_the_fault_of_a_pending_reply_is_internal(ref: pykka.ActorRef[Any], caplog: pytest.LogCaptureFixture) -> None:
    """Logged once, answered without details."""
    pending: StoreFuture[str] = StoreFuture()
    pending.set_exception(ZeroDivisionError("secret"))
    with pytest.raises(Internal) as caught:
        ref.ask(lambda: pending)
    assert "secret" not in str(caught.value)
    assert len(caplog.records) == 1


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt()], ids=["exit", "interrupt"])
def test_an_exit_inside_a_change_is_a_fault_like_any_other(ref: pykka.ActorRef[Any], error: BaseException) -> None:
    """It was raised in the store's writer, which goes on: whoever asked is answered, and no actor ends."""

    def change(_: Transaction) -> None:
        raise error

    with open_store(":memory:") as store:
        with pytest.raises(Internal):
            ref.ask(lambda: chain(store.submit(change), str), timeout=10)
        assert store.write(lambda transaction: transaction.next_number("after")) == 1
    assert ref.ask("next") == "next"


def test_a_cancelled_pending_reply_is_unavailable(ref: pykka.ActorRef[Any]) -> None:
    """Nothing is known to have been stored."""
    pending: StoreFuture[str] = StoreFuture()
    pending.cancel()
    pending.set_running_or_notify_cancel()
    with pytest.raises(Unavailable):
        ref.ask(lambda: pending)


@pytest.mark.parametrize("error", [None, Conflict("no"), ZeroDivisionError()], ids=["value", "refusal", "fault"])
def test_a_pending_reply_that_nobody_waits_for_ends_quietly(ref: pykka.ActorRef[Any], error: Exception | None) -> None:
    """A told message may lead to a write too."""
    pending: StoreFuture[str] = StoreFuture()
    ref.tell(lambda: pending)
    if error is None:
        pending.set_result("written")
    else:
        pending.set_exception(error)
    assert ref.ask("next") == "next"


class Broken:
    """A reply that can not be settled."""

    def set(self, value: object = None) -> None:
        """Fail."""
        raise RuntimeError(f"nobody takes {value}")

    def set_exception(self, exc_info: object = None) -> None:
        """Fail."""
        raise RuntimeError(f"nobody takes {exc_info}")


@pytest.mark.parametrize("message", [lambda: 1, lambda: 1 // 0], ids=["value", "error"])
def test_a_reply_that_can_not_be_settled_does_not_end_the_actor(
    ref: pykka.ActorRef[Any], message: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A host's own reply object may fail; that is logged."""
    ref.actor_inbox.put(Envelope(message, reply_to=cast("pykka.Future[Any]", Broken())))
    assert ref.ask("next") == "next"
    assert "could not be delivered" in caplog.text


def test_many_callers_are_each_answered_with_their_own(ref: pykka.ActorRef[Any]) -> None:
    """Eight threads, two hundred questions each."""
    wrong: list[object] = []

    def ask(caller: int) -> None:
        for number in range(200):
            question = {"caller": caller, "number": number}
            if ref.ask(question) is not question:
                wrong.append(question)

    threads = [threading.Thread(target=ask, args=(caller,)) for caller in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert wrong == []
