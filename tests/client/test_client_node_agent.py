"""The node agent: it does everything that is asked of its node, once, and tells it; whatever breaks meanwhile."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from workloadmanager import signing
from workloadmanager.errors import Conflict, InputError, Unavailable
from workloadmanager.threebot.client import NodeAgent

HOUR = 3600
Agent = Callable[..., AbstractContextManager[NodeAgent]]


class Machine:
    """What callbacks do on a node, written down."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.broken: set[str] = set()

    def deploy(self, workload: Any) -> dict[str, Any]:
        """Deploy a workload, unless it is among those that break."""
        self.did.append(f"deploy {workload.workload_id}")
        if workload.workload_id in self.broken:
            raise RuntimeError("no space\nleft")
        return {"volume_id": workload.workload_id, "note": "a < b"}

    def delete(self, workload: Any) -> None:
        """Delete a workload, unless it is among those that break."""
        self.did.append(f"delete {workload.workload_id}")
        if workload.workload_id in self.broken:
            raise RuntimeError("busy")


class Down:
    """A workload manager of which some calls do not get through, as over a line that is down."""

    def __init__(self, calls: Any) -> None:
        self._calls = calls
        self.down: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        if name in self.down:
            raise Unavailable(f"{name} does not get through")
        return getattr(self._calls, name)


@pytest.fixture
def machine() -> Machine:
    """What happens on the node."""
    return Machine()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of the journal."""
    return tmp_path / "journal.json"


@pytest.fixture
def agent(grid: Any, calls: Any, machine: Machine, path: Path) -> Iterator[NodeAgent]:
    """An agent of the grid's first node, with a journal."""
    with agent_of(grid, calls, machine, path) as opened:
        yield opened


def agent_of(grid: Any, calls: Any, machine: Machine, path: Path | None, **options: Any) -> NodeAgent:
    """Return an agent of the grid's first node."""
    options = {"key": grid.node, "clock": grid.clock, **options}
    return NodeAgent(calls, deploy=machine.deploy, delete=machine.delete, journal=path, **options)


