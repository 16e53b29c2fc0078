"""Values of enumerations: a name and a number in one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.schema import Enumeration, Schema


@pytest.fixture
def pay(reservation: Schema) -> Enumeration:
    """A value of ``next_action``."""
    value: Enumeration = reservation.new(next_action="pay").next_action
    return value


@pytest.mark.parametrize("other", ["pay", "PAY", " Pay ", 2, 2.0])
def test_a_value_equals_its_name_in_any_case_and_its_number(pay: Enumeration, other: object) -> None:
    """From either side."""
    assert pay == other
    assert other == pay
    assert not pay != other  # noqa: SIM202  (``!=`` is what is tested)


@pytest.mark.parametrize("other", ["sign", "zzz", "", 1, None, [], "2"])
def test_a_value_is_unequal_to_everything_else(pay: Enumeration, other: object) -> None:
    """A name that the list does not have is no error."""
    assert pay != other
    assert not pay == other  # noqa: SIM201  (``==`` is what is tested)


def test_a_value_prints_as_its_name(pay: Enumeration) -> None:
    """In text, in a format and in a representation; as a number where a number is asked for."""
    assert (str(pay), f"{pay}", f"{pay:>5}|", f"{pay:02d}", repr([pay])) == ("pay", "pay", "  pay|", "02", "[pay]")


def test_a_value_is_a_number(pay: Enumeration) -> None:
    """It sorts, indexes, and finds itself among numbers."""
    assert ["a", "b", "c"][pay] == "c"
    assert {2: "two"}[pay] == "two"
    assert sorted([pay, 1, 3]) == [1, 2, 3]
    assert pay in {0, 2}


def test_a_value_keeps_its_name_when_it_is_read(schema_from: Callable[..., Schema]) -> None:
    """Also where a name is called as an attribute of numbers is."""
    schema = schema_from('field = "one,name,value,real" (E)')
    for number, name in enumerate(("one", "name", "value", "real")):
        value: Any = schema.new(field=name).field
        assert (str(value), int(value)) == (name, number)
        assert value == name
        assert schema.decode(schema.encode(schema.new(field=number))).field == name
