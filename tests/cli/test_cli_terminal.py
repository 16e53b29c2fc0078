"""What a person sees on a terminal: colours, widths, and none of either elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A terminal of 60 columns that knows colours."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    return monkeypatch


@pytest.mark.parametrize("arguments", [("user", "list"), ("user", "show", "1"), ("bcdb", "stats")], ids=" ".join)
def test_a_pipe_gets_no_colours_and_nothing_folded(
    cli: Any, grid: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """What is read by grep and awk is plain, however narrow the terminal beside it is."""
    assert grid.is_dir()
    wide = cli(*arguments).out
    monkeypatch.setenv("COLUMNS", "40")
    assert cli(*arguments).out == wide
    assert "\x1b" not in wide
    assert not any(line.endswith(" ") for line in wide.splitlines())


def test_a_terminal_gets_colours(cli: Any, grid: Path, terminal: pytest.MonkeyPatch) -> None:
    """Names and headings stand out."""
    assert grid.is_dir()
    assert "\x1b[" in cli("user", "show", "1").out
    terminal.setenv("NO_COLOR", "1")
    terminal.delenv("FORCE_COLOR")
    assert "\x1b[" not in cli("user", "show", "1").out


def test_a_table_fits_a_narrow_terminal(cli: Any, grid: Path, terminal: pytest.MonkeyPatch) -> None:
    """The public key takes two lines; no character of it is lost."""
    assert grid.is_dir()
    terminal.setenv("NO_COLOR", "1")
    key = cli("user", "show", "1", "--json").document["pubkey"]
    lines = cli("user", "list").out.replace("\x1b[1m", "").replace("\x1b[0m", "").splitlines()
    assert all(len(line.rstrip()) <= 60 for line in lines)
    start = lines[0].index("public key")
    assert lines[1][start:].strip() + lines[2][start:].strip() == key


def test_json_is_the_same_on_a_terminal(cli: Any, grid: Path, terminal: pytest.MonkeyPatch) -> None:
    """One line, no colour, nothing folded."""
    assert grid.is_dir()
    on_terminal = cli("user", "list", "--json").out
    terminal.delenv("FORCE_COLOR")
    assert cli("user", "list", "--json").out == on_terminal
    assert on_terminal.count("\n") == 1


def test_a_hostile_name_is_spelled_out_in_a_table(cli: Any, grid: Path) -> None:
    """Rich markup in a name is a name."""
    assert grid.is_dir()
    cli("user", "add", "[red]x[/red]", "--key", "node")
    assert "[red]x[/red]" in cli("user", "list").out
    assert "[red]x[/red]" in cli("user", "show", "[red]x[/red]").out
