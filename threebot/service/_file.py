"""The files that an operator writes: read as TOML, with the place of every mistake."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import InputError, Problem, SchemaError
from .._manifest import RawManifest

__all__ = ["LARGEST", "Guard", "Toml", "read_bytes"]

LARGEST = 2**18
"""Bytes that such a file may have."""

Guard = Callable[[os.stat_result, Path], Problem | None]


class Toml:
    """A TOML file as it is written: its tables, not looked at yet.

    Attributes:
        source: the file, by the name that its mistakes are reported with.
        tables: the tables as plain data.
    """

    def __init__(self, raw: RawManifest) -> None:
        self._raw = raw
        self.source = raw.source
        self.tables: dict[str, Any] = dict(raw.tables)

    @classmethod
    def parse(cls, data: bytes, *, source: str, quote: bool = True) -> Toml:
        """Read the text of a file.

        Arguments:
            data: its bytes, UTF-8.
            source: its name.
            quote: whether a message may quote what is wrong.

        Raises:
            InputError: it is no UTF-8, or no TOML; with the line.
        """
        try:
            return cls(RawManifest.parse(data.decode("utf-8-sig"), source=source))
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            raise InputError.of([Problem("this is no UTF-8 text", source=source, line=line)]) from error
        except SchemaError as error:
            (problem,) = error.errors
            message = problem.message if quote else "this is not TOML"
            raise InputError.of([Problem(message, source=source, line=problem.line)]) from (error if quote else None)

    def problem(self, message: str, path: str = "") -> Problem:
        """Return a mistake at a path of this file, with the line where that is known."""
        return self._raw.problem(message, path)


def read_bytes(file: Path, what: str, *, guard: Guard | None = None) -> bytes:
    """Return what a file holds.

    Arguments:
        file: where it is.
        what: what it should hold, in a word.
        guard: looks at the state of the opened file before anything is read, and may refuse it.

    Raises:
        InputError: there is no such file, it is none that ends, is larger than 256 KiB, cannot be read, or the
            guard refused.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            problem = None if guard is None else guard(status, file)
            if not stat.S_ISREG(status.st_mode):
                problem = Problem(f"this is no file of {what}", source=str(file))
            data = b"" if problem else os.read(descriptor, LARGEST + 1)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise InputError.of([Problem(f"the {what} cannot be read: {error.strerror}", source=str(file))]) from error
    if len(data) > LARGEST:
        problem = Problem(f"this is larger than {LARGEST} bytes", source=str(file))
    if problem is not None:
        raise InputError.of([problem])
    return data
