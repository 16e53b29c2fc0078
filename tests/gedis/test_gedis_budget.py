"""The bytes that connections share: bounded, in order, and no actor has all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.threebot.gedis._budget import LARGE, Budget, Share, Unsent
from workloadmanager.threebot.gedis._limits import Limits


@dataclass(eq=False)
class Asker:
    """A claim that notes when it is let in."""

    actor: str
    size: int
    admitted: bool = False
    told: list[str] = field(default_factory=list)

    def let_in(self) -> None:
        """Note it."""
        self.told.append("let in")


def test_claims_are_let_in_while_there_is_room() -> None:
    """The next ones wait, and are let in by themselves, in their order."""
    room = Share(10)
    first, second, third, fourth = Asker("a", 4), Asker("b", 5), Asker("c", 4), Asker("d", 1)
    assert [room.admit(each) for each in (first, second, third, fourth)] == [True, True, False, False]
    room.release(first)
    assert (third.admitted, fourth.admitted) == (True, True)
    assert (third.told, fourth.told, first.told) == (["let in"], ["let in"], [])


def test_a_small_one_does_not_overtake_a_large_one() -> None:
    """Which would never find its room among many small ones."""
    room = Share(10)
    first, large, small = Asker("a", 3), Asker("b", 8), Asker("c", 1)
    assert [room.admit(each) for each in (first, large, small)] == [True, False, False]
    room.release(first)
    assert (large.admitted, small.admitted) == (True, True)


def test_one_that_is_larger_than_all_of_it_goes_alone() -> None:
    """It waits until nobody is there, and everybody waits for it."""
    room = Share(10)
    first, huge, last = Asker("a", 1), Asker("b", 50), Asker("c", 1)
    assert [room.admit(each) for each in (first, huge, last)] == [True, False, False]
    room.release(first)
    assert (huge.admitted, last.admitted) == (True, False)
    room.release(huge)
    assert last.admitted


def test_one_actor_has_half_of_it_and_the_others_go_on() -> None:
    """Those who wait for one that is slow keep nobody else waiting."""
    room = Share(10)
    slow = [Asker("slow", 3) for _ in range(4)]
    assert [room.admit(each) for each in slow] == [True, False, False, False]
    assert all(room.admit(Asker("quick", 2)) for _ in range(2))
    room.release(slow[0])
    assert [each.admitted for each in slow] == [False, True, False, False]


def test_who_is_gone_is_forgotten() -> None:
    """Whether it was let in or not, and however often that is said."""
    room = Share(4)
    first, second, third = Asker("a", 4), Asker("a", 4), Asker("a", 4)
    assert [room.admit(each) for each in (first, second, third)] == [True, False, False]
    room.release(second)
    room.release(second)
    room.release(first)
    room.release(first)
    assert (first.admitted, second.admitted, third.admitted) == (False, False, True)
    assert (second.told, third.told) == ([], ["let in"])


def test_asking_again_changes_nothing() -> None:
    """Who waits keeps its place; who is in takes no more."""
    room = Share(4)
    first, second, third = Asker("a", 4), Asker("b", 4), Asker("c", 4)
    assert [room.admit(each) for each in (first, first, second, third, second)] == [True, True, False, False, False]
    room.release(first)
    assert (second.admitted, third.admitted) == (True, False)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 12), st.integers(0, 3)), max_size=60))
def test_there_is_never_too_much_and_nobody_waits_for_ever(visits: list[tuple[str, int, int]]) -> None:
    """Whoever comes, goes, and in whatever order."""
    room, size = Share(10), 10
    claims: list[Asker] = []
    for actor, bytes_, leaving in visits:
        claims.append(Asker(actor, bytes_))
        assert room.admit(claims[-1]) is claims[-1].admitted
        for _ in range(leaving):
            if claims:
                room.release(claims.pop(0))
        inside = [claim for claim in claims if claim.admitted]
        assert sum(claim.size for claim in inside) <= size or len(inside) == 1
        for name in "abc":
            own = [claim.size for claim in inside if claim.actor == name]
            assert sum(own) <= size // 2 or len(own) == 1
    while claims:
        inside = [claim for claim in claims if claim.admitted]
        assert inside, "everybody waits, and nobody is in"
        claims.remove(inside[0])
        room.release(inside[0])


@pytest.mark.parametrize(
    ("size", "room"), [(1, "small"), (LARGE - 1, "small"), (LARGE, "large"), (10 * LARGE, "large")]
)
def test_small_requests_and_large_ones_have_shares_of_their_own(size: int, room: str) -> None:
    """So that a flood of the one kind leaves the other alone."""
    budget = Budget(Limits())
    same = Asker("a", {"small": 1, "large": LARGE}[room])
    assert budget.with_actors(Asker("a", size)) is budget.with_actors(same)
    assert budget.with_actors(Asker("a", 1)) is not budget.with_actors(Asker("a", LARGE))
    assert budget.arriving not in (budget.with_actors(Asker("a", 1)), budget.with_actors(Asker("a", LARGE)))


def test_what_is_unsent_is_counted_over_all_connections() -> None:
    """However it changes; above a quarter of the budget it is tight."""
    budget = Budget(Limits(maximum_total_waiting_bytes=400))
    one, other = Unsent(budget), Unsent(budget)
    one.note(60)
    other.note(40)
    assert (budget.unsent, budget.is_tight) == (100, False)
    one.note(61)
    assert (budget.unsent, budget.is_tight) == (101, True)
    one.note(0)
    other.note(0)
    assert (budget.unsent, budget.is_tight) == (0, False)
