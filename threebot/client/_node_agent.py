"""The work of a node: it polls, deploys, reports and deletes, and loses no step to a restart."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from ... import signing
from ...errors import Conflict, InputError, NotFound, PermissionDenied, Unavailable, WorkloadManagerError
from ...rules import parse_gwid
from ...schema import to_dict
from .._words import error_words, shown
from ._catalogue import catalogue
from ._checks import is_number
from ._journal import Journal, Kept
from ._results import Workload, failure_words, result_of

__all__ = ["NodeAgent", "Round"]

logger = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0
_FOR_GOOD = (Conflict, InputError, NotFound, PermissionDenied)
"""What a server answers to a report that it would answer again: sending it once more is of no use."""


class Calls(Protocol):
    """What an agent needs of a workload manager: a client, or the handle of one in the same process."""

    def workloads_list(self, *, node_id: str, cursor: int) -> Any:  # noqa: ANN401 - an object of a generated type
        """Poll."""

    def set_workload_result(self, *, global_workload_id: str, result: Any, node_id: str) -> Any:  # noqa: ANN401
        """Report a result."""

    def workload_deleted(self, *, workload_id: str, node_id: str) -> Any:  # noqa: ANN401
        """Report a deletion."""


@dataclass(slots=True)
class Round:
    """What an agent did between one poll and the next.

    Attributes:
        deployed: the workloads that run now, by their global ids.
        failed: those that could not be deployed.
        deleted: those that are gone.
        reported: how many reports were acknowledged.
        waiting: how many reports wait for the next round.
    """

    deployed: list[str]
    failed: list[str]
    deleted: list[str]
    reported: int = 0
    waiting: int = 0


class NodeAgent:
    """The agent of one node, which does what a workload manager has for it (``docs/client.md``, "The node agent").

    It has no thread: `run` works in the thread of its caller, and so do the callbacks. They are called once for
    each workload, in the order in which the workloads need each other. Only one that was interrupted by the end
    of the process is called again with the same workload, so let them look for what is there already.

    Arguments:
        client: a client, or the handle of a workload manager in this process.
        key: the node's key, which signs its results; its id is the node's unless another is given.
        node_id: the node.
        deploy: is given a workload and returns what there is to tell of it: JSON data or None. What it raises is
            reported as the workload's failure, with its text.
        delete: is given a workload that is to go, also one that was never deployed here. What it raises is
            logged, and it is called again in the next round.
        interval: seconds between two polls.
        journal: the file that a restart goes on from; without one, an agent begins at the beginning.
        clock: returns the current time in seconds since 1970.

    Raises:
        InputError: neither key nor id is given, or the interval is no time.
        Conflict: another agent uses the journal, or it is another node's.
        Unavailable: the journal cannot be read.
    """

    def __init__(
        self,
        client: Calls,
        *,
        deploy: Callable[[Workload], object],
        delete: Callable[[Workload], object],
        key: signing.Key | None = None,
        node_id: str = "",
        interval: float = 10.0,
        journal: str | Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if key is None and not node_id:
            raise InputError("say which node it is: give its key, or its node_id", path="node_id")
        if not is_number(interval) or interval <= 0:
            raise InputError(f"give the seconds between two polls, more than 0, not {shown(interval)}", path="interval")
        self._client = client
        self._key = key
        self._node_id = node_id or (key.node_id if key is not None else "")
        self._deploy_one = deploy
        self._delete_one = delete
        self._interval = interval
        self._clock = clock
        self._journal = Journal(journal, self._node_id)
        self._round = Round([], [], [])
        self._trouble: WorkloadManagerError | None = None

    def __enter__(self) -> Self:
        """Return the agent itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def __repr__(self) -> str:
        """Say which node it is and how far it came."""
        running = sum(kept.state == "runs" for kept in self._journal.workloads.values())
        return f"<NodeAgent of {self._node_id}, {running} workloads run, cursor {self._journal.cursor}>"

    @property
    def node_id(self) -> str:
        """The node."""
        return self._node_id

    @property
    def cursor(self) -> int:
        """The reservation id that the next poll begins with: one above the highest that was seen."""
        return self._journal.cursor

    @property
    def running(self) -> list[str]:
        """The workloads that run, by their global ids, in the order of their deployment."""
        return [gwid for gwid, kept in self._journal.workloads.items() if kept.state == "runs"]

    def unseal(self, sealed: str) -> str:
        """Open a secret of a workload that was sealed to this node.

        Arguments:
            sealed: hex text, as the secret fields of workloads hold it.

        Raises:
            InputError: the agent has no key, or the secret was sealed to another one.
        """
        if self._key is None:
            raise InputError("the agent has no key; secrets are sealed to one", path="key")
        return signing.unseal(self._key, sealed)

    def run(self, stop: threading.Event) -> None:
        """Work until an event is set: a round, then a pause. A server that is away is waited for.

        Arguments:
            stop: ends it, at the latest after the callback or the call that is under way.
        """
        failures = 0
        while not stop.is_set():
            try:
                self.run_once()
                failures = 0
            except WorkloadManagerError as error:
                failures += 1
                logger.warning("node %s: %s", self._node_id, error)
            if stop.wait(self._pause(failures)):
                return

    def run_once(self) -> Round:
        """Delete what has expired, poll, do what is asked, and report it.

        Returns:
            What was done.

        Raises:
            WorkloadManagerError: the server was not reached or refused the poll, or a report could not be
                delivered. What was done is in the journal, and is reported in a later round.
            Unavailable: the journal cannot be written.
        """
        self._round, self._trouble = Round([], [], []), None
        self._delete_expired()
        cursor = self._journal.cursor
        workloads = self._client.workloads_list(node_id=self._node_id, cursor=cursor).workloads
        listed = {workload.workload_id for workload in workloads}
        for gwid in [gwid for gwid in self._journal.workloads if gwid not in listed]:
            self._report(gwid)
        for workload in workloads:
            self._handle(workload)
            cursor = max(cursor, parse_gwid(workload.workload_id).reservation_id + 1)
        self._journal.cursor = cursor
        self._journal.save()
        self._round.waiting = sum(kept.pending for kept in self._journal.workloads.values())
        if self._trouble is not None:
            raise self._trouble
        return self._round

    def close(self) -> None:
        """Let go of the journal, so that another agent may use it."""
        self._journal.close()

    def _pause(self, failures: int) -> float:
        if not failures:
            return self._interval
        longest = min(2.0 ** (failures - 1), _LONGEST_PAUSE)
        return longest * (0.5 + random.random() / 2)  # noqa: S311 - nothing secret depends on it

    def _handle(self, workload: Workload) -> None:
        gwid = workload.workload_id
        kept = self._journal.workloads.get(gwid)
        if workload.to_delete:
            if kept is None or kept.state != "deleted":
                self._delete(workload)
            else:  # it was deleted when its time was over, before the server had decided so
                kept.pending = True
        elif kept is None:
            self._deploy(workload)
        self._report(gwid)

    def _deploy(self, workload: Workload) -> None:
        gwid, now = workload.workload_id, int(self._clock())
        until = int(workload.created) + int(workload.duration)
        try:
            if until <= now:
                raise InputError("its time was over before it could be deployed")
            data = self._deploy_one(workload)
            result = result_of(workload, key=self._key, epoch=now, data=data)
            state: Any = "runs"
        except Exception as error:  # noqa: BLE001 - whatever a callback raises is about this workload alone
            logger.warning("workload %s could not be deployed: %s", gwid, error_words(error))
            result = result_of(workload, key=self._key, epoch=now, failure=failure_words(error))
            state = "failed"
        self._journal.workloads[gwid] = Kept(_plain(workload), state, until, result=result)
        self._journal.save()
        (self._round.deployed if state == "runs" else self._round.failed).append(gwid)

    def _delete(self, workload: Workload) -> None:
        gwid = workload.workload_id
        try:
            self._delete_one(workload)
        except Exception as error:  # noqa: BLE001 - as above
            logger.warning("workload %s could not be deleted, and is tried again: %s", gwid, error_words(error))
            return
        until = int(workload.created) + int(workload.duration)
        self._journal.workloads[gwid] = Kept(_plain(workload), "deleted", until)
        self._journal.save()
        self._round.deleted.append(gwid)

    def _delete_expired(self) -> None:
        """Delete what has had its time, the newest first: what was deployed later may need what was there before."""
        now = self._clock()
        for kept in reversed(list(self._journal.workloads.values())):
            if kept.state != "deleted" and kept.until <= now:
                self._delete(_workload(kept.workload))

    def _report(self, gwid: str) -> None:
        """Tell the server what became of a workload, unless that is acknowledged or the server is away."""
        kept = self._journal.workloads.get(gwid)
        if kept is None or not kept.pending or isinstance(self._trouble, Unavailable):
            return
        try:
            self._send(gwid, kept)
        except _FOR_GOOD as error:
            logger.warning("the report on workload %s was refused: %s", gwid, error)
            # What is gone stays known: its deletion may be decided, and asked for, later.
            kept.pending, kept.result = False, None
            if kept.state == "deleted" and isinstance(error, NotFound):
                del self._journal.workloads[gwid]
        except WorkloadManagerError as error:
            self._trouble = error
        else:
            self._round.reported += 1
            kept.pending, kept.result = False, None
            if kept.state == "deleted":
                del self._journal.workloads[gwid]

    def _send(self, gwid: str, kept: Kept) -> None:
        if kept.state == "deleted":
            self._client.workload_deleted(workload_id=gwid, node_id=self._node_id)
        else:
            self._client.set_workload_result(global_workload_id=gwid, result=kept.result, node_id=self._node_id)


def _plain(workload: Any) -> dict[str, Any]:  # noqa: ANN401 - an object of a generated type
    return dict(to_dict(workload))


def _workload(plain: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
    return catalogue().registry.get("tfgrid.workloads.reservation.workload.1").convert(plain)
