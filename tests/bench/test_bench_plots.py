"""The plots: which results stand where, and files that people and programs can read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def plots(load: Load) -> Any:
    """The module under test."""
    return load("_plots")


@pytest.fixture
def points(make_result: Callable[..., Any]) -> list[Any]:
    """Growth of two operations, rates of one by two numbers of callers, and two percentiles."""
    return [
        make_result(ours=(2.0,), peer=(1.0,), point=("growth", "get", 10_000, 1000)),
        make_result(ours=(3.0,), peer=(1.0,), point=("growth", "get", 100_000, 1000)),
        make_result(ours=(1.0,), peer=(1.0,), point=("growth", "poll", 10_000, 1000)),
        make_result(ours=(50.0, 70.0, 60.0), peer=(40.0, 40.0, 50.0), unit="per s", point=("callers", "get", 8)),
        make_result(ours=(30.0,), peer=(20.0,), unit="per s", point=("callers", "get", 1)),
        make_result(ours=(1e-5,), peer=(2e-5,), point=("latency", "get", 50)),
        make_result(ours=(1e-4,), peer=(1e-3,), point=("latency", "get", 99)),
        make_result(ours=(1.0,), peer=(1.0,)),
    ]


def test_growth_has_a_line_for_each_operation(plots: Any, points: list[Any]) -> None:
    """Of ratios, that begins with 1 at the smallest store."""
    assert plots.lines_of(points, "growth") == [
        ("get", (1000, 10_000, 100_000), (1.0, 2.0, 3.0)),
        ("poll", (1000, 10_000), (1.0, 1.0)),
    ]


def test_an_operation_has_a_line_of_ours_and_of_the_peer(plots: Any, points: list[Any]) -> None:
    """Of the medians of the rounds, from left to right."""
    assert plots.lines_of(points, "callers", "get") == [
        ("this package", (1, 8), (30.0, 60.0)),
        ("a peer", (1, 8), (20.0, 40.0)),
    ]


def test_the_plots_are_svg_whose_text_is_text(plots: Any, points: list[Any], tmp_path: Path) -> None:
    """So that it can be read, and compared in a change."""
    drawn = plots.draw(points, tmp_path / "plots")
    assert [path.name for path in drawn] == ["growth.svg", "callers.svg", "latency.svg"]
    for path, words in zip(drawn, ("reservations stored", "callers at once", "answered within"), strict=True):
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314 - a file of our own
        assert words in path.read_text(encoding="utf-8")


def test_the_same_figures_make_the_same_file(plots: Any, points: list[Any], tmp_path: Path) -> None:
    """No date and no chance: a change of the file is a change of the figures."""
    first, second = (plots.draw(points, tmp_path / name) for name in ("first", "second"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_a_plot_without_points_is_not_drawn(plots: Any, points: list[Any], tmp_path: Path) -> None:
    """As after a run of some of the benchmarks."""
    assert [path.name for path in plots.draw(points[:3], tmp_path)] == ["growth.svg"]
