"""A peer of reading: the same reservations in PostgreSQL, as a good program asks it through psycopg."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import psycopg
from _stores import Copy

from workloadmanager.schema import to_json

__all__ = ["PostgresRows"]

_TABLE = """
CREATE TABLE reservations (id bigint PRIMARY KEY, state smallint, epoch bigint, node_ids text[], body jsonb)
"""
_INDEXES = (
    "CREATE INDEX states ON reservations (state, id)",
    "CREATE INDEX epochs ON reservations (epoch, id)",
    "CREATE INDEX nodes ON reservations USING gin (node_ids)",
    "VACUUM ANALYZE reservations",
)
_ON_NODE = "SELECT body FROM reservations WHERE node_ids @> ARRAY[%s] AND id >= %s"


class PostgresRows:
    """Reservations as JSONB documents with an index for each list that is measured.

    Every statement is prepared by the server and run on one connection over a socket of the machine; psycopg makes
    dictionaries of the documents. The indexes are made, and the planner's statistics, once the rows are there.

    Arguments:
        address: the words with which libpq reaches a database that is empty.
        rows: the reservations.
    """

    def __init__(self, address: str, rows: Iterable[Copy]) -> None:
        self._connection = psycopg.connect(address, autocommit=True)
        self._cursor = self._connection.cursor()
        self._cursor.execute(_TABLE)
        with self._cursor.copy("COPY reservations FROM STDIN") as copy:
            for row in rows:
                copy.write_row((row.id, row.state, row.epoch, list(row.node_ids), to_json(row.reservation)))
        for statement in _INDEXES:
            self._cursor.execute(statement)

    def __enter__(self) -> Self:
        """Return the rows themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self._connection.close()

    def get(self, reservation_id: int) -> dict[str, Any]:
        """Return a reservation as a dictionary."""
        return self._select("SELECT body FROM reservations WHERE id = %s", (reservation_id,))[0]

    def page_of_state(self, state: int, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations in a state, from an id on."""
        statement = "SELECT body FROM reservations WHERE state = %s AND id >= %s ORDER BY id LIMIT %s"
        return self._select(statement, (state, from_id, limit))

    def page_after_epoch(self, epoch: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations that were registered after a second."""
        return self._select(
            "SELECT body FROM reservations WHERE epoch > %s ORDER BY epoch, id LIMIT %s", (epoch, limit)
        )

    def page_of_node(self, node_id: str, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations on a node, from an id on."""
        return self._select(f"{_ON_NODE} ORDER BY id LIMIT %s", (node_id, from_id, limit))

    def poll(self, node_id: str, from_id: int) -> list[dict[str, Any]]:
        """Return what a node asks for: reservations in deploy or delete that it is on, from an id on."""
        return self._select(f"{_ON_NODE} AND state IN (3, 4) ORDER BY id", (node_id, from_id))

    def _select(self, statement: str, parameters: tuple[int | str, ...]) -> list[dict[str, Any]]:
        return [body for (body,) in self._cursor.execute(statement, parameters, prepare=True)]
