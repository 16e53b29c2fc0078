"""What became of each package: a package that fails is a record with a reason, and the others run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ..errors import Conflict, Problem, WorkloadManagerError

__all__ = ["PackageRecord", "PackageStatus", "Records", "Stage"]


class PackageStatus(StrEnum):
    """Whether a package runs: ``found`` before the start, then ``running`` or ``failed``."""

    FOUND = "found"
    RUNNING = "running"
    FAILED = "failed"


class Stage(StrEnum):
    """How far a package came: ``manifest``, ``requirements``, ``models``, ``actors``, ``start``."""

    MANIFEST = "manifest"
    REQUIREMENTS = "requirements"
    MODELS = "models"
    ACTORS = "actors"
    START = "start"


@dataclass(frozen=True, slots=True, repr=False)
class PackageRecord:
    """One package that was found, and what became of it.

    Attributes:
        name: its name; the name of its folder where its manifest can not be read, or its name is taken.
        root: its folder.
        status: ``found``, ``running`` or ``failed``.
        stage: the stage that it came to: the one at which it failed, or ``start``, the last one.
        reason: why it does not run, in one sentence; empty where it does.
        errors: every mistake that was found, each with its place.
        version: its version, where its manifest could be read.
        calls: the names of the actors that it adds.
    """

    name: str
    root: Path
    status: PackageStatus
    stage: Stage
    reason: str = ""
    errors: tuple[Problem, ...] = ()
    version: str = ""
    calls: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return the line in brackets, for a prompt."""
        return f"<package {self}>"

    def __str__(self) -> str:
        """Return one line: the name, the version, and how it is."""
        title = f"{self.name} {self.version}".strip()
        return f"{title}: {self.status}" + (f" ({self.stage}): {self.reason}" if self.reason else "")


class Records(Mapping[str, PackageRecord]):
    """The records of all packages that were found, by name; of two with one name, the second by its whole path."""

    def __init__(self) -> None:
        self._records: dict[str, PackageRecord] = {}

    def __getitem__(self, name: str) -> PackageRecord:
        return self._records[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        return f"<packages: {'; '.join(str(record) for record in self.values()) or 'none'}>"

    def keep(self, record: PackageRecord) -> None:
        """Keep a record; a later one of the same package takes its place."""
        self._records[str(record.root) if self._is_taken(record.name, record.root) else record.name] = record

    def found(self, name: str, root: Path, version: str) -> None:
        """Record that a package was found.

        Raises:
            Conflict: another package has its name.
        """
        if self._is_taken(name, root):
            raise Conflict(f'the name "{name}" is that of the package in {self._records[name].root}')
        self.keep(PackageRecord(name, root, PackageStatus.FOUND, Stage.MANIFEST, version=version))

    def runs(self, name: str, root: Path, version: str, calls: tuple[str, ...]) -> None:
        """Record that a package runs."""
        self.keep(PackageRecord(name, root, PackageStatus.RUNNING, Stage.START, version=version, calls=calls))

    def fail(self, name: str, root: Path, stage: Stage, error: WorkloadManagerError, *, version: str = "") -> None:
        """Record that a package failed, with the error that stopped it."""
        errors = error.errors or (Problem(error.message, path=error.path),)
        self.keep(PackageRecord(name, root, PackageStatus.FAILED, stage, str(error), errors, version))

    def _is_taken(self, name: str, root: Path) -> bool:
        earlier = self._records.get(name)
        return earlier is not None and earlier.root != root
