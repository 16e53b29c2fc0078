"""Who registers, signs and deletes, with a signature and without one."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import HOST, Caller, Role
from workloadmanager.errors import Conflict, NotFound, PermissionDenied

OPERATOR = Caller(Role.operator)
GUEST = Caller(Role.guest)
STRANGER = Caller(Role.stranger)


def user(tid: int) -> Caller:
    """A session of a threebot."""
    return Caller(Role.user, tid=tid)


@pytest.mark.parametrize("caller", [STRANGER, user(2), Caller(Role.node, "node-1")], ids=str)
def test_nobody_registers_for_another_without_a_signature(grid: Any, caller: Caller) -> None:
    """The refusal says what to do; with the signature it is taken from anybody."""
    reservation = {"customer_tid": 1, "data_reservation": grid.data()}
    before = grid.content()
    with pytest.raises(PermissionDenied, match="sign it, or log in as the customer") as refused:
        grid.call_as(caller, "reservation_register", reservation=reservation)
    assert refused.value.path == "customer_signature"
    assert grid.content() == before
    json = grid.register().json
    signature = grid.customer.sign_text(json, "customer")
    signed = {"customer_tid": 1, "json": json, "customer_signature": signature}
    assert grid.call_as(caller, "reservation_register", reservation=signed).next_action == "pay"


@pytest.mark.parametrize("caller", [user(1), GUEST, OPERATOR, HOST], ids=str)
def test_a_customer_registers_without_a_signature(grid: Any, caller: Caller) -> None:
    """And so does who is trusted to do it for them."""
    reservation = {"customer_tid": 1, "data_reservation": grid.data()}
    assert grid.call_as(caller, "reservation_register", reservation=reservation).next_action == "create"


def test_a_strangers_signature_has_to_verify(grid: Any) -> None:
    """One that is merely there is none."""
    reservation = {"customer_tid": 1, "data_reservation": grid.data(), "customer_signature": "ab" * 64}
    before = grid.content()
    with pytest.raises(PermissionDenied, match="refused"):
        grid.call_as(STRANGER, "reservation_register", reservation=reservation)
    assert grid.content() == before


@pytest.mark.parametrize("tid", [1, 77], ids=["a customer", "nobody"])
def test_a_stranger_learns_nothing_from_a_signature_that_does_not_verify(grid: Any, tid: int) -> None:
    """Neither who is a user nor which nodes there are: the signature is looked at before anything else is."""
    data = grid.data(volumes=[{"workload_id": 1, "node_id": "no such node", "size": 10}])
    reservation = {"customer_tid": tid, "data_reservation": data, "customer_signature": "ab" * 64}
    with pytest.raises(PermissionDenied, match="the signature of the customer is refused") as refused:
        grid.call_as(STRANGER, "reservation_register", reservation=reservation)
    assert "node" not in refused.value.message


@pytest.mark.parametrize("caller", [STRANGER, user(9), Caller(Role.node, "node-1"), GUEST, OPERATOR], ids=str)
def test_a_signature_is_taken_from_whoever_brings_it(grid: Any, caller: Caller) -> None:
    """It says itself whose it is."""
    reservation = grid.register()
    customers = grid.customer.sign(reservation, "customer")
    assert grid.call_as(caller, "sign_customer", reservation_id=1, signature=customers).next_action == "pay"
    farmers = grid.farmer.sign(reservation, "farmer")
    assert grid.call_as(caller, "sign_farmer", reservation_id=1, tid=11, signature=farmers).next_action == "deploy"
    deleted = grid.customer.sign(reservation, "delete")
    assert grid.call_as(caller, "sign_delete", reservation_id=1, tid=1, signature=deleted).next_action == "delete"


@pytest.mark.parametrize(
    ("state", "after"), [("create", "deleted"), ("sign", "deleted"), ("pay", "deleted"), ("deploy", "delete")]
)
def test_the_operator_deletes_without_a_signature(grid: Any, state: str, after: str) -> None:
    """What runs is deleted by its nodes; the reply has the fields that it always has."""
    request = {"signing_request_provision": {"signers": [2], "quorum_min": 1}} if state == "sign" else {}
    reservation = grid.register(grid.data(**request))
    if state != "create":
        grid.signed(reservation)
    if state == "deploy":
        grid.sign("farmer", grid.farmer, reservation)
    assert grid.state(reservation) == state
    reply = grid.call_as(OPERATOR, "sign_delete", reservation_id="1")
    assert (reply.next_action, reply.signed, reply.needed, reply.missing) == (after, [], 1, [])
    assert [one.to_delete for one in grid.call("workloads_list").workloads] == [True] * (after == "delete")
    entry = grid.call("reservation_get", reservation_id=1, history=True).history[-1]
    assert (entry.call, entry.who, entry.from_state, entry.to_state) == ("sign_delete", "operator", state, after)


def test_the_operators_deletion_again_succeeds_without_change(grid: Any) -> None:
    """In delete and in deleted, however it came to that."""
    grid.deployed()
    grid.call_as(OPERATOR, "sign_delete", reservation_id=1)
    before = grid.content()
    assert grid.call_as(OPERATOR, "sign_delete", reservation_id=1).next_action == "delete"
    assert grid.content() == before
    grid.call("workload_deleted", workload_id="1-1")
    before = grid.content()
    assert grid.call_as(OPERATOR, "sign_delete", reservation_id=1).next_action == "deleted"
    assert grid.content() == before


def test_the_operator_deletes_nothing_that_is_invalid_or_absent(grid: Any) -> None:
    """As nobody else does."""
    grid.register()
    grid.clock.now += 600
    with pytest.raises(Conflict, match="is in invalid"):
        grid.call_as(OPERATOR, "sign_delete", reservation_id=1)
    with pytest.raises(NotFound):
        grid.call_as(OPERATOR, "sign_delete", reservation_id=2)


@pytest.mark.parametrize(
    ("caller", "words"),
    [
        (HOST, "where it is the operator who asks, send it as a request of the operator"),
        (GUEST, "only a session of the operator deletes without"),
        (STRANGER, "only a session of the operator deletes without"),
        (user(1), "only a session of the operator deletes without"),
        (Caller(Role.node, "node-1"), "only a session of the operator deletes without"),
    ],
    ids=str,
)
def test_nobody_else_deletes_without_a_signature(grid: Any, caller: Caller, words: str) -> None:
    """Not the customer either, whose session is not the signature that the request asks for."""
    grid.deployed()
    before = grid.content()
    with pytest.raises(PermissionDenied, match=f"a deletion is signed: .*{words}") as refused:
        grid.call_as(caller, "sign_delete", reservation_id="1")
    assert refused.value.path == "tid"
    assert grid.content() == before


@pytest.mark.parametrize(("given", "path"), [({"tid": 1}, "signature"), ({"signature": "ab" * 64}, "tid")])
def test_half_of_a_signature_is_none_for_the_operator_either(grid: Any, given: dict[str, Any], path: str) -> None:
    """It is a mistake, and decides nothing."""
    grid.deployed()
    with pytest.raises(PermissionDenied, match="or neither of them to decide it as the operator") as refused:
        grid.call_as(OPERATOR, "sign_delete", reservation_id=1, **given)
    assert refused.value.path == path
    assert grid.state(grid.call("reservation_get", reservation_id=1)) == "deploy"
