"""What a node agent has to know after a restart: a small file that is whole at every moment."""

from __future__ import annotations

import fcntl
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from ...errors import Conflict, InputError, Unavailable
from .._words import shown

__all__ = ["Journal", "Kept"]

_VERSION = 1


class Kept(msgspec.Struct):
    """A workload that the node has dealt with.

    Attributes:
        workload: the workload as plain data, as the server handed it out.
        state: what the node made of it: it runs, it failed, or it is deleted.
        until: when its time is over, in seconds since 1970.
        pending: whether the server has not acknowledged yet what the node has to report of it.
        result: the signed result that is to be reported; None for a deletion, and for what was acknowledged.
    """

    workload: dict[str, Any]
    state: Literal["runs", "failed", "deleted"]
    until: int
    pending: bool = True
    result: dict[str, Any] | None = None


class _Book(msgspec.Struct):
    """The content of the file."""

    node_id: str
    cursor: int = 0
    workloads: dict[str, Kept] = {}
    version: int = _VERSION


class _Version(msgspec.Struct):
    """What is read of a file before the rest."""

    version: int = 0


class Journal:
    """The cursor of a node, its workloads by their global id in the order of their deployment, and what waits.

    A save is on disk when it returns; whatever happens meanwhile, the file holds this save or the one before.

    Arguments:
        path: the file, which is made where it is not there; None keeps everything in memory.
        node_id: whose journal it is.

    Raises:
        Conflict: another agent uses it, or it is another node's.
        InputError: the file is no journal, or a newer version's.
        Unavailable: it cannot be read or written.
    """

    def __init__(self, path: str | Path | None, node_id: str) -> None:
        self._path = None if path is None else Path(path)
        self._book = _Book(node_id)
        self._saved = b""
        self._release: Callable[[], object] = _nothing
        if self._path is not None:
            self._lock(self._path)
            try:
                self._load(self._path, node_id)
            except BaseException:
                self._release()
                raise

    @property
    def cursor(self) -> int:
        """The reservation id from which the node polls."""
        return self._book.cursor

    @cursor.setter
    def cursor(self, cursor: int) -> None:
        self._book.cursor = cursor

    @property
    def workloads(self) -> dict[str, Kept]:
        """The workloads that the node has dealt with; what is changed here is kept by `save`."""
        return self._book.workloads

    def save(self) -> None:
        """Write the file, unless nothing changed.

        Raises:
            Unavailable: it cannot be written.
        """
        if self._path is None:
            return
        text = msgspec.json.format(msgspec.json.encode(self._book), indent=1)
        if text == self._saved:
            return
        try:
            _replace(self._path, text)
        except OSError as error:
            raise Unavailable(f"the journal {shown(str(self._path))} cannot be written: {error.strerror}") from error
        self._saved = text

    def close(self) -> None:
        """Let another agent use the file; closing twice is no error."""
        self._release()

    def _lock(self, path: Path) -> None:
        """Keep other agents out: two with one journal would do everything twice. The lock ends with the process."""
        try:
            descriptor = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unavailable(f"the journal {shown(str(path))} cannot be opened: {error.strerror}") from error
        self._release = weakref.finalize(self, os.close, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._release()
            raise Conflict(f"the journal {shown(str(path))} is used by another agent that runs") from error

    def _load(self, path: Path, node_id: str) -> None:
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise Unavailable(f"the journal {shown(str(path))} cannot be read: {error.strerror}") from error
        try:
            version = msgspec.json.decode(text, type=_Version).version
            if version > _VERSION:
                raise InputError(f"the journal {shown(str(path))} is of a newer version of this package")
            self._book = msgspec.json.decode(text, type=_Book)
        except msgspec.DecodeError as error:
            raise InputError(f"{shown(str(path))} is no journal of a node: {error}") from error
        if self._book.node_id != node_id:
            raise Conflict(f"the journal {shown(str(path))} is that of node {self._book.node_id}")
        self._saved = text


def _nothing() -> None:
    """Do what has to be done to let go of nothing."""


def _replace(path: Path, text: bytes) -> None:
    """Put a text in the place of a file in one step, so that a reader, or a crash, sees the old or the new one."""
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
