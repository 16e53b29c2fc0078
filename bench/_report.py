"""What is shown of the results: a table for people, JSON for programs."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata

from _rounds import Result

__all__ = ["COLUMNS", "Conditions", "as_json", "heading", "table"]

COLUMNS = ("", "operation", "peer", "ours, µs", "peer, µs", "ratio", "spread")
"""The headings of the table."""

_TEXT_COLUMNS = 3
_LIBRARIES = ("workloadmanager", "pykka", "lmdb", "msgspec", "msgpack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the results of a run depend on, beside the machine.

    Attributes:
        date: when it was, with its zone.
        rounds: how many rounds each benchmark had.
        documents: how many reservations were stored before anything was measured.
        document_bytes: their size on average.
    """

    date: datetime
    rounds: int
    documents: int
    document_bytes: int


def table(results: Sequence[Result]) -> str:
    """Return the results as a table in Markdown that is also readable as it stands.

    Microseconds are the medians of all rounds. The ratio is the median of the ratios of each round, which is
    not the ratio of the medians; the spread is the lowest and the highest of them.
    """
    rows = [COLUMNS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    rule = [("-" * (width - 1)) + ("-" if column < _TEXT_COLUMNS else ":") for column, width in enumerate(widths)]
    head, *body = [_aligned(row, widths) for row in rows]
    return "\n".join(_line(cells) for cells in (head, rule, *body))


def heading(conditions: Conditions) -> str:
    """Return in one line under which conditions the results came about."""
    return (
        f"{conditions.date:%Y-%m-%d}, {_python()}, {os.cpu_count()} cores, {conditions.rounds} rounds, "
        f"{conditions.documents:,} reservations of {conditions.document_bytes:,} bytes on average"
    )


def as_json(results: Sequence[Result], conditions: Conditions) -> str:
    """Return the results as JSON text: what was measured on which versions, with the seconds of every round."""
    content = {
        "date": conditions.date.isoformat(timespec="seconds"),
        "python": _python(),
        "system": platform.system(),
        "cores": os.cpu_count(),
        "versions": {name: metadata.version(name) for name in _LIBRARIES} | {"sqlite": sqlite3.sqlite_version},
        "rounds": conditions.rounds,
        "documents": conditions.documents,
        "document_bytes": conditions.document_bytes,
        "results": [_plain(result) for result in results],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _python() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


def _row(result: Result) -> tuple[str, ...]:
    lowest, highest = result.spread
    return (
        result.name,
        result.operation,
        result.peer_name,
        _microseconds(result.ours),
        _microseconds(result.peer),
        f"{result.ratio:.2f}",
        f"{lowest:.2f}–{highest:.2f}",  # noqa: RUF001 - a dash between two figures, as people write it
    )


def _microseconds(seconds: Sequence[float]) -> str:
    figure = statistics.median(seconds) * 1e6
    return f"{figure:.2f}" if figure < 10 else f"{figure:.1f}" if figure < 100 else f"{figure:.0f}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if column < _TEXT_COLUMNS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(result: Result) -> dict[str, object]:
    lowest, highest = result.spread
    return {
        "name": result.name,
        "operation": result.operation,
        "peer": result.peer_name,
        "operations": result.operations,
        "ours_seconds": result.ours,
        "peer_seconds": result.peer,
        "ratio": result.ratio,
        "lowest": lowest,
        "highest": highest,
    }
