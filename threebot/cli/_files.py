"""The FILE of a command: a path, or ``-`` for stdin and stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ...errors import Conflict, InputError, NotFound, Unavailable, WorkloadManagerError

__all__ = ["STANDARD", "new_file", "open_input", "open_output", "read_text"]

STANDARD = "-"
"""The name of stdin as an input, and of stdout as an output."""


def read_text(file: str) -> str:
    """Return the text of a file.

    Raises:
        NotFound: there is no such file.
        InputError: it holds no UTF-8 text.
        Unavailable: it cannot be read.
    """
    with open_input(file) as stream:
        data = stream.read()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{_named(file)} holds no UTF-8 text") from error


@contextmanager
def open_input(file: str) -> Iterator[BinaryIO]:
    """Open a file, or stdin, for reading.

    Raises:
        NotFound: there is no such file.
        Unavailable: it cannot be read.
    """
    if file == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        stream = Path(file).open("rb")  # noqa: SIM115 - what fails in the block that uses it is not of the opening
    except OSError as error:
        raise _translated(error, file, "read") from error
    with stream:
        yield stream


@contextmanager
def open_output(file: str) -> Iterator[BinaryIO]:
    """Open a new file for its owner only, or stdout, for writing; a file that was not finished is removed.

    Raises:
        Conflict: there is such a file already.
        Unavailable: it cannot be written.
    """
    if file == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(file)
    try:
        stream = new_file(path)
    except OSError as error:
        raise _translated(error, file, "written") from error
    try:
        with stream:
            yield stream
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def new_file(path: Path) -> BinaryIO:
    """Make a new file with mode 0600 and open it for writing.

    Raises:
        FileExistsError: there is one already; nothing is ever written over.
        OSError: it cannot be made.
    """
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _named(file: str) -> str:
    return "stdin" if file == STANDARD else file


def _translated(error: OSError, file: str, verb: str) -> WorkloadManagerError:
    if isinstance(error, FileNotFoundError) and verb == "read":
        return NotFound(f"there is no file {file}")
    if isinstance(error, FileExistsError):
        return Conflict(f"there is a file {file} already; choose another name, or move it away")
    return Unavailable(f"{file} cannot be {verb}: {error.strerror}")
