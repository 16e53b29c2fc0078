"""The page about performance: a run writes what is between the marks, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[str], Any]
TEXT = """# Performance

<!-- bench: conditions -->
of an older run
<!-- bench: end -->

By hand.

<!-- bench: B1 R10 -->
<!-- bench: end -->
<!-- bench: B4 B5 -->
| old |
<!-- bench: end -->
The end.
"""


@pytest.fixture
def page(load: Load) -> Any:
    """The module under test."""
    return load("_page")


@pytest.fixture
def run(load: Load, results: list[Any], conditions: Any) -> Any:
    """A run."""
    return load("_figures").Run(conditions, results)


def test_the_regions_are_written_and_the_prose_stays(page: Any, run: Any) -> None:
    """Each table has the rows that its mark names."""
    lines = page.filled_in(TEXT, run).splitlines()
    assert lines[2:5] == ["<!-- bench: conditions -->", page.heading(run.conditions), "<!-- bench: end -->"]
    shown = [line.split("|")[1].strip() for line in lines if line.startswith("|") and "--" not in line]
    assert shown == ["", "B1", "R10", "", "B5", "B4"]
    assert (lines[6], lines[-1]) == ("By hand.", "The end.")


def test_a_page_that_is_written_twice_is_the_same(page: Any, run: Any) -> None:
    """The marks stay where they are."""
    once = page.filled_in(TEXT, run)
    assert page.filled_in(once, run) == once


def test_a_result_that_the_page_has_no_place_for_is_refused(page: Any, run: Any) -> None:
    """It would get lost without a word."""
    with pytest.raises(ValueError, match="no region for R10: add <!-- bench: R10 -->"):
        page.filled_in(TEXT.replace("B1 R10", "B1"), run)


def test_a_region_without_an_end_is_refused(page: Any, run: Any) -> None:
    """Else all that follows would be written over, up to the end of the next."""
    with pytest.raises(ValueError, match="B1 R10 --> has no <!-- bench: end -->"):
        page.filled_in(TEXT.replace("R10 -->\n<!-- bench: end -->", "R10 -->"), run)


def test_what_was_not_measured_is_said(page: Any, run: Any) -> None:
    """A table of nothing would look like a mistake."""
    text = page.filled_in(f"{TEXT}<!-- bench: B15 -->\n<!-- bench: end -->\n", run)
    assert "<!-- bench: B15 -->\nNot measured in this run" in text


def test_the_plots_stand_beside_the_page(page: Any, run: Any, tmp_path: Path) -> None:
    """Those for which there are points."""
    file = tmp_path / "performance.md"
    file.write_text(TEXT, encoding="utf-8")
    page.write_page(run, file)
    assert [path.name for path in (tmp_path / "plots").iterdir()] == ["callers.svg"]
    assert "| B5 " in file.read_text(encoding="utf-8")


def test_our_page_has_a_region_for_every_benchmark(page: Any, run: Any, load: Load, make_result: Any) -> None:
    """So that a run ends with a page, and not with a mistake."""
    names = load("_groups").names()
    everything = [make_result(name=name, ours=(1.0,), peer=(1.0,)) for name in names]
    text = page.filled_in(page.PAGE.read_text(encoding="utf-8"), load("_figures").Run(run.conditions, everything))
    assert [name for name in names if f"| {name} " not in text] == []
