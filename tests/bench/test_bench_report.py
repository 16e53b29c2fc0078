"""What is shown of results: the table, the line above it, and the JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def report(load: Load) -> Any:
    """The module under test."""
    return load("_report")


@pytest.fixture
def results(load: Load) -> list[Any]:
    """Two results: one that is faster than its peer, one that is slower."""
    make = load("_rounds").Result
    return [
        make(
            name="B1",
            operation="ask",
            peer_name="stock Pykka",
            operations=10,
            ours=(2e-6, 3e-6, 2.5e-6),
            peer=(8e-6, 10e-6, 10e-6),
        ),
        make(name="R10", operation="store it", peer_name="SQLite", operations=5, ours=(1.5e-3,), peer=(1e-3,)),
    ]


@pytest.fixture
def conditions(report: Any) -> Any:
    """Under which conditions they came about."""
    date = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
    return report.Conditions(date=date, rounds=3, documents=20_000, document_bytes=3100)


def test_the_table_is_markdown_that_people_can_read(report: Any, results: list[Any]) -> None:
    """Columns are aligned, figures to the right, in as many digits as they deserve."""
    assert report.table(results).splitlines() == [
        "|     | operation | peer        | ours, µs | peer, µs | ratio |    spread |",
        "| --- | --------- | ----------- | -------: | -------: | ----: | --------: |",
        "| B1  | ask       | stock Pykka |     2.50 |     10.0 |  0.25 | 0.25–0.30 |",  # noqa: RUF001 - as it is printed
        "| R10 | store it  | SQLite      |     1500 |     1000 |  1.50 | 1.50–1.50 |",  # noqa: RUF001 - as it is printed
    ]


def test_the_heading_says_when_and_on_what(report: Any, conditions: Any) -> None:
    """And nothing that names the machine."""
    heading = report.heading(conditions)
    assert heading.startswith("2026-11-24, ")
    assert heading.endswith(" cores, 3 rounds, 20,000 reservations of 3,100 bytes on average")


def test_the_json_holds_every_round(report: Any, results: list[Any], conditions: Any) -> None:
    """In seconds, beside what the table shows."""
    first, second = json.loads(report.as_json(results, conditions))["results"]
    assert first["ours_seconds"] == [2e-6, 3e-6, 2.5e-6]
    assert first["peer_seconds"] == [8e-6, 10e-6, 10e-6]
    assert (first["ratio"], first["lowest"], first["highest"]) == pytest.approx((0.25, 0.25, 0.3))
    assert (second["name"], second["operation"], second["peer"], second["operations"]) == (
        "R10",
        "store it",
        "SQLite",
        5,
    )


def test_the_json_holds_the_conditions(report: Any, conditions: Any) -> None:
    """With the versions of what was measured."""
    content = json.loads(report.as_json([], conditions))
    assert (content["date"], content["rounds"]) == ("2026-11-24T10:30:00+00:00", 3)
    assert (content["documents"], content["document_bytes"]) == (20_000, 3100)
    assert {"workloadmanager", "pykka", "lmdb", "sqlite"} <= content["versions"].keys()
