"""What is shown of results: the table, the lines above and below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def report(load: Load) -> Any:
    """The module under test."""
    return load("_report")


def test_the_table_is_markdown(report: Any, results: list[Any]) -> None:
    """Each figure is in its unit; what has no peer has no ratio, and its spread and bar are of the figure."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in report.table(results).splitlines()]
    assert rows[0] == list(report.COLUMNS)
    assert rows[2:] == [
        ["B1", "ask", "stock Pykka", "2.50 µs", "10.0 µs", "0.25", "0.25–0.30", "≤ 0.30", "holds"],  # noqa: RUF001
        ["R10", "store it", "SQLite", "1.50 ms", "1.00 ms", "1.50", "1.50–1.50", "", ""],  # noqa: RUF001
        ["B5", "register", "PostgreSQL", "12,000/s", "10,000/s", "1.20", "1.20–1.20", "≥ 1.70", "**fails**"],  # noqa: RUF001
        ["B4", "pages", "", "3.00 pages", "", "", "3.00–3.00 pages", "≤ 3.50 pages", "holds"],  # noqa: RUF001
    ]


def test_the_table_can_be_read_as_it_stands(report: Any, results: list[Any]) -> None:
    """Columns are aligned, words to the left and figures to the right."""
    lines = report.table(results).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[1].startswith("| --- | --------- | ----------- | ---------: | ")
    assert lines[2].startswith("| B1  | ask       | stock Pykka |    2.50 µs | ")


def test_the_heading_says_when_and_on_what(report: Any, conditions: Any) -> None:
    """And nothing that names the machine."""
    assert report.heading(conditions) == (
        "2026-11-24, 2 cores, 24 GiB, Linux 6.1, ext4, CPython 3.11.7; pykka 4.5.0, lmdb 3.0.0; 3 rounds; "
        "20,000 reservations of 3,100 bytes on average stored."
    )


def test_the_verdict_counts_the_bars_and_names_what_fails(report: Any, results: list[Any]) -> None:
    """What has no bar is not counted."""
    assert report.verdict(results) == "2 of 3 bars hold; not: B5."
    assert report.verdict(results[:2]) == "1 of 1 bars hold."


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (2.5e-8, "s", "0.03 µs"),
        (4.2e-5, "s", "42.0 µs"),
        (0.0123, "s", "12.3 ms"),
        (125.0, "s", "125 s"),
        (14200.4, "per s", "14,200/s"),
        (3.456, "pages", "3.46 pages"),
        (1234.5, "MiB", "1,234 MiB"),
    ],
)
def test_a_figure_has_its_unit(report: Any, value: float, unit: str, shown: str) -> None:
    """And no more digits than it deserves."""
    assert report.amount(value, unit) == shown


def test_small_ratios_have_a_digit_more(report: Any, make_result: Callable[..., Any]) -> None:
    """Else one that fails could look like the bar itself."""
    table = report.table([make_result(ours=(0.154,), peer=(1.0,), bar=("at most", 0.15))])
    assert "| 0.154 | 0.154–0.154 | ≤ 0.150 | **fails** |" in table  # noqa: RUF001
