"""Checks the documents of collections against their index."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Internal
from . import _keys, _rows
from ._contract import Key
from ._progress import Steps
from ._rows import Document
from ._tables import DOCUMENTS, VALUES, Tables

__all__ = ["check_documents"]


def check_documents(tables: Tables, steps: Steps) -> Iterator[str]:
    """Compare every document with the rows that it needs, and every row with the document that it names.

    Arguments:
        tables: the view to check.
        steps: told of each document.

    Yields:
        One sentence for each thing that does not agree.
    """
    needed = 0
    lacking = False
    for key, stored in tables.items(DOCUMENTS):
        steps.step()
        try:
            document = _rows.decode_document(key, stored)
        except Internal as error:
            yield error.message
            continue
        rows = dict(_rows.value_rows(*_keys.read_document(key), document))
        needed += len(rows)
        for found in _lacking_rows(tables, key, rows):
            lacking = True
            yield found
        yield from _taken_twice(tables, key, document)
    if lacking or tables.count(VALUES) != needed:
        yield from _wrong_rows(tables)


def _lacking_rows(tables: Tables, key: bytes, rows: dict[bytes, bytes]) -> Iterator[str]:
    for row, mark in rows.items():
        if tables.get(VALUES, row) != mark:
            yield f"{_named(key)} is not in its index {_keys.read_value(row)[1]!r}; rebuild the indexes"


def _taken_twice(tables: Tables, key: bytes, document: Document) -> Iterator[str]:
    collection, own = _keys.read_document(key)
    for index, carried in document.unique.items():
        prefix = _keys.value_prefix(collection, index, carried)
        for row in tables.keys(VALUES, prefix):
            if not row.startswith(prefix):
                break
            other: Key = _keys.read_value(row)[2]
            if other != own:
                yield f"{_named(key)} and document {other!r} both carry {carried!r}, which is unique in {index!r}"


def _wrong_rows(tables: Tables) -> Iterator[str]:
    for row in tables.keys(VALUES):
        collection, index, own = _keys.read_value(row)
        key = _keys.document(collection, own)
        stored = tables.get(DOCUMENTS, key)
        if stored is None:
            yield f"the index {index!r} names {_named(key)}, which is not there; rebuild the indexes"
        elif row not in _own_rows(key, stored):
            yield f"the index {index!r} has {_named(key)} where it is not; rebuild the indexes"


def _own_rows(key: bytes, stored: bytes) -> dict[bytes, bytes]:
    try:
        return dict(_rows.value_rows(*_keys.read_document(key), _rows.decode_document(key, stored)))
    except Internal:
        return {}


def _named(key: bytes) -> str:
    collection, own = _keys.read_document(key)
    return f"document {own!r} of {collection!r}"
