"""One service from its start to its clean stop."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from ...errors import Unavailable
from .._handle import WorkloadManager
from .._host import default_path, start
from ..gedis import Address, parse_address
from ._check import Checked
from ._notify import notify
from ._process import raise_file_limit, tuned
from ._signals import stop_requests

__all__ = ["Ready", "serve"]

logger = logging.getLogger(__name__)


class Ready:
    """A service that answers.

    Attributes:
        addresses: where, each with whether sessions that did not log in are guests there.
        store: where it keeps things.
    """

    def __init__(self, checked: Checked, manager: WorkloadManager) -> None:
        place = checked.configuration.store
        self.store = str(default_path() if place is None else place)
        found = [parse_address(address) for address in manager.addresses]
        self.addresses: tuple[tuple[Address, bool], ...] = tuple(
            (address, checked.gedis.is_open(address)) for address in found
        )


def serve(checked: Checked, announce: Callable[[Ready], None]) -> None:
    """Run the workload manager and its server until a signal asks it to stop.

    SIGTERM and SIGINT stop it in order: nothing new is accepted, what is in flight is answered and
    committed, the store is closed. A second signal ends the process on the spot.

    Arguments:
        checked: what `check` has passed.
        announce: is called once, when it answers.

    Raises:
        WorkloadManagerError: it does not start.
        Unavailable: it ended by something else than a signal.
    """
    configuration, gedis = checked.configuration, checked.gedis
    with ExitStack() as stack:
        requests = stack.enter_context(stop_requests())
        stack.enter_context(tuned())
        raise_file_limit(gedis.limits.maximum_connections)
        settings: dict[str, Any] = dict(configuration.settings)
        manager = start(configuration.store, gedis=gedis, packages=configuration.packages, **settings)
        stack.callback(manager.stop)
        gc.freeze()
        ready = Ready(checked, manager)
        _report(ready, manager)
        announce(ready)
        notify("READY=1", f"STATUS=serves {ready.store}")
        arrived = requests.wait(lambda: bool(manager.running and manager.addresses))
        notify("STOPPING=1")
        if arrived is None:
            raise Unavailable("the server, or the workload manager, ended by itself; the log has the cause")
        logger.info("stops, as %s asks for it", arrived.name)
    logger.info("stopped; everything that was answered is stored")


def _report(ready: Ready, manager: WorkloadManager) -> None:
    """Log what runs beside the server, which says itself where it listens."""
    for address, is_open in ready.addresses:
        if is_open and not address.is_local:
            logger.warning("%s is open: whoever reaches it may read everything and poll for every node", address)
    where = [str(address) for address, _ in ready.addresses]
    logger.info("serving", extra={"store": ready.store, "addresses": where})
    for record in manager.packages.values():
        if record.reason:
            logger.error("the package %s failed: %s", record.name, record.reason)
