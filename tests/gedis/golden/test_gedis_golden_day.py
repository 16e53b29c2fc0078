"""A node's whole day at each of the five dates: it joins, polls, deploys, reports, deletes, and has nothing to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.signing import Key
from workloadmanager.threebot.gedis import Gedis

from . import payloads
from .clients import CallFailed, Client, Poller
from .documents import UNKNOWN, Workload
from .epochs import Epoch


class Node:
    """A node of one epoch: each of its daemons calls with the same client."""

    def __init__(self, client: Client, key: Key, clock: Any) -> None:
        self.client = client
        self.key = key
        self.clock = clock
        self.poller = Poller(client, key.node_id)
        self.running: dict[str, Workload] = {}
        self.log: list[str] = []

    def boot(self, farm_id: int) -> None:
        """Join the farm, and tell what it has."""
        epoch = self.client.epoch
        added = self.client.add_node(payloads.node(epoch, self.key, farm_id=farm_id))
        assert added["node_id"] == self.key.node_id
        amount = {"cru": 4, "mru": 16, "hru": 2000, "sru": 512}
        hypervisor = {"hypervisor": None} if epoch.hypervisor else {}
        self._tell("publish_interfaces", ifaces=payloads.interfaces(epoch))
        self._tell("update_total_capacity", resource=amount)
        self._tell("add_proof", proof={**payloads.PROOF, **hypervisor})
        self._tell("uptime_update", uptime=60)

    def work(self) -> tuple[list[str], list[str]]:
        """Poll once, and do all of it; return what was deployed and what was deleted."""
        now = self.clock()
        deployed, deleted = [], []
        found = self.poller.poll()
        expired = [one for one in self.running.values() if one.created + one.duration <= now]
        for one in [*found, *expired]:
            if one.to_delete or one in expired:
                self._delete(one)
                deleted.append(one.gwid)
            elif one.gwid not in self.running and one.created + one.duration > now and one.kind != UNKNOWN:
                self._deploy(one)
                deployed.append(one.gwid)
        self.clock.now += 10
        return deployed, deleted

    def _deploy(self, one: Workload) -> None:
        self.running[one.gwid] = one
        report = payloads.result(self.client.epoch, self.key, one.kind, one.gwid, at=self.clock())
        try:
            self.client.feedback(one.gwid, report)
        except CallFailed as failure:
            self.log.append(str(failure))  # and goes on
        self._tell_reserved()
        if one.kind == "network":
            self._tell("publish_wg_ports", ports=[2000])

    def _delete(self, one: Workload) -> None:
        self.running.pop(one.gwid, None)
        if self.client.epoch.deletes:
            self.client.deleted(one.gwid)
        self._tell_reserved()

    def _tell_reserved(self) -> None:
        key = self.client.epoch.reserved_key
        if key:
            self._tell("update_reserved_capacity", **{key: {"cru": 1, "mru": 2, "hru": 0, "sru": 10}})

    def _tell(self, method: str, **arguments: Any) -> None:
        self.client.tell_node(method, node_id=self.key.node_id, **arguments)


def test_a_whole_day(grid: Any, client: Client) -> None:
    """With reservations of every kind, one deleted by its customer and one by its deadline."""
    _live_a_day(grid, client)


def test_a_whole_day_at_a_closed_server(open_grid: Callable[..., Any], epoch: Epoch) -> None:
    """The same with a secret of the node in its address, by which it is known: it may do all that a node does."""
    secrets = {"node:" + payloads.NODE_ID: "the-secret-of-the-node"}
    grid = open_grid(Gedis(listen=("tcp://127.0.0.1:0",), closed=True, secrets=secrets))
    _live_a_day(grid, grid.client(epoch, address=grid.address.replace("tcp://", "tcp://the-secret-of-the-node@")))
    with pytest.raises(CallFailed, match="log in"):
        grid.client(epoch).poll(grid.node.node_id)


def _live_a_day(grid: Any, client: Client) -> None:
    epoch = client.epoch
    node = Node(client, grid.node, grid.clock)
    node.boot(grid.farm_id)
    assert node.work() == ([], [])
    large, small = grid.deployed(grid.every_kind()), grid.deployed()
    of_large = [f"{large}-{each}" for each in range(1, 6) if epoch.kubernetes or each != 5]
    deployed, deleted = node.work()
    assert (sorted(deployed), deleted) == (sorted([*of_large, f"{small}-1"]), [])
    assert len(grid.reservation(large).results) == len(of_large)
    assert node.work() == ([], [])
    grid.to_be_deleted(large)
    deployed, deleted = node.work()
    assert (deployed, sorted(deleted)) == ([], of_large if epoch.honours_to_delete else [])
    grid.clock.now += 3600
    deployed, deleted = node.work()
    assert deployed == []
    assert f"{small}-1" in deleted
    assert (node.running, node.log) == ({}, [])
    _everything_is_gone(grid, node, large, small)


def _everything_is_gone(grid: Any, node: Node, *reservations: int) -> None:
    """The first client reports no deletion, so that the server goes on sending them: it does not know better."""
    states = [grid.state(number) for number in reservations]
    if node.client.epoch.deletes:
        assert states == ["deleted", "deleted"]
        assert node.work() == ([], [])
        assert node.poller.poll() == []
    else:
        assert states == ["delete", "delete"]
        assert node.work() == ([], [])


def test_a_day_with_a_restart_of_the_node(grid: Any, client: Client) -> None:
    """It forgot everything, polls from 0, and deploys what still is to run, and only that."""
    kept, gone = grid.deployed(), grid.deployed()
    Node(client, grid.node, grid.clock).work()
    grid.to_be_deleted(gone)
    rebooted = Node(grid.client(client.epoch), grid.node, grid.clock)
    rebooted.boot(grid.farm_id)
    deployed, _ = rebooted.work()
    assert f"{kept}-1" in deployed
    if client.epoch.honours_to_delete:
        assert (deployed, rebooted.log) == ([f"{kept}-1"], [])
    else:
        assert deployed == [f"{kept}-1", f"{gone}-1"]
        assert "delete" in rebooted.log[0], "what the first two make of a deletion is refused"
    assert grid.state(kept) == "deploy"
