"""What a change may write, over the tables of either engine."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Conflict, InputError, NotFound
from . import _keys, _rows, _scan
from ._contract import Key, Record, SignatureUse, Transaction
from ._reader import TablesReader
from ._rows import Document, Lane, Row
from ._tables import (
    COUNTERS,
    DOCUMENTS,
    EPOCHS,
    HISTORY,
    NODE_NAMES,
    NODES,
    PENDING,
    RESERVATIONS,
    SIGNATURES,
    VALUES,
    WritableTables,
)
from ._writing import Writing

__all__ = ["EPOCH_COUNTER", "RESERVATION_COUNTER", "TablesTransaction", "intern"]

RESERVATION_COUNTER = "reservation"
"""The counter of reservation ids; never below the highest id that is stored."""

EPOCH_COUNTER = "epoch"
"""The counter of epochs; never below the highest epoch that is stored."""


class TablesTransaction(TablesReader, Transaction):
    """A transaction over a view of the tables that writes.

    Arguments:
        tables: the view.
        writing: the outermost transaction that the view is or is nested in, in which rows of lanes are left
            out to be written later; None where every row is written at once.
    """

    def __init__(self, tables: WritableTables, writing: Writing | None = None) -> None:
        super().__init__(tables, writing)
        self._writable = tables
        self._writing = writing
        self._kept = writing if writing is not None and writing.keeps_read else None

    def next_number(self, name: str) -> int:
        return self._set_number(name, self._stands(name) + 1)

    def raise_number(self, name: str, value: int) -> int:
        stands = self._stands(name)
        return self._set_number(name, value) if value > stands else stands

    def insert(self, record: Record) -> None:
        _rows.check_record(record)
        last_id, last_epoch = self._heights()
        self._refuse_disorder(record, last_id, last_epoch)
        if record.epoch > last_epoch:
            self._writable.put(*_rows.epoch_row(record))
        for table, row in _rows.moving_rows(record):
            self._writable.put(table, row)
        lanes = self._lanes(record)
        if self._writing is None or not self._writing.leaves_out(record.id, record.state, lanes):
            for table, row in _rows.lane_rows(record, lanes):
                self._writable.put(table, row)
        self._writable.put(RESERVATIONS, _keys.reservation(record.id), _rows.encode(record))
        self.raise_number(RESERVATION_COUNTER, record.id)
        self.raise_number(EPOCH_COUNTER, record.epoch)
        if self._kept is not None:
            self._kept.heights = record.id, record.epoch

    def rows_of(self, record: Record) -> list[Row]:
        """Return every row that a reservation has for itself; of those of its epoch only the first has one."""
        return [*_rows.moving_rows(record), *_rows.lane_rows(record, self._lanes(record))]

    def replace(self, record: Record) -> None:
        _rows.check_record(record)
        stored = self.get(record.id)
        if stored is None:
            raise NotFound(f"there is no reservation {record.id}")
        _refuse_new_facts(stored, record)
        if (stored.state, stored.deadline) != (record.state, record.deadline):
            self._move_rows(stored, record)
        self._writable.put(RESERVATIONS, _keys.reservation(record.id), _rows.encode(record))

    def enqueue(self, node_id: str, reservation_id: int, workload_id: int) -> None:
        _rows.check_reference(reservation_id, workload_id)
        number = _keys.read_node_number(self._node_lane(node_id)[1])
        self._writable.put(PENDING, _keys.pending(number, reservation_id, workload_id))

    def dequeue(self, node_id: str, reservation_id: int, workload_id: int) -> None:
        _rows.check_reference(reservation_id, workload_id)
        number = _scan.node_number(self._tables, self.counts, node_id)
        if number is not None:
            self._writable.delete(PENDING, _keys.pending(number, reservation_id, workload_id))

    def use_signature(self, tid: int, digest: bytes, use: SignatureUse) -> None:
        _rows.check_tid(tid)
        _rows.check_digest(digest)
        _rows.check_reference(use.reservation_id)
        earlier = self.signature_use(tid, digest)
        if earlier is None:
            self._writable.put(SIGNATURES, _keys.signature(tid, digest), _rows.encode(use))
        elif earlier != use:
            used = f"for {earlier.purpose} of reservation {earlier.reservation_id}"
            raise Conflict(
                f"this signature was used already, {used}; sign anew, with a signature that says what it is for"
            )

    def append_history(self, reservation_id: int, entry: bytes) -> None:
        _rows.check_reference(reservation_id)
        _rows.check_body(entry)
        self.counts.keys += 1
        last = self._tables.last(HISTORY, _keys.numbered(reservation_id + 1, 0))
        owner, sequence = _keys.read_numbered(last) if last else (0, 0)
        following = sequence + 1 if owner == reservation_id else 1
        self._writable.put(HISTORY, _keys.numbered(reservation_id, following), entry)

    def put_document(
        self,
        collection: str,
        key: Key,
        body: bytes,
        *,
        unique: Mapping[str, Key] | None = None,
        indexed: Mapping[str, Key] | None = None,
    ) -> None:
        _rows.check_body(body)
        encoded = _keys.document(collection, key)
        document = Document(body, dict(unique or {}), dict(indexed or {}))
        for twice in document.unique.keys() & document.indexed.keys():
            raise InputError(f"the index {twice!r} is given both as unique and as one that others may carry")
        rows = dict(_rows.value_rows(collection, key, document))
        self._refuse_taken(collection, key, document)
        self._drop_rows(collection, key, keep=rows)
        for row, mark in rows.items():
            self._writable.put(VALUES, row, mark)
        self._writable.put(DOCUMENTS, encoded, _rows.encode(document))
        self.raise_version(collection)

    def delete_document(self, collection: str, key: Key) -> bool:
        if not _keys.fits(key):
            return False
        self._drop_rows(collection, key, keep={})
        was_there = self._writable.delete(DOCUMENTS, _keys.document(collection, key))
        if was_there:
            self.raise_version(collection)
        return was_there

    def raise_version(self, collection: str) -> None:
        """Say that something of a collection changed."""
        self._writable.put(COUNTERS, _keys.version(collection), _keys.ID.pack(self.version(collection) + 1))

    def _set_number(self, name: str, value: int) -> int:
        key = _keys.text(name, "the counter's name", _keys.MAXIMUM_NAME)
        if value > _keys.MAXIMUM_NUMBER:
            raise InputError(f"{value} is more than the counter {name!r} can hold")
        self._writable.put(COUNTERS, key, _keys.ID.pack(value))
        if self._kept is not None:
            self._kept.numbers[name] = value
        return value

    def _stands(self, name: str) -> int:
        """Return a counter, read once for all changes of a commit."""
        if self._kept is None:
            return self.number(name)
        stands = self._kept.numbers.get(name)
        if stands is None:
            stands = self._kept.numbers[name] = self.number(name)
        return stands

    def _refuse_disorder(self, record: Record, last_id: int, last_epoch: int) -> None:
        """Refuse an id that is not above all others, or an epoch below the last: lists rely on their order."""
        if record.id <= last_id:
            if self._tables.get(RESERVATIONS, _keys.reservation(record.id)) is not None:
                raise Conflict(f"there is a reservation {record.id} already")
            raise Conflict(f"reservation {record.id} comes after {last_id} was stored; ids must rise")
        if record.epoch < last_epoch:
            raise Conflict(
                f"reservation {record.id} has epoch {record.epoch}, below {last_epoch}; epochs must not fall"
            )

    def _heights(self) -> tuple[int, int]:
        """Return the last id and the last epoch, read once for all changes of a commit; or 0, -1."""
        if self._kept is not None and self._kept.heights is not None:
            return self._kept.heights
        self.counts.keys += 2
        last, latest = self._tables.last(RESERVATIONS), self._tables.last(EPOCHS)
        return _keys.read_id(last) if last else 0, _keys.read_moment(latest)[0] if latest else -1

    def _move_rows(self, stored: Record, record: Record) -> None:
        """Move the rows of a state and a deadline; in a lane, one that was not written yet stays so."""
        before, after = set(_rows.moving_rows(stored)), set(_rows.moving_rows(record))
        for table, row in before - after:
            self._writable.delete(table, row)
        for table, row in after - before:
            self._writable.put(table, row)
        if stored.state != record.state:
            for lane in self._lanes(stored):
                if self._writable.delete(lane[0], _rows.lane_key(lane, stored.state, record.id)):
                    self._writable.put(lane[0], _rows.lane_key(lane, record.state, record.id))
            if self._writing is not None:
                self._writing.moved(record.id, record.state)

    def _lanes(self, record: Record) -> tuple[Lane, ...]:
        return _rows.lanes_of(record.customer_tid, [self._node_lane(node_id) for node_id in record.node_ids])

    def _node_lane(self, node_id: str) -> Lane:
        """Return the lane of a node, whose id is given a number where it is new."""
        if self._writing is None:
            return _rows.node_lane(intern(self._writable, node_id)[0])
        lane = self._writing.lane_of(node_id)
        if lane is None:
            number, is_new = intern(self._writable, node_id)
            lane = _rows.node_lane(number)
            self._writing.keep_lane(node_id, lane, is_new=is_new)
        return lane

    def _refuse_taken(self, collection: str, key: Key, document: Document) -> None:
        for index, carried in (*document.unique.items(), *document.indexed.items()):
            prefix = _keys.value_prefix(collection, index, carried)
            for row in _scan.rows_under(self._tables, self.counts, VALUES, prefix):
                other = _keys.read_value(row)[2]
                if other != key and (index in document.unique or self._tables.get(VALUES, row) == _rows.UNIQUE):
                    raise Conflict(f"{carried!r} is taken by document {other!r} of {collection!r}", path=index)
                if other != key:
                    break  # others carry it, and none of them alone

    def _drop_rows(self, collection: str, key: Key, keep: Mapping[bytes, bytes]) -> None:
        earlier = self._document(collection, key)
        if earlier is not None:
            for row, _ in _rows.value_rows(collection, key, earlier):
                if row not in keep:
                    self._writable.delete(VALUES, row)


def intern(tables: WritableTables, node_id: str) -> tuple[int, bool]:
    """Return the number that stands for a node id, and whether it was new and was given the next one.

    The number is read inside the transaction: another process may have given it out.
    """
    key = _keys.text(node_id, "the node id")
    known = tables.get(NODES, key)
    if known is not None:
        return _keys.read_node_number(known), False
    last = tables.last(NODE_NAMES)
    number = 1 if last is None else _keys.read_node_number(last) + 1
    encoded = _keys.node_number(number)
    tables.put(NODES, key, encoded)
    tables.put(NODE_NAMES, encoded, key)
    return number, True


def _refuse_new_facts(stored: Record, record: Record) -> None:
    pairs = {
        "epoch": (stored.epoch, record.epoch),
        "customer": (stored.customer_tid, record.customer_tid),
        "nodes": (sorted(stored.node_ids), sorted(record.node_ids)),
    }
    for what, (was, given) in pairs.items():
        if was != given:
            raise Conflict(
                f"the {what} of reservation {record.id} cannot change: {was!r} is stored, {given!r} was given"
            )
