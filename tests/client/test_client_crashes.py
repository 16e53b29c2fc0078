"""The node agent and its journal: wherever a crash comes, the next agent brings everything to its end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import Unavailable
from workloadmanager.threebot.client import NodeAgent, connect


class Crash(BaseException):
    """The process ends: nothing catches it."""


class Steps:
    """Counts the steps of an agent: its callbacks and its calls, before and after each; and crashes at one of them."""

    def __init__(self, calls: Any, crash_at: int) -> None:
        self._calls = calls
        self._left = crash_at
        self.did: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return self.counted(getattr(self._calls, name))

    def counted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function with a step before and a step after it."""

        def whole(*positional: Any, **arguments: Any) -> Any:
            self._step()
            reply = function(*positional, **arguments)
            self._step()
            return reply

        return whole

    def deploy(self, workload: Any) -> dict[str, Any]:
        """Deploy a workload."""
        self.did.append(f"deploy {workload.workload_id}")
        return {"id": workload.workload_id}

    def delete(self, workload: Any) -> None:
        """Delete a workload."""
        self.did.append(f"delete {workload.workload_id}")

    def _step(self) -> None:
        self._left -= 1
        if not self._left:
            raise Crash


def agent_of(grid: Any, steps: Steps, journal: Path) -> NodeAgent:
    """Return an agent whose callbacks are steps as well."""
    deploy, delete = steps.counted(steps.deploy), steps.counted(steps.delete)
    return NodeAgent(steps, deploy=deploy, delete=delete, key=grid.node, journal=journal, clock=grid.clock)


def rounds(grid: Any, steps: Steps, journal: Path) -> int:
    """Make two rounds, starting again after a crash; return how many there were."""
    crashes = 0
    for _ in range(2):
        with agent_of(grid, steps, journal) as agent:
            try:
                agent.run_once()
            except Crash:
                crashes += 1
    return crashes


def test_a_crash_at_any_step_loses_nothing(grid: Any, tmp_path: Path) -> None:
    """All results arrive, all is deleted, and only a callback that was interrupted is called again."""
    crash_at, crashes = 0, 1
    while crashes:
        crash_at += 1
        journal, steps = tmp_path / f"journal {crash_at}", Steps(grid.manager, crash_at)
        reservation = grid.deployed(workloads=2)
        gwids = [f"{reservation.id}-1", f"{reservation.id}-2"]
        crashes = rounds(grid, steps, journal)
        results = grid.stored(reservation).results
        assert [(one.workload_id, str(one.state)) for one in results] == [(gwid, "ok") for gwid in gwids]
        grid.sign("delete", reservation)
        crashes += rounds(grid, steps, journal)
        assert grid.stored(reservation).next_action == "deleted"
        expected = sorted(f"{what} {gwid}" for what in ("deploy", "delete") for gwid in gwids)
        assert sorted(set(steps.did)) == expected
        assert len(steps.did) - len(expected) <= crashes
    assert crash_at > 20


def test_a_restart_of_the_server_in_the_middle_loses_nothing(open_grid: Any, tmp_path: Path) -> None:
    """What was deployed while it went away is reported when it is back, and nothing is deployed again."""
    did: list[str] = []
    with open_grid(tmp_path / "store", gedis="tcp://127.0.0.1:0") as grid:
        address, clock = str(grid.manager.addresses[0]), grid.clock
        reservation = grid.deployed(workloads=2)

        def deploy(workload: Any) -> None:
            did.append(workload.workload_id)
            grid.manager.stop()

        client = connect(address, attempts=1)
        agent = NodeAgent(client, key=grid.node, deploy=deploy, delete=lambda _: None, clock=clock)
        with pytest.raises(Unavailable):
            agent.run_once()
    with open_grid(tmp_path / "store", clock, gedis=address) as grid, client:
        assert grid.stored(reservation).results == []
        assert agent.run_once().reported == 2
        assert len(grid.stored(reservation).results) == 2
    assert did == ["1-1", "1-2"]
