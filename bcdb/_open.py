"""Opens a store by its path."""

from __future__ import annotations

import os
import re
from pathlib import Path
from threading import Lock
from weakref import WeakValueDictionary

from ..errors import Conflict, InputError
from ._contract import Store
from ._lmdb import DATA_FILE
from ._lmdb_open import MAP_SIZE, open_engine
from ._memory import MEMORY, MemoryEngine
from ._store import TablesStore
from ._writer import WAITING, Writer

__all__ = ["open_store"]

_one_opens = Lock()
_in_use: WeakValueDictionary[tuple[int, int], Writer] = WeakValueDictionary()
"""The writers of this process by device and inode of their data file."""


def open_store(path: str | Path, *, map_size: int = MAP_SIZE, waiting: int = WAITING) -> Store:
    """Open a store, or make a new one.

    Arguments:
        path: a directory, which is made where it is not there; ``:memory:`` for a store that the process forgets.
        map_size: how large the store on disk may become, in bytes; it costs address space only.
        waiting: how many changes may wait before more are refused with `Overloaded`.

    Raises:
        InputError: the path is empty, a file, or of a kind of store that there is not; the directory holds
            another database or a store of a newer layout.
        Conflict: this process has the store open already.
        Unavailable: the disk refuses, or the store is damaged; the sentence says what to do.
    """
    named = str(path)
    if named == MEMORY:
        return TablesStore(MemoryEngine(), waiting=waiting)
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", named)
    if scheme:
        raise InputError(f"this version has no {scheme[1]} store; name a directory, or {MEMORY}")
    if not named or "\0" in named:
        raise InputError(f"a store needs a path: a directory, or {MEMORY}")
    with _one_opens:
        return _open_directory(Path(path), map_size, waiting)


def _open_directory(directory: Path, map_size: int, waiting: int) -> Store:
    _refuse_open(directory)
    store = TablesStore(open_engine(directory, map_size), waiting=waiting)
    identity = _identity(directory)
    if identity is not None:
        _in_use[identity] = store.writer
    return store


def _refuse_open(directory: Path) -> None:
    """Refuse a directory that is open; wait for one that is being closed, as LMDB opens a file once a process."""
    identity = _identity(directory)
    writer = _in_use.get(identity) if identity else None
    if writer is None:
        return
    if writer.process != os.getpid():
        writer.abandon()
    elif writer.stopping:
        writer.stop(wait=True)
    else:
        raise Conflict(f"the store {directory} is open in this process already; use that one, or close it first")


def _identity(directory: Path) -> tuple[int, int] | None:
    try:
        found = (directory / DATA_FILE).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
