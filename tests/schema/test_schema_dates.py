"""Dates as text: all in UTC, and relative ones only where the time is known."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.schema import Registry, Schema

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z

Keep = Callable[..., Any]


def second(*parts: int) -> int:
    """Return the seconds since 1970 of a date in UTC."""
    return calendar.timegm((*parts, 0, 0, 0)[:6])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1234567890", 1234567890),
        ("06/28", second(2027, 6, 28)),
        ("6/8", second(2027, 6, 8)),
        ("2026/11/24", second(2026, 11, 24)),
        ("26/11/24", second(2026, 11, 24)),
        ("24/11/2026", second(2026, 11, 24)),
        ("4/1/2026", second(2026, 1, 4)),
        ("01/02/03", second(2001, 2, 3)),
        ("15/12/03 22:00", second(2015, 12, 3, 22)),
        ("2026/11/24 18:30:59", second(2026, 11, 24, 18, 30, 59)),
        ("01/01/2019 9pm:10", second(2019, 1, 1, 21, 10)),
        ("01/01/2019 12AM:10", second(2019, 1, 1, 0, 10)),
        ("01/01/2019 12pm:10", second(2019, 1, 1, 12, 10)),
        ("2026-11-24", second(2026, 11, 24)),
        ("2026-11-24T18:30:00Z", second(2026, 11, 24, 18, 30)),
        ("2026-11-24 18:30", second(2026, 11, 24, 18, 30)),
        ("2026-11-24T18:30:00+02:00", second(2026, 11, 24, 16, 30)),
        ("+4h", NOW + 4 * 3600),
        ("-4h", NOW - 4 * 3600),
        ("+ 30 s", NOW + 30),
        ("+5m", NOW + 300),
        ("+2d", NOW + 2 * 86400),
        ("+1w", NOW + 7 * 86400),
        ("+1M", NOW + 30 * 86400),
        ("+1Y", NOW + 365 * 86400),
        (" 2026/11/24 ", second(2026, 11, 24)),
    ],
)
def test_a_date_text_is_read_as_a_second(kept: Keep, text: str, expected: int) -> None:
    """A year has four digits, or two and comes first; a month and a day alone are this year's."""
    assert kept("T", text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "now", "tomorrow", "31/31/2026", "2026/02/30", "2026/11/2026", "11/2026", "1/2/3", "2026/1/1 25:00",
        "2026/1/1 1:60", "2026/1/1 13pm:00", "2026/1/1 0am:00", "2026-13-01", "2026-11-24T", "20261124T10",
        "0000-01-01", "1.5", "-5", "+4x", "+4", "1/1/1/1",
    ],
)  # fmt: skip
def test_a_text_that_is_no_date_is_refused(kept: Keep, text: str) -> None:
    """The message shows the forms that are read."""
    with pytest.raises(InputError, match=r"must be seconds since 1970, or a date such as '2026/11/24 18:30'"):
        kept("T", text)


@pytest.mark.parametrize("text", ["1969/12/31", "2200/1/1", "-99Y", "+99Y", "+9999999999Y"])
def test_a_date_that_cannot_be_kept_is_refused(kept: Keep, text: str) -> None:
    """Dates are kept from 1970 to 2106."""
    with pytest.raises(InputError, match="must be from 0 to 4294967295 seconds since 1970"):
        kept("T", text)


@pytest.mark.parametrize("text", ["2027/01/15 18:00", "+4h", "01/15"])
def test_a_day_is_put_back_to_midnight(kept: Keep, text: str) -> None:
    """Midnight in UTC, whatever the zone of the host."""
    assert kept("D", text) == second(2027, 1, 15)


@pytest.mark.parametrize("text", ["+4h", "06/28"])
def test_a_date_that_counts_from_now_needs_to_know_the_time(kept: Keep, text: str) -> None:
    """Without a clock nothing reads one behind the back."""
    with pytest.raises(InputError, match="must be a full date"):
        kept("T", text, now=None)


def test_the_time_can_be_told_to_a_conversion(schema_from: Callable[..., Schema]) -> None:
    """It goes before the registry's clock."""
    schema = schema_from("first = (T)", "second = (T)")
    made = schema.convert({"first": "+1h", "second": "+1h"}, now=1000)
    assert (made.first, made.second) == (4600, 4600)


def test_one_conversion_has_one_now() -> None:
    """Two relative dates of one object never differ by the time between them."""
    ticks = iter(range(100))
    (schema,) = Registry(clock=lambda: next(ticks)).add_text("@url = test.schema.1\na = (T)\nb = (T)")
    made = schema.convert({"a": "+1s", "b": "+1s"})
    assert made.a == made.b == 1


def test_the_clock_is_not_asked_without_need() -> None:
    """A date that is given needs no clock."""

    def broken() -> int:
        raise AssertionError("nobody should ask")

    (schema,) = Registry(clock=broken).add_text("@url = test.schema.1\na = (T)")
    assert schema.convert({"a": 5}).a == 5
