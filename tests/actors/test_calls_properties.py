"""Whatever is sent, a call answers or refuses: no message is a fault, and no refusal leaves a trace."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.actors import CALLS, call_of
from workloadmanager.errors import Internal, WorkloadManagerError

QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.binary(max_size=8)
    | st.sampled_from(["1-1", "deploy", "", "2147483647", "ab" * 64, "-1"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@pytest.fixture(scope="module")
def one_grid(open_grid: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    """Return a grid with a reservation in deploy, for all examples of a test."""
    with open_grid() as grid:
        grid.deployed()
        grid.stop()
        yield grid


@pytest.fixture
def running(one_grid: Any) -> Iterator[Any]:
    """Return the grid, whose calls are stopped after each test."""
    yield one_grid
    one_grid.stop()


def tried(grid: Any, call: str, arguments: dict[str, Any]) -> None:
    """Make a call that may be refused, but not fail; what is refused is not stored."""
    before = grid.content()
    refusal: WorkloadManagerError | None = None
    try:
        grid.call(call, **arguments)
    except WorkloadManagerError as error:
        refusal = error
    assert not isinstance(refusal, Internal)
    if refusal is not None:
        assert refusal.call == call
        assert grid.content() == before


@pytest.mark.parametrize("call", CALLS)
@QUICK
@given(data=st.data())
def test_no_arguments_are_a_fault(running: Any, call: str, data: st.DataObject) -> None:
    """Any values under the names that the call knows, and under others."""
    declared = call_of(CALLS[call])
    names = st.sampled_from([*declared.required, *declared.optional]) | st.text(max_size=8)
    tried(running, call, data.draw(st.dictionaries(names, VALUES, max_size=4)))


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside of nested data."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*path, key)
        yield from leaves(inner, (*path, key))


@QUICK
@given(data=st.data())
def test_no_single_change_of_a_reservation_is_a_fault(running: Any, data: st.DataObject) -> None:
    """A good reservation of every kind of workload, with one value replaced by any other."""
    reservation = copy.deepcopy({"customer_tid": 1, "data_reservation": running.large()})
    *way, last = data.draw(st.sampled_from(sorted(leaves(reservation), key=str)))
    holder: Any = reservation
    for step in way:
        holder = holder[step]
    holder[last] = data.draw(VALUES)
    tried(running, "reservation_register", {"reservation": reservation})


@QUICK
@given(text=st.text(max_size=40) | st.sampled_from(["{", "{}", '{"volumes":[]}', '{"volumes":null}', '{"x":1e999}']))
def test_no_json_text_is_a_fault(running: Any, text: str) -> None:
    """Whatever it holds."""
    tried(running, "reservation_register", {"reservation": {"customer_tid": 1, "json": text}})
