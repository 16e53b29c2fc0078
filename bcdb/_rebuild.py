"""Makes every index again from the documents."""

from __future__ import annotations

import logging

from ..errors import Internal
from . import _keys, _rows
from ._contract import Progress
from ._late import write_mark
from ._progress import Steps
from ._tables import DOCUMENTS, INDEXES, NODE_NAMES, NODES, RESERVATIONS, VALUES, WritableTables
from ._transaction import EPOCH_COUNTER, RESERVATION_COUNTER, TablesTransaction

__all__ = ["rebuild_tables"]

_log = logging.getLogger(__name__)


def rebuild_tables(tables: WritableTables, progress: Progress | None = None) -> int:
    """Empty every index and fill it again; a document that cannot be read stays out of them.

    Arguments:
        tables: where to write; the caller commits.
        progress: told of each document.

    Returns:
        How many documents were read.
    """
    steps = Steps(progress, tables.count(RESERVATIONS) + tables.count(DOCUMENTS))
    for table in INDEXES:
        tables.clear(table)
    _pair_node_names(tables)
    _index_reservations(tables, steps)
    _index_documents(tables, steps)
    steps.finish()
    return steps.done


def _pair_node_names(tables: WritableTables) -> None:
    """Let both tables of node numbers say the same; a number that is in use never changes its name."""
    for number, name in tables.items(NODE_NAMES):
        tables.put(NODES, name, number)
    for name, number in tables.items(NODES):
        named = tables.get(NODE_NAMES, number)
        if named is None:
            tables.put(NODE_NAMES, number, name)
        elif named != name:
            tables.delete(NODES, name)


def _index_reservations(tables: WritableTables, steps: Steps) -> None:
    transaction = TablesTransaction(tables)
    last_id, last_epoch = 0, -1
    for key, stored in tables.items(RESERVATIONS):
        steps.step()
        last_id = _keys.read_id(key)
        try:
            record = _rows.decode_record(key, stored)
        except Internal as error:
            _log.warning("the indexes leave out a document: %s", error)
            continue
        for table, row in transaction.rows_of(record):
            tables.put(table, row)
        if record.epoch > last_epoch:
            tables.put(*_rows.epoch_row(record))
        last_epoch = record.epoch
        transaction.raise_number(RESERVATION_COUNTER, record.id)
        transaction.raise_number(EPOCH_COUNTER, record.epoch)
    write_mark(tables, last_id)


def _index_documents(tables: WritableTables, steps: Steps) -> None:
    collections: set[str] = set()
    for key, stored in tables.items(DOCUMENTS):
        steps.step()
        try:
            document = _rows.decode_document(key, stored)
        except Internal as error:
            _log.warning("the indexes leave out a document: %s", error)
            continue
        collection, own = _keys.read_document(key)
        collections.add(collection)
        for row, mark in _rows.value_rows(collection, own, document):
            tables.put(VALUES, row, mark)
    transaction = TablesTransaction(tables)
    for collection in collections:
        transaction.raise_version(collection)
