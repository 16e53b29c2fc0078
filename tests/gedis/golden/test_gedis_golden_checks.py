"""The seven checks that a server passes with the real clients, each as one test over all of them."""

from __future__ import annotations

from typing import Any

import pytest

from . import payloads
from .clients import CallFailed, Client, Poller
from .documents import KINDS, UNKNOWN
from .epochs import DELETING, Epoch, connecting
from .grid import ABSENT
from .wire import command


def test_1_auth_config_format_ping_and_one_reply_per_command(grid: Any, clock: Any, epoch: Epoch) -> None:
    """Many short connections, or a pooled one that is asked whether it lives when it was idle."""
    client = grid.client(epoch, address=grid.operator_address)
    for _ in range(20):
        client.poll(grid.node.node_id)
        clock.now += 11
    assert len(client.connections) == (1 if epoch.pooled else 20)
    first = client.connections[0]
    assert first.sent.startswith(command("AUTH", grid.secret) + command("config_format", "json"))
    assert first.sent.count(command("PING")) == (19 if epoch.pooled else 0)
    assert all(len(one.replies) == one.sent.count(b"*") for one in client.connections)
    client.close()
    assert client.unasked == b""


def test_2_the_cursor_and_a_deletion_below_it(grid: Any, client: Client) -> None:
    """0, then max + 1; a deletion below the cursor still arrives; nothing after the reports."""
    numbers = [grid.deployed() for _ in range(3)]
    poller = Poller(client, grid.node.node_id)
    for one in poller.poll():
        done = payloads.result(client.epoch, grid.node, one.kind, one.gwid, at=grid.clock())
        client.feedback(one.gwid, done)
    assert poller.cursor == max(numbers) + 1
    assert poller.poll() == []
    grid.to_be_deleted(numbers[0])
    (deletion,) = poller.poll()
    assert deletion.gwid == f"{numbers[0]}-1"
    if client.epoch.deletes:
        client.deleted(deletion.gwid)
        assert poller.poll() == []


def test_3_all_kinds_decode(grid: Any, client: Client) -> None:
    """Five from the second client on, four at the first, which takes the fifth for an unknown kind."""
    grid.deployed(grid.every_kind())
    kinds = {one.kind for one in client.poll(grid.node.node_id)}
    assert kinds == ({*KINDS} if client.epoch.kubernetes else {*KINDS, UNKNOWN} - {"kubernetes"})


def test_4_results_in_both_forms(grid: Any, client: Client) -> None:
    """Ok and error, null of a network, a kubernetes with category 0."""
    number = grid.deployed(grid.every_kind())
    sent = {}
    for one in client.poll(grid.node.node_id):
        if one.kind == UNKNOWN:
            continue
        for error in ("it failed", ""):
            report = payloads.result(client.epoch, grid.node, one.kind, one.gwid, error=error, at=grid.clock())
            client.feedback(one.gwid, report)
        sent[one.gwid] = (one.kind, report)
    kept = {one.workload_id: one for one in grid.reservation(number).results}
    assert {gwid: (str(one.category), str(one.state)) for gwid, one in kept.items()} == {
        gwid: (kind, "ok") for gwid, (kind, _) in sent.items()
    }
    assert [report["category"] for kind, report in sent.values() if kind == "kubernetes"] in ([0], [])
    assert [kept[gwid].data_json for gwid, (kind, _) in sent.items() if kind == "network"] == ["null"]


@pytest.mark.parametrize("epoch", DELETING, ids=connecting)
def test_5_deleted_for_one_that_never_ran_and_a_deletion_by_a_text_id(grid: Any, epoch: Epoch) -> None:
    """The operator asks for the deletion, and the node reports what it never had."""
    number = grid.deployed()
    grid.client(epoch, address=grid.operator_address).delete(number)
    grid.client(epoch).deleted(f"{number}-1")
    assert grid.state(number) == "deleted"


def test_6_errors_that_decode_and_a_connection_that_goes_on(client: Client) -> None:
    """An unknown id is an error with its message, and the next call is answered."""
    with pytest.raises(CallFailed) as failure:
        client.get(f"{ABSENT}-1")
    error = failure.value.error
    assert error is not None
    assert error.typed
    assert f"{ABSENT}-1" in error.text
    assert (error.level, error.category) == (40, "not_found")
    assert "workload_get" in error.context
    assert client.poll("node-1") == []


def test_7_the_directory_round_trips(grid: Any, client: Client) -> None:
    """`resource` and `resources`, no public interface, a farm and a node as they were sent."""
    number = client.register_farm(payloads.farm(threebot_id=11))
    client.add_node(payloads.node(client.epoch, grid.node, farm_id=grid.farm_id))
    amount = {"cru": 1, "mru": 2, "hru": 3, "sru": 4}
    for key in ("resource", "resources"):
        client.tell_node("update_reserved_capacity", node_id=grid.node.node_id, **{key: amount})
    found = client.get_node(grid.node.node_id)
    assert found["reserved_resources"] == amount
    assert not (found["public_config"] or {}).get("master")
    assert client.get_farm(number) == {**payloads.farm(threebot_id=11), "id": number}
