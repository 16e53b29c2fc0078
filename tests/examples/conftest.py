"""What the tests of the examples share: their folder, and their modules as a script there would import them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager.threebot import WorkloadManager


@pytest.fixture(scope="session")
def examples(repository: Path) -> Path:
    """The folder of the examples."""
    return repository / "examples"


@pytest.fixture
def load(examples: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Import an example by its name: ``load("make_reservation")``."""
    monkeypatch.syspath_prepend(examples)
    return importlib.import_module


@pytest.fixture
def manager(load: Callable[[str], Any]) -> Iterator[WorkloadManager]:
    """A workload manager whose phonebook and directory are those of the examples."""
    with workloadmanager.start(":memory:") as running:
        load("example_grid").fill(running)
        yield running
