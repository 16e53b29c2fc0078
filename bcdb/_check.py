"""Compares a store with itself, in both directions: what each document needs, and what each row names."""

from __future__ import annotations

from collections.abc import Iterator

from . import _keys
from ._check_documents import check_documents
from ._check_nodes import check_node_names
from ._check_reservations import check_reservations
from ._check_rows import check_history, check_pending, check_signatures
from ._contract import Progress
from ._progress import Steps
from ._tables import DOCUMENTS, HISTORY, PENDING, RESERVATIONS, SIGNATURES, Tables

__all__ = ["check_tables"]


def check_tables(tables: Tables, progress: Progress | None = None) -> list[str]:
    """Return one sentence for each thing that does not agree.

    Arguments:
        tables: the view to check.
        progress: told of each document and row.
    """
    counted = (RESERVATIONS, DOCUMENTS, PENDING, SIGNATURES, HISTORY)
    steps = Steps(progress, sum(tables.count(table) for table in counted))
    names = check_node_names(tables)
    found = [
        *names.found,
        *check_reservations(tables, names.numbers, steps),
        *_as_far_as_readable(check_documents(tables, steps)),
        *_as_far_as_readable(check_pending(tables, names.names, steps)),
        *_as_far_as_readable(check_signatures(tables, steps)),
        *_as_far_as_readable(check_history(tables, steps)),
    ]
    steps.finish()
    return found


def _as_far_as_readable(sentences: Iterator[str]) -> Iterator[str]:
    """Yield the sentences of one part; where a key is damaged, that is the last of them."""
    try:
        yield from sentences
    except _keys.DamagedKeyError as error:
        yield f"{error}; what comes after it was not checked"
