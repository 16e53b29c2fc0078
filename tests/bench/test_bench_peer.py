"""The peer answers what it is asked, so that it is a peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import pytest

Load = Callable[[str], Any]


@pytest.fixture
def sqlite(load: Load, tmp_path: Path) -> Iterator[Any]:
    """Six reservations, two a second, by turns in deploy (3) and deleted (6), all on one node, the even ones on two."""
    with load("_sqlite").SqliteStore(tmp_path / "peer.sqlite") as store:
        store.insert(
            (3 if number % 2 else 6, 100 + number // 2, ("one", "two")[: 2 - number % 2], msgpack.packb({"id": number}))
            for number in range(1, 7)
        )
        yield store


def ids(found: list[dict[str, int]]) -> list[int]:
    """Return the ids of what was found."""
    return [reservation["id"] for reservation in found]


def test_a_reservation_is_found_by_its_id(sqlite: Any) -> None:
    """Ids are given out from 1."""
    assert (sqlite.get(4), sqlite.count()) == ({"id": 4}, 6)


def test_pages_are_in_the_order_of_the_ids(sqlite: Any) -> None:
    """By state, by epoch, by node, each no longer than asked for."""
    assert ids(sqlite.page_of_state(3, 2, 10)) == [3, 5]
    assert ids(sqlite.page_after_epoch(101, 2)) == [4, 5]
    assert ids(sqlite.page_of_node("two", 1, 10)) == [2, 4, 6]


def test_a_poll_finds_what_is_to_run_from_its_cursor_on(sqlite: Any) -> None:
    """And nothing else."""
    assert ids(sqlite.poll("one", 3)) == [3, 5]
    assert sqlite.poll("one", 6) == []


def test_every_commit_is_synced(sqlite: Any) -> None:
    """As ours is: 2 is FULL. The connection is asked behind the doorway, where the settings are."""
    settings = [sqlite._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert settings == ["wal", 2]
