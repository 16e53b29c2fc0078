"""Every example runs as it is, from any folder, says what it does, and ends by itself."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PRINTED: dict[str, tuple[str, ...]] = {
    "example_grid.py": (
        "workloadmanager user add customer --key customer --tid 1",
        "workloadmanager farm add farm-north --farmer farmer-north",
        "workloadmanager node add ",
    ),
    "make_reservation.py": ('"customer_signature": "', '"volume_id": "-2"'),
    "ask_from_another_actor.py": (
        "reservation 1 is registered, its next action is sign",
        "has 4 workloads in sign",
        "has 3 workloads in sign",
        "refused: reservation_id: there is no reservation 99",
    ),
    "asyncio_host.py": (
        "200 orders registered at once, ids 1 to 200",
        "200 of them wait for their customer's signature",
        "refused: gwid: there is no workload 999-1",
        "meanwhile the loop beat ",
    ),
    "embed_in_host.py": (
        "customer registers reservation 1, next action sign",
        "co-signer-a signs: 1 of 2, next action sign",
        "co-signer-b signs: 2 of 2, next action pay",
        "farmer-south signs: 2 of 2, next action deploy",
        "is handed network, volume, container, kubernetes",
        "is handed network, zdb, kubernetes",
    ),
}


def run(script: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a process of its own, where a warning is an error."""
    command = [sys.executable, "-W", "error", str(script), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("name", PRINTED)
def test_each_example_runs_and_ends(name: str, examples: Path, tmp_path: Path) -> None:
    """It ends with 0, prints the lines that matter, and no complaint."""
    done = run(examples / name, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line for line in PRINTED[name] if line not in done.stdout] == []
    assert list(tmp_path.iterdir()) == []


def test_every_script_is_run(examples: Path) -> None:
    """An example that is added is run too; the one that does not end by itself has tests of its own."""
    assert {path.name for path in examples.glob("*.py")} == {*PRINTED, "fake_node.py"}


def test_the_loop_of_the_asyncio_host_is_never_held_up_for_long(examples: Path, tmp_path: Path) -> None:
    """While 200 orders are made durable the loop goes on beating."""
    *_, last = run(examples / "asyncio_host.py", tmp_path).stdout.splitlines()
    words = last.split()
    beats, milliseconds = int(words[4]), int(words[-2])
    assert beats >= 2
    assert milliseconds < 1000


def test_a_wrong_argument_is_told_with_the_usage(examples: Path, tmp_path: Path) -> None:
    """The script that takes an argument says which."""
    done = run(examples / "make_reservation.py", tmp_path, "--help-me")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: make_reservation.py [--template]\n"


def test_a_pipe_gets_json(examples: Path, tmp_path: Path) -> None:
    """What the script prints can be read by the command line."""
    printed = json.loads(run(examples / "make_reservation.py", tmp_path, "--template").stdout)
    assert printed["data_reservation"]["expiration_reservation"] == "+30d"
