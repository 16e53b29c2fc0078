"""From what a host runs to a server of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...actors import CALLS, Context
from .._calls import Calls
from .._supervisor import Supervisor
from .._watched import ActorClass
from ..directory import CALLS as DIRECTORY_CALLS
from ..phonebook import CALLS as PHONEBOOK_CALLS
from ._login import Login
from ._names import Names
from ._options import Gedis
from ._secrets import Secrets
from ._server import Server
from ._services import Services
from ._session import OTHER_NAMES

__all__ = ["start_server"]

_LOGIN = "_login"


def start_server(
    options: Gedis,
    *,
    context: Context,
    calls: Calls,
    supervisor: Supervisor,
    version: str,
    packages: Iterable[tuple[str, Mapping[str, ActorClass]]] = (),
) -> Server:
    """Start the server, and the actor that knows who may log in.

    Arguments:
        options: where it listens, who may come in, and what a connection may cost.
        context: what the actors of the host share.
        calls: the way to the actors.
        supervisor: has the actors that run; the others' names are not served.
        version: the version of this package.
        packages: author and name of each other package, and its actors.

    Raises:
        InputError: an address, or the certificate, does not fit this machine.
        Conflict: something else listens at an address.
        Unavailable: the system does not allow it.
    """
    names = Names(
        workloads=_running(CALLS, supervisor),
        directory=_running(DIRECTORY_CALLS, supervisor),
        phonebook=_running(PHONEBOOK_CALLS, supervisor),
        packages=[(namespace, _running(actors, supervisor)) for namespace, actors in packages],
        others=OTHER_NAMES,
    )
    services = Services(
        names=names,
        registry=context.registry,
        clock=context.clock,
        version=version,
        secrets=Secrets(options.secrets),
        limits=options.limits,
        login=_LOGIN,
    )
    server = Server(options, services, calls)
    supervisor.start(_LOGIN, Login, context, tuple(options.operator_keys))
    server.start()
    return server


def _running(actors: Mapping[str, ActorClass], supervisor: Supervisor) -> dict[str, ActorClass]:
    return {name: actor_class for name, actor_class in actors.items() if name in supervisor.actors}
