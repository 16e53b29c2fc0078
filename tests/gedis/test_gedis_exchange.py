"""The exchange, without a socket: bytes in, questions to real actors out, answers in, bytes out."""

from __future__ import annotations

from collections.abc import Callable

import hiredis
import pytest

from workloadmanager.actors import Together, once_together
from workloadmanager.errors import InputError, Unavailable
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis import Gedis, Limits
from workloadmanager.threebot.gedis._services import (
    Services,
)  # what is behind the doorway, for a session without a socket

from .hosting import PASS_ON, Clock, Gate, command, say, word_of
from .wiring import Wire

MakeServices = Callable[[WorkloadManager, Gedis], Services]

PING = command("PING")


def test_a_command_is_asked_and_its_answer_goes_out(wire: Callable[..., Wire]) -> None:
    """Nothing goes out before the actor has answered."""
    one = wire()
    one.receive(say("a"))
    assert (one.exchange.busy, one.exchange.outgoing()) == (True, b"")
    one.settle()
    assert one.words() == ["a"]
    assert (one.exchange.busy, one.exchange.finished) == (False, False)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000])
def test_bytes_may_be_cut_anywhere(wire: Callable[..., Wire], size: int) -> None:
    """The same replies, however they arrive."""
    one = wire()
    data = say("a") + PING + say("b")
    for start in range(0, len(data), size):
        one.receive(data[start : start + size])
    one.settle(2)
    assert one.words() == ["a", "PONG", "b"]


