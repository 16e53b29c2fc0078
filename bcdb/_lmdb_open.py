"""Opens the directory of a store, or makes it, and refuses what is not one of ours."""

from __future__ import annotations

from pathlib import Path

import lmdb

from ..errors import InputError, Unavailable
from ._keys import MARK
from ._lmdb import DATA_FILE, LmdbEngine
from ._lmdb_errors import refusal
from ._tables import COUNTERS, LAYOUT, RESERVATIONS, TABLES

__all__ = ["MAP_SIZE", "open_engine"]

MAP_SIZE = 1024**4
"""How large a store may become where nothing is said, in bytes: 1 TiB, which costs address space only."""

_META = b"meta"
_FORMAT_KEY, _FORMAT = b"format", b"workloadmanager.bcdb"
_LAYOUT_KEY = b"layout"
_WITHOUT_LATE_ROWS = "1"
"""The layout before this one: the same, but that every index row was written at once."""

_READERS = 1024


def open_engine(directory: Path, map_size: int = MAP_SIZE) -> LmdbEngine:
    """Open a store's directory; one that is not there is made, for its owner alone.

    Arguments:
        directory: where `data.mdb` and `lock.mdb` are.
        map_size: how large the store may become, in bytes.

    Raises:
        InputError: it is a file, holds another database, or a store of a newer layout.
        Unavailable: the disk refuses, or the file is damaged.
    """
    place = str(directory)
    try:
        _make(directory)
        environment = _open(directory, map_size)
    except (lmdb.Error, OSError) as error:
        raise refusal(error, place) from error
    try:
        _refuse_cut(environment, directory)
        handles = _recognise(environment, place)
        environment.reader_check()
    except BaseException as error:
        environment.close()
        if isinstance(error, (lmdb.Error, OSError)):
            raise refusal(error, place) from error
        raise
    return LmdbEngine(environment, handles, place)


def _make(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise InputError(f"{directory} is a file; name the directory that holds the store, or a new one")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)


def _open(directory: Path, map_size: int) -> lmdb.Environment:
    """Open the environment with LMDB's defaults for sync and metasync: what is committed is on disk."""
    return lmdb.open(
        str(directory),
        map_size=map_size,
        max_dbs=len(TABLES) + 1,
        max_readers=_READERS,
        mode=0o600,
        lib_version=0,
    )


def _refuse_cut(environment: lmdb.Environment, directory: Path) -> None:
    """Refuse a file that is shorter than its pages: reading past its end would kill the process."""
    expected = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    found = (directory / DATA_FILE).stat().st_size
    if found < expected:
        message = f"the store {directory} is cut short: {DATA_FILE} has {found} bytes of {expected}"
        raise Unavailable(f"{message}; load the last archive into a new directory")


def _recognise(environment: lmdb.Environment, place: str) -> dict[str, lmdb._Database]:
    """Return the handles of the tables; what is missing is made: all of a new store, or what `rebuild` then fills.

    Handles outlive only a transaction that may write, so this waits for one that another process has begun.
    """
    with environment.begin(write=True) as transaction:
        is_new = not transaction.stat()["entries"]
        layout = str(LAYOUT) if is_new else _layout(environment, transaction, place)
        handles = {table: environment.open_db(table.encode(), txn=transaction) for table in TABLES}
        if layout == _WITHOUT_LATE_ROWS:
            _mark_all_written(transaction, handles)
        if is_new or layout != str(LAYOUT):
            meta = environment.open_db(_META, txn=transaction)
            transaction.put(_FORMAT_KEY, _FORMAT, db=meta)
            transaction.put(_LAYOUT_KEY, str(LAYOUT).encode(), db=meta)
        return handles


def _mark_all_written(transaction: lmdb.Transaction[bytes], handles: dict[str, lmdb._Database]) -> None:
    """Take over a store of layout 1, which has every index row: say so, up to its last reservation."""
    with transaction.cursor(handles[RESERVATIONS]) as cursor:
        if cursor.last():
            transaction.put(MARK, cursor.key(), db=handles[COUNTERS])


def _layout(environment: lmdb.Environment, transaction: lmdb.Transaction[bytes], place: str) -> str:
    """Return the layout of an environment; one that is not ours, or of another layout than can be read, is refused.

    Nothing of it is changed.
    """
    try:
        meta = environment.open_db(_META, txn=transaction, create=False)
    except (lmdb.NotFoundError, lmdb.IncompatibleError):
        meta = None
    if meta is None or transaction.get(_FORMAT_KEY, db=meta) != _FORMAT:
        raise InputError(f"{place} holds an LMDB database of something else; name another directory")
    layout = (transaction.get(_LAYOUT_KEY, db=meta) or b"").decode(errors="replace")
    if layout not in (_WITHOUT_LATE_ROWS, str(LAYOUT)):
        message = f"the store {place} has layout {layout or 'unknown'}, and this version reads layout {LAYOUT}"
        raise InputError(f"{message}; install the version that wrote it, or load an archive of it into a new directory")
    return layout
