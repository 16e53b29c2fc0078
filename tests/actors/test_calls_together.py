"""Many callers at once lose nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from nacl.signing import SigningKey

from workloadmanager.actors import CALLS
from workloadmanager.errors import Conflict


@pytest.fixture
def several(grid: Any) -> Any:
    """Return, for each signing call, four actors of it."""
    refs = {
        name: [grid.refs[name], *(CALLS[name].start(grid.context) for _ in range(3))]
        for name in ("sign_provision", "sign_delete")
    }
    yield refs
    for actors in refs.values():
        for ref in actors[1:]:
            ref.stop()


def test_16_threads_sign_one_reservation_through_different_actors(grid: Any, several: Any) -> None:
    """Each signer is counted once, for either purpose, though each signs twice."""
    signers = []
    for tid in range(101, 117):
        person = type(grid.customer)(tid, f"signer {tid}", SigningKey(bytes([tid]) * 32))
        grid.phonebook.users[tid] = person
        signers.append(person)
    requests = {"signers": [person.tid for person in signers], "quorum_min": 16}
    reservation = grid.register(grid.data(signing_request_provision=requests, signing_request_delete=requests))

    def sign(number: int) -> None:
        person = signers[number]
        for purpose in ("provision", "delete"):
            if purpose == "delete" and number == 15:
                continue  # the last one is left out, so that the reservation stays open
            for repeat in range(2):
                ref = several[f"sign_{purpose}"][(number + repeat) % 4]
                signature = person.sign(reservation, purpose)
                ref.ask({"reservation_id": reservation.id, "tid": person.tid, "signature": signature}, timeout=20)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(sign, range(16)))
    stored = grid.call("reservation_get", reservation_id=reservation.id)
    assert sorted(one.tid for one in stored.signatures_provision) == list(range(101, 117))
    assert sorted(one.tid for one in stored.signatures_delete) == list(range(101, 116))
    assert grid.signed(reservation).next_action == "pay"


def test_the_same_registration_from_8_threads_creates_one(grid: Any) -> None:
    """A retry that races with the first is the same reservation."""
    text = grid.context.documents.data.to_json(grid.context.documents.data.new(**grid.data()))
    fields = {
        "customer_tid": 1,
        "json": text,
        "customer_signature": grid.customer.sign_text(text, "customer"),
    }
    refs = [grid.refs["reservation_register"], *(CALLS["reservation_register"].start(grid.context) for _ in range(3))]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: refs[number % 4].ask({"reservation": fields}, timeout=20).id, range(8)))
    for ref in refs[1:]:
        ref.stop()
    assert set(made) == {1}
    assert grid.store.statistics().reservations == {2: 1}


def test_one_signature_is_not_used_for_two_things_at_once(grid: Any, several: Any) -> None:
    """Of two uses that race, one wins and the other is a replay."""
    requests = {"signers": [2], "quorum_min": 1}
    data = grid.data(signing_request_provision=requests, signing_request_delete={"signers": [2, 3], "quorum_min": 2})
    reservation = grid.register(data)
    signature = grid.partner.sign(reservation, "provision", "plain")

    def sign(purpose: str) -> str:
        arguments = {"reservation_id": reservation.id, "tid": 2, "signature": signature}
        try:
            several[f"sign_{purpose}"][0].ask(arguments, timeout=20)
        except Conflict:
            return "replay"
        return "counted"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(sign, ["provision", "delete"]))
    assert outcomes == ["counted", "replay"]
