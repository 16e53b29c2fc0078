"""What tests share: a clean registry of actors after each, workload managers on either store, keys, a clock."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pykka
import pytest

import workloadmanager
from workloadmanager.actors import HOST, CallActor, Caller, Context, Request
from workloadmanager.bcdb import open_store
from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry
from workloadmanager.signing import Key
from workloadmanager.threebot import WorkloadManager, directory, phonebook

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout, whatever it is called."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def _no_actor_is_left_behind() -> Iterator[None]:
    """An actor that outlives its test is a fault of the test or of the stop that it tried."""
    yield
    left = [str(reference) for reference in pykka.ActorRegistry.get_all()]
    pykka.ActorRegistry.stop_all()
    assert not left, f"still running: {', '.join(left)}"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Programs that are started can be interrupted; those of a shell's background job would ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = 1_585_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the second at which it stands."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at a second of the year 2020."""
    return Clock()


@pytest.fixture(params=["memory", "lmdb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: in memory, and in a folder."""
    return ":memory:" if request.param == "memory" else str(tmp_path / "store")


@pytest.fixture
def start(clock: Clock) -> Iterator[Callable[..., WorkloadManager]]:
    """Start workload managers that stop with the test: ``start(path)``, in memory by default."""
    handles: list[WorkloadManager] = []

    def start_one(path: str | Path = ":memory:", **options: Any) -> WorkloadManager:
        handles.append(workloadmanager.start(path, **{"clock": clock, **options}))
        return handles[-1]

    yield start_one
    for handle in reversed(handles):
        handle.stop()


@pytest.fixture
def key() -> Callable[[int], Key]:
    """Make a numbered key pair, the same each time."""
    return lambda number: Key(number.to_bytes(32))


class Quick:
    """Phonebook and directory in memory without a host: each call's actor is started when it is asked first."""

    _calls: Mapping[str, type[CallActor]] = {**directory.CALLS, **phonebook.CALLS}

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self.store = open_store(":memory:")
        self.phonebook = phonebook.Phonebook(self.store, registry)
        self.directory = directory.Directory(self.store, registry, self.phonebook, clock)
        self._context = Context(self.store, registry, self.phonebook, self.directory, clock)
        self._actors: dict[str, pykka.ActorRef[Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return a call as a method, as the handle does."""
        return lambda **arguments: self.ask(name, arguments, HOST)

    def ask(self, name: str, arguments: Mapping[str, Any], caller: Caller, *, page_bytes: int = 0) -> Any:
        """Make a call as a session of a server does."""
        if name not in self._actors:
            self._actors[name] = self._calls[name].start(self._context)
        return self._actors[name].ask(Request(dict(arguments), caller, page_bytes=page_bytes), timeout=30)

    def stop(self) -> None:
        """Stop what was started; the store is sound then."""
        for actor in self._actors.values():
            actor.stop()
        assert self.store.check() == []
        self.store.close()


@pytest.fixture(scope="session")
def models() -> Registry:
    """The shipped models, read once."""
    registry = Registry()
    registry.add_folder(FOLDER)
    return registry


@pytest.fixture
def quick(models: Registry, clock: Clock) -> Iterator[Quick]:
    """An empty phonebook and an empty directory without a host, for tables of mistakes."""
    opened = Quick(models, clock)
    yield opened
    opened.stop()
