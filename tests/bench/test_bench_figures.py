"""The file of a run: programs read it, and so does a later run that measures nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Load = Callable[[str], Any]


@pytest.fixture
def figures(load: Load) -> Any:
    """The module under test."""
    return load("_figures")


@pytest.fixture
def run(figures: Any, results: list[Any], conditions: Any) -> Any:
    """A run."""
    return figures.Run(conditions, results)


def test_the_file_holds_every_round(figures: Any, run: Any) -> None:
    """In the unit that it names, beside what the rounds come to."""
    first, *_, last = json.loads(figures.as_json(run))["results"]
    assert (first["ours"], first["peer"], first["unit"]) == ([2e-6, 3e-6, 2.5e-6], [8e-6, 10e-6, 10e-6], "s")
    assert (first["median"], first["lowest"], first["highest"]) == pytest.approx((0.25, 0.25, 0.3))
    assert (first["bar"], first["passed"]) == ({"side": "at most", "limit": 0.3}, True)
    assert (last["peer"], last["median"], last["unit"]) == ([], 3.0, "pages")


def test_the_file_holds_the_conditions(figures: Any, run: Any) -> None:
    """The date with its zone, and the machine with the versions of what was measured."""
    content = json.loads(figures.as_json(run))["conditions"]
    assert (content["date"], content["rounds"]) == ("2026-11-24T10:30:00Z", 3)
    assert content["machine"]["versions"] == {"pykka": "4.5.0", "lmdb": "3.0.0"}


def test_what_was_written_is_read_back(figures: Any, run: Any) -> None:
    """Whole, bars and points too."""
    again = figures.from_json(figures.as_json(run))
    assert (again.conditions, list(again.results)) == (run.conditions, list(run.results))


@pytest.mark.parametrize("text", ["", "{}", '{"conditions": {}, "results": []}'])
def test_a_file_of_something_else_is_refused(figures: Any, text: str) -> None:
    """Rather than shown as a run that measured nothing."""
    with pytest.raises(ValueError, match=r"JSON|missing|truncated"):
        figures.from_json(text)
