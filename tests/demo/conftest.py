"""What the tests of the demo share: telling the story to a text, and a workload manager with one planted fault."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from rich.console import Console

import workloadmanager
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.demo import run

Start = Callable[[Path], WorkloadManager]


class Told(NamedTuple):
    """How the demo ended, and what it printed."""

    status: int
    text: str

    @property
    def in_one_line(self) -> str:
        """The text without its line breaks, to search it for sentences."""
        return " ".join(self.text.split())


class WithFault:
    """A running workload manager of which one attribute is replaced; all others are the real ones.

    Arguments:
        manager: the real one.
        name: the attribute.
        replace: makes the replacement of the real attribute.
    """

    def __init__(self, manager: WorkloadManager, name: str, replace: Callable[[Any], object]) -> None:
        self._manager = manager
        self._name = name
        self._replace = replace

    def __enter__(self) -> WithFault:
        return self

    def __exit__(self, *_: object) -> None:
        self._manager.stop()

    def __getattr__(self, name: str) -> object:
        real = getattr(self._manager, name)
        return self._replace(real) if name == self._name else real


def _tell(start: Start = workloadmanager.start, *, patience: float = 30.0, **console: Any) -> Told:
    printed = io.StringIO()
    options: dict[str, Any] = {"width": 80, "force_terminal": False, **console}
    status = run(Console(file=printed, **options), start=start, patience=patience)
    return Told(status, printed.getvalue())


@pytest.fixture(scope="session")
def tell() -> Callable[..., Told]:
    """Tell the story: ``tell(start, patience=…, width=…)`` gives its exit status and what it printed."""
    return _tell


@pytest.fixture
def start_with_fault() -> Callable[[str, Callable[[Any], object]], Start]:
    """Return a `start` whose workload manager has a fault: ``start_with_fault("sign_delete", replace)``."""

    def make(name: str, replace: Callable[[Any], object]) -> Start:
        def start(folder: Path) -> WorkloadManager:
            return cast("WorkloadManager", WithFault(workloadmanager.start(folder), name, replace))

        return start

    return make
