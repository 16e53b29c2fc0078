"""Rounds: both sides by turns, preparation not counted, and the median of the ratios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def rounds(load: Load) -> Any:
    """The module under test."""
    return load("_rounds")


class Recorder:
    """Two sides that take a set time for an operation on a clock of their own, and note what they did."""

    def __init__(self, ours: float = 1.0, peer: float = 2.0, preparation: float = 0.0) -> None:
        self.now = 0.0
        self.turns: list[tuple[str, int]] = []
        self._seconds = {"ours": ours, "peer": peer}
        self._preparation = preparation

    def clock(self) -> float:
        """Return the time, which only work moves."""
        return self.now

    def side(self, name: str) -> Callable[[int], Callable[[], None]]:
        """Return the work of one side."""

        def work(operations: int) -> Callable[[], None]:
            self.now += self._preparation

            def perform() -> None:
                self.turns.append((name, operations))
                self.now += self._seconds[name] * operations

            return perform

        return work

    def benchmark(self, rounds: Any, operations: int = 4, step: int = 1) -> Any:
        """Return a benchmark of both sides."""
        return rounds.Benchmark(
            name="B0",
            operation="an operation",
            peer_name="a peer",
            ours=self.side("ours"),
            peer=self.side("peer"),
            operations=operations,
            step=step,
            clock=self.clock,
        )


def result(rounds: Any, ours: tuple[float, ...], peer: tuple[float, ...]) -> Any:
    """Return a result with these seconds."""
    return rounds.Result(name="B0", operation="an operation", peer_name="a peer", operations=1, ours=ours, peer=peer)


def test_both_sides_take_turns_and_the_first_changes(rounds: Any) -> None:
    """After a turn of each that does not count."""
    recorder = Recorder()
    rounds.measure(recorder.benchmark(rounds), rounds=3)
    sides = [name for name, _ in recorder.turns]
    assert sides == ["ours", "peer", "ours", "peer", "peer", "ours", "ours", "peer"]


def test_the_turns_that_do_not_count_are_shorter(rounds: Any) -> None:
    """A quarter of the operations warms up what there is to warm up."""
    recorder = Recorder()
    rounds.measure(recorder.benchmark(rounds, operations=8), rounds=1)
    assert [operations for _, operations in recorder.turns] == [2, 2, 8, 8]


def test_a_sample_is_the_seconds_of_one_operation(rounds: Any) -> None:
    """One for each side and round, in the order of the rounds."""
    recorder = Recorder(ours=3.0, peer=4.0)
    measured = rounds.measure(recorder.benchmark(rounds), rounds=2)
    assert (measured.ours, measured.peer, measured.operations) == ((3.0, 3.0), (4.0, 4.0), 4)


def test_preparation_is_not_measured(rounds: Any) -> None:
    """However long it takes."""
    recorder = Recorder(ours=3.0, preparation=1000.0)
    assert rounds.measure(recorder.benchmark(rounds), rounds=1).ours == (3.0,)


@pytest.mark.parametrize(("share", "operations"), [(1.0, 96), (2.0, 200), (0.5, 48), (0.0001, 8)])
def test_samples_are_whole_steps(rounds: Any, share: float, operations: int) -> None:
    """So that each of eight callers does as much as the others, and something."""
    recorder = Recorder()
    measured = rounds.measure(recorder.benchmark(rounds, operations=100, step=8), rounds=1, share=share)
    assert measured.operations == recorder.turns[-1][1] == operations


def test_the_ratio_is_the_median_of_the_ratios(rounds: Any) -> None:
    """And not the ratio of the medians, which would be 0.5 here."""
    assert result(rounds, (1.0, 2.0, 30.0), (1.0, 4.0, 10.0)).ratio == 1.0


def test_the_spread_is_the_lowest_and_the_highest_ratio(rounds: Any) -> None:
    """Of all rounds."""
    assert result(rounds, (1.0, 2.0, 30.0), (1.0, 4.0, 10.0)).spread == (0.5, 3.0)


def test_things_are_taken_one_after_another_and_again_from_the_first(rounds: Any) -> None:
    """As many as there are operations."""
    seen: list[int] = []
    rounds.each_of([1, 2, 3], seen.append)(5)()
    assert seen == [1, 2, 3, 1, 2]


def test_sides_that_agree_pass(rounds: Any) -> None:
    """Whatever it is that they come to."""
    rounds.agree("get", [1, 2], [1, 2])


def test_sides_that_disagree_are_refused(rounds: Any) -> None:
    """With both, cut short where they are long."""
    with pytest.raises(rounds.Disagreement, match=r"^get: ours comes to 7, the peer to 'x{199}…$"):
        rounds.agree("get", 7, "x" * 1000)
