"""The peer of the store: the same reservations in SQLite, as a good program of the standard library keeps them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Self

import msgpack  # type: ignore[import-untyped]  # the library carries no types

__all__ = ["Row", "SqliteStore"]

Row = tuple[int, int, tuple[str, ...], bytes]
"""What is stored of a reservation: state, epoch, nodes, and the document as MessagePack."""

_TABLES = """
CREATE TABLE IF NOT EXISTS reservations (id INTEGER PRIMARY KEY, state INTEGER, epoch INTEGER, body BLOB);
CREATE INDEX IF NOT EXISTS states ON reservations (state, id);
CREATE INDEX IF NOT EXISTS epochs ON reservations (epoch, id);
CREATE TABLE IF NOT EXISTS nodes (node_id TEXT, id INTEGER, PRIMARY KEY (node_id, id)) WITHOUT ROWID;
"""
_BY_NODE = "SELECT body FROM nodes JOIN reservations USING (id) WHERE node_id = ? AND id >= ?"


class SqliteStore:
    """A SQLite database in WAL mode whose every commit is on the disk (``synchronous=FULL``), as ours is.

    One connection serves all callers behind a lock: with connections of their own they would wait for each
    other in SQLite's growing pauses, which is slower. Its cache holds 256 MiB, so that its pages are in the
    process as ours are.

    Arguments:
        path: the database file, which is made where it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._one_writes = Lock()
        for setting in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-262144"):
            self._connection.execute(f"PRAGMA {setting}")
        self._connection.executescript(_TABLES)

    def __enter__(self) -> Self:
        """Return the store itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._connection.close()

    def insert(self, rows: Iterable[Row]) -> None:
        """Store reservations with their index rows in one commit, with the ids that follow."""
        execute = self._connection.execute
        with self._one_writes:
            execute("BEGIN IMMEDIATE")
            for state, epoch, node_ids, body in rows:
                stored = execute("INSERT INTO reservations (state, epoch, body) VALUES (?, ?, ?)", (state, epoch, body))
                self._connection.executemany(
                    "INSERT INTO nodes (node_id, id) VALUES (?, ?)", [(one, stored.lastrowid) for one in node_ids]
                )
            execute("COMMIT")

    def count(self) -> int:
        """Return how many reservations there are."""
        (number,) = self._connection.execute("SELECT count(*) FROM reservations").fetchone()
        return int(number)

    def get(self, reservation_id: int) -> dict[str, Any]:
        """Return a reservation as a dictionary."""
        return self._select("SELECT body FROM reservations WHERE id = ?", (reservation_id,))[0]

    def page_of_state(self, state: int, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations in a state, from an id on."""
        sql = "SELECT body FROM reservations WHERE state = ? AND id >= ? ORDER BY id LIMIT ?"
        return self._select(sql, (state, from_id, limit))

    def page_after_epoch(self, epoch: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations that were registered after a second."""
        sql = "SELECT body FROM reservations WHERE epoch > ? ORDER BY epoch, id LIMIT ?"
        return self._select(sql, (epoch, limit))

    def page_of_node(self, node_id: str, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations on a node, from an id on."""
        return self._select(f"{_BY_NODE} ORDER BY id LIMIT ?", (node_id, from_id, limit))

    def poll(self, node_id: str, from_id: int) -> list[dict[str, Any]]:
        """Return what a node asks for: reservations in deploy or delete that it is on, from an id on."""
        return self._select(f"{_BY_NODE} AND state IN (3, 4) ORDER BY id", (node_id, from_id))

    def _select(self, sql: str, parameters: tuple[int | str, ...]) -> list[dict[str, Any]]:
        return [msgpack.unpackb(body) for (body,) in self._connection.execute(sql, parameters)]
