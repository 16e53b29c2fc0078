"""Signing: forms, uses, signers, and what a reply says."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.errors import Conflict, PermissionDenied
from workloadmanager.rules import Settings

REQUEST = {"signers": [2, 3], "quorum_min": 2}


@pytest.fixture
def reservation(grid: Any) -> Any:
    """Return a reservation in create whose provision and deletion need two signers."""
    return grid.register(grid.data(signing_request_provision=REQUEST, signing_request_delete=REQUEST))


@pytest.mark.parametrize("form", ["bound", "id-bound", "plain"])
@pytest.mark.parametrize("purpose", ["provision", "delete"])
def test_all_three_forms_sign_for_provision_and_delete(grid: Any, reservation: Any, purpose: str, form: Any) -> None:
    """As clients of three generations do."""
    assert grid.sign(purpose, grid.partner, reservation, form).signed == [2]


@pytest.mark.parametrize("form", ["bound", "plain"])
def test_farmers_and_customers_sign_bound_or_plain(grid: Any, form: Any) -> None:
    """Those are the forms that their clients know."""
    reservation = grid.register()
    signature = grid.customer.sign(reservation, "customer", form)
    reply = grid.call("sign_customer", reservation_id=1, signature=signature)
    assert (reply.next_action, reply.signed, reply.needed, reply.missing) == ("pay", [1], 1, [])
    assert grid.sign("farmer", grid.farmer, reservation, form).next_action == "deploy"


def test_farmers_and_customers_do_not_sign_id_bound(grid: Any) -> None:
    """No client ever signed these with the id alone."""
    reservation = grid.register()
    signature = grid.customer.sign(reservation, "customer", "id-bound")
    with pytest.raises(PermissionDenied):
        grid.call("sign_customer", reservation_id=1, signature=signature)
    grid.signed(reservation)
    with pytest.raises(PermissionDenied):
        grid.sign("farmer", grid.farmer, reservation, "id-bound")


@pytest.mark.parametrize("settings", [Settings(unbound_signatures="refuse")], ids=["refuse"])
@pytest.mark.parametrize("form", ["id-bound", "plain"])
def test_the_operator_may_refuse_what_does_not_say_what_it_is_for(grid: Any, reservation: Any, form: Any) -> None:
    """Bound signatures are always taken."""
    with pytest.raises(PermissionDenied):
        grid.sign("provision", grid.partner, reservation, form)
    assert grid.sign("provision", grid.partner, reservation).signed == [2]


def test_the_same_use_again_succeeds_without_change(grid: Any, reservation: Any) -> None:
    """A client that lost the reply may ask again."""
    first = grid.sign("provision", grid.partner, reservation, "plain")
    before = grid.content()
    assert grid.sign("provision", grid.partner, reservation, "plain") == first
    assert grid.content() == before


@pytest.mark.parametrize("form", ["plain", "id-bound"])
def test_another_use_of_an_unbound_signature_is_a_replay(grid: Any, reservation: Any, form: Any) -> None:
    """The message says that a bound one is needed."""
    grid.sign("provision", grid.partner, reservation, form)
    before = grid.content()
    with pytest.raises(Conflict, match="bound signature") as caught:
        grid.sign("delete", grid.partner, reservation, form)
    assert caught.value.path == "signature"
    assert grid.content() == before
    assert grid.sign("delete", grid.partner, reservation).signed == [2]


def test_a_plain_signature_does_not_sign_an_equal_reservation(grid: Any, reservation: Any) -> None:
    """The json text is the same, the reservation is not."""
    other = grid.register(grid.data(signing_request_provision=REQUEST, signing_request_delete=REQUEST))
    assert other.json == reservation.json
    grid.sign("provision", grid.partner, reservation, "plain")
    with pytest.raises(Conflict, match="reservation 1"):
        grid.sign("provision", grid.partner, other, "plain")


def test_a_bound_signature_is_for_its_reservation_purpose_and_signer(grid: Any, reservation: Any) -> None:
    """It verifies for nothing else."""
    other = grid.register(grid.data(signing_request_provision=REQUEST, signing_request_delete=REQUEST))
    signature = grid.partner.sign(reservation, "provision")
    for call, number, tid in (
        ("sign_delete", reservation.id, 2),
        ("sign_provision", other.id, 2),
        ("sign_provision", reservation.id, 3),
    ):
        with pytest.raises(PermissionDenied):
            grid.call(call, reservation_id=number, tid=tid, signature=signature)


def test_a_signature_may_be_upper_case_hex(grid: Any, reservation: Any) -> None:
    """And is still the same signature."""
    signature = grid.partner.sign(reservation, "provision", "plain")
    grid.call("sign_provision", reservation_id=1, tid=2, signature=signature.upper())
    with pytest.raises(Conflict):
        grid.call("sign_delete", reservation_id=1, tid=2, signature=signature.lower())


def test_who_is_not_named_may_not_sign(grid: Any, reservation: Any) -> None:
    """The message says who may."""
    for purpose in ("provision", "delete", "farmer"):
        with pytest.raises((PermissionDenied, Conflict)) as caught:
            grid.sign(purpose, grid.stranger, reservation)
        assert caught.value.call == f"sign_{purpose}"


def test_the_reply_says_what_is_missing(grid: Any, reservation: Any) -> None:
    """And is true as a truth value, whatever it says."""
    reply = grid.sign("provision", grid.partner, reservation)
    assert reply
    assert (reply.next_action, reply.signed, reply.needed, reply.missing) == ("create", [2], 2, [3])
    assert int(reply.next_action) == 0


def test_a_signature_is_stored_with_its_time(grid: Any, reservation: Any) -> None:
    """As it was sent."""
    grid.clock.now += 7
    grid.sign("provision", grid.partner, reservation)
    (entry,) = grid.call("reservation_get", reservation_id=1).signatures_provision
    assert (entry.tid, entry.epoch) == (2, grid.clock.now)
    assert entry.signature == grid.partner.sign(reservation, "provision")


def test_a_customer_who_changed_keys_signs_with_the_new_one(grid: Any, reservation: Any) -> None:
    """The phonebook is asked each time."""
    old = grid.customer.sign(reservation, "customer")
    grid.customer.key = grid.stranger.key
    with pytest.raises(PermissionDenied):
        grid.call("sign_customer", reservation_id=1, signature=old)
    assert grid.signed(reservation).next_action == "sign"


def test_a_key_in_the_phonebook_that_is_no_key_verifies_nothing(grid: Any, reservation: Any) -> None:
    """It is no fault of who signs, and no reason to fail."""

    class Keyless:
        name = "partner"
        pubkey = "not hex"

    grid.phonebook.users[2] = Keyless()
    with pytest.raises(PermissionDenied):
        grid.sign("provision", grid.partner, reservation)


def test_a_deletion_before_deploy_deletes_at_once(grid: Any, reservation: Any) -> None:
    """Nothing ran, nothing is queued."""
    grid.sign("delete", grid.partner, reservation)
    assert grid.sign("delete", grid.third, reservation).next_action == "deleted"
    assert grid.store.statistics().pending == 0


def test_a_deletion_without_named_signers_is_the_customers(grid: Any) -> None:
    """One signature of the customer is enough."""
    reservation = grid.deployed()
    assert grid.sign("delete", grid.customer, reservation).next_action == "delete"


@pytest.mark.parametrize("purpose", ["provision", "farmer", "delete"])
def test_nobody_signs_what_is_over(grid: Any, purpose: str) -> None:
    """The message says what the reservation waits for."""
    reservation = grid.register()
    grid.sign("delete", grid.customer, reservation)
    before = grid.content()
    with pytest.raises(Conflict, match="waits for nothing"):
        grid.sign(purpose, grid.farmer, reservation)
    assert grid.content() == before


def test_signing_after_a_deadline_is_a_conflict_before_any_sweep(grid: Any, reservation: Any) -> None:
    """The second before is in time, the second itself is not."""
    grid.clock.now = reservation.data_reservation.expiration_provisioning - 1
    grid.sign("provision", grid.partner, reservation)
    grid.clock.now += 1
    with pytest.raises(Conflict):
        grid.sign("provision", grid.third, reservation)
    assert grid.state(reservation) == "invalid"
