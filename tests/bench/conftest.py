"""What the tests of the benchmarks share: their modules, as the script among them imports them, and results."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
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


@pytest.fixture(scope="session")
def make_result(load: Callable[[str], Any]) -> Callable[..., Any]:
    """Make a result: what is not given is that of some benchmark; a bar is given by its parts, and a point too."""
    rounds = load("_rounds")

    def make(*, bar: tuple[str, float] | None = None, point: tuple[Any, ...] | None = None, **more: Any) -> Any:
        given = {"name": "B0", "operation": "do it", "peer_name": "a peer", "operations": 10, **more}
        return rounds.Result(
            bar=None if bar is None else rounds.Bar(*bar),
            point=None if point is None else rounds.Point(*point),
            **given,
        )

    return make


@pytest.fixture(scope="session")
def results(make_result: Callable[..., Any]) -> list[Any]:
    """Four results: a time that passes, one without a bar, a rate that fails, and a count that has no peer."""
    times, slower = ((2e-6, 3e-6, 2.5e-6), (8e-6, 10e-6, 10e-6)), ((1.5e-3,), (1e-3,))
    return [
        make_result(
            name="B1", operation="ask", peer_name="stock Pykka", ours=times[0], peer=times[1], bar=("at most", 0.3)
        ),
        make_result(name="R10", operation="store it", peer_name="SQLite", ours=slower[0], peer=slower[1]),
        make_result(
            name="B5",
            operation="register",
            peer_name="PostgreSQL",
            ours=(12_000.0,),
            peer=(10_000.0,),
            unit="per s",
            bar=("at least", 1.7),
            point=("callers", "register", 32),
        ),
        make_result(
            name="B4", operation="pages", peer_name="", ours=(3.0,), peer=(), unit="pages", bar=("at most", 3.5)
        ),
    ]


@pytest.fixture(scope="session")
def conditions(load: Callable[[str], Any]) -> Any:
    """Under which conditions they came about."""
    machine = load("_machine")
    return machine.Conditions(
        date=datetime(2026, 11, 24, 10, 30, tzinfo=UTC),
        machine=machine.Machine(
            cores=2,
            memory=24,
            system="Linux 6.1",
            filesystem="ext4",
            python="CPython 3.11.7",
            versions={"pykka": "4.5.0", "lmdb": "3.0.0"},
        ),
        documents=20_000,
        document_bytes=3100,
        rounds=3,
        share=1.0,
    )
