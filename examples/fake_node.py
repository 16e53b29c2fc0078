"""A node that only pretends: it joins a grid, and prints what a real one would deploy and delete.

    python examples/fake_node.py tcp://127.0.0.1:8901 --farm 1 --key node.key --journal node.journal

It works for as long as it is left on; Ctrl-C or SIGTERM ends it. The key is the node: the file is made where it is
not there, and without one the node is a new one each time. With a journal it goes on after a restart where it ended.
"""

from __future__ import annotations

import argparse
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import workloadmanager
from workloadmanager import signing
from workloadmanager.errors import Unavailable, WorkloadManagerError
from workloadmanager.threebot.client import Client, Workload

CAPACITY = {"cru": 8, "mru": 32, "hru": 4000, "sru": 500}
PATIENCE = 5.0
UPTIME_INTERVAL = 600.0
SECRET_FIELDS = ("password", "cluster_secret", "wireguard_private_key_encrypted")


class FakeNode:
    """The node: what it tells the directory of itself, and what it pretends to run."""

    def __init__(self, client: Client, key: signing.Key, options: argparse.Namespace) -> None:
        self._client = client
        self._key = key
        self._farm_id = options.farm
        self._started = time.monotonic()
        self.agent = workloadmanager.NodeAgent(
            client,
            key=key,
            deploy=self._deploy,
            delete=self._delete,
            interval=options.interval,
            journal=options.journal,
        )

    def join(self, stop: threading.Event) -> None:
        """Tell the directory who this is and what it has, as nodes do when they start; a server is waited for."""
        node_id = self._key.node_id
        node = {"node_id": node_id, "farm_id": self._farm_id, "os_version": "pretended 1.0"}
        while not stop.is_set():
            try:
                self._client.nodes_add(node=node)
                self._client.nodes_update_total_capacity(node_id=node_id, resource=CAPACITY)
                self._tell_uptime()
            except Unavailable as error:
                say(f"waits: {error}")
                stop.wait(PATIENCE)
            else:
                say(f"node {node_id} is in farm {self._farm_id}")
                return

    def keep_uptime(self, stop: threading.Event) -> None:
        """Tell every ten minutes how long it runs."""
        while not stop.wait(UPTIME_INTERVAL):
            try:
                self._tell_uptime()
            except WorkloadManagerError as error:
                say(f"could not tell its uptime: {error}")

    def _tell_uptime(self) -> None:
        uptime = int(time.monotonic() - self._started)
        self._client.nodes_uptime_update(node_id=self._key.node_id, uptime=uptime)

    def _deploy(self, workload: Workload) -> dict[str, Any] | None:
        """Pretend to deploy, and return what a node tells of a workload of this kind."""
        secrets = [self.agent.unseal(sealed) for sealed in sealed_secrets(workload.content, self._key.node_id)]
        opened = f", with {len(secrets)} secrets opened" if secrets else ""
        say(f"deploys {workload.type} {workload.workload_id} of user {workload.user}{opened}")
        gwid, content = workload.workload_id, workload.content
        match str(workload.type):
            case "zdb":
                return {"Namespace": gwid, "IP": "10.20.2.2", "Port": 9900}
            case "container":
                return {"id": gwid, "ipv6": "", "ipv4": content["network_connection"][0]["ipaddress"]}
            case "volume":
                return {"volume_id": gwid}
            case "kubernetes":
                return {"id": gwid, "ip": content["ipaddress"]}
        return None  # of a network there is nothing to tell

    def _delete(self, workload: Workload) -> None:
        say(f"deletes {workload.type} {workload.workload_id}")


def sealed_secrets(content: Mapping[str, Any], node_id: str) -> Iterator[str]:
    """Yield the secrets of a workload that are sealed to a node; of a network, those of the node's own part."""
    mine = [resource for resource in content.get("network_resources", ()) if resource["node_id"] == node_id]
    for part in (content, *mine):
        yield from (part[name] for name in SECRET_FIELDS if part.get(name))
        yield from part.get("secret_environment", {}).values()


def read_key(path: Path | None) -> signing.Key:
    """Return the key in a file, which is made where it is not there and is for its owner alone."""
    if path is None:
        return signing.Key.generate()
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(signing.Key.generate().seed_hex(), encoding="ascii")
    return signing.Key.from_hex(path.read_text(encoding="ascii").strip())


def stop_at_a_signal() -> threading.Event:
    """Return an event that SIGINT and SIGTERM set. A thread waits for them, so that no work is interrupted."""
    signals = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    stop = threading.Event()

    def wait() -> None:
        signal.sigwait(signals)
        stop.set()

    threading.Thread(target=wait, daemon=True).start()
    return stop


def say(sentence: str) -> None:
    """Print at once, also into a pipe."""
    print(sentence, flush=True)


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="A node that only pretends.")
    parser.add_argument("address", nargs="?", default="tcp://127.0.0.1:8901", help="the server (default: %(default)s)")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the node's key; made where it is not there")
    parser.add_argument("--farm", type=int, default=1, metavar="ID", help="the farm it stands in (default: 1)")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="what a restart goes on from")
    parser.add_argument("--interval", type=float, default=10.0, metavar="SECONDS", help="between polls (default: 10)")
    return parser.parse_args()


def main() -> int:
    """Join, and work until a signal comes."""
    options = read_options()
    stop = stop_at_a_signal()
    try:
        key = read_key(options.key)
        with workloadmanager.connect(options.address, role=f"node:{key.node_id}", key=key) as client:
            node = FakeNode(client, key, options)
            with node.agent:
                node.join(stop)
                threading.Thread(target=node.keep_uptime, args=(stop,), daemon=True).start()
                node.agent.run(stop)
    except (WorkloadManagerError, OSError) as error:
        say(f"stops: {error}")
        return 1
    say("stopped")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
