"""``workloadmanager shell`` and ``demo`` from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_code_runs_on_the_named_store(cli: Any, registered: Path) -> None:
    """The workload manager is there as wm."""
    assert registered.is_dir()
    finished = cli("shell", "-c", "wm.reservation_get(reservation_id=1).next_action == 'sign'")
    assert (finished.status, finished.out) == (0, "True\n")


def test_nothing_is_started_where_no_store_is_named(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user starts what is wanted."""
    monkeypatch.delenv("WORKLOADMANAGER_STORE")
    assert cli("shell", "-c", "'wm' in globals()").out == "False\n"


def test_a_setting_reaches_what_is_started(cli: Any, folder: Path) -> None:
    """A wrong one is refused as everywhere."""
    assert folder.is_dir()
    finished = cli("shell", "--set", "unsigned_result=true", "-c", "1")
    assert finished.status == 1
    assert finished.err.startswith("workloadmanager: unsigned_result: ")
    assert cli("shell", "--set", "unsigned_results=true", "-c", "wm.running").out == "True\n"


def test_a_script_runs_from_stdin(cli: Any, grid: Path) -> None:
    """As with `python -`: what it prints is all that is shown, and its exit decides the status."""
    assert grid.is_dir()
    script = "print(wm.phonebook.find('bob').id)\n42\nraise SystemExit(4)\n"
    finished = cli("shell", stdin=script)
    assert (finished.status, finished.out) == (4, "2\n")


def test_code_that_is_refused_ends_with_status_1(cli: Any, grid: Path) -> None:
    """The error is one line."""
    assert grid.is_dir()
    finished = cli("shell", "-c", "wm.reservation_get(reservation_id=9)")
    assert (finished.status, finished.err) == (1, "NotFound: reservation_id: there is no reservation 9\n")


@pytest.mark.slow
def test_a_terminal_gets_a_prompt(on_a_terminal: Any, grid: Path) -> None:
    """It greets, answers, and stops everything when it is left."""
    answers = [("fields(Reservation)", "wm.phonebook.find('carol')"), ("pubkey", "exit")]
    status, seen = on_a_terminal("shell", "--store", str(grid / "store"), answers=answers)
    assert status == 0
    assert "Traceback" not in seen


@pytest.mark.slow
def test_the_demo_runs(cli: Any) -> None:
    """`workloadmanager demo` is the whole story, with status 0 where everything is as it should be."""
    finished = cli("demo")
    assert (finished.status, finished.err) == (0, "")
    assert "Everything is as it should be" in finished.out
