"""What the tests of frames and sessions share: commands as bytes, replies as values, and sessions without a server."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import hiredis

from workloadmanager.actors import CALLS, Caller
from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry
from workloadmanager.threebot import WorkloadManager, directory, phonebook
from workloadmanager.threebot.gedis._ask import Ask
from workloadmanager.threebot.gedis._limits import Limits
from workloadmanager.threebot.gedis._names import Names
from workloadmanager.threebot.gedis._secrets import Secrets
from workloadmanager.threebot.gedis._services import Services
from workloadmanager.threebot.gedis._session import OTHER_NAMES, Session

GET = "tfgrid.workloads.workload_manager.reservation_get"
LIST = "tfgrid.workloads.workload_manager.reservation_list"
POLL = "tfgrid.workloads.workload_manager.workloads_list"
RESULT = "tfgrid.workloads.workload_manager.set_workload_result"
DELETED = "tfgrid.workloads.workload_manager.workload_deleted"
REGISTER = "tfgrid.workloads.workload_manager.reservation_register"

NOW = 1_600_000_000
SECRETS = {
    "operator": "the-secret-of-the-operator",
    "node:node-1": "secret.of.node.number.1",
    "user:7": "secret_of_user~007.of.7",
}

Word = str | bytes


def pack(*words: Word) -> bytes:
    """Return a command as its bytes."""
    encoded = [_bytes(word) for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in encoded)


def read(data: bytes) -> Any:
    """Return the value of a reply; of an error, the error as it is. There is exactly one, and nothing behind it."""
    reader = hiredis.Reader()
    reader.feed(data)
    value = reader.gets()
    assert value is not False, f"no whole reply: {data!r}"
    assert reader.gets() is False
    assert not reader.has_data()
    return value


def refusal(data: bytes) -> dict[str, Any]:
    """Return what an error says: it is one line of ASCII, with a JSON object."""
    assert data.startswith(b"-ERR {"), data
    assert data.endswith(b"}\r\n")
    assert data.count(b"\n") == data.count(b"\r") == 1
    facts: dict[str, Any] = json.loads(data[5:].decode("ascii"))
    return facts


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    now: int = NOW

    def __call__(self) -> int:
        """Return the second at which it stands."""
        return self.now


@dataclass
class Talk:
    """A session and its other side, with the actors of a host where there is one."""

    is_open: bool = True
    peer: str = "192.0.2.1:4000"
    clock: Clock = field(default_factory=Clock)
    secrets: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    manager: WorkloadManager | None = None
    services: Services | None = None
    session: Session = field(init=False)

    def __post_init__(self) -> None:
        """Connect."""
        if self.services is None:
            self.services = make_services(self)
        self.session = Session(self.services, peer=self.peer, is_open=self.is_open)

    @property
    def caller(self) -> str:
        """Who the session speaks for."""
        return str(self.session.caller)

    def again(self, peer: str = "") -> Talk:
        """Return another connection to the same server."""
        return Talk(self.is_open, peer or self.peer, self.clock, services=self.services, manager=self.manager)

    def raw(self, *words: Word) -> bytes | Ask:
        """Return what the session makes of a command."""
        return self.session.handle([_bytes(word) for word in words])

    def asked(self, *words: Word) -> Ask:
        """Return what the session asks an actor; everything else is a failure."""
        made = self.raw(*words)
        assert isinstance(made, Ask), made
        return made

    def arguments(self, *words: Word) -> dict[str, Any]:
        """Return the arguments with which the session asks an actor."""
        return dict(self.asked(*words).request.arguments)

    def asks_as(self, *words: Word) -> Caller:
        """Return on whose behalf the session asks an actor."""
        return self.asked(*words).request.caller

    def data(self, *words: Word) -> bytes:
        """Return the bytes of the reply to a command; the actor that it is for answers it."""
        made = self.raw(*words)
        if isinstance(made, bytes):
            return made
        assert self.manager is not None, made
        try:
            actor_ref = self.manager.actors[made.name]
            return made.encode(actor_ref.ask(made.request, timeout=20))
        except Exception as error:  # noqa: BLE001 - as the server does
            return self.session.refusal(error, made)

    def say(self, *words: Word) -> Any:
        """Return the reply to a command as a value."""
        return read(self.data(*words))

    def call(self, name: str, /, **arguments: Any) -> Any:
        """Make a call with JSON, and return what its reply says."""
        body = self.say(name, json.dumps(arguments))
        assert isinstance(body, bytes), body
        return json.loads(body)

    def refused(self, *words: Word) -> dict[str, Any]:
        """Return what the error says with which a command is answered."""
        return refusal(self.data(*words))


_registry = Registry()


def models() -> Registry:
    """Return the models, which are loaded once."""
    if not _registry.urls():
        _registry.add_folder(FOLDER)
    return _registry


def make_services(talk: Talk) -> Services:
    """Make what the sessions of a server share."""
    return Services(
        names=Names(workloads=CALLS, directory=directory.CALLS, phonebook=phonebook.CALLS, others=OTHER_NAMES),
        registry=talk.manager.registry if talk.manager else models(),
        clock=talk.clock,
        monotonic=talk.clock,
        version="1.2.3",
        secrets=Secrets(talk.secrets),
        limits=talk.limits,
        info=lambda: {"Clients": {"connected_clients": 3}, "Keyspace": {"db0": "keys=5,expires=0"}},
    )


def _bytes(word: Word) -> bytes:
    return word.encode() if isinstance(word, str) else word
