"""Who may sign, who has, who is missing."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.errors import PermissionDenied
from workloadmanager.rules import NextAction, Purpose, apply, quorum, signers_of


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        (Purpose.customer, "0 of 1, missing 1"),
        (Purpose.provision, "0 of 2, missing 2, 3, 4"),
        (Purpose.farmer, "0 of 2, missing 21, 22"),
        (Purpose.delete, "0 of 2, missing 2, 3"),
    ],
)
def test_a_new_reservation_misses_everybody(grid: Any, purpose: Purpose, words: str) -> None:
    """For every purpose."""
    state = quorum(grid.open().case, purpose)
    assert str(state) == words
    assert not state.reached


def test_a_quorum_says_who_signed_and_who_is_missing(grid: Any) -> None:
    """In the order of signing, and of the request."""
    state = quorum(grid.case(NextAction.sign, grid.provision(3)), Purpose.provision)
    assert (state.needed, state.signed, state.missing) == (2, (3,), (2, 4))
    assert str(state) == "1 of 2, missing 2, 4"


def test_a_reached_quorum_misses_nobody(grid: Any) -> None:
    """Although a third could have signed."""
    state = quorum(grid.case(NextAction.pay), Purpose.provision)
    assert (state.reached, state.signed, state.missing, str(state)) == (True, (2, 3), (), "2 of 2")


@pytest.mark.parametrize("request_", [{}, {"signers": None}, {"signers": [], "quorum_min": 0}])
def test_without_signers_the_customer_decides_alone(grid: Any, request_: dict[str, Any]) -> None:
    """The customer's own signature is the decision to provision; one signature of theirs is that to delete."""
    case = grid.open(signing_request_provision=request_, signing_request_delete=request_).case
    assert str(quorum(case, Purpose.provision)) == "0 of 1, missing 1"
    signed = apply(case, grid.customer_signed(), grid.now)
    assert signed.moves == (NextAction.sign, NextAction.pay)
    assert str(quorum(signed.case, Purpose.provision)) == "1 of 1"
    assert apply(signed.case, grid.delete(1), grid.now).moves == (NextAction.deleted,)


def test_without_signers_nobody_else_signs_for_provision(grid: Any) -> None:
    """Not even the customer before the own signature is there; the refusal says what is needed."""
    case = grid.open(signing_request_provision={}).case
    for tid in (1, 9):
        with pytest.raises(PermissionDenied, match="the signature of its customer, 1, is all it needs"):
            apply(case, grid.provision(tid), grid.now)


@pytest.mark.parametrize(
    ("state", "kind", "allowed"),
    [
        (NextAction.sign, "provision", "2, 3, 4"),
        (NextAction.pay, "farmer", "21, 22"),
        (NextAction.deploy, "delete", "2, 3"),
    ],
)
def test_who_is_not_named_may_not_sign(grid: Any, state: NextAction, kind: str, allowed: str) -> None:
    """Not the customer either; the refusal says who may."""
    for tid in (1, 9):
        with pytest.raises(
            PermissionDenied, match=f"{tid} may not sign .* for {kind}; those who may: {allowed}"
        ) as found:
            apply(grid.case(state), getattr(grid, kind)(tid), grid.now)
        assert found.value.path == "tid"


def test_signing_again_is_a_success_without_change(grid: Any) -> None:
    """In the same state and in a later one."""
    case = grid.case(NextAction.sign, grid.provision(2))
    assert not apply(case, grid.provision(2), grid.now).changed
    assert not apply(grid.case(NextAction.deploy), grid.provision(2), grid.now).changed


def test_a_signer_who_is_named_twice_counts_once(grid: Any) -> None:
    """Signers are counted, not the places at which they are named."""
    case = grid.open(signing_request_provision={"signers": [2, 2, 3], "quorum_min": 2}).case
    assert signers_of(case, Purpose.provision) == (2, 3)
    assert not quorum(grid.follow(case, grid.provision(2)).case, Purpose.provision).reached
