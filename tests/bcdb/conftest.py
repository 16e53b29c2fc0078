"""Stores of both kinds, records to put into them, and other processes that use them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from workloadmanager.bcdb import Record, Store, open_store
from workloadmanager.bcdb._store import TablesStore
from workloadmanager.bcdb._tables import WritableTables

KINDS = ("memory", "lmdb")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which kind of store the test runs on."""
    return str(request.param)


@pytest.fixture
def new_store(kind: str, tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens an empty store of the kind at each call; they are closed after the test, and not checked."""
    opened: list[Store] = []

    def open_new(**options: int) -> Store:
        path = ":memory:" if kind == "memory" else tmp_path / f"store{len(opened)}"
        opened.append(open_store(path, **options))
        return opened[-1]

    yield open_new
    for each in opened:
        each.close()


@pytest.fixture
def store(new_store: Callable[..., Store]) -> Iterator[Store]:
    """An empty store of each kind, which must agree with itself after the test."""
    opened = new_store()
    yield opened
    assert opened.check() == []


@pytest.fixture
def record() -> Callable[..., Record]:
    """Makes a record; what a test does not care for has a default."""

    def make(
        number: int,
        *,
        state: int = 1,
        epoch: int = 1000,
        customer: int = 7,
        deadline: int = 0,
        nodes: tuple[str, ...] = ("node-1",),
        body: bytes = b"body",
    ) -> Record:
        return Record(number, state, epoch, customer, deadline, nodes, body)

    return make


@pytest.fixture
def held() -> Callable[[Store], AbstractContextManager[None]]:
    """Keeps a store's writer busy for a block, so that what is submitted inside it waits and commits together."""

    @contextmanager
    def hold(held_store: Store) -> Iterator[None]:
        entered, leave = threading.Event(), threading.Event()

        def wait(_: object) -> None:
            entered.set()
            leave.wait(30)

        future = held_store.submit(wait)
        assert entered.wait(30)
        try:
            yield
        finally:
            leave.set()
            future.result(30)

    return hold


@pytest.fixture
def tables_of() -> Callable[[Store], AbstractContextManager[WritableTables]]:
    """Opens the tables of a store, behind its doorway, to write into them past every rule: that is what damage is."""

    @contextmanager
    def tables(damaged: Store) -> Iterator[WritableTables]:
        assert isinstance(damaged, TablesStore)
        opened = damaged._engine.writing()
        yield opened
        opened.commit()

    return tables


@pytest.fixture
def python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a program in another Python process and returns how it ended."""

    def run(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    return run
