"""How many pages a registration writes: counted by the system, not timed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from workloadmanager.bcdb import Record, Store, Transaction, open_store

COUNTERS = Path("/proc/self/io")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not COUNTERS.exists(), reason="only Linux counts what a process writes"),
]

PAGE = 4096
STORED = 20_000
NODES = [f"node-{number:02}" for number in range(60)]
"""So few that the rows of each are written several times in a test."""

DOCUMENT = bytes(2_900)
"""With the facts beside it, a page."""

ROUNDS = 1_920


def written() -> int:
    """Return how many bytes this process has handed to the system to write."""
    (line,) = (line for line in COUNTERS.read_text(encoding="ascii").splitlines() if line.startswith("wchar:"))
    return int(line.split()[1])


def made(number: int) -> Record:
    """A reservation on four nodes, of one of fifty customers."""
    epoch = 1_000_000 + number // 100
    nodes = tuple(NODES[(number * 37 + apart) % 60] for apart in (0, 17, 31, 44))
    return Record(number, 1, epoch, number % 50, epoch + 86_400, nodes, DOCUMENT)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a store that holds many."""
    directory = tmp_path_factory.mktemp("pages") / "store"

    def fill(transaction: Transaction) -> None:
        for number in range(1, STORED + 1):
            transaction.insert(made(number))

    with open_store(directory) as store:
        store.write(fill)
    return directory


@pytest.mark.parametrize(("batch", "most"), [(8, 2.7), (64, 1.6)])
def test_a_registration_writes_few_pages(
    filled: Path, held: Callable[[Store], AbstractContextManager[None]], batch: int, most: float
) -> None:
    """With four rows of nodes and one of a customer, those counted that are written at the closing of the store."""
    before = written()
    with open_store(filled) as store:

        def register(transaction: Transaction) -> None:
            transaction.insert(made(transaction.next_number("reservation")))

        for _ in range(ROUNDS // batch):
            with held(store):
                futures = [store.submit(register) for _ in range(batch)]
            for future in futures:
                future.result(30)
    assert (written() - before) / PAGE / ROUNDS <= most
