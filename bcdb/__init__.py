"""The document store: one contract, held to by a store in memory and one on LMDB.

``docs/store.md`` says what is guaranteed, how it is laid out, and what to do when something fails.
"""

from __future__ import annotations

from ._contract import (
    EVERYTHING,
    Change,
    Counts,
    Filter,
    Key,
    Progress,
    Reader,
    Record,
    SignatureUse,
    Statistics,
    Store,
    Transaction,
)
from ._lmdb_open import MAP_SIZE
from ._open import open_store
from ._tables import LAYOUT
from ._together import Together, once_together

__all__ = [
    "EVERYTHING",
    "LAYOUT",
    "MAP_SIZE",
    "Change",
    "Counts",
    "Filter",
    "Key",
    "Progress",
    "Reader",
    "Record",
    "SignatureUse",
    "Statistics",
    "Store",
    "Together",
    "Transaction",
    "once_together",
    "open_store",
]
