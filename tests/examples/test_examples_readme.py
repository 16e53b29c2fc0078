"""The examples' README: it names every file, and its commands do what it says."""

from __future__ import annotations

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import workloadmanager
from workloadmanager.threebot.cli import main


class Shell:
    """Runs the few forms of command lines that the README has, in this process.

    Arguments:
        folder: the repository, where the lines are to be run.
        monkeypatch: sets the variables and the standard input that a line says.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch

    def run(self, line: str) -> None:
        """Run a line; a command that fails fails the test."""
        first, _, second = line.partition(" | ")
        if first.startswith("export "):
            return  # the tests set the variables to folders of their own
        if second == "sh -e":
            for each in self._output(first).splitlines():
                self.run(each)
        elif second:
            self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(self._output(first).encode())))
            self._command(second)
        else:
            self._command(first)

    def _output(self, line: str) -> str:
        program, *arguments = shlex.split(line)
        if program == "echo":
            return f"{' '.join(arguments)}\n"
        assert program == "python"
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=True).stdout

    def _command(self, line: str) -> None:
        program, *arguments = shlex.split(line)
        assert program == "workloadmanager"
        self._monkeypatch.chdir(self._folder)
        assert main(arguments) == 0, line


@pytest.fixture
def readme(examples: Path) -> str:
    """The text of the page."""
    return (examples / "README.md").read_text(encoding="utf-8")


def test_every_example_is_on_the_page(readme: str, examples: Path) -> None:
    """A file that is added is described, and none is described that is not there."""
    linked = set(re.findall(r"^\| \[`[^`]+`\]\(([^)]+)\)", readme, re.MULTILINE))
    there = {path.name + "/" * path.is_dir() for path in examples.iterdir() if path.name != "__pycache__"}
    assert linked == there - {"README.md"}


@pytest.mark.slow
def test_its_commands_lead_to_a_reservation_that_is_deployed(
    readme: str,
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Line by line: the grid, the reservation, its signatures, its workloads; then the signed one."""
    monkeypatch.setenv("WORKLOADMANAGER_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("WORKLOADMANAGER_KEYS", str(tmp_path / "keys"))
    shell = Shell(repository, monkeypatch)
    for block in re.findall(r"^```sh\n(.*?)^```", readme, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            shell.run(line)
    with workloadmanager.start(tmp_path / "store") as manager:
        states = [str(reservation.next_action) for reservation in manager.reservation_list().reservations]
    assert states == ["deploy", "sign"]
    assert "1-6" in capsys.readouterr().out  # the last workload of the list
