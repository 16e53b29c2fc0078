"""The peer of signing: a program that keeps reservations in PostgreSQL and counts farmers' signatures."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from queue import SimpleQueue
from typing import Any, NamedTuple, Self

import psycopg
from _stores import Copy
from nacl.signing import VerifyKey
from psycopg.types.json import Jsonb

from workloadmanager.rules import NextAction, Purpose, signed_bytes
from workloadmanager.schema import to_json

__all__ = ["PostgresSigner", "Signing"]

Connection = psycopg.Connection[tuple[Any, ...]]


class Signing(NamedTuple):
    """What a farmer sends: the reservation, and a bound signature as hex text."""

    reservation_id: int
    signature: str


class PostgresSigner:
    """Verifies a farmer's signature and stores it, each in one transaction; every caller has a connection of its own.

    Arguments:
        address: the words with which libpq reaches the table ``reservations``.
        callers: how many there are at most.
        tid: the threebot id of the farmer.
        public_key: the farmer's key as hex text.
    """

    def __init__(self, address: str, callers: int, *, tid: int, public_key: str) -> None:
        self._connections: SimpleQueue[Connection] = SimpleQueue()
        self._tid = tid
        self._key = VerifyKey(bytes.fromhex(public_key))
        self._open = ExitStack()
        for _ in range(callers):
            self._connections.put(self._open.enter_context(psycopg.connect(address, autocommit=True)))

    def __enter__(self) -> Self:
        """Return the signer itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._open.close()

    def sign(self, sent: Signing) -> None:
        """Verify a signature, append it, and move the reservation on to deploy.

        Raises:
            nacl.exceptions.BadSignatureError: it does not verify.
        """
        connection = self._connections.get()
        try:
            with connection.transaction():
                self._sign(connection, sent)
        finally:
            self._connections.put(connection)

    def add(self, rows: Iterable[Copy]) -> None:
        """Store more reservations."""
        connection = self._connections.get()
        statement = "INSERT INTO reservations (id, state, epoch, node_ids, body) VALUES (%s, %s, %s, %s, %s)"
        with connection.cursor() as cursor:
            values = [(row.id, row.state, row.epoch, list(row.node_ids), to_json(row.reservation)) for row in rows]
            cursor.executemany(statement, values)
        self._connections.put(connection)

    def count(self, state: NextAction) -> int:
        """Return how many reservations are in a state."""
        connection = self._connections.get()
        found = connection.execute("SELECT count(*) FROM reservations WHERE state = %s", (int(state),)).fetchone()
        self._connections.put(connection)
        return 0 if found is None else int(found[0])

    def _sign(self, connection: Connection, sent: Signing) -> None:
        select = "SELECT body FROM reservations WHERE id = %s AND state = 2 FOR UPDATE"
        found = connection.execute(select, (sent.reservation_id,), prepare=True).fetchone()
        if found is None:
            raise LookupError(f"reservation {sent.reservation_id} does not wait for a farmer")
        body: dict[str, Any] = found[0]
        message = signed_bytes(
            "bound", json=body["json"], purpose=Purpose.farmer, reservation_id=sent.reservation_id, tid=self._tid
        )
        self._key.verify(message, bytes.fromhex(sent.signature))
        entry = {"tid": self._tid, "signature": sent.signature, "epoch": int(time.time())}
        body["signatures_farmer"].append(entry)
        body["next_action"] = int(NextAction.deploy)
        update = "UPDATE reservations SET state = %s, body = %s WHERE id = %s"
        connection.execute(update, (body["next_action"], Jsonb(body), sent.reservation_id), prepare=True)
