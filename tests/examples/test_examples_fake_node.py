"""The node that only pretends: it runs until it is told to stop, against a real server."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager import signing
from workloadmanager.threebot import WorkloadManager

pytestmark = pytest.mark.usefixtures("ctrl_c")


@pytest.fixture
def grid(load: Callable[[str], Any]) -> Iterator[WorkloadManager]:
    """The grid of the examples, with a server."""
    with workloadmanager.start(":memory:", gedis="tcp://127.0.0.1:0") as running:
        load("example_grid").fill(running)
        yield running


@contextmanager
def node(script: Path, address: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run the node for a block; the block ends it."""
    command = [sys.executable, "-W", "error", str(script), address, "--interval", "0.05", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return the next line with some words in it."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return line
    raise AssertionError(f"it ended without a line with {words!r}")


def order_volume(manager: WorkloadManager, load: Callable[[str], Any], key: signing.Key) -> Any:
    """Register a reservation of a volume on a node, and let customer and farmer sign."""
    grid = load("example_grid")
    data = {
        "volumes": [{"workload_id": 1, "node_id": key.node_id, "size": 10, "type": "ssd"}],
        "expiration_provisioning": "+1h",
        "expiration_reservation": "+2h",
    }
    customer, farmer = grid.CUSTOMER, grid.FARMERS[0]
    stored = manager.reservation_register(reservation={"customer_tid": customer.tid, "data_reservation": data})
    signed = {"json": stored.json, "reservation_id": stored.id}
    manager.sign_customer(
        reservation_id=stored.id, signature=signing.sign(customer.key, "customer", tid=customer.tid, **signed)
    )
    manager.sign_farmer(
        reservation_id=stored.id,
        tid=farmer.tid,
        signature=signing.sign(farmer.key, "farmer", tid=farmer.tid, **signed),
    )
    return stored


def test_a_fake_node_joins_deploys_and_deletes(
    grid: WorkloadManager, load: Callable[[str], Any], examples: Path, tmp_path: Path
) -> None:
    """It is in the directory with its capacity, and goes on after a restart as the node that it was."""
    arguments = ("--farm", "1", "--key", "node.key", "--journal", "node.journal")
    address, script = grid.addresses[0], examples / "fake_node.py"
    with node(script, address, tmp_path, *arguments) as process:
        node_id = read_until(process, "is in farm 1").split()[1]
        assert grid.directory.get_node(node_id).total_resources.cru == 8
        key = signing.Key.from_hex((tmp_path / "node.key").read_text())
        assert ((tmp_path / "node.key").stat().st_mode & 0o777, key.node_id) == (0o600, node_id)
        reservation = order_volume(grid, load, key)
        assert read_until(process, "deploys") == "deploys volume 1-1 of user 1\n"
        process.send_signal(signal.SIGTERM)
        assert read_until(process, "stopped")
        assert process.wait(20) == 0
    assert str(grid.reservation_get(reservation_id=1).results[0].state) == "ok"
    customer = load("example_grid").CUSTOMER
    signature = signing.sign(
        customer.key, "delete", json=reservation.json, reservation_id=reservation.id, tid=customer.tid
    )
    grid.sign_delete(reservation_id=reservation.id, tid=customer.tid, signature=signature)
    with node(script, address, tmp_path, *arguments) as process:
        assert read_until(process, "volume") == "deletes volume 1-1\n"
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
        assert (output, errors, process.returncode) == ("stopped\n", "", 0)
    assert grid.reservation_get(reservation_id=1).next_action == "deleted"


def test_a_fake_node_waits_for_its_server(examples: Path, tmp_path: Path) -> None:
    """And ends when it is told so meanwhile."""
    with node(examples / "fake_node.py", f"unix://{tmp_path}/none.sock", tmp_path) as process:
        assert "can not be reached" in read_until(process, "waits")
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20) == ("stopped\n", "")
        assert process.returncode == 0


def test_a_fake_node_that_may_not_join_says_why(grid: WorkloadManager, examples: Path, tmp_path: Path) -> None:
    """Its farm is not there."""
    with node(examples / "fake_node.py", grid.addresses[0], tmp_path, "--farm", "99") as process:
        output, errors = process.communicate(timeout=20)
        assert (errors, process.returncode) == ("", 1)
        assert output.startswith("stops: ")
        assert "there is no farm 99" in output
