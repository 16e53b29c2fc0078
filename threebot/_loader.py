"""The loader: manifests, then models, then actors; a package that fails becomes a record, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import Conflict, WorkloadManagerError
from ..schema import Registry
from ._discovery import OWN, Source, discover
from ._handle import WorkloadManager
from ._importing import actors_of, call_names, mount, unmount
from ._manifest import Manifest
from ._manifest_checks import read_manifest
from ._models import Models
from ._records import Records, Stage
from ._requirements import in_order, refuse_unmet
from ._watched import ActorClass

__all__ = ["Loaded", "Loader"]

_HOST = "the host"
_HOST_COLLECTIONS = dict.fromkeys(("user", "user_change", "farm", "node", "node_proof"), _HOST)
"""The bcdb collections of the phonebook and the directory, which no package may claim."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A package whose models and actors are loaded.

    Attributes:
        manifest: what it says of itself.
        module: the import name of its folder.
        mounted: whether that name was made for it, because it was given by path.
        actors: its actor classes by the name of their call.
    """

    manifest: Manifest
    module: str
    mounted: bool
    actors: Mapping[str, ActorClass]


class Loader:
    """Loads packages, and keeps what became of each.

    Arguments:
        clock: returns the current time in seconds since 1970, for relative dates in what is converted.
        besides: actors that run as part of this package, beside those of its folder.

    Attributes:
        records: what became of each package.
        packages: those that are loaded, each after those that it needs; this package is the first.
    """

    def __init__(self, clock: Callable[[], int], besides: Mapping[str, ActorClass] | None = None) -> None:
        self.records = Records()
        self.packages: list[Loaded] = []
        self._besides = besides or {}
        self._models = Models(clock)
        self._sources: dict[str, Source] = {}

    @property
    def registry(self) -> Registry:
        """The schemas of all packages that are loaded."""
        return self._models.registry

    def load(self, paths: Iterable[str | Path]) -> None:
        """Load this package, the installed ones, and those in some folders.

        Raises:
            SchemaError: this package itself does not load; the fault of any other is in its record.
        """
        own = self._found(OWN)
        if (error := self._load(own)) is not None:
            raise error
        for manifest in in_order(self._manifests(discover(paths, self.records)), self._fail_at_requirements):
            self._load(manifest)

    def runs(self, loaded: Loaded) -> None:
        """Record that a package runs."""
        manifest = loaded.manifest
        self.records.runs(manifest.name, manifest.root, manifest.version, tuple(loaded.actors))

    def fails(self, loaded: Loaded, error: WorkloadManagerError) -> None:
        """Record that a package's actors did not start, and forget its code."""
        self.packages.remove(loaded)
        self._fail(loaded.manifest, Stage.START, error)
        if loaded.mounted:
            unmount(loaded.module)

    def refuse_unmet(self, manifest: Manifest) -> None:
        """Refuse a package whose needs are not met, now.

        Raises:
            SchemaError: every need that is not met.
        """
        versions = {loaded.manifest.name: loaded.manifest.version for loaded in self.packages}
        reasons = {name: record.reason for name, record in self.records.items() if record.reason}
        refuse_unmet(manifest, versions, reasons)

    def unload(self) -> None:
        """Forget the code of the packages that were given by path."""
        for loaded in self.packages:
            if loaded.mounted:
                unmount(loaded.module)

    def _found(self, source: Source) -> Manifest:
        """Read the manifest of a package, and record that it was found."""
        manifest = read_manifest(source.root)
        self.records.found(manifest.name, manifest.root, manifest.version)
        self._sources[manifest.name] = source
        return manifest

    def _manifests(self, sources: Iterable[Source]) -> dict[str, Manifest]:
        """Read the manifests; the second of two packages with one name does not load."""
        manifests: dict[str, Manifest] = {}
        for source in sources:
            try:
                manifest = self._found(source)
            except WorkloadManagerError as error:
                self.records.fail(source.name, source.root, Stage.MANIFEST, error)
            else:
                manifests[manifest.name] = manifest
        return manifests

    def _load(self, manifest: Manifest) -> WorkloadManagerError | None:
        """Take a package through all stages, or record at which one it failed, and return the error."""
        source = self._sources[manifest.name]
        module, mounted = source.module, not source.module
        stage = Stage.MANIFEST
        try:
            self._refuse_claimed(manifest)
            stage = Stage.REQUIREMENTS
            self.refuse_unmet(manifest)
            stage = Stage.MODELS
            self._models.add(manifest)
            stage = Stage.ACTORS
            module = module or mount(manifest)
            actors = actors_of(manifest, module)
            if not self.packages:
                actors |= self._besides
            self._refuse_taken(actors)
        except WorkloadManagerError as error:
            self._models.drop(manifest)
            if mounted and module:
                unmount(module)
            self._fail(manifest, stage, error)
            return error
        except BaseException:
            if mounted and module:
                unmount(module)
            raise
        self.packages.append(Loaded(manifest, module, mounted, actors))
        return None

    def _fail(self, manifest: Manifest, stage: Stage, error: WorkloadManagerError) -> None:
        self.records.fail(manifest.name, manifest.root, stage, error, version=manifest.version)

    def _fail_at_requirements(self, manifest: Manifest, error: WorkloadManagerError) -> None:
        self._fail(manifest, Stage.REQUIREMENTS, error)

    def _refuse_claimed(self, manifest: Manifest) -> None:
        """Refuse a bcdb collection that is kept by somebody else."""
        others = {name: loaded.manifest.name for loaded in self.packages for name in loaded.manifest.collections}
        claimed = _HOST_COLLECTIONS | others
        for position, name in enumerate(manifest.collections):
            if name in claimed:
                raise Conflict(f'the bcdb "{name}" belongs to {claimed[name]} already', path=f"bcdbs[{position}].name")

    def _refuse_taken(self, actors: Mapping[str, ActorClass]) -> None:
        """Refuse a call whose name another package has, or the handle has for something else."""
        taken = {name: loaded.manifest.name for loaded in self.packages for name in call_names(loaded.actors)}
        for name in call_names(actors):
            if name in taken:
                raise Conflict(f'the call "{name}" is one of the package {taken[name]} already', path=f"actors.{name}")
            if self.packages and hasattr(WorkloadManager, name):
                message = f'the call "{name}" could not be reached: every handle has a "{name}" of its own; rename it'
                raise Conflict(message, path=f"actors.{name}")
