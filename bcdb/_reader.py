"""What a reader answers, over the tables of either engine."""

from __future__ import annotations

import logging
from collections.abc import Iterator

from ..errors import Internal
from . import _keys, _scan, _work
from ._contract import EVERYTHING, Counts, Filter, Key, Reader, Record, SignatureUse
from ._late import Late
from ._rows import Document, decode_document, decode_record, decode_use
from ._tables import COUNTERS, DEADLINES, DOCUMENTS, HISTORY, PENDING, RESERVATIONS, SIGNATURES, VALUES, Tables

__all__ = ["TablesReader"]

_log = logging.getLogger(__name__)

_NEXT = b"\0"
"""Behind a key, it makes the first one that comes after that."""


class TablesReader(Reader):
    """A reader over a view of the tables.

    Asking for what cannot be stored (an id below 1, a text that is too long) finds nothing and is no error.

    Arguments:
        tables: the view.
        late: where the ids are whose rows are not in the view yet; None where all rows are.
    """

    def __init__(self, tables: Tables, late: Late | None = None) -> None:
        self.counts = Counts()
        self._tables = tables
        self._late = late

    def forget(self) -> None:
        """Let go of what is kept for as long as a view may ask for it."""
        self._late = None

    def get(self, reservation_id: int) -> Record | None:
        if not 1 <= reservation_id <= _keys.MAXIMUM_NUMBER:
            return None
        key = _keys.reservation(reservation_id)
        stored = self._fetch(RESERVATIONS, key)
        return None if stored is None else decode_record(key, stored)

    def find(self, wanted: Filter = EVERYTHING) -> Iterator[Record]:
        counts = self.counts
        for key, stored in self._stored(wanted):
            if stored is None:
                counts.keys += 1
                continue
            counts.documents += 1
            try:
                record = decode_record(key, stored)
            except Internal as error:  # one damaged document never breaks a list; check() names it
                _log.warning("a list leaves out a document: %s", error)
                continue
            yield record

    def find_ids(self, wanted: Filter = EVERYTHING) -> Iterator[int]:
        yield from _scan.matching_ids(self._tables, self.counts, self._late, wanted)

    def pending(self, node_id: str) -> Iterator[tuple[int, int]]:
        number = _scan.node_number(self._tables, self.counts, node_id)
        if number is not None:
            for key in _scan.rows_under(self._tables, self.counts, PENDING, _keys.node_prefix(number)):
                _, reservation_id, workload_id = _keys.read_pending(key)
                yield reservation_id, workload_id

    def has_work(self, node_id: str, states: tuple[int, ...], from_id: int = 0) -> bool:
        return _work.has_work(self._tables, self.counts, self._late, node_id, states, from_id)

    def next_deadline(self) -> int:
        self.counts.keys += 1
        first = self._tables.seek(DEADLINES, b"")
        return 0 if first is None else _keys.read_moment(first)[0]

    def due(self, now: int) -> Iterator[int]:
        for key in self._tables.keys(DEADLINES):
            self.counts.keys += 1
            deadline, reservation_id = _keys.read_moment(key)
            if deadline > now:
                return
            yield reservation_id

    def signature_use(self, tid: int, digest: bytes) -> SignatureUse | None:
        if not _keys.is_tid(tid) or len(digest) != _keys.DIGEST:
            return None
        self.counts.keys += 1
        stored = self._tables.get(SIGNATURES, _keys.signature(tid, digest))
        return None if stored is None else decode_use(stored)

    def history(self, reservation_id: int) -> Iterator[bytes]:
        if not 1 <= reservation_id <= _keys.MAXIMUM_NUMBER:
            return
        prefix = _keys.reservation(reservation_id)
        for key, entry in self._tables.items(HISTORY, prefix):
            if not key.startswith(prefix):
                self.counts.keys += 1
                return
            self.counts.documents += 1
            yield entry

    def document(self, collection: str, key: Key) -> bytes | None:
        stored = self._document(collection, key)
        return None if stored is None else stored.body

    def documents(self, collection: str, *, after: Key | None = None) -> Iterator[tuple[Key, bytes]]:
        prefix = _keys.document_prefix(collection)
        start = prefix if after is None else _keys.document(collection, after) + _NEXT
        for key, stored in self._tables.items(DOCUMENTS, start):
            if not key.startswith(prefix):
                self.counts.keys += 1
                return
            self.counts.documents += 1
            try:
                document = decode_document(key, stored)
            except Internal as error:  # as in find
                _log.warning("a list leaves out a document: %s", error)
                continue
            yield _keys.read_document(key)[1], document.body

    def lookup(self, collection: str, index: str, value: Key, *, after: Key | None = None) -> Iterator[Key]:
        if _keys.fits(value):
            prefix = _keys.value_prefix(collection, index, value)
            start = prefix if after is None else _keys.value(collection, index, value, after) + _NEXT
            for key in _scan.rows_under(self._tables, self.counts, VALUES, prefix, start):
                yield _keys.read_value(key)[2]

    def number(self, name: str) -> int:
        self.counts.keys += 1
        stored = self._tables.get(COUNTERS, _keys.text(name, "the counter's name", _keys.MAXIMUM_NAME))
        return 0 if stored is None else _keys.read_id(stored)

    def version(self, collection: str) -> int:
        self.counts.keys += 1
        stored = self._tables.get(COUNTERS, _keys.version(collection))
        return 0 if stored is None else _keys.read_id(stored)

    def _stored(self, wanted: Filter) -> Iterator[tuple[bytes, bytes | None]]:
        """Return key and value of the reservations that a filter keeps, in id order."""
        if wanted.node_id or wanted.states or wanted.customer_tid is not None:
            ids = _scan.matching_ids(self._tables, self.counts, self._late, wanted)
            return self._tables.fetch(RESERVATIONS, map(_keys.ID.pack, ids))
        start = _scan.first_id(self._tables, self.counts, wanted)
        return iter(()) if start is None else self._tables.items(RESERVATIONS, _keys.reservation(start))

    def _document(self, collection: str, key: Key) -> Document | None:
        if not _keys.fits(key):
            return None
        encoded = _keys.document(collection, key)
        stored = self._fetch(DOCUMENTS, encoded)
        return None if stored is None else decode_document(encoded, stored)

    def _fetch(self, table: str, key: bytes) -> bytes | None:
        stored = self._tables.get(table, key)
        if stored is None:
            self.counts.keys += 1
        else:
            self.counts.documents += 1
        return stored
