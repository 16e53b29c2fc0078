"""A process that the demo starts: it is heard line by line, and ended by its own id."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from signal import Signals
from threading import Thread
from types import TracebackType
from typing import IO, Self, TypeVar

import msgspec

from .._words import in_line
from ._stage import Fault

__all__ = ["Child"]

T = TypeVar("T")

MERCY = 10.0


class Child:
    """A process of the demo, which has ended when its ``with`` block has.

    It is in a process group of its own: Ctrl-C on the terminal reaches the demo alone, which ends it then.

    Arguments:
        name: what messages call it.
        command: the program and its arguments.
        log: the file to which its stderr is added.
        mercy: how many seconds it has to end in order before it is ended on the spot.

    Raises:
        Fault: it could not be started.
    """

    def __init__(self, name: str, command: Sequence[str], *, log: Path, mercy: float = MERCY) -> None:
        self._name = name
        self._log = log
        self._mercy = mercy
        self._lines: SimpleQueue[str] = SimpleQueue()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("WORKLOADMANAGER_")}
        try:
            with log.open("ab") as stderr:
                self._process = subprocess.Popen(  # noqa: S603 - the demo's own programs
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=environment,
                    encoding="utf-8",
                    errors="replace",
                    process_group=0,
                )
        except OSError as error:
            raise Fault(f"{name} could not be started: {error.strerror}") from error
        self._reader = Thread(target=self._read, args=(self._process.stdout,), name=name, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        """Return the process itself, which runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it, with SIGTERM, or with SIGKILL where that does not do; one that has ended is left alone."""
        process = self._process
        try:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(self._mercy)
        finally:
            process.kill()
            process.wait()
            self._reader.join(self._mercy)
            with suppress(OSError):
                self._close_stdin()

    @property
    def number(self) -> int:
        """Its id."""
        return self._process.pid

    @property
    def backlog(self) -> int:
        """How many lines it has said that were not heard yet."""
        return self._lines.qsize()

    def send(self, number: Signals) -> None:
        """Send it a signal, if it still runs."""
        self._process.send_signal(number)

    def say(self, line: str) -> None:
        """Write it a line.

        Raises:
            Fault: it has ended.
        """
        stdin = self._process.stdin
        try:
            if stdin is not None:
                stdin.write(f"{line}\n")
                stdin.flush()
        except OSError as error:
            raise Fault(self._ended()) from error

    def hang_up(self) -> None:
        """Say that nothing more will be said."""
        with suppress(OSError):
            self._close_stdin()

    def hear(self, kind: type[T], *, within: float) -> T:
        """Return the next line that it says, which is JSON.

        Arguments:
            kind: what it should be.
            within: how many seconds it has.

        Raises:
            Fault: it said nothing in time, or something else, or has ended.
        """
        try:
            line = self._lines.get(timeout=within)
        except Empty:
            raise Fault(f"{self._name} said nothing within {within:g} seconds{self._last_words()}") from None
        if not line:
            raise Fault(self._ended())
        try:
            return msgspec.json.decode(line, type=kind)
        except msgspec.DecodeError as error:
            raise Fault(f"{self._name} says what nobody understands: {in_line(line)}") from error

    def wait(self, *, within: float) -> int:
        """Return its exit status, which is negative after a signal.

        Raises:
            Fault: it has not ended in time.
        """
        try:
            return self._process.wait(within)
        except subprocess.TimeoutExpired:
            raise Fault(f"{self._name} did not end within {within:g} seconds{self._last_words()}") from None

    def _read(self, stdout: IO[str]) -> None:
        with stdout:
            for line in stdout:
                self._lines.put(line)
        self._lines.put("")

    def _close_stdin(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _ended(self) -> str:
        return f"{self._name} ended, with status {self.wait(within=self._mercy)}{self._last_words()}"

    def _last_words(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        last = next((line for line in reversed(lines) if line.strip()), "")
        return f"; the last line of its log is: {in_line(last)}" if last else ""
