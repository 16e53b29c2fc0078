"""How much memory a process has for itself; what it maps of a file is not counted: the system takes that back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["CAN_MEASURE", "MEGABYTE", "Peak", "anonymous_bytes", "watched"]

MEGABYTE = 1024 * 1024

CAN_MEASURE = Path("/proc/self/status").exists()
"""Whether the system says what a process has; where it does not, there are no benchmarks of it."""

_PAUSE = 0.02
_FIELD = "RssAnon:"


def anonymous_bytes(process_id: int) -> int:
    """Return how many bytes of memory a process has that are no part of a file."""
    lines = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines()
    (kilobytes,) = (line.split()[1] for line in lines if line.startswith(_FIELD))
    return int(kilobytes) * 1024


class Peak:
    """The most memory that a process had while it was watched.

    Attributes:
        before: what it had first, in bytes.
        highest: the most that it was seen with.
    """

    def __init__(self, process_id: int) -> None:
        self._process_id = process_id
        self.before = self.highest = anonymous_bytes(process_id)

    @property
    def growth(self) -> int:
        """How many bytes that is more than at first."""
        return self.highest - self.before

    def look(self) -> None:
        """Look again."""
        self.highest = max(self.highest, anonymous_bytes(self._process_id))


@contextmanager
def watched(process_id: int) -> Iterator[Peak]:
    """Watch another process for a ``with`` block, fifty times a second."""
    peak, over = Peak(process_id), threading.Event()

    def watch() -> None:
        while not over.wait(_PAUSE):
            peak.look()

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
        peak.look()
