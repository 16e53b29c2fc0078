"""Listing and getting reservations: filters, order, pages, and how much is read for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from workloadmanager.errors import Internal


def ids(grid: Any, **filters: Any) -> list[int]:
    """Return the ids that a list returns."""
    return [reservation.id for reservation in grid.call("reservation_list", **filters).reservations]


def elsewhere(grid: Any) -> dict[str, Any]:
    """Return the data of a reservation on the second node."""
    data: dict[str, Any] = grid.data()
    data["volumes"][0]["node_id"] = grid.second_node.node_id
    return data


@pytest.fixture
def five(grid: Any) -> Any:
    """Return a grid with five reservations: 1 in deploy, 2 in create elsewhere, 3 in pay, 4 deleted, 5 of partner."""
    grid.deployed()
    grid.clock.now += 10
    grid.register(elsewhere(grid))
    grid.clock.now += 10
    grid.signed(grid.register())
    fourth = grid.register()
    grid.sign("delete", grid.customer, fourth)
    grid.register(customer_tid=2)
    return grid


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5]),
        ({"node_id": "", "state": "", "epoch": 0, "cursor": 0, "limit": 0}, [1, 2, 3, 4, 5]),
        ({"node_id": None, "state": None, "epoch": None, "customer_tid": None}, [1, 2, 3, 4, 5]),
        ({"epoch": 2147483647, "limit": 2147483647, "cursor": 2147483647}, [1, 2, 3, 4, 5]),
        ({"state": "deploy"}, [1]),
        ({"state": "DEPLOY "}, [1]),
        ({"state": 3}, [1]),
        ({"state": "3"}, [1]),
        ({"state": ["deploy", "pay"]}, [1, 3]),
        ({"state": ["deploy", 2]}, [1, 3]),
        ({"state": "deploy, pay"}, [1, 3]),
        ({"state": ("create",)}, [2, 5]),
        ({"state": []}, [1, 2, 3, 4, 5]),
        ({"state": 0}, [2, 5]),
        ({"state": "invalid"}, []),
        ({"customer_tid": 2}, [5]),
        ({"customer_tid": 77}, []),
        ({"cursor": 3}, [3, 4, 5]),
        ({"cursor": 6}, []),
        ({"limit": 2}, [1, 2]),
        ({"cursor": 2, "limit": 2}, [2, 3]),
        ({"state": "create", "cursor": 3}, [5]),
    ],
    ids=str,
)
def test_filters_keep_what_fits_in_the_order_of_ids(five: Any, filters: dict[str, Any], expected: list[int]) -> None:
    """Empty ones keep everything."""
    assert ids(five, **filters) == expected


def test_epoch_keeps_what_was_registered_after_it(five: Any) -> None:
    """Not in that second itself."""
    epochs = [one.epoch for one in five.call("reservation_list").reservations]
    assert ids(five, epoch=epochs[0]) == [2, 3, 4, 5]
    assert ids(five, epoch=epochs[0] - 1) == [1, 2, 3, 4, 5]
    assert ids(five, epoch=epochs[-1]) == []


def test_nodes_are_found_by_every_workload(five: Any) -> None:
    """Also by the resources of a network."""
    five.register(five.large())
    assert ids(five, node_id=five.second_node.node_id) == [2, 6]
    assert ids(five, node_id=five.node.node_id, state="create") == [5, 6]
    assert ids(five, node_id="nowhere") == []


def test_a_state_of_the_schema_is_a_filter_too(five: Any) -> None:
    """What a reservation says it is in can be asked for as it is."""
    state = five.call("reservation_get", reservation_id=3).next_action
    assert ids(five, state=state) == [3]
    assert ids(five, state=[state]) == [3]


def test_pages_follow_each_other_without_gap_or_repeat(five: Any) -> None:
    """The next cursor is one above the last id."""
    seen: list[int] = []
    cursor = 0
    while page := ids(five, cursor=cursor, limit=2):
        seen += page
        cursor = page[-1] + 1
    assert seen == [1, 2, 3, 4, 5]


def test_a_list_holds_whole_reservations(five: Any) -> None:
    """The same as `reservation_get` returns."""
    listed = five.call("reservation_list").reservations
    assert listed == [five.call("reservation_get", reservation_id=number) for number in range(1, 6)]


def test_a_page_reads_only_what_it_returns(five: Any) -> None:
    """Counted in documents, and in keys of the index."""
    for _ in range(30):
        five.register(elsewhere(five))
    before = replace(five.store.totals)
    assert len(ids(five, node_id=five.second_node.node_id, limit=3)) == 3
    assert five.store.totals.documents - before.documents == 3
    assert five.store.totals.keys - before.keys <= 8


def test_getting_reads_one_document(five: Any) -> None:
    """And one key, for the deadlines."""
    before = replace(five.store.totals)
    five.call("reservation_get", reservation_id=1)
    assert (five.store.totals.documents - before.documents, five.store.totals.keys - before.keys) == (1, 1)


def test_one_bad_row_never_breaks_a_list(five: Any, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged and left out; a page is as long as ever."""
    five.damage(2)
    assert ids(five) == [1, 3, 4, 5]
    assert ids(five, limit=2) == [1, 3]
    assert "reservation 2" in caplog.text


def test_a_bad_row_that_is_asked_for_is_a_fault_and_no_secret(five: Any) -> None:
    """The message names the reservation; the log has the cause."""
    five.damage(2)
    with pytest.raises(Internal, match="reservation 2"):
        five.call("reservation_get", reservation_id=2)


def test_a_bad_row_that_is_signed_is_a_fault_too(five: Any) -> None:
    """There is no text that the signature could be verified against."""
    reservation = five.call("reservation_get", reservation_id=3)
    five.damage(3)
    with pytest.raises(Internal, match="reservation 3"):
        five.sign("farmer", five.farmer, reservation)


def test_a_row_whose_parts_do_not_fit_each_other_is_bad(five: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A node for each result, no more and no fewer."""
    documents = five.context.documents
    reservation = five.call("reservation_get", reservation_id=1)
    body = [[11], [[1, 2, five.node.node_id]], ["one", "two"], msgspec.Raw(documents.reservation.encode(reservation))]
    five.damage(1, msgspec.msgpack.encode(body))
    assert five.polled() == []
    assert "reservation 1" in caplog.text


def test_history_is_told_on_request(five: Any) -> None:
    """When, which call, who, from which state to which."""
    told = five.call("reservation_get", reservation_id=1, history=True)
    assert told.reservation == five.call("reservation_get", reservation_id=1)
    assert [(one.call, one.who, one.from_state, one.to_state) for one in told.history] == [
        ("reservation_register", "1", "", "create"),
        ("sign_customer", "1", "create", "pay"),
        ("sign_farmer", "11", "pay", "deploy"),
    ]
    assert {one.epoch for one in told.history} == {told.reservation.epoch}


def test_with_its_history_it_is_told_what_a_reservation_waits_for(grid: Any) -> None:
    """And which signatures are missing."""
    request = {"signers": [2, 3], "quorum_min": 2}
    reservation = grid.register(grid.data(signing_request_provision=request))
    grid.signed(reservation)
    grid.sign("provision", grid.partner, reservation)
    told = grid.call("reservation_get", reservation_id=1, history=True)
    assert told.waits_for == "signatures for provision (1 of 2, missing 3)"
