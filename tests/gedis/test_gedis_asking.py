"""The way to the actors: they are asked at the end of a round, in order, and what can not be asked is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import workloadmanager
from workloadmanager.actors import ErrorDetails
from workloadmanager.errors import NotFound, Unavailable, WorkloadManagerError
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot._calls import Calls
from workloadmanager.threebot.gedis._asking import Asking  # what is behind the doorway, without a loop


class Answer:
    """Stands where the place of a reply does, and waits."""

    def __init__(self) -> None:
        self.errors: list[BaseException | None] = []
        self.values: list[object] = []

    def set(self, value: object = None) -> None:
        """Keep a value."""
        self.values.append(value)

    def set_exception(self, exc_info: ErrorDetails | None = None) -> None:
        """Keep an error."""
        assert exc_info is not None
        self.errors.append(exc_info[1])


class Recorded(Calls):
    """The way to the actors, which notes in which order they are asked."""

    def __init__(self, calls: Calls) -> None:
        super().__init__(calls._actors, calls.timeout)
        self.names: list[str] = []

    def ask_into(self, name: str, message: object, reply: Any) -> None:
        """Note it, and ask."""
        self.names.append(name)
        super().ask_into(name, message, reply)


@pytest.fixture
def manager() -> Iterator[WorkloadManager]:
    """A host in memory."""
    with workloadmanager.start(":memory:") as manager:
        yield manager


@pytest.fixture
def calls(manager: WorkloadManager) -> Recorded:
    """The way to its actors."""
    return Recorded(manager._parts.calls)


@pytest.fixture
def asking(calls: Recorded) -> Asking:
    """What collects the questions to them."""
    return Asking(calls)


def test_nobody_is_asked_before_the_end_of_the_round(calls: Recorded, asking: Asking) -> None:
    """Then everybody is, in the order of the questions."""
    names = ["reservation_get", "reservation_list", "reservation_get"]
    for name in names:
        asking.ask_into(name, {}, Answer())
    assert calls.names == []
    asking.hand_over()
    assert calls.names == names
    asking.hand_over()
    assert calls.names == names


def test_a_long_round_lets_the_actors_begin(calls: Recorded, asking: Asking) -> None:
    """They have a batch to work on meanwhile."""
    for _ in range(100):
        asking.ask_into("reservation_list", {}, Answer())
    assert len(calls.names) == 64
    asking.hand_over()
    assert len(calls.names) == 100


def test_who_can_not_be_asked_answers_so_and_the_others_are_asked(calls: Recorded, asking: Asking) -> None:
    """The error belongs to the one who asked."""
    wrong, right = Answer(), Answer()
    asking.ask_into("nothing", {}, wrong)
    asking.ask_into("reservation_list", {}, right)
    asking.hand_over()
    (error,) = wrong.errors
    assert isinstance(error, NotFound)
    assert calls.names == ["nothing", "reservation_list"]
    assert right.errors == []


def test_after_the_end_of_the_host_every_question_is_answered_so(calls: Recorded, asking: Asking) -> None:
    """Nobody waits for ever."""
    calls.close()
    answer = Answer()
    asking.ask_into("reservation_get", {}, answer)
    asking.hand_over()
    (error,) = answer.errors
    assert isinstance(error, Unavailable)


@pytest.mark.parametrize("said", [lambda calls: calls.late("x"), lambda calls: calls.told("x", Unavailable("y"))])
def test_its_words_are_those_of_the_calls(
    calls: Recorded, asking: Asking, said: Callable[[Any], WorkloadManagerError]
) -> None:
    """What somebody is told does not depend on the way."""
    assert str(said(asking)) == str(said(calls))
    assert asking.timeout == calls.timeout
