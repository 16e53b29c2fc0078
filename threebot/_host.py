"""The host: what `start` starts, in order, and stops in reverse."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, cast

import platformdirs

from ..actors import Context
from ..actors import Directory as AnyDirectory
from ..actors import Phonebook as AnyPhonebook
from ..bcdb import MAP_SIZE, open_store
from ..errors import InputError, WorkloadManagerError
from ._calls import Actors, Calls
from ._context import PackageContext
from ._handle import Parts, WorkloadManager
from ._importing import call_names
from ._loader import Loaded, Loader
from ._settings import read_settings
from ._stopper import Stopper
from ._supervisor import Pauses, Supervisor
from ._sweep import Alarm, Sweep
from ._watched import ActorClass
from ._words import shown
from .directory import CALLS as DIRECTORY_CALLS
from .directory import Directory
from .phonebook import CALLS as PHONEBOOK_CALLS
from .phonebook import Phonebook

if TYPE_CHECKING:
    from .gedis import Gedis

__all__ = ["Options", "default_path", "run", "start"]

SMALLEST_MAP = 1024**2
_SWEEP = "_sweep"
_ARGUMENTS = ("path", "phonebook", "directory", "clock", "packages", "timeout", "map_size", "gedis")


def start(
    path: str | Path | None = None,
    *,
    phonebook: AnyPhonebook | None = None,
    directory: AnyDirectory | None = None,
    clock: Callable[[], float] | None = None,
    packages: Iterable[str | Path] = (),
    timeout: float = 60.0,
    map_size: int = MAP_SIZE,
    gedis: str | Iterable[str] | Gedis | None = None,
    **settings: object,
) -> WorkloadManager:
    """Start the workload manager, with every package that is installed or named.

    Several may run in one process, each on a store of its own. One that is not stopped is stopped
    when the process ends, also where the handle was forgotten.

    Arguments:
        path: the folder of the store, which is made where it is not there; ``:memory:`` for a store that is
            forgotten; a folder of the user's own data by default.
        phonebook: a host's own phonebook; the one in the store by default.
        directory: a host's own directory; the one in the store by default.
        clock: returns the current time in seconds since 1970; the system's by default.
        packages: folders of further packages. One that fails is a record in ``packages`` of the handle.
        timeout: how many seconds a call waits for its answer.
        map_size: how large the store may become, in bytes; it costs address space only.
        gedis: where to serve the calls to other processes, as ``tcp://127.0.0.1:8901``: one address or several,
            or a `workloadmanager.threebot.gedis.Gedis` with further options; nowhere by default.
        settings: the operator's settings, instead of those in package.toml (``docs/operating.md``).

    Returns:
        The handle.

    Raises:
        InputError: an argument or a setting does not fit; all mistakes at once.
        SchemaError: this package itself does not load.
        Conflict: the store is open in this process already, or something else listens at an address.
        Unavailable: the store can not be opened, or an actor or a server does not start; the message has the
            cause, and what had been started is stopped again.
    """
    options = Options(
        path=path,
        phonebook=phonebook,
        directory=directory,
        clock=clock or time.time,
        packages=packages,
        timeout=timeout,
        map_size=map_size,
        gedis=gedis,
        settings=settings,
    )
    return run(options)


def default_path() -> Path:
    """Return the folder of the store that is used where none is named: in the user's own data."""
    return platformdirs.user_data_path("workloadmanager") / "bcdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a start is given: the arguments of `start`, and how long to wait before an actor is started again."""

    path: str | Path | None = None
    phonebook: AnyPhonebook | None = None
    directory: AnyDirectory | None = None
    clock: Callable[[], float] = time.time
    packages: Iterable[str | Path] = ()
    timeout: float = 60.0
    map_size: int = MAP_SIZE
    gedis: object = None
    settings: Mapping[str, object] = field(default_factory=dict)
    pauses: Pauses = field(default_factory=Pauses)

    def __post_init__(self) -> None:
        """Check what would be a puzzle later."""
        if not isinstance(self.path, str | Path | None):
            raise InputError(f"give the folder of the store as a text or a Path, not {shown(self.path)}", path="path")
        if isinstance(self.packages, str | Path | bytes) or not isinstance(self.packages, Iterable):
            raise InputError("give the folders of packages as a list", path="packages")
        object.__setattr__(self, "packages", tuple(self.packages))
        for position, folder in enumerate(self.packages):
            if not isinstance(folder, str | Path):
                raise InputError(
                    f"give the folder of a package as a text or a Path, not {shown(folder)}",
                    path=f"packages[{position}]",
                )
        if not _is_duration(self.timeout):
            raise InputError(
                f"give the seconds to wait for an answer, more than 0, not {self.timeout!r}", path="timeout"
            )
        if not _is_size(self.map_size):
            raise InputError(
                f"give the bytes that the store may grow to, {SMALLEST_MAP} or more, not {self.map_size!r}",
                path="map_size",
            )
        if self.gedis is not None:
            object.__setattr__(self, "gedis", _read_gedis(self.gedis))


