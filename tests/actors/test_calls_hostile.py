"""Arguments that are more than data: a value that cannot be compared, a number without end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from workloadmanager.actors import CALLS, call_of
from workloadmanager.errors import InputError


class Unequal:
    """A value that cannot be compared, as an array of numpy."""

    __hash__ = None  # type: ignore[assignment]  # as there

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("comparing this makes no sense")


ARGUMENTS = [
    (call, argument)
    for call, actor_class in CALLS.items()
    for argument in (*call_of(actor_class).required, *call_of(actor_class).optional)
]


@pytest.fixture(scope="module")
def one_grid(open_grid: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """Return a grid for all the tests here: none of them changes it."""
    with open_grid() as grid:
        yield grid


@pytest.fixture
def grid(one_grid: Any) -> Iterator[Any]:
    """Return the grid, whose actors stop after the test."""
    yield one_grid
    one_grid.stop()


@pytest.mark.parametrize("value", [Unequal(), pytest.param(10**5000, id="huge"), pytest.param([[]] * 9, id="lists")])
@pytest.mark.parametrize(("call", "argument"), ARGUMENTS)
def test_an_argument_that_is_no_data_is_refused_as_one_that_does_not_fit(
    grid: Any, call: str, argument: str, value: object
) -> None:
    """It is the sender's mistake and no fault of ours, and nothing of the value is needed to say so."""
    with pytest.raises(InputError) as refusal:
        grid.refs[call].ask({argument: value}, timeout=20)
    assert refusal.value.call == call
    assert len(str(refusal.value)) < 2000
