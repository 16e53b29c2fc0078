"""What the groups of one run share: its options, and stores that are filled once."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from _stores import Filled, Ours, Stores, fill, open_ours, open_stores

__all__ = ["Bench", "say"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of the benchmarks, as a group sees it.

    A store is made when a group first asks for it, and stays for the groups that follow. No two parts of a process can
    have one open, so a group opens what it needs and closes it. What writes comes after what reads.
    Stores may hold more of ours than of the peer's after that: who counts, counts what was added.

    Attributes:
        folder: where stores are made, on the disk that is to be measured.
        documents: how many reservations most benchmarks have stored before they begin.
        sizes: the sizes of store over which growth is measured, rising.
        rounds: how many rounds each benchmark has.
        share: how large the samples are: 1 for those that each benchmark names.
    """

    folder: Path
    documents: int
    sizes: tuple[int, ...]
    rounds: int
    share: float
    _filled: dict[int, Filled] = field(default_factory=dict)

    def filled(self, number: int | None = None) -> Filled:
        """Return a folder with a store of so many reservations, closed, for who opens it in another process.

        Arguments:
            number: how many; `documents` by default.
        """
        wanted = self.documents if number is None else number
        if wanted not in self._filled:
            say(f"storing {wanted:,} reservations")
            folder = self.folder / f"{wanted}-stored"
            folder.mkdir()
            self._filled[wanted] = fill(folder, wanted)
        return self._filled[wanted]

    @property
    def document_bytes(self) -> int:
        """The size of those documents on average; 0 while no store of them is made."""
        if self.documents not in self._filled:
            return 0
        facts = self._filled[self.documents].facts
        return round(facts.size / facts.number)

    def new_folder(self, name: str) -> Path:
        """Make a folder for something else on the same disk; a server that runs as another user may pass to it."""
        folder = self.folder / name
        folder.mkdir()
        return folder

    def ours(self, number: int | None = None) -> AbstractContextManager[Ours]:
        """Open our store of so many reservations, `documents` by default, for a ``with`` block."""
        return open_ours(self.filled(number))

    def stores(self) -> AbstractContextManager[Stores]:
        """Open our store of `documents` reservations and SQLite with the same, for a ``with`` block."""
        return open_stores(self.filled())


def say(text: str) -> None:
    """Tell who waits what is being done; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)
