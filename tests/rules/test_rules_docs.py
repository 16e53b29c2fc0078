"""The pages about the rules hold to the rules."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from workloadmanager.rules import TABLE, NextAction

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that draws the states."""
    found = importlib.util.spec_from_file_location("draw_states", DOCS / "draw_states.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_drawing_of_the_states_is_that_of_the_table(script: ModuleType) -> None:
    """Run ``python docs/draw_states.py`` where this fails."""
    page = (DOCS / "states.md").read_text(encoding="utf-8")
    assert script.redraw(page) == page
    assert script.main(["--check"]) == 0


def test_every_row_of_the_table_is_an_arrow(script: ModuleType) -> None:
    """And every state is in the drawing, with an end for those that are final."""
    lines = script.diagram().splitlines()
    assert len([line for line in lines if " : " in line]) == len(TABLE)
    assert [line.strip() for line in lines if line.endswith("--> [*]")] == ["invalid --> [*]", "deleted --> [*]"]
    for state in NextAction:
        assert any(state.name in line for line in lines)


def test_a_page_without_marks_is_refused(script: ModuleType) -> None:
    """Rather than written over."""
    with pytest.raises(SystemExit, match="lost the marks"):
        script.redraw("# States\n")


def test_drawing_again_changes_nothing(script: ModuleType) -> None:
    """What is drawn is between its marks, once."""
    page = f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n"
    once = script.redraw(page)
    assert script.redraw(once) == once
    assert once.startswith("before\n")
    assert once.endswith("\nafter\n")


@pytest.mark.parametrize("page", ["states.md", "signatures.md", "registration.md", "lists.md"])
def test_the_pages_that_the_rules_refer_to_are_there(page: str) -> None:
    """Each begins with a title."""
    assert (DOCS / page).read_text(encoding="utf-8").startswith("# ")
