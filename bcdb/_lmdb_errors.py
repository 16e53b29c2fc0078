"""LMDB's errors in our words: what happened to the store, and what to do about it."""

from __future__ import annotations

import errno

import lmdb

from ..errors import Overloaded, Unavailable, WorkloadManagerError
from ._tables import ENDED

__all__ = ["refusal"]

_BY_KIND: tuple[tuple[type[lmdb.Error], str], ...] = (
    (lmdb.MapFullError, "is full: it reached the size that it was opened with; open it with a larger map_size"),
    (lmdb.InvalidError, "is no LMDB database, or its file is damaged; load the last archive into a new directory"),
    (lmdb.CorruptedError, "is damaged on disk; load the last archive into a new directory"),
    (lmdb.PageNotFoundError, "is damaged on disk; load the last archive into a new directory"),
    (lmdb.VersionMismatchError, "was written by another version of LMDB; open it with that one and export it"),
    (lmdb.PanicError, "stopped after a failed write; close it, look at the disk, and open it again"),
    (lmdb.MapResizedError, "was opened with a larger map_size by another process; open it again with that size"),
)

_BY_CODE = {
    errno.ENOSPC: "cannot be written: the disk is full; make room and try again",
    errno.EDQUOT: "cannot be written: the disk quota is used up; make room and try again",
    errno.EFBIG: "cannot be written: its file may not grow; raise the limit on file sizes and try again",
    errno.EIO: "cannot be read or written: the disk is full or fails; look at its free space and the system's log",
    errno.EACCES: "may not be opened by this user; give it the right to read and write there",
    errno.EPERM: "may not be opened by this user; give it the right to read and write there",
    errno.EROFS: "is on a disk that is mounted to be read only; mount it to be written, or move the store",
    errno.ENOTDIR: "is no directory; name the directory that holds the store, or a new one",
    errno.ENOENT: "is gone; somebody removed its directory or a part of its path",
    errno.ENOMEM: "got no memory from the system; give the process more, or a smaller map_size",
    errno.EAGAIN: "cannot be locked now; try again after a moment",
    errno.EMFILE: "cannot be opened: this process has too many open files; raise the limit",
}


def refusal(error: lmdb.Error | OSError, place: str) -> WorkloadManagerError:
    """Return the error of our family that says what LMDB or the system refused.

    Arguments:
        error: what was raised.
        place: the path of the store, as it was given.
    """
    if isinstance(error, lmdb.ReadersFullError):
        return Overloaded(f"the store {place} has too many readers at once; try again after a moment")
    if isinstance(error, lmdb.Error) and "closed/deleted/dropped" in str(error):
        return Unavailable(ENDED)
    for kind, sentence in _BY_KIND:
        if isinstance(error, kind):
            return Unavailable(f"the store {place} {sentence}")
    code = error.errno if isinstance(error, OSError) else getattr(error, "code", None)
    sentence = _BY_CODE.get(code or 0, f"does not answer: {error}")
    return Unavailable(f"the store {place} {sentence}")