def test_a_round_deploys_and_reports_what_is_new(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """The results are there, signed and with the data of the callback, and the cursor is behind the reservation."""
    reservation = grid.deployed(workloads=2)
    done = agent.run_once()
    assert (done.deployed, done.failed, done.deleted, done.reported, done.waiting) == (["1-1", "1-2"], [], [], 2, 0)
    assert machine.did == ["deploy 1-1", "deploy 1-2"]
    results = grid.stored(reservation).results
    assert [(str(one.state), one.workload_id, one.epoch) for one in results] == [
        ("ok", "1-1", grid.clock.now),
        ("ok", "1-2", grid.clock.now),
    ]
    assert results[0].data_json == '{"volume_id":"1-1","note":"a \\u003c b"}'
    assert agent.cursor == reservation.id + 1
    assert agent.running == ["1-1", "1-2"]


def test_nothing_is_deployed_twice(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """Further rounds have nothing to do."""
    grid.deployed()
    agent.run_once()
    assert agent.run_once().reported == 0
    assert machine.did == ["deploy 1-1"]


def test_a_failure_is_reported_with_its_words(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """One workload that fails stops no other, and is not tried again."""
    machine.broken = {"1-1"}
    reservation = grid.deployed(workloads=2)
    done = agent.run_once()
    assert (done.failed, done.deployed, done.reported) == (["1-1"], ["1-2"], 2)
    results = {one.workload_id: one for one in grid.stored(reservation).results}
    assert (str(results["1-1"].state), results["1-1"].message) == ("error", "no space left")
    agent.run_once()
    assert machine.did == ["deploy 1-1", "deploy 1-2"]


def test_data_that_json_cannot_hold_is_a_failure(grid: Any, calls: Any, machine: Machine) -> None:
    """What the callback returned could not be told."""
    reservation = grid.deployed()
    with NodeAgent(calls, key=grid.node, deploy=lambda _: object(), delete=machine.delete, clock=grid.clock) as agent:
        assert agent.run_once().failed == ["1-1"]
    assert "JSON" in grid.stored(reservation).results[0].message


def test_what_is_to_go_is_deleted_and_reported(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """After the last report the reservation is deleted."""
    reservation = grid.deployed(workloads=2)
    agent.run_once()
    grid.sign("delete", reservation)
    done = agent.run_once()
    assert (done.deleted, done.reported) == (["1-1", "1-2"], 2)
    assert grid.stored(reservation).next_action == "deleted"
    assert (agent.running, agent.run_once().deleted) == ([], [])
    assert machine.did[2:] == ["delete 1-1", "delete 1-2"]


def test_what_never_ran_here_is_deleted_all_the_same(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """Something of it may be there, and the server waits for the report."""
    reservation = grid.deployed()
    grid.sign("delete", reservation)
    assert agent.run_once().deleted == ["1-1"]
    assert machine.did == ["delete 1-1"]
    assert grid.stored(reservation).next_action == "deleted"


def test_a_deletion_that_fails_is_tried_again(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """It is not reported before it succeeded."""
    reservation = grid.deployed()
    agent.run_once()
    grid.sign("delete", reservation)
    machine.broken = {"1-1"}
    assert agent.run_once().deleted == []
    assert grid.stored(reservation).next_action == "delete"
    machine.broken = set()
    assert agent.run_once().deleted == ["1-1"]
    assert grid.stored(reservation).next_action == "deleted"


def test_a_restart_goes_on_where_the_journal_ends(
    grid: Any, calls: Any, machine: Machine, path: Path, agent: NodeAgent
) -> None:
    """The next agent knows the cursor and what runs."""
    reservation = grid.deployed(workloads=2)
    agent.run_once()
    agent.close()
    with agent_of(grid, calls, machine, path) as restarted:
        assert (restarted.cursor, restarted.running) == (reservation.id + 1, ["1-1", "1-2"])
        assert restarted.run_once().deployed == []
        grid.sign("delete", reservation)
        assert restarted.run_once().deleted == ["1-1", "1-2"]
    assert grid.stored(reservation).next_action == "deleted"


@pytest.mark.parametrize("restart", [False, True])
def test_a_report_that_did_not_get_through_is_sent_later(
    *, grid: Any, calls: Any, machine: Machine, path: Path, restart: bool
) -> None:
    """Also by the agent that comes after a restart; the workload is not deployed again."""
    line = Down(calls)
    line.down = {"set_workload_result"}
    reservation = grid.deployed(workloads=2)
    agent = agent_of(grid, line, machine, path)
    with pytest.raises(Unavailable, match="does not get through"):
        agent.run_once()
    assert grid.stored(reservation).results == []
    assert machine.did == ["deploy 1-1", "deploy 1-2"]
    if restart:
        agent.close()
        agent = agent_of(grid, line, machine, path)
    line.down = set()
    assert agent.run_once().reported == 2
    assert len(grid.stored(reservation).results) == 2
    assert machine.did == ["deploy 1-1", "deploy 1-2"]
    agent.close()


@pytest.mark.parametrize("restart", [False, True])
def test_a_deletion_that_was_not_reported_is_reported_later(
    *, grid: Any, calls: Any, machine: Machine, path: Path, restart: bool
) -> None:
    """The callback is not called again."""
    line = Down(calls)
    reservation = grid.deployed()
    agent = agent_of(grid, line, machine, path)
    agent.run_once()
    grid.sign("delete", reservation)
    line.down = {"workload_deleted"}
    with pytest.raises(Unavailable):
        agent.run_once()
    if restart:
        agent.close()
        agent = agent_of(grid, line, machine, path)
    line.down = set()
    agent.run_once()
    assert grid.stored(reservation).next_action == "deleted"
    assert machine.did == ["deploy 1-1", "delete 1-1"]
    agent.close()


def test_what_has_had_its_time_is_deleted_while_the_server_is_away(
    grid: Any, calls: Any, machine: Machine, path: Path
) -> None:
    """The newest goes first; the report follows when the server is back, and the callback is called once."""
    line = Down(calls)
    reservation = grid.deployed(workloads=2)
    with agent_of(grid, line, machine, path) as agent:
        agent.run_once()
        grid.clock.now += 25 * HOUR
        line.down = {"workloads_list", "workload_deleted"}
        with pytest.raises(Unavailable):
            agent.run_once()
        assert machine.did[2:] == ["delete 1-2", "delete 1-1"]
        line.down = set()
        assert agent.run_once().reported == 2
        assert agent.run_once().deleted == []
    assert grid.stored(reservation).next_action == "deleted"
    assert machine.did[2:] == ["delete 1-2", "delete 1-1"]


def test_a_node_whose_clock_is_ahead_deletes_once(grid: Any, calls: Any, machine: Machine, path: Path) -> None:
    """The server refuses the report until its own time has come, and hears it then."""
    ahead = [grid.clock.now]
    reservation = grid.deployed()
    with agent_of(grid, calls, machine, path, clock=lambda: ahead[0]) as agent:
        agent.run_once()
        ahead[0] += 25 * HOUR
        assert agent.run_once().deleted == ["1-1"]
        assert grid.stored(reservation).next_action == "deploy"
        grid.clock.now += 25 * HOUR
        assert agent.run_once().reported == 1
    assert grid.stored(reservation).next_action == "deleted"
    assert machine.did == ["deploy 1-1", "delete 1-1"]


def test_what_comes_too_late_is_not_deployed(grid: Any, calls: Any, machine: Machine) -> None:
    """Its failure says so."""
    reservation = grid.deployed()
    with agent_of(grid, calls, machine, None, clock=lambda: grid.clock.now + 25 * HOUR) as agent:
        assert agent.run_once().failed == ["1-1"]
    assert machine.did == []
    assert grid.stored(reservation).results[0].message == "its time was over before it could be deployed"


def test_a_report_that_is_refused_for_good_is_dropped(
    grid: Any, calls: Any, machine: Machine, caplog: pytest.LogCaptureFixture
) -> None:
    """A node without its key cannot sign; the refusal is logged, and not provoked again."""
    reservation = grid.deployed()
    with agent_of(grid, calls, machine, None, key=None, node_id=grid.node.node_id) as agent:
        with caplog.at_level(logging.WARNING):
            assert agent.run_once().waiting == 0
        assert "the report on workload 1-1 was refused" in caplog.text
        caplog.clear()
        agent.run_once()
        assert caplog.text == ""
    assert grid.stored(reservation).results == []


def test_a_late_signature_still_reaches_a_node(grid: Any, agent: NodeAgent) -> None:
    """A reservation below the cursor comes by the queue."""
    first = grid.manager.reservation_register(reservation=grid.order())
    grid.deployed()
    agent.run_once()
    grid.manager.sign_customer(reservation_id=first.id, signature=grid.signature("customer", first))
    grid.sign("farmer", first)
    assert agent.run_once().deployed == ["1-1"]
    assert agent.cursor == 3


def test_a_network_on_two_nodes_is_reported_by_both(grid: Any, calls: Any, machine: Machine) -> None:
    """Each says which node it is, for the result and for the deletion."""
    network = {
        "name": "net",
        "workload_id": 1,
        "iprange": "10.20.0.0/16",
        "network_resources": [
            {"node_id": key.node_id, "iprange": f"10.20.{number}.0/24", "wireguard_listen_port": 2000}
            for number, key in enumerate((grid.node, grid.other), start=1)
        ],
    }
    reservation = grid.deployed(volumes=[], networks=[network])
    agents = [agent_of(grid, calls, machine, None, key=key) for key in (grid.node, grid.other)]
    assert [agent.run_once().reported for agent in agents] == [1, 1]
    grid.sign("delete", reservation)
    assert [agent.run_once().deleted for agent in agents] == [["1-1"], ["1-1"]]
    assert grid.stored(reservation).next_action == "deleted"


def test_an_agent_opens_the_secrets_of_its_node(grid: Any, agent: NodeAgent, machine: Machine) -> None:
    """One that has no key says so."""
    assert agent.unseal(signing.seal(grid.node.node_id, "secret")) == "secret"
    with pytest.raises(InputError, match="cannot be opened"):
        agent.unseal(signing.seal(grid.other.node_id, "secret"))
    keyless = agent_of(grid, grid.manager, machine, None, key=None, node_id="node-1")
    with pytest.raises(InputError, match="no key"):
        keyless.unseal("00")


class Stop(threading.Event):
    """An event that is set after some pauses, and remembers how long they would have been."""

    def __init__(self, pauses: int) -> None:
        super().__init__()
        self._left = pauses
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Count a pause instead of pausing."""
        self.seconds.append(timeout or 0)
        if len(self.seconds) >= self._left:
            self.set()
        return self.is_set()


def test_run_makes_rounds_until_it_is_told_to_stop(grid: Any, calls: Any, machine: Machine) -> None:
    """Between them it waits for the interval."""
    grid.deployed()
    stop = Stop(3)
    with agent_of(grid, calls, machine, None, interval=7) as agent:
        agent.run(stop)
        agent.run(stop)
    assert machine.did == ["deploy 1-1"]
    assert stop.seconds == [7, 7, 7]


def test_run_waits_for_a_server_that_is_away(grid: Any, calls: Any, machine: Machine) -> None:
    """Longer each time, up to a minute, and then as usual again."""
    line = Down(calls)
    line.down = {"workloads_list"}
    stop = Stop(9)
    with agent_of(grid, line, machine, None, interval=7) as agent:
        agent.run(stop)
    longest = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert all(most / 2 <= seconds <= most for seconds, most in zip(stop.seconds, longest, strict=True))


def test_it_says_which_node_it_is(grid: Any, agent: NodeAgent) -> None:
    """And what it has; nothing secret."""
    grid.deployed()
    agent.run_once()
    assert repr(agent) == f"<NodeAgent of {grid.node.node_id}, 1 workloads run, cursor 2>"
    assert agent.node_id == grid.node.node_id


@pytest.mark.parametrize("options", [{"key": None}, {"interval": 0}, {"interval": "often"}])
def test_what_does_not_fit_is_refused(grid: Any, machine: Machine, options: dict[str, Any]) -> None:
    """At once, and not at the first poll."""
    with pytest.raises(InputError):
        agent_of(grid, grid.manager, machine, None, **options)


def test_one_journal_has_one_agent(grid: Any, machine: Machine, path: Path) -> None:
    """Two would do everything twice; another node's is refused too, and so is what is no journal."""
    with agent_of(grid, grid.manager, machine, path) as agent:
        grid.deployed()
        agent.run_once()
        with pytest.raises(Conflict, match="used by another agent"):
            agent_of(grid, grid.manager, machine, path)
    with pytest.raises(Conflict, match="that of node"):
        agent_of(grid, grid.manager, machine, path, key=grid.other)
    path.write_text("[]")
    with pytest.raises(InputError, match="no journal"):
        agent_of(grid, grid.manager, machine, path)
    path.write_text('{"version": 99}')
    with pytest.raises(InputError, match="newer version"):
        agent_of(grid, grid.manager, machine, path)


def test_nothing_goes_on_without_the_journal(grid: Any, machine: Machine, tmp_path: Path) -> None:
    """A folder that is gone is said so; the workload is not deployed twice when it is back."""
    folder = tmp_path / "state"
    folder.mkdir()
    grid.deployed()
    with agent_of(grid, grid.manager, machine, folder / "journal") as agent:
        (folder / "journal.lock").unlink()
        folder.rmdir()
        with pytest.raises(Unavailable, match="cannot be written"):
            agent.run_once()
        folder.mkdir()
        assert agent.run_once().reported == 1
    assert machine.did == ["deploy 1-1"]
    with pytest.raises(Unavailable, match="cannot be opened"):
        agent_of(grid, grid.manager, machine, tmp_path / "not there" / "journal")


def test_the_journal_is_for_its_owner_alone(grid: Any, agent: NodeAgent, path: Path) -> None:
    """It has what the workloads have."""
    grid.deployed()
    agent.run_once()
    assert path.stat().st_mode & 0o777 == 0o600
