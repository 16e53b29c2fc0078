"""The plots of a run, as SVG: growth with the store, throughput by callers, and latencies."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from _growth import GROWTH
from _rounds import LATENCY, Result
from _throughput import THROUGHPUT
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

__all__ = ["PLOTS", "draw", "lines_of"]

PLOTS = (GROWTH, THROUGHPUT, LATENCY)
"""The names of all plots: those of the points, and of the files without their ending."""

_STYLE: dict[Any, Any] = {  # matplotlib has a type of its own for the names
    "svg.fonttype": "none",  # text stays text, in whatever font the reader has
    "svg.hashsalt": "workloadmanager",  # the same figures make the same file
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
}
_OURS = "this package"
_HEIGHT = 3.4
_WIDTH = 4.2
_MICROSECONDS = 1e6


class Line(NamedTuple):
    """One line of a plot.

    Attributes:
        label: what it shows.
        x: the places of its points on the horizontal axis, rising.
        y: their heights.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]


def draw(results: Iterable[Result], folder: Path) -> list[Path]:
    """Draw every plot that has points, and return the files.

    Arguments:
        results: those of a run.
        folder: where the files go; it is made where it is not there.
    """
    found = list(results)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = []
    with mpl.rc_context(_STYLE):
        for name in PLOTS:
            if any(result.point is not None and result.point.plot == name for result in found):
                path = folder / f"{name}.svg"
                _figure(name, found).savefig(path, format="svg", metadata={"Date": None})
                drawn.append(path)
    return drawn


def lines_of(results: Iterable[Result], plot: str, line: str | None = None) -> list[Line]:
    """Return the lines of a plot.

    Arguments:
        results: those of a run.
        plot: the name of the plot.
        line: one kind of operation, whose lines are ours and each peer's; by default every kind has a line of its own,
            of the ratios, which begins with 1 at its origin.
    """
    heights: dict[str, dict[float, float]] = {}
    for result in results:
        if result.point is None or result.point.plot != plot or line not in {None, result.point.line}:
            continue
        if line is None:
            points = heights.setdefault(result.point.line, {result.point.origin: 1.0})
            points[result.point.x] = result.median
        else:
            heights.setdefault(_OURS, {})[result.point.x] = statistics.median(result.ours)
            heights.setdefault(result.peer_name, {})[result.point.x] = statistics.median(result.peer)
    return [Line(label, *map(tuple, zip(*sorted(points.items()), strict=True))) for label, points in heights.items()]


def _figure(name: str, results: Sequence[Result]) -> Figure:
    """Return a plot: the growth in one panel, the others with a panel for each kind of operation."""
    if name == GROWTH:
        figure = Figure(figsize=(2 * _WIDTH, _HEIGHT), layout="constrained")
        _growth(figure.add_subplot(), lines_of(results, name))
        return figure
    kinds = list(dict.fromkeys(result.point.line for result in results if result.point and result.point.plot == name))
    figure = Figure(figsize=(len(kinds) * _WIDTH, _HEIGHT), layout="constrained")
    for position, kind in enumerate(kinds, start=1):
        panel = figure.add_subplot(1, len(kinds), position)
        panel.set_title(kind, pad=24)
        _PANELS[name](panel, lines_of(results, name, kind))
    return figure


def _growth(panel: Axes, lines: Sequence[Line]) -> None:
    panel.set_xscale("log")
    panel.set_xticks(lines[0].x, [f"{size:,.0f}" for size in lines[0].x])
    panel.xaxis.set_minor_formatter(NullFormatter())
    panel.set_xlabel("reservations stored")
    panel.set_ylabel("time, by that of the smallest store")
    _add(panel, lines)
    panel.set_ylim(bottom=0)


def _throughput(panel: Axes, lines: Sequence[Line]) -> None:
    panel.set_xscale("log", base=2)
    panel.set_xticks(lines[0].x, [f"{callers:g}" for callers in lines[0].x])
    panel.set_xlabel("callers at once")
    panel.yaxis.set_major_formatter("{x:,.0f}")
    panel.set_ylabel("calls in a second")
    _add(panel, lines)
    panel.set_ylim(bottom=0)


def _latency(panel: Axes, lines: Sequence[Line]) -> None:
    """Percentiles stand side by side, however close to a hundred they are."""
    places = range(len(lines[0].x))
    panel.set_yscale("log")
    panel.yaxis.set_major_formatter("{x:,.0f}")
    panel.yaxis.set_minor_formatter(NullFormatter())
    panel.set_xticks(places, [f"{percentile:g} %" for percentile in lines[0].x])
    panel.set_xlabel("of the calls are answered within")
    panel.set_ylabel("µs")
    _add(panel, (Line(one.label, tuple(places), tuple(y * _MICROSECONDS for y in one.y)) for one in lines))


_PANELS: dict[str, Callable[[Axes, Sequence[Line]], None]] = {THROUGHPUT: _throughput, LATENCY: _latency}


def _add(panel: Axes, lines: Iterable[Line]) -> None:
    for line, marker in zip(lines, _markers()):  # noqa: B905 - the markers do not end
        panel.plot(line.x, line.y, marker=marker, label=line.label)
    panel.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=4, borderaxespad=0, fontsize="small")


def _markers() -> Iterator[str]:
    """Yield marks that differ, so that lines are told apart without their colours too."""
    while True:
        yield from "os^Dvx"
