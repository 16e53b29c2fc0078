"""Turns: who has much to do lets others have theirs, and is not forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from workloadmanager.threebot.gedis._turns import TURN, Turns

from .hosting import Clock


@dataclass
class Rounds:
    """A loop whose rounds are made by hand."""

    clock: Clock = field(default_factory=Clock)
    waiting: deque[Callable[[], None]] = field(default_factory=deque)
    log: list[str] = field(default_factory=list)
    turns: Turns = field(init=False)

    def __post_init__(self) -> None:
        """Make the turns."""
        self.turns = Turns(self.waiting.append, self.clock)

    def round(self) -> None:
        """Call what is to be called in this round."""
        for _ in range(len(self.waiting)):
            self.waiting.popleft()()


@dataclass(eq=False)
class Busy:
    """Somebody who has something to do, in steps of so many seconds."""

    rounds: Rounds
    name: str
    steps: int = 1
    seconds: float = 0.001

    def work(self, until: float) -> bool:
        """Do a step at least, and more while there is time."""
        while self.steps:
            self.steps -= 1
            self.rounds.log.append(self.name)
            self.rounds.clock.now += self.seconds
            if self.rounds.clock.now > until:
                break
        return self.steps > 0


def test_work_is_done_at_once_while_there_is_little() -> None:
    """Without a round of the loop in between."""
    rounds = Rounds()
    for name in "abc":
        rounds.turns.take(Busy(rounds, name))
    assert rounds.log == ["a", "b", "c"]
    assert not rounds.waiting


def test_all_together_have_one_turn_in_a_round() -> None:
    """Who comes later in it waits for the next one, in order."""
    rounds = Rounds()
    for name in "abcd":
        rounds.turns.take(Busy(rounds, name, seconds=TURN * 0.6))
    assert rounds.log == ["a", "b"]
    rounds.round()
    assert rounds.log == ["a", "b", "c", "d"]


def test_who_has_much_to_do_takes_turns_with_the_others() -> None:
    """Nobody is done before the others have begun."""
    rounds = Rounds()
    for name in "ab":
        rounds.turns.take(Busy(rounds, name, steps=20))
    while rounds.waiting:
        rounds.round()
    assert sorted(rounds.log) == ["a"] * 20 + ["b"] * 20
    assert "b" in rounds.log[:15]
    assert "a" in rounds.log[-15:]


def test_who_waits_already_keeps_the_place() -> None:
    """And works once in its turn, however often it is asked for."""
    rounds = Rounds()
    rounds.turns.take(Busy(rounds, "first", seconds=2 * TURN))
    one, other = Busy(rounds, "one", steps=2, seconds=2 * TURN), Busy(rounds, "other")
    for each in (one, other, one, one):
        rounds.turns.take(each)
    rounds.round()
    assert rounds.log == ["first", "one"]
    rounds.round()
    assert rounds.log == ["first", "one", "other", "one"]


def test_one_that_fails_keeps_nobody_from_working() -> None:
    """The others go on in the next round."""

    class Broken:
        def work(self, until: float) -> bool:
            raise RuntimeError(f"broken at {until}")

    rounds = Rounds()
    rounds.turns.wait(Broken())
    rounds.turns.wait(Busy(rounds, "a"))
    with pytest.raises(RuntimeError):
        rounds.round()
    rounds.round()
    assert rounds.log == ["a"]
