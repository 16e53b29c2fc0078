"""What the tests of the benchmarks share: their modules, as the script among them imports them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry


@pytest.fixture(scope="session")
def load(repository: Path) -> Iterator[Callable[[str], Any]]:
    """Import a module of the benchmarks by its name: ``load("_rounds")``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(repository / "bench")
        yield importlib.import_module


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The models."""
    registry = Registry()
    registry.add_folder(FOLDER)
    return registry
