"""Polling: from the cursor on, the pending queue below it, pages, and an empty poll that reads nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest


def test_a_poll_from_0_returns_everything_to_run_in_order(grid: Any) -> None:
    """By reservation, then network, zdb, volume, container, kubernetes."""
    grid.deployed(grid.large())
    grid.deployed()
    assert grid.polled(grid.node) == ["1-1", "1-3", "1-2", "2-1"]
    assert grid.polled(grid.second_node) == ["1-1", "1-4", "1-5"]
    assert grid.polled() == ["1-1", "1-4", "1-3", "1-2", "1-5", "2-1"]


def test_what_runs_is_listed_again_from_0(grid: Any) -> None:
    """A node that boots asks for everything that is still to run."""
    grid.deployed()
    grid.report(grid.node, "1-1")
    assert grid.polled(grid.node) == ["1-1"]
    assert grid.polled(grid.node, cursor=2) == []


def test_an_envelope_says_what_the_node_needs(grid: Any) -> None:
    """Times, the customer, the content with its ids."""
    grid.deployed()
    (envelope,) = grid.call("workloads_list", node_id=grid.node.node_id).workloads
    assert envelope == grid.call("workload_get", gwid="1-1")
    assert (envelope.user, envelope.type, envelope.to_delete) == ("1", "volume", False)
    assert (envelope.created, envelope.duration) == (grid.clock.now, 3600)
    assert (envelope.content["reservation_id"], envelope.content["node_id"]) == (1, grid.node.node_id)


def test_what_was_signed_late_arrives_below_the_cursor(grid: Any) -> None:
    """The node has seen 2 already when 1 is paid."""
    late = grid.register()
    grid.deployed()
    assert grid.polled(grid.node) == ["2-1"]
    grid.signed(late)
    grid.sign("farmer", grid.farmer, late)
    assert grid.polled(grid.node, cursor=3) == ["1-1", "2-1"]
    grid.report(grid.node, "2-1")
    assert grid.polled(grid.node, cursor=3) == ["1-1"]


def test_a_deletion_arrives_below_the_cursor_until_it_is_reported(grid: Any) -> None:
    """Whatever epoch and cursor say."""
    grid.deleting()
    assert grid.polled(grid.node, cursor=100, epoch=grid.clock.now + 100) == ["1-1"]
    grid.call("workload_deleted", workload_id="1-1")
    assert grid.polled(grid.node, cursor=100) == []
    assert grid.polled(grid.node, cursor=0) == []


def test_only_what_waits_arrives_below_the_cursor(grid: Any) -> None:
    """What the node reported on already does not."""
    grid.deployed(grid.large())
    grid.report(grid.node, "1-3")
    assert grid.polled(grid.node, cursor=2) == ["1-1", "1-2"]
    assert grid.polled(grid.node, cursor=1) == ["1-1", "1-3", "1-2"]


def test_epoch_keeps_what_was_registered_after_it(grid: Any) -> None:
    """But for what waits."""
    grid.deployed()
    grid.report(grid.node, "1-1")
    grid.clock.now += 10
    grid.deployed()
    assert grid.polled(grid.node, epoch=grid.clock.now - 10) == ["2-1"]


def test_without_a_node_there_is_no_queue(grid: Any) -> None:
    """The workloads of all nodes, from the cursor on."""
    grid.deployed()
    assert grid.polled() == ["1-1"]
    assert grid.polled(cursor=2) == []


@pytest.mark.parametrize("state", ["create", "pay", "deleted"])
def test_what_is_not_to_run_is_not_listed(grid: Any, state: str) -> None:
    """Before deploy, and when all is over."""
    reservation = grid.register()
    if state == "pay":
        grid.signed(reservation)
    if state == "deleted":
        grid.sign("delete", grid.customer, reservation)
    assert grid.polled(grid.node) == []
    assert grid.call("workload_get", gwid="1-1").workload_id == "1-1"


def test_a_page_never_splits_a_reservation(grid: Any) -> None:
    """A first one that is larger than the page is given whole."""
    for _ in range(3):
        grid.deployed(grid.large())
    assert grid.polled(grid.node, limit=1) == ["1-1", "1-3", "1-2"]
    assert grid.polled(grid.node, limit=5) == ["1-1", "1-3", "1-2"]
    assert grid.polled(grid.node, limit=6) == ["1-1", "1-3", "1-2", "2-1", "2-3", "2-2"]


def test_what_waits_below_the_cursor_is_not_counted(grid: Any) -> None:
    """The node never asks for it again, so it must not push out what it asks for."""
    for _ in range(4):
        grid.deployed()
    assert grid.polled(grid.node, cursor=3, limit=1) == ["1-1", "2-1", "3-1"]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 0])
def test_a_node_that_follows_its_cursor_sees_everything(grid: Any, limit: int) -> None:
    """Its next cursor is one above the highest reservation it has seen, whatever is queued beyond the page."""
    for number in range(7):
        grid.deployed(grid.large() if number % 3 == 0 else None)
    for gwid in ("2-1", "5-1"):
        grid.report(grid.node, gwid)
    seen: set[str] = set()
    cursor = 0
    for _ in range(20):
        page = grid.polled(grid.node, cursor=cursor, limit=limit)
        fresh = [gwid for gwid in page if int(gwid.split("-")[0]) >= cursor]
        if not fresh:
            break
        seen.update(fresh)
        cursor = max(int(gwid.split("-")[0]) for gwid in page) + 1
    assert seen == set(grid.polled(grid.node))


def test_a_node_with_nothing_new_touches_no_document(grid: Any) -> None:
    """A handful of keys, however much there is."""
    for _ in range(20):
        grid.deployed()
    for number in range(1, 21):
        grid.report(grid.node, f"{number}-1")
    before = replace(grid.store.totals)
    assert grid.polled(grid.node, cursor=21) == []
    assert grid.store.totals.documents == before.documents
    assert grid.store.totals.keys - before.keys <= 6


def test_a_poll_reads_the_documents_that_it_returns(grid: Any) -> None:
    """And no others."""
    for _ in range(10):
        grid.deployed()
    before = replace(grid.store.totals)
    assert grid.polled(grid.second_node) == []
    assert len(grid.polled(grid.node, limit=3)) == 3
    assert grid.store.totals.documents - before.documents <= 4


def test_one_bad_row_never_breaks_a_poll(grid: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The other workloads arrive."""
    for _ in range(3):
        grid.deployed()
    grid.damage(2, b"\x93")
    assert grid.polled(grid.node) == ["1-1", "3-1"]
    assert "reservation 2" in caplog.text
