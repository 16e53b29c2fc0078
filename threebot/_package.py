"""The packages by their names, as in the original shell: `package.workloadmanager.start()`."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import Conflict, Unavailable, WorkloadManagerError
from ._discovery import OWN, Source, discover, folder_at
from ._handle import WorkloadManager
from ._host import start
from ._manifest_checks import read_manifest
from ._near_miss import near_miss
from ._records import PackageRecord, PackageStatus, Records, Stage

__all__ = ["J", "Package", "Packages", "j", "package"]


class Packages:
    """The packages of this process, each found by its name as an attribute.

    One workload manager runs for all of them: it is started by the first ``start()`` of any
    package, with every package that is installed or was added by then.
    """

    def __init__(self) -> None:
        self._added: list[Path] = []
        self._handle: WorkloadManager | None = None
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        """Say what there is, and how it is."""
        return f"<packages: {'; '.join(str(record) for record in self.list())}>"

    def __getattr__(self, name: str) -> Package:
        """Return a package by its name."""
        found = [] if name.startswith("_") else [record.name for record in self.list()]
        if name not in found:
            raise AttributeError(f'there is no package "{name}"{near_miss(name, found)}')
        return Package(self, name)

    def __dir__(self) -> Iterator[str]:
        """Name the packages too, for completion."""
        return iter({*super().__dir__(), *(record.name for record in self.list())})

    def add(self, path: str | Path) -> Package:
        """Add the package in a folder; it runs from the next start on.

        Raises:
            InputError: no folder can have this path.
            SchemaError: the folder has no manifest, or one with mistakes; all of them at once.
            Conflict: another package has its name.
        """
        root = folder_at(path)
        manifest = read_manifest(root)
        with self._lock:
            for record in self.list():
                if record.name == manifest.name and record.root != root:
                    raise Conflict(f'the name "{manifest.name}" is that of the package in {record.root}')
            if root not in self._added and root != OWN.root:
                self._added.append(root)
        return Package(self, manifest.name)

    def list(self) -> list[PackageRecord]:
        """Return a record of each package: what became of it, or that it was found and does not run yet."""
        with self._lock:
            records = Records()
            for source in [OWN, *discover(self._added, records)]:
                _record(source, records)
            if (handle := self._running()) is not None:
                for record in handle.packages.values():
                    records.keep(record)
            return list(records.values())

    def start(self, name: str, path: str | Path | None = None, **options: Any) -> WorkloadManager:  # noqa: ANN401
        """Start the workload manager for a package, or return the one that runs; see `Package.start`."""
        with self._lock:
            handle = self._running()
            if handle is not None and (path is not None or options):
                raise Conflict("the workload manager runs already; stop it before you start it with other options")
            started = handle is None
            if handle is None:
                more = options.pop("packages", ())
                handle = self._handle = start(path, packages=[*self._added, *more], **options)
            try:
                self._refuse_failed(handle, name)
            except WorkloadManagerError:
                if started:
                    handle.stop()
                raise
            return handle

    def stop(self) -> None:
        """Stop the workload manager; where none runs, nothing happens."""
        with self._lock:
            if self._handle is not None:
                self._handle.stop()
                self._handle = None

    def _running(self) -> WorkloadManager | None:
        return self._handle if self._handle is not None and self._handle.running else None

    def _refuse_failed(self, handle: WorkloadManager, name: str) -> None:
        record = handle.packages.get(name)
        if record is None:
            raise Conflict(f'"{name}" was added after the start: call package.{name}.stop(), and start again')
        if record.status is PackageStatus.FAILED:
            raise Unavailable(f'the package "{name}" does not run ({record.stage}): {record.reason}')


class Package:
    """One package of this process.

    Arguments:
        packages: all of them.
        name: its name.
    """

    def __init__(self, packages: Packages, name: str) -> None:
        self._packages = packages
        self._name = name

    def __repr__(self) -> str:
        """Say how it is."""
        return repr(self.record)

    @property
    def record(self) -> PackageRecord:
        """What became of it."""
        return next(record for record in self._packages.list() if record.name == self._name)

    def start(self, path: str | Path | None = None, **options: Any) -> WorkloadManager:  # noqa: ANN401 - those of `start`
        """Start the workload manager with all packages; where it runs already, return its handle.

        Arguments:
            path: the folder of the store, or ``:memory:``; a folder of the user's own data by default.
            options: the other arguments of `workloadmanager.start`.

        Raises:
            Conflict: it runs already and options were given, or this package was added after its start.
            Unavailable: this package does not run; the message says why.
            WorkloadManagerError: whatever `workloadmanager.start` raises.
        """
        return self._packages.start(self._name, path, **options)

    def stop(self) -> None:
        """Stop the workload manager, and with it all packages; where none runs, nothing happens."""
        self._packages.stop()


class _Threebot:
    """What the original shell calls ``j.threebot``."""

    def __init__(self, packages: Packages) -> None:
        self.package = packages

    def __repr__(self) -> str:
        return "<threebot: package>"


class J:
    """What the original shell calls ``j``: the root from which packages are reached."""

    def __init__(self, packages: Packages) -> None:
        self.threebot = _Threebot(packages)

    def __repr__(self) -> str:
        return "<j: threebot>"


def _record(source: Source, records: Records) -> None:
    """Record what the manifest of a package says, without running any of its code."""
    try:
        manifest = read_manifest(source.root)
        records.found(manifest.name, manifest.root, manifest.version)
    except WorkloadManagerError as error:
        records.fail(source.name, source.root, Stage.MANIFEST, error)


package = Packages()
"""The packages of this process: ``package.workloadmanager.start()``."""

j = J(package)
"""The same from the root of the original shell: ``j.threebot.package.workloadmanager.start()``."""
