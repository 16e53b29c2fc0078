"""Checks the reservations against their indexes, their order and their counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from ..errors import Internal
from . import _keys, _rows
from ._contract import Record
from ._late import read_mark
from ._progress import Steps
from ._rows import Row
from ._tables import COUNTERS, CUSTOMER_STATES, DEADLINES, EPOCHS, NODE_STATES, RESERVATIONS, STATES, Tables
from ._transaction import EPOCH_COUNTER, RESERVATION_COUNTER

__all__ = ["check_reservations"]

_INDEXES = (STATES, NODE_STATES, CUSTOMER_STATES, EPOCHS, DEADLINES)


def check_reservations(tables: Tables, numbers: Mapping[str, int], steps: Steps) -> list[str]:
    """Compare every reservation with the rows that it needs, and every row with the reservation that it names.

    Arguments:
        tables: the view to check.
        numbers: the number of each node id.
        steps: told of each reservation.
    """
    check = _ReservationCheck(tables, numbers)
    for key, stored in tables.items(RESERVATIONS):
        steps.step()
        check.reservation(key, stored)
    for table in _INDEXES:
        check.index(table)
    check.counter(RESERVATION_COUNTER, check.last_id)
    check.counter(EPOCH_COUNTER, check.last_epoch)
    return check.found


class _ReservationCheck:
    """What was found so far, and what is needed to go on."""

    def __init__(self, tables: Tables, numbers: Mapping[str, int]) -> None:
        self.found: list[str] = []
        self.last_id = 0
        self.last_epoch = -1
        self._mark = read_mark(tables)
        self._tables = tables
        self._numbers = numbers
        self._needed: Counter[str] = Counter()
        self._lacking: set[str] = set()

    def reservation(self, key: bytes, stored: bytes) -> None:
        """Check one reservation: readable, in order, and in every index."""
        try:
            record = _rows.decode_record(key, stored)
        except Internal as error:
            self.found.append(error.message)
            return
        if key != _keys.reservation(record.id):
            self.found.append(f"reservation {record.id} is stored under the id {_keys.read_id(key)}")
        if record.epoch < self.last_epoch:
            self.found.append(f"reservation {record.id} has an epoch below that of reservation {self.last_id}")
        for node_id in record.node_ids:
            if node_id not in self._numbers:
                self.found.append(f"node {node_id!r} of reservation {record.id} has no number; rebuild the indexes")
        self._rows(record)
        self.last_id, self.last_epoch = record.id, max(self.last_epoch, record.epoch)

    def _rows(self, record: Record) -> None:
        """Count the rows of a reservation that are there, and name those that lack though they must be there."""
        for table, row in self._rows_of(record):
            if self._tables.get(table, row) is not None:
                self._needed[table] += 1
            elif not self._may_lack(table, record):
                self._lacking.add(table)
                self.found.append(f"reservation {record.id} is not in the index {table}; rebuild the indexes")

    def _may_lack(self, table: str, record: Record) -> bool:
        """Return whether a row may be written late, or is of an epoch that has its one row already."""
        if table in (NODE_STATES, CUSTOMER_STATES):
            return record.id > self._mark
        return table == EPOCHS and record.epoch <= self.last_epoch

    def index(self, table: str) -> None:
        """Check the rows of an index; where none lacks and the number is right, none can be wrong."""
        if table in self._lacking or self._tables.count(table) != self._needed[table]:
            self.found.extend(self._wrong_rows(table))

    def counter(self, name: str, stored: int) -> None:
        """Check that a counter is not below what was stored with it."""
        value = self._tables.get(COUNTERS, name.encode())
        stands = 0 if value is None else _keys.read_id(value)
        if stands < stored:
            self.found.append(
                f"the counter {name} stands at {stands}, below {stored}, which is stored; rebuild the indexes"
            )

    def _wrong_rows(self, table: str) -> Iterator[str]:
        for row in self._tables.keys(table):
            reservation_id = _keys.read_id(row)
            record = self._record(reservation_id)
            if record is None:
                yield f"the index {table} names reservation {reservation_id}, which is not there; rebuild the indexes"
            elif (table, row) not in self._rows_of(record):
                yield f"the index {table} has reservation {reservation_id} where it is not; rebuild the indexes"

    def _record(self, reservation_id: int) -> Record | None:
        key = _keys.reservation(reservation_id)
        stored = self._tables.get(RESERVATIONS, key)
        try:
            return None if stored is None else _rows.decode_record(key, stored)
        except Internal:
            return None

    def _rows_of(self, record: Record) -> set[Row]:
        numbers = [self._numbers[node_id] for node_id in record.node_ids if node_id in self._numbers]
        lanes = _rows.lane_rows(record, _rows.lanes_of(record.customer_tid, map(_rows.node_lane, numbers)))
        return {*_rows.moving_rows(record), *lanes, _rows.epoch_row(record)}
