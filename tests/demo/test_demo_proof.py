"""The proof of the demo over gedis: what was lost and what was done twice is named, and nothing else."""

from __future__ import annotations

import pytest

from workloadmanager.threebot.demo._proof import differences  # tested by itself, on purpose

SHOULD = ("deploy 1-1", "deploy 1-2", "delete 1-1")


@pytest.mark.parametrize("found", [SHOULD, SHOULD[::-1]], ids=["in order", "in another order"])
def test_everything_once_is_no_difference(found: tuple[str, ...]) -> None:
    """The order is checked elsewhere: here it is about lost and doubled steps."""
    assert differences("the log", SHOULD, found) == []


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (SHOULD[1:], "the log has 'deploy 1-1' not at all, and should have it once"),
        ((*SHOULD, "delete 1-1"), "the log has 'delete 1-1' twice, and should have it once"),
        ((*SHOULD, "delete 1-1", "delete 1-1"), "the log has 'delete 1-1' 3 times, and should have it once"),
        ((*SHOULD, "delete 1-9"), "the log has 'delete 1-9' once, and should have it not at all"),
    ],
    ids=["lost", "twice", "three times", "never asked for"],
)
def test_what_differs_is_named(found: tuple[str, ...], sentence: str) -> None:
    """One sentence for it says how often it was done."""
    assert differences("the log", SHOULD, found) == [sentence]


def test_all_differences_are_told_at_once() -> None:
    """Who repairs a fault wants to see all that it does."""
    found = ("deploy 1-1", "deploy 1-1", "delete 1-1")
    assert len(differences("the log", SHOULD, found)) == 2


def test_what_should_be_there_twice_is_lost_if_it_is_there_once() -> None:
    """A network is on two nodes, and has a result of each."""
    expected = ("1-1 deleted", "1-1 deleted")
    (sentence,) = differences("the reservation", expected, expected[:1])
    assert sentence == "the reservation has '1-1 deleted' once, and should have it twice"
