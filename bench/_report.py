"""What is shown of a run: a table for people, and the lines above and below it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from _machine import Conditions
from _rounds import PER_SECOND, SECONDS, Result

__all__ = ["COLUMNS", "amount", "heading", "table", "verdict"]

COLUMNS = ("", "operation", "peer", "ours", "the peer’s", "ratio", "spread", "bar", "")  # noqa: RUF001 - an apostrophe
"""The headings of the table."""

_TEXT_COLUMNS = 3
_SIGNS = {"at most": "≤", "at least": "≥"}
_SCALES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def table(results: Sequence[Result]) -> str:
    """Return the results as a table in Markdown that is also readable as it stands.

    The figures of both sides are the medians of all rounds. The ratio is the median of the ratios of each round,
    which is not the ratio of the medians; the spread is the lowest and the highest of them. Where there is no
    peer, spread and bar are of the figure itself.
    """
    rows = [COLUMNS, *(_row(result) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    rule = [("-" * (width - 1)) + ("-" if column < _TEXT_COLUMNS else ":") for column, width in enumerate(widths)]
    head, *body = [_aligned(row, widths) for row in rows]
    return "\n".join(_line(cells) for cells in (head, rule, *body))


def heading(conditions: Conditions) -> str:
    """Return in one paragraph under which conditions the results came about."""
    machine = conditions.machine
    memory = f", {machine.memory} GiB" if machine.memory else ""
    disk = f", {machine.filesystem}" if machine.filesystem else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    stored = f"{conditions.documents:,} reservations of {conditions.document_bytes:,} bytes on average stored"
    samples = "" if conditions.share == 1 else f", samples of {conditions.share:g} of their size"
    return (
        f"{conditions.date:%Y-%m-%d}, {machine.cores} cores{memory}, {machine.system}{disk}, "
        f"{machine.python}; {versions}; "
        f"{conditions.rounds} rounds{samples}; {stored if conditions.document_bytes else 'nothing stored'}."
    )


def verdict(results: Sequence[Result]) -> str:
    """Return in one line how many bars hold, and which do not."""
    judged = [result for result in results if result.passed is not None]
    failed = [result for result in judged if not result.passed]
    said = f"{len(judged) - len(failed)} of {len(judged)} bars hold"
    return f"{said}; not: {', '.join(dict.fromkeys(result.name for result in failed))}." if failed else f"{said}."


def amount(value: float, unit: str) -> str:
    """Return a figure in its unit, in as many digits as it deserves."""
    if unit == SECONDS:
        scale, word = next((pair for pair in _SCALES if value >= pair[0]), _SCALES[-1])
        return f"{_digits(value / scale)} {word}"
    if unit == PER_SECOND:
        return f"{value:,.0f}/s"
    return f"{_digits(value)} {unit}"


def _digits(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def _ratio(value: float) -> str:
    """Return a ratio in as many digits as tell it from a bar."""
    return f"{value:.2f}" if value >= 0.2 else f"{value:.3f}"


def _row(result: Result) -> tuple[str, ...]:
    ours = amount(statistics.median(result.ours), result.unit)
    peer = amount(statistics.median(result.peer), result.unit) if result.peer else ""
    ratio = _ratio(result.median) if result.peer else ""
    return (
        result.name,
        result.operation,
        result.peer_name,
        ours,
        peer,
        ratio,
        _spread(result),
        _bar(result),
        {True: "holds", False: "**fails**", None: ""}[result.passed],
    )


def _spread(result: Result) -> str:
    lowest, highest = (_ratio(figure) if result.peer else amount(figure, result.unit) for figure in result.spread)
    number, _, unit = lowest.partition(" ")
    lowest = number if highest.endswith(f" {unit}") else lowest  # the unit once is enough
    return f"{lowest}–{highest}"  # noqa: RUF001 - a dash between two figures, as people write it


def _bar(result: Result) -> str:
    if result.bar is None:
        return ""
    limit = _ratio(result.bar.limit) if result.peer else amount(result.bar.limit, result.unit)
    return f"{_SIGNS[result.bar.side]} {limit}"


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        cell.ljust(width) if column < _TEXT_COLUMNS else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
