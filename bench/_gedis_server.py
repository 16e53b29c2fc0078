"""The subject of the server's benchmarks: the service, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from _sending import Address

__all__ = ["Served", "gedis_server"]

_PROGRAM = Path(__file__).with_name("_service.py")


class Served:
    """A service that answers.

    Arguments:
        process: runs the program, with pipes to it and from it.

    Attributes:
        address: host and port at which it answers.
        process_id: its process.

    Raises:
        EOFError: it did not start; it has said why.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._told, self._said = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        host, _, port = self._heard().partition(" ")
        self.address: Address = (host, int(port))
        self.process_id = process.pid

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Let a thread in the service's own process compute in Python without a pause, for a ``with`` block."""
        self._tell("compute")
        try:
            yield
        finally:
            self._tell("rest")

    def _tell(self, word: str) -> None:
        """Say what to do, and wait until it is done."""
        self._told.write(f"{word}\n")
        self._told.flush()
        self._heard()

    def _heard(self) -> str:
        line = self._said.readline()
        if not line:
            raise EOFError("the service has ended; what it said is above")
        return line.strip()


@contextmanager
def gedis_server(folder: Path) -> Iterator[Served]:
    """Start the service on a store, for a ``with`` block.

    Arguments:
        folder: the folder of the store, which no other part of this process has open.

    Raises:
        EOFError: it did not start; it has said why.
    """
    with subprocess.Popen(  # noqa: S603 - its arguments are ours
        [sys.executable, str(_PROGRAM), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Served(process)
        finally:
            process.terminate()  # on which it stops in order
