"""Makes every index again from the documents."""

from __future__ import annotations

import logging

from ..errors import Internal
from . import _keys, _rows
from ._contract import Progress
from ._progress import Steps
from ._tables import DOCUMENTS, INDEXES, NODE_NAMES, NODES, RESERVATIONS, VALUES, WritableTables
from ._transaction import EPOCH_COUNTER, RESERVATION_COUNTER, TablesTransaction, intern

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
    for key, stored in tables.items(RESERVATIONS):
        steps.step()
        try:
            record = _rows.decode_record(key, stored)
        except Internal as error:
            _log.warning("the indexes leave out a document: %s", error)
            continue
        numbers = [intern(tables, node_id) for node_id in record.node_ids]
        for table, row in _rows.index_rows(record, numbers):
            tables.put(table, row)
        transaction.raise_number(RESERVATION_COUNTER, record.id)
        transaction.raise_number(EPOCH_COUNTER, record.epoch)


def _index_documents(tables: WritableTables, steps: Steps) -> None:
    for key, stored in tables.items(DOCUMENTS):
        steps.step()
        try:
            document = _rows.decode_document(key, stored)
        except Internal as error:
            _log.warning("the indexes leave out a document: %s", error)
            continue
        for row, mark in _rows.value_rows(*_keys.read_document(key), document):
            tables.put(VALUES, row, mark)