def test_commands_for_one_actor_are_with_it_together(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """It answers in order, so none has to wait for the reply of the one before."""
    one = wire()
    one.receive(say("wait") + say("b") + say("c"))
    gate = Gate(manager)
    assert gate.entered() == "wait"
    gate.open()
    for _ in range(2):
        gate.entered()  # though nothing was settled
    one.settle(3)
    assert one.words() == ["wait", "b", "c"]


def test_a_command_for_another_actor_waits_for_those_before_it(
    wire: Callable[..., Wire], manager: WorkloadManager
) -> None:
    """Whoever sends a change and a read together reads what was changed."""
    one = wire()
    one.receive(say("wait") + say("b", name=PASS_ON) + say("c"))
    hold, pass_on = Gate(manager), Gate(manager, "pass_on")
    assert hold.entered() == "wait"
    assert pass_on.nobody()
    hold.open()
    one.settle()
    assert pass_on.entered() == "b"
    assert one.words() == ["wait"]
    one.settle()
    one.settle()
    assert one.words() == ["b", "c"]


def test_what_needs_no_actor_is_answered_in_its_turn(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """And not before what was sent earlier."""
    one = wire()
    one.receive(PING + say("wait") + PING)
    assert one.words() == ["PONG"]
    Gate(manager).open()
    one.settle()
    assert one.words() == ["wait", "PONG"]


def test_no_more_is_read_while_too_many_are_not_answered(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """What arrived already waits; what did not is left to the system, and so to the client."""
    one = wire(maximum_outstanding=2)
    one.receive(say("wait") * 3)
    assert not one.exchange.wants_to_read
    Gate(manager).open()
    one.settle(2)
    assert one.words() == ["wait", "wait"]
    one.settle()
    assert one.words() == ["wait"]
    assert one.exchange.wants_to_read


def test_an_actor_is_asked_for_little_at_once_until_the_size_of_its_replies_is_known(
    wire: Callable[..., Wire], manager: WorkloadManager
) -> None:
    """Then for as much as may be kept: large replies come one by one."""
    one = wire(maximum_unsent_bytes=10_000)
    gate = Gate(manager)
    one.receive(say("abcdefghij", 2000) * 20)
    one.settle(8)
    assert [gate.entered() for _ in range(8)] == ["abcdefghij"] * 8
    for _ in range(12):
        assert one.answers.empty()  # nobody asked for more while all that is waits to be taken
        assert len(one.replies()) >= 1
        one.settle()
    one.replies()
    assert gate.count() == 12


def test_nothing_is_begun_while_the_other_side_takes_nothing(
    wire: Callable[..., Wire], manager: WorkloadManager
) -> None:
    """What was asked is answered, what was not waits."""
    one = wire()
    one.exchange.block()
    one.receive(say("a"))
    assert not one.exchange.wants_to_read
    assert Gate(manager).nobody()
    one.exchange.unblock()
    one.go_on()
    one.settle()
    assert one.words() == ["a"]
    assert one.exchange.wants_to_read


def test_who_sends_many_commands_lets_others_have_their_turn(
    manager: WorkloadManager, services: MakeServices, monotonic: Clock
) -> None:
    """After its time the rest waits for the next turn, and nothing of it is lost."""

    def slow() -> float:
        monotonic.now += 0.002
        return monotonic.now

    one = Wire(manager, services(manager, Gedis()), Limits(), slow)
    one.exchange.received(PING * 10)
    turns = []
    while one.exchange.goes_on:
        turns.append(one.exchange.outgoing(monotonic.now + 0.005).count(b"+PONG"))
    assert sum(turns) == 10
    assert 2 <= len(turns) <= 10


def test_a_fault_is_answered_once_behind_what_came_before(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """Nothing that arrives later is looked at."""
    one = wire()
    one.receive(say("wait") + b"*1\r\n:5\r\n" + PING)
    assert not one.exchange.wants_to_read
    one.receive(PING)
    Gate(manager).open()
    one.settle()
    replies = one.replies()
    assert [type(reply) for reply in replies] == [bytes, hiredis.ReplyError]
    assert one.exchange.finished
    assert one.exchange.commands == 1


def test_who_ends_its_side_is_answered(wire: Callable[..., Wire]) -> None:
    """Then the exchange is finished; half a command is dropped."""
    one = wire()
    one.receive(say("a") + b"*2\r\n")
    one.exchange.ended()
    assert not one.exchange.finished
    one.settle()
    assert one.words() == ["a"]
    assert one.exchange.finished


def test_a_refusal_of_the_connection_is_the_last_reply(wire: Callable[..., Wire]) -> None:
    """Half a command that does not go on is one error, behind what was asked."""
    one = wire()
    one.receive(say("a") + b"*2\r\n")
    assert one.exchange.waits
    one.exchange.refuse(InputError("too slow"))
    one.exchange.refuse(InputError("much too slow"))
    one.settle()
    replies = one.replies()
    assert word_of(replies[0]) == "a"
    assert "too slow" in str(replies[1])
    assert len(replies) == 2
    assert one.exchange.finished


def test_quit_drops_what_comes_behind_it(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """And nothing of it was done."""
    one = wire()
    one.receive(command("QUIT") + say("a"))
    assert one.words() == ["OK"]
    assert one.exchange.finished
    assert Gate(manager).nobody()


def test_a_finish_answers_what_was_begun_and_drops_the_rest(
    wire: Callable[..., Wire], manager: WorkloadManager
) -> None:
    """As at the stop of the server."""
    one = wire(maximum_outstanding=1)
    one.receive(say("wait") + say("b"))
    one.exchange.finish()
    Gate(manager).open()
    one.settle()
    assert one.words() == ["wait"]
    assert one.exchange.finished


def test_an_answer_that_is_late_is_dropped(
    wire: Callable[..., Wire], manager: WorkloadManager, monotonic: Clock
) -> None:
    """The client was told already that the outcome is not known."""
    one = wire()
    one.receive(say("wait") + say("b"))
    gate = Gate(manager)
    gate.entered()
    monotonic.now += 59
    one.exchange.expire()
    assert one.replies() == []
    monotonic.now += 1
    one.exchange.expire()
    first, second = one.replies()
    assert "it is not known whether the call was carried out" in str(first)
    assert "it is not known whether the call was carried out" in str(second)
    gate.open()
    one.settle(2)
    assert one.replies() == []
    one.receive(say("c"))
    one.settle()
    assert one.words() == ["c"]


def test_a_second_answer_to_one_question_is_dropped(wire: Callable[..., Wire]) -> None:
    """One reply for one command, whatever an actor does."""
    one = wire()
    one.receive(say("a"))
    slot, value, error = one.answers.get(timeout=30)
    one.exchange.settle(slot, value, error)
    one.exchange.settle(slot, value, error)
    assert one.words() == ["a"]
    one.exchange.settle(slot, value, error)
    assert one.replies() == []


def test_answers_to_a_connection_that_is_gone_are_dropped(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """Nobody is there to hear them."""
    one = wire()
    one.receive(say("wait") + say("b", name=PASS_ON))
    one.exchange.drop()
    Gate(manager).open()
    one.settle()
    assert one.exchange.outgoing() == b""
    assert one.exchange.finished
    assert Gate(manager, "pass_on").nobody()


def test_an_actor_that_is_away_is_answered_for(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """In the words of the handle, and in turn."""
    one = wire()
    manager.actors["hold"].stop()
    one.receive(say("a") + PING)
    refusal, pong = one.replies()
    assert "started again by itself" in str(refusal)
    assert pong == b"PONG"


def test_many_that_cannot_be_asked_are_answered_one_by_one(wire: Callable[..., Wire], manager: WorkloadManager) -> None:
    """However many they are."""
    one = wire(maximum_outstanding=5000)
    manager.stop()
    one.receive(say("a") * 5000)
    replies = one.replies()
    assert len(replies) == 5000
    assert all("is stopped; start it again" in str(reply) for reply in replies)


def test_an_answer_without_an_error_is_an_error_all_the_same(
    wire: Callable[..., Wire], manager: WorkloadManager
) -> None:
    """Pykka's own loops answer with the error that is being handled; where none is, there is still one reply."""
    one = wire()
    one.receive(say("wait"))
    (slot,) = one.exchange._owed.late(float("inf"))
    slot.set_exception()
    one.settle()
    (reply,) = one.replies()
    assert isinstance(reply, hiredis.ReplyError)
    Gate(manager).open()
    one.settle()


def test_what_no_reply_can_be_made_of_is_a_fault_of_the_host_without_details(wire: Callable[..., Wire]) -> None:
    """It is logged, and the next command is answered as ever."""
    one = wire()
    one.receive(say("a"))
    slot, _, _ = one.answers.get(timeout=30)
    one.exchange.settle(slot, object(), None)
    (reply,) = one.replies()
    assert "internal" in str(reply)
    assert "object" not in str(reply)
    one.receive(say("b"))
    one.settle()
    assert one.words() == ["b"]


def test_an_error_of_an_actor_is_its_reply(wire: Callable[..., Wire]) -> None:
    """With its kind, and the field that is wrong."""
    one = wire()
    one.receive(command("test.gates.hold", '{"wrod":"a"}'))
    one.settle()
    (reply,) = one.replies()
    assert '"kind":"input"' in str(reply)
    assert "did you mean" in str(reply)


def test_answers_that_are_given_together_are_told_of_once() -> None:
    """Outside of the block each is told of at once; blocks in blocks are one."""
    told: list[str] = []

    def tell() -> None:
        told.append("now")

    once_together(tell)
    assert told == ["now"]
    with Together():
        once_together(tell)
        with Together():
            once_together(tell)
        assert told == ["now"]
    assert told == ["now", "now"]


def test_an_error_in_between_keeps_nobody_waiting() -> None:
    """Who was to be told is told all the same."""
    told: list[str] = []

    def give(answer: str) -> None:
        with Together():
            once_together(lambda: told.append(answer))
            raise Unavailable("in between")

    with pytest.raises(Unavailable):
        give("now")
    assert told == ["now"]
