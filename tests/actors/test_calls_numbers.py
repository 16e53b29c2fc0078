"""Whole numbers as the text of their digits, which some clients send."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import CALLS, Caller, Request, Role, call_of
from workloadmanager.errors import InputError

NUMBERS = {
    "reservation_get": {"reservation_id"},
    "reservation_list": {"epoch", "cursor", "limit", "customer_tid"},
    "workloads_list": {"epoch", "cursor", "limit"},
    "sign_provision": {"reservation_id", "tid"},
    "sign_delete": {"reservation_id", "tid"},
    "sign_farmer": {"reservation_id", "tid"},
    "sign_customer": {"reservation_id"},
    "workload_deleted": {"reservation_id"},
}
"""The arguments of each call that are whole numbers, written down once more and apart from the code."""

PAIRS = [(call, argument) for call, arguments in NUMBERS.items() for argument in sorted(arguments)]
REQUEST = {"signers": [2], "quorum_min": 1}


def sample(grid: Any, call: str) -> dict[str, Any]:
    """Return arguments that the call takes, with every number as a number, for a reservation that is ready for it."""
    reservation = grid.register(grid.data(signing_request_provision=REQUEST))
    if call in ("sign_farmer", "workloads_list", "workload_deleted", "reservation_list", "reservation_get"):
        grid.signed(reservation)
        grid.sign("provision", grid.partner, reservation)
    if call in ("workloads_list", "workload_deleted"):
        grid.sign("farmer", grid.farmer, reservation)
    if call == "workload_deleted":
        grid.sign("delete", grid.customer, reservation)
        return {"workload_id": "1", "reservation_id": 1}
    if call.startswith("sign_"):
        purpose = call.removeprefix("sign_")
        person = {"provision": grid.partner, "farmer": grid.farmer}.get(purpose, grid.customer)
        signed = {"reservation_id": 1, "signature": person.sign(reservation, purpose)}
        return signed if purpose == "customer" else {**signed, "tid": person.tid}
    if call == "reservation_get":
        return {"reservation_id": 1}
    listed = {"epoch": grid.clock.now - 1, "cursor": 1, "limit": 1}
    return {**listed, "customer_tid": 1} if call == "reservation_list" else listed


@pytest.mark.parametrize("call", CALLS)
def test_these_are_all_numbers_of_all_calls(grid: Any, call: str) -> None:
    """So that none goes without a test below."""
    assert grid.refs[call].is_alive()
    schema = grid.context.registry.get(f"actors.tfgrid.workloadmanager.{call_of(CALLS[call]).name}.in")
    assert {each.name for each in schema.properties if each.expression == "(I)"} == NUMBERS.get(call, set())


@pytest.mark.parametrize(("call", "argument"), PAIRS)
def test_a_number_may_come_as_its_digits(grid: Any, call: str, argument: str) -> None:
    """The call does what it does with the number."""
    arguments = sample(grid, call)
    reply = grid.call(call, **{**arguments, argument: str(arguments[argument])})
    parts = next((getattr(reply, name) for name in ("reservations", "workloads") if hasattr(reply, name)), [reply])
    assert len(parts) == 1


@pytest.mark.parametrize("text", ["1x", "one", "1.5", "--1", "0x1"])
@pytest.mark.parametrize(("call", "argument"), PAIRS)
def test_any_other_text_is_a_mistake(grid: Any, call: str, argument: str, text: str) -> None:
    """It says which argument it is."""
    arguments = {"reservation_id": 1, "tid": 1, "signature": "ab" * 64} if call.startswith("sign_") else {}
    with pytest.raises(InputError) as refused:
        grid.call(call, **{**arguments, argument: text})
    assert argument in {problem.path for problem in refused.value.errors}


def test_a_reservation_is_deleted_by_its_id_as_text(grid: Any) -> None:
    """So nodes' own tools send it, and nothing else; it takes an operator."""
    for _ in range(101):
        grid.register()
    request = Request({"reservation_id": "101"}, Caller(Role.operator))
    assert grid.refs["sign_delete"].ask(request, timeout=20).next_action == "deleted"
    assert grid.call("reservation_get", reservation_id="101").next_action == "deleted"
    assert grid.call("reservation_get", reservation_id="100").next_action == "create"
