"""What the sessions of a server share."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ...schema import Registry
from ._limits import Limits
from ._meta import ApiMeta
from ._names import Names
from ._own_calls import OWN_CALLS
from ._secrets import Secrets
from ._whereabouts import Whereabouts

__all__ = ["Info", "Services"]

Info = Callable[[], Mapping[str, Mapping[str, object]]]
"""Returns what ``INFO`` shows besides the server itself: the sections by their names, the values by theirs."""


def _no_info() -> Mapping[str, Mapping[str, object]]:
    """Show nothing."""
    return {}


@dataclass(slots=True, kw_only=True)
class Services:
    """What the sessions of a server share; they use it from the thread of the server's loop alone.

    Attributes:
        names: the calls by their names on the wire.
        registry: the schemas of all packages.
        clock: returns the current time in seconds since 1970.
        version: the version of this package.
        monotonic: seconds that never go back.
        secrets: the secrets that give a role.
        limits: what a connection may cost.
        info: returns the further sections of ``INFO``, such as ``clients``, ``memory``, ``stats`` and ``keyspace``.
            It is asked in the loop's thread, and must be quick.
        login: the name of the actor that verifies logins; it is a `Login`.
        started: when the server was started, in seconds since 1970.
        api_meta: answers ``system.api_meta``.
        whereabouts: from where nodes polled.
        numbers: the next number of a connection.
    """

    names: Names
    registry: Registry
    clock: Callable[[], int]
    version: str
    monotonic: Callable[[], float] = time.monotonic
    secrets: Secrets = field(default_factory=Secrets)
    limits: Limits = field(default_factory=Limits)
    info: Info = _no_info
    login: str = "_login"
    started: int = field(init=False)
    api_meta: ApiMeta = field(init=False)
    whereabouts: Whereabouts = field(default_factory=Whereabouts)
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        """Take the time, and prepare what describes the calls."""
        self.started = self.clock()
        own = [each.call for each in OWN_CALLS.values()]
        self.api_meta = ApiMeta(self.names, self.registry, self.version, own)