def _read_gedis(given: object) -> Gedis:
    """Return how to serve. What serves is imported for those alone who want it: it needs more than the rest."""
    from .gedis import Gedis

    if importlib.util.find_spec("hiredis") is None:
        raise InputError("to serve gedis, install what it needs: pip install 'workloadmanager[gedis]'", path="gedis")
    return Gedis.of(given)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= SMALLEST_MAP


def run(options: Options) -> WorkloadManager:
    """Start everything in order; what was started is stopped again where a later step fails."""
    place = _place(options.path)

    def clock() -> int:
        return int(options.clock())

    stopper = Stopper()
    try:
        loader = Loader(clock, _kept_calls(options))
        stopper.then(loader.unload)
        loader.load(options.packages)
        own = loader.packages[0].manifest
        settings = read_settings(own.settings, options.settings, _ARGUMENTS)
        store = open_store(place, map_size=options.map_size)
        stopper.then(store.close)
        phonebook = options.phonebook
        if phonebook is None:
            phonebook = Phonebook(store, loader.registry)
        directory = options.directory
        if directory is None:
            directory = Directory(store, loader.registry, phonebook, clock)
        supervisor = Supervisor(options.pauses, stopper.stop_unless_stopping)
        stopper.then(supervisor.stop)
        aliases = {alias: name for loaded in loader.packages for alias, name in call_names(loaded.actors).items()}
        actors = Actors(supervisor.actors, aliases)
        calls = Calls(actors, options.timeout)
        stopper.then(calls.close)
        alarm = Alarm(lambda: supervisor.tell(_SWEEP))
        context = Context(store, loader.registry, phonebook, directory, clock, settings, alarm.note)
        _start_packages(loader, supervisor, context, calls)
        supervisor.start(_SWEEP, Sweep, context, alarm)
        addresses = _serve(options, loader, context, calls, supervisor, stopper)
    except BaseException:
        stopper.stop()
        raise
    return WorkloadManager(
        Parts(
            place=place,
            store=store,
            registry=loader.registry,
            phonebook=phonebook,
            directory=directory,
            records=loader.records,
            actors=actors,
            calls=calls,
            addresses=addresses,
            restarts=lambda: supervisor.restarts,
            stopper=stopper,
        )
    )


def _kept_calls(options: Options) -> Mapping[str, ActorClass]:
    """Return the calls of the phonebook and the directory that are kept in the store; a host's own has its own."""
    directory = {} if options.directory is not None else DIRECTORY_CALLS
    phonebook = {} if options.phonebook is not None else PHONEBOOK_CALLS
    return {**directory, **phonebook}


def _serve(
    options: Options, loader: Loader, context: Context, calls: Calls, supervisor: Supervisor, stopper: Stopper
) -> Callable[[], tuple[str, ...]]:
    """Serve the calls where that is wanted; return what returns the addresses."""
    if options.gedis is None:
        return tuple
    from .gedis._start import start_server

    own, *others = loader.packages
    server = start_server(
        cast("Gedis", options.gedis),
        context=context,
        calls=calls,
        supervisor=supervisor,
        version=own.manifest.version,
        packages=[(f"{each.manifest.threebot}.{each.manifest.name}", each.actors) for each in others],
    )
    stopper.then(server.stop)
    return lambda: server.addresses


def _is_duration(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= threading.TIMEOUT_MAX


def _place(path: str | Path | None) -> str:
    """Return where the store is, as `open_store` takes it; a leading ``~`` is the user's home."""
    if path is None:
        return str(default_path())
    text = str(path)
    try:
        return str(Path(text).expanduser()) if text.startswith("~") else text
    except RuntimeError as error:
        raise InputError(f"there is no home of the user that {shown(text)} begins with", path="path") from error


def _start_packages(loader: Loader, supervisor: Supervisor, context: Context, calls: Calls) -> None:
    """Start the actors of this package, then those of the others; one that does not start becomes a record.

    Raises:
        Unavailable: an actor of this package does not start.
    """
    own, *others = loader.packages
    for name, actor_class in own.actors.items():
        supervisor.start(name, actor_class, context)
    loader.runs(own)
    for loaded in others:
        manifest = loaded.manifest
        package_context = PackageContext.of(context, manifest, calls)
        try:
            loader.refuse_unmet(manifest)  # a package that it needs may have failed a moment ago
            _start_package(supervisor, loaded, package_context)
        except WorkloadManagerError as error:
            loader.fails(loaded, error)
        else:
            loader.runs(loaded)


def _start_package(supervisor: Supervisor, loaded: Loaded, context: PackageContext) -> None:
    """Start all actors of a package, or none."""
    try:
        for name, actor_class in loaded.actors.items():
            supervisor.start(name, actor_class, context)
    except WorkloadManagerError:
        supervisor.stop_actors(list(loaded.actors))
        raise
