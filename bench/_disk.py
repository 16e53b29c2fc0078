"""The peer of everything durable: what the disk does when nothing but a sync is asked of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

from _rounds import Work

__all__ = ["syncing"]

_BLOCK = bytes(4096)
_BLOCKS = 256

_sync = getattr(os, "fdatasync", os.fsync)  # macOS has the slower of them alone


@contextmanager
def syncing(folder: Path) -> Iterator[Work]:
    """Yield the work of writing over 4 KB of a file that has its size, and waiting until the disk has them.

    Arguments:
        folder: a folder on the disk that is to be measured.
    """
    path = folder / "synced"
    path.write_bytes(_BLOCK * _BLOCKS)
    file = os.open(path, os.O_RDWR)
    os.fsync(file)

    def work(operations: int) -> Callable[[], object]:
        places = list(islice(cycle(range(0, len(_BLOCK) * _BLOCKS, len(_BLOCK))), operations))

        def perform() -> None:
            for place in places:
                os.pwrite(file, _BLOCK, place)
                _sync(file)

        return perform

    try:
        yield work
    finally:
        os.close(file)
        path.unlink()
