"""A node of the demo over gedis: an agent that only pretends, in a process of its own.

It asks on its stdout before whatever it does, and waits for an answer on its stdin. So whoever tells the story decides
between which two steps something happens; the agent knows nothing of it. When its stdin ends, it stops.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from ... import signing
from ...errors import Unavailable, WorkloadManagerError
from ..client import Client, NodeAgent, connect
from ._talk import LOSE, Deed, Said, Word
from ._workloads import Workload, mounted, open_secrets, told_of

__all__ = ["main"]

POLL_SECONDS = 0.1
CAPACITY = {"cru": 8, "mru": 32, "hru": 4000, "sru": 500}


class Gate:
    """Where the node stands and waits until the story goes on."""

    def __init__(self) -> None:
        self.closed = threading.Event()
        self._answers: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._read, name="gate", daemon=True).start()

    def tell(self, said: Said) -> None:
        """Say something."""
        sys.stdout.write(f"{said.written()}\n")
        sys.stdout.flush()

    def ask(self, deed: Deed, gwid: str, kind: str = "") -> str:
        """Ask, and return the answer.

        Raises:
            SystemExit: nobody answers any more.
        """
        self.tell(Said(word=Word.asks, deed=deed, gwid=gwid, kind=kind))
        answer = self._answers.get()
        if not answer:
            # No error: an agent takes whatever a callback raises for a failure of the workload.
            raise SystemExit(0)
        return answer

    def _read(self) -> None:
        # Unbuffered, since a thread that waits inside of a buffer keeps the interpreter from ending.
        with open(0, "rb", buffering=0, closefd=False) as stdin:
            for line in stdin:
                self._answers.put(line.decode().strip())
        self.closed.set()
        self._answers.put("")


class GatedCalls:
    """The calls of an agent, each report through the gate, and all of them told.

    Arguments:
        client: makes the calls.
        gate: where the node waits.
    """

    def __init__(self, client: Client, gate: Gate) -> None:
        self._client = client
        self._gate = gate

    def workloads_list(self, *, node_id: str, cursor: int) -> Any:  # noqa: ANN401 - of a type that the models make
        """Poll."""
        reply = self._client.workloads_list(node_id=node_id, cursor=cursor)
        self._gate.tell(Said(word=Word.polled, cursor=cursor, handed=len(reply.workloads)))
        return reply

    def set_workload_result(self, *, global_workload_id: str, **arguments: Any) -> Any:  # noqa: ANN401 - as above
        """Report a result."""
        told = {"global_workload_id": global_workload_id, **arguments}
        return self._report("set_workload_result", global_workload_id, told)

    def workload_deleted(self, *, workload_id: str, **arguments: Any) -> Any:  # noqa: ANN401 - as above
        """Report a deletion."""
        return self._report("workload_deleted", workload_id, {"workload_id": workload_id, **arguments})

    def _report(self, call: str, gwid: str, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - as above
        answer = self._gate.ask(Deed.report, gwid)
        try:
            reply = self._client.call(call, **arguments)
            if answer == LOSE:
                raise Unavailable("the answer was lost on its way", call=call)
        except WorkloadManagerError as error:
            word = Word.unanswered if isinstance(error, Unavailable) else Word.refused
            self._gate.tell(Said(word=word, gwid=gwid, reason=str(error)))
            raise
        self._gate.tell(Said(word=Word.reported, gwid=gwid, state=str(reply.next_action)))
        return reply


class FakeNode:
    """What the node pretends to run, and the log of what it has deployed and deleted.

    Arguments:
        key: the node's key.
        gate: where it waits before whatever it does.
        log: the file to which it adds a line for each workload that it has deployed or deleted.
    """

    def __init__(self, key: signing.Key, gate: Gate, log: Path) -> None:
        self._key = key
        self._gate = gate
        self._log = log
        self.agent: NodeAgent

    def deploy(self, workload: Workload) -> dict[str, Any] | None:
        """Pretend to deploy, and return what there is to tell."""
        self._gate.ask(Deed.deploy, workload.workload_id, str(workload.type))
        opened = open_secrets(workload, self._key)
        running = self.agent.running
        for volume in mounted(workload):
            if volume not in running:
                raise LookupError(f"{workload.workload_id} mounts volume {volume}, which is not here")
        self._write(Deed.deploy, workload, secrets=opened)
        return told_of(workload)

    def delete(self, workload: Workload) -> None:
        """Pretend to delete."""
        self._gate.ask(Deed.delete, workload.workload_id, str(workload.type))
        self._write(Deed.delete, workload)

    def _write(self, deed: Deed, workload: Workload, *, secrets: int = 0) -> None:
        gwid, kind = workload.workload_id, str(workload.type)
        with self._log.open("a", encoding="ascii") as log:
            log.write(f"{deed} {gwid}\n")
            log.flush()
            os.fsync(log.fileno())
        self._gate.tell(Said(word=Word.did, deed=deed, gwid=gwid, kind=kind, secrets=secrets))


def main(arguments: Sequence[str] | None = None) -> int:
    """Join the grid, and work until stdin ends."""
    options = _read_options(arguments)
    key = signing.Key.from_hex(options.key.read_text(encoding="ascii").strip())
    gate = Gate()
    node = FakeNode(key, gate, options.log)
    try:
        with connect(options.address, role=f"node:{key.node_id}", key=key) as client:
            agent = node.agent = NodeAgent(
                GatedCalls(client, gate),
                key=key,
                deploy=node.deploy,
                delete=node.delete,
                interval=POLL_SECONDS,
                journal=options.journal,
            )
            with agent:
                _join(client, key.node_id, options.farm)
                gate.tell(Said(word=Word.joined))
                agent.run(gate.closed)
                gate.tell(Said(word=Word.ended, running=tuple(agent.running)))
    except WorkloadManagerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _join(client: Client, node_id: str, farm_id: int) -> None:
    client.nodes_add(node={"node_id": node_id, "farm_id": farm_id, "os_version": "pretended 1.0"})
    client.nodes_update_total_capacity(node_id=node_id, resource=CAPACITY)


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A node of the demo, which only pretends.")
    parser.add_argument("address", help="the server")
    parser.add_argument("--farm", type=int, required=True, metavar="ID", help="the farm it stands in")
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the node's key")
    parser.add_argument("--log", type=Path, required=True, metavar="FILE", help="what it has deployed and deleted")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="what a restart goes on from")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
