"""``workloadmanager reservation watch``: what happens to a reservation, as it happens."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-c", "import sys; from workloadmanager.threebot.cli import main; sys.exit(main())"]


@pytest.mark.slow
def test_a_watch_sees_what_another_process_does(cli: Any, registered: Path) -> None:
    """Two processes share the store; the watch ends in the state that it waits for."""
    with subprocess.Popen(
        [*COMMAND, "reservation", "watch", "1", "--until", "pay", "--every", "0.05", "--timeout", "60"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=registered,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        cli("reservation", "sign", "provision", "1", "--key", "bob")
        cli("reservation", "sign", "provision", "1", "--key", "carol")
        seen = process.stdout.read()
        assert process.wait() == 0
    assert seen.splitlines()[-1].endswith("sign → pay  sign_provision by 3")


def test_a_watch_ends_at_once_where_the_state_is_reached(cli: Any, deployed: Path) -> None:
    """Programs get the reservation, once."""
    assert deployed.is_dir()
    assert cli("reservation", "watch", "1", "--until", "deploy", "--json").document["next_action"] == 3
    assert cli("reservation", "watch", "1", "--until", "pay", "--until", "deploy").out.count("\n") == 5


def test_a_watch_gives_up_after_its_time(cli: Any, registered: Path) -> None:
    """The state it is in then is said."""
    assert registered.is_dir()
    finished = cli("reservation", "watch", "1", "--timeout", "0.1", "--every", "0.05", "--json")
    assert (finished.status, finished.error["kind"]) == (1, "unavailable")
    assert "is in sign after 0.1 s" in finished.error["message"]


def test_a_watch_does_not_wait_for_what_cannot_come(cli: Any, registered: Path) -> None:
    """A final state that is not the wanted one ends it with an error."""
    assert registered.is_dir()
    cli("reservation", "sign", "delete", "1", "--key", "alice")
    finished = cli("reservation", "watch", "1", "--until", "deploy")
    assert finished.status == 1
    assert "ended as deleted and does not come to deploy" in finished.err
    assert json.loads(cli("reservation", "watch", "1", "--json").out)["next_action"] == 6
