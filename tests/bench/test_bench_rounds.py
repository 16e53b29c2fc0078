"""Rounds: both sides by turns, preparation not counted, the median of the ratios, and the bar that it is held to."""

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

    def benchmark(self, rounds: Any, operations: int = 4, step: int = 1, **more: Any) -> Any:
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
            **more,
        )


def result(rounds: Any, ours: tuple[float, ...], peer: tuple[float, ...], bar: Any = None) -> Any:
    """Return a result with these figures."""
    return rounds.Result(
        name="B0", operation="an operation", peer_name="a peer", operations=1, ours=ours, peer=peer, bar=bar
    )


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
    (measured,) = rounds.measure(recorder.benchmark(rounds), rounds=2)
    assert (measured.ours, measured.peer, measured.operations) == ((3.0, 3.0), (4.0, 4.0), 4)


def test_preparation_is_not_measured(rounds: Any) -> None:
    """However long it takes."""
    recorder = Recorder(ours=3.0, preparation=1000.0)
    (measured,) = rounds.measure(recorder.benchmark(rounds), rounds=1)
    assert measured.ours == (3.0,)


@pytest.mark.parametrize(("share", "operations"), [(1.0, 96), (2.0, 200), (0.5, 48), (0.0001, 8)])
def test_samples_are_whole_steps(rounds: Any, share: float, operations: int) -> None:
    """So that each of eight callers does as much as the others, and something."""
    recorder = Recorder()
    (measured,) = rounds.measure(recorder.benchmark(rounds, operations=100, step=8), rounds=1, share=share)
    assert measured.operations == recorder.turns[-1][1] == operations


def test_the_ratio_is_the_median_of_the_ratios(rounds: Any) -> None:
    """And not the ratio of the medians, which would be 0.5 here."""
    assert result(rounds, (1.0, 2.0, 30.0), (1.0, 4.0, 10.0)).median == 1.0


def test_the_spread_is_the_lowest_and_the_highest_ratio(rounds: Any) -> None:
    """Of all rounds."""
    assert result(rounds, (1.0, 2.0, 30.0), (1.0, 4.0, 10.0)).spread == (0.5, 3.0)


def test_a_rate_is_how_many_operations_a_second_has(rounds: Any) -> None:
    """So that above 1 the ratio says that ours does more."""
    recorder = Recorder(ours=0.25, peer=0.5)
    (measured,) = rounds.measure(recorder.benchmark(rounds, unit=rounds.PER_SECOND), rounds=1)
    assert (measured.ours, measured.peer, measured.median) == ((4.0,), (2.0,), 2.0)


@pytest.mark.parametrize(
    ("bar", "said"),
    [
        (("at most", 0.5), "holds"),
        (("at most", 0.49), "fails"),
        (("at least", 0.5), "holds"),
        (("at least", 0.51), "fails"),
    ],
)
def test_a_bar_is_held_by_the_median(rounds: Any, bar: tuple[str, float], said: str) -> None:
    """The limit itself still holds."""
    judged = result(rounds, (1.0, 1.0, 9.0), (2.0, 2.0, 1.0), rounds.Bar(*bar))
    assert judged.passed is (said == "holds")


def test_a_result_without_a_bar_neither_passes_nor_fails(rounds: Any) -> None:
    """It is there to be seen."""
    assert result(rounds, (1.0,), (2.0,)).passed is None


def test_a_benchmark_may_measure_its_rounds_itself(rounds: Any) -> None:
    """It is given the share, and names both figures."""
    shares: list[float] = []

    def measure_round(share: float) -> tuple[float, float]:
        shares.append(share)
        return 6.0, 2.0

    figures = rounds.Figures(
        name="B0", operation="count", measure_round=measure_round, unit="pages", peer_name="a peer"
    )
    (measured,) = rounds.measure(figures, rounds=2, share=0.5)
    assert (measured.ours, measured.peer, measured.median, measured.unit) == ((6.0, 6.0), (2.0, 2.0), 3.0, "pages")
    assert shares == [0.5, 0.5]


def test_without_a_peer_the_bar_is_on_the_figure_itself(rounds: Any) -> None:
    """As for pages that are written."""
    figures = rounds.Figures(
        name="B0",
        operation="count",
        measure_round=lambda _: (3.0, None),
        unit="pages",
        bar=rounds.at_most(3.5),
    )
    (measured,) = rounds.measure(figures, rounds=2)
    assert (measured.values, measured.peer, measured.passed) == ((3.0, 3.0), (), True)


def test_a_figure_that_does_not_move_needs_fewer_rounds(rounds: Any) -> None:
    """Or one that takes minutes."""
    figures = rounds.Figures(
        name="B0", operation="count", measure_round=lambda _: (1.0, None), unit="pages", most_rounds=1
    )
    (measured,) = rounds.measure(figures, rounds=5)
    assert measured.ours == (1.0,)


def test_latencies_are_shown_by_percentiles(rounds: Any) -> None:
    """Each is the least time within which so many of a hundred operations were done."""

    def sample_round(operations: int) -> tuple[list[float], list[float]]:
        ours = [float(number) for number in range(operations, 0, -1)]
        return ours, [2 * seconds for seconds in ours]

    latencies = rounds.Latencies(
        name="L", operation="wait", peer_name="a peer", sample_round=sample_round, operations=1000, line="get"
    )
    measured = rounds.measure(latencies, rounds=1)
    assert [one.ours for one in measured] == [(500.0,), (900.0,), (990.0,), (999.0,)]
    assert [one.median for one in measured] == [0.5] * 4
    assert [one.point.x for one in measured] == list(rounds.PERCENTILES)


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
