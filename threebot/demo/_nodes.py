"""The nodes at work: each a thread that polls from its cursor, deploys what it is handed, and reports it, signed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ... import signing
from ._parties import Node
from ._workloads import Workload, mounted, open_secrets, told_of

if TYPE_CHECKING:
    from .. import WorkloadManager

__all__ = ["NodeThread", "Report", "result_of"]

POLL_SECONDS = 0.05
LONGEST_CALL = 10.0
OK = 1
CATEGORIES = {"zdb": 0, "container": 1, "network": 2, "volume": 3, "kubernetes": 0}  # 0: as real nodes send it


@dataclass(frozen=True, slots=True)
class Report:
    """What a node did, told to whoever follows the story.

    Attributes:
        node: which node.
        gwid: the workload, as ``1-3``.
        kind: zdb, container, volume, network or kubernetes.
        deleted: whether it was deleted; deployed otherwise.
        secrets: how many secrets the node opened with its key.
        cursor: the reservation id from which the node polled.
        state: the reservation's next action after the report.
        fault: what went wrong, in words; empty where all went well.
    """

    node: Node
    gwid: str = ""
    kind: str = ""
    deleted: bool = False
    secrets: int = 0
    cursor: int = 0
    state: str = ""
    fault: str = ""


class NodeThread:
    """A node that works until its ``with`` block ends, or its time is up.

    Arguments:
        node: who it is.
        manager: the workload manager it polls.
        tell: called from the node's thread with each report.
        lifetime: seconds after which it stops by itself.
    """

    def __init__(
        self, node: Node, manager: WorkloadManager, tell: Callable[[Report], None], *, lifetime: float
    ) -> None:
        self._node = node
        self._manager = manager
        self._tell = tell
        self._end = time.monotonic() + lifetime
        self._stopped = Event()
        self._cursor = 0
        self._deployed: set[str] = set()
        self._thread = Thread(target=self._live, name=node.name, daemon=True)

    def __enter__(self) -> NodeThread:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop the thread and wait for its end."""
        self._stopped.set()
        self.wait(LONGEST_CALL)

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        """Wait until the thread has ended, at most some seconds."""
        self._thread.join(seconds)

    def _live(self) -> None:
        try:
            while not self._stopped.wait(POLL_SECONDS) and time.monotonic() < self._end:
                self._poll()
        except Exception as error:  # noqa: BLE001 - the story ends with it, in its own thread
            self._tell(Report(self._node, fault=f"{self._node.name} stopped: {error}"))

    def _poll(self) -> None:
        """Ask once, and do what is asked; the cursor moves past what was seen and never back."""
        cursor = self._cursor
        for workload in self._manager.workloads_list(node_id=self._node.node_id, cursor=cursor).workloads:
            self._tell(self._delete(workload, cursor) if workload.to_delete else self._deploy(workload, cursor))
            reservation_id = int(workload.workload_id.partition("-")[0])
            self._cursor = max(self._cursor, reservation_id + 1)

    def _deploy(self, workload: Workload, cursor: int) -> Report:
        """Open the secrets that are sealed to this node, find what is mounted, and report what runs now."""
        opened = open_secrets(workload, self._node.key)
        for volume in mounted(workload):
            if volume not in self._deployed:
                raise LookupError(f"{workload.workload_id} mounts volume {volume}, which is not here")
        result = result_of(self._node, workload)
        reply = self._manager.set_workload_result(global_workload_id=workload.workload_id, result=result)
        self._deployed.add(workload.workload_id)
        return self._report(workload, cursor, secrets=opened, state=reply.next_action)

    def _delete(self, workload: Workload, cursor: int) -> Report:
        reply = self._manager.workload_deleted(workload_id=workload.workload_id, node_id=self._node.node_id)
        return self._report(workload, cursor, deleted=True, state=reply.next_action)

    def _report(
        self, workload: Workload, cursor: int, *, state: object, deleted: bool = False, secrets: int = 0
    ) -> Report:
        return Report(
            node=self._node,
            gwid=workload.workload_id,
            kind=str(workload.type),
            deleted=deleted,
            secrets=secrets,
            cursor=cursor,
            state=str(state),
        )


def result_of(node: Node, workload: Workload) -> dict[str, Any]:
    """Return the signed result of a deployment, as a node of its software's form sends it."""
    kind = str(workload.type)
    data = _go_json(told_of(workload))
    return {
        "category": CATEGORIES[kind],
        "workload_id": workload.workload_id,
        "data_json": data,
        "signature": signing.sign_result(node.key, state=OK, data_json=data, form=node.form),
        "state": OK,
        "message": "",
        "epoch": int(time.time()),
    }


def _go_json(data: dict[str, Any] | None) -> str:
    """Return JSON text as the nodes' own language writes it: compact, with angle brackets escaped.

    The signature is over this very text, which is why the server verifies it as it was sent.
    """
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
