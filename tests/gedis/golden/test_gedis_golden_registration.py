"""Registrations and signatures as the five clients send them, and the reservations that they decode in full."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager import signing

from .clients import CallFailed, Client
from .documents import reservation as reservation_of
from .epochs import CLIENTS, E2, E3, E5, LAST_TWO, Epoch, connecting
from .payloads import reserved, result
from .wire import compact


@pytest.mark.parametrize("epoch", LAST_TWO, ids=connecting)
def test_a_registration_returns_the_reservation_itself(grid: Any, epoch: Epoch) -> None:
    """Flat, with its id as a number; all of the reply decodes, null lists and empty texts having been sent."""
    wanted = {**reserved(epoch, grid.node.node_id, at=grid.clock()), "customer_tid": 1}
    number = grid.client(epoch).reserve(wanted)
    assert grid.state(number) == "create"
    kept = grid.reservation(number).data_reservation
    assert (kept.volumes[0].node_id, kept.expiration_reservation) == (grid.node.node_id, grid.clock() + 3600)


def test_a_registration_without_a_customer_is_refused(grid: Any, client: Client) -> None:
    """As the client's own code sends it: a shape, but no valid reservation. The next call is answered."""
    with pytest.raises(CallFailed) as failure:
        client.reserve(reserved(client.epoch, grid.node.node_id, at=grid.clock()))
    assert failure.value.error is not None
    assert (failure.value.error.typed, failure.value.error.category) == (True, "input")
    assert client.poll(grid.node.node_id) == []


def test_every_client_decodes_what_registration_returns(grid: Any, client: Client) -> None:
    """Of all kinds, with the numbers that Python leaves unset in them."""
    wanted = {"customer_tid": 1, "data_reservation": grid.every_kind()}
    number = client.reserve(wanted)
    assert grid.reservation(number).data_reservation.containers[0].node_id == grid.node.node_id


def test_every_client_could_read_a_reservation_back(grid: Any, client: Client) -> None:
    """With signatures, and with results in both forms."""
    number = grid.deployed(grid.every_kind())
    for epoch in (E2, E5):
        for position, kind in enumerate(("network", "container", "volume", "zdb", "kubernetes"), start=1):
            gwid = f"{number}-{position}"
            grid.client(epoch).feedback(gwid, result(epoch, grid.node, kind, gwid, at=grid.clock()))
    name = f"{client.epoch.workloads}.reservation_get"
    found = client.fetch(name, {"reservation_id": number}, reservation_of(client.epoch))
    assert (found["id"], found["next_action"], len(found["results"])) == (number, 3, 5)


@pytest.mark.parametrize("epoch", LAST_TWO, ids=connecting)
def test_a_customer_registers_with_the_signature_of_tfuser(grid: Any, epoch: Epoch) -> None:
    """Compact JSON of the data in the order of its fields, nulls and all, signed as it is and kept as it is."""
    wanted = reserved(epoch, grid.node.node_id, at=grid.clock())
    wanted["data_reservation"]["signing_request_delete"] = {"signers": [1], "quorum_min": 1}
    json_text = compact(wanted["data_reservation"])
    signature = grid.customer.sign_bytes(json_text.encode()).hex()
    wanted |= {"customer_tid": 1, "json": json_text, "customer_signature": signature}
    client = grid.client(epoch)
    number = client.reserve(wanted)
    assert grid.reservation(number).json == json_text
    assert grid.state(number) == "pay"
    assert client.reserve(wanted) == number, "sent again, it does not create twice"


@pytest.mark.parametrize("epoch", [client for client in CLIENTS if client.logs], ids=connecting)
@pytest.mark.parametrize("logs", [None, [{"type": "redis", "data": {"stdout": "redis://1.2.3.4", "stderr": ""}}]])
def test_a_container_of_the_last_client_has_a_field_more(grid: Any, epoch: Epoch, logs: object) -> None:
    """The model has no logs: where the customer signed them they are kept in the text; alone they are a mistake."""
    data = grid.every_kind()
    data["containers"][0]["logs"] = logs
    client = grid.client(epoch)
    with pytest.raises(CallFailed, match=r"containers\[0\].logs"):
        client.reserve({"customer_tid": 1, "data_reservation": data})
    json_text = compact(data)
    signature = grid.customer.sign_bytes(json_text.encode()).hex()
    signed = {"customer_tid": 1, "data_reservation": data, "json": json_text, "customer_signature": signature}
    number = client.reserve(signed)
    assert (grid.state(number), grid.reservation(number).json) == ("pay", json_text)


@pytest.mark.parametrize("number", ["text", "number"])
@pytest.mark.parametrize("form", signing.FORMS)
def test_signatures_are_given_over_the_wire(grid: Any, form: signing.Form, number: str) -> None:
    """The signing calls in each form of signature that is known, with the id as a number and as a text."""
    stored = grid.manager.reservation_register(reservation={"customer_tid": 1, "data_reservation": grid.data()})
    client = grid.client(E3)

    def sign(key: signing.Key, purpose: str, form: signing.Form, **who: Any) -> None:
        bound = 0 if form == "plain" else stored.id
        tid = 1 if purpose == "customer" else who["tid"]
        signature = signing.sign(key, purpose, json=stored.json, reservation_id=bound, tid=tid, form=form)
        identity = str(stored.id) if number == "text" else stored.id
        client.call(f"{E3.workloads}.sign_{purpose}", {"reservation_id": identity, "signature": signature, **who})

    sign(grid.customer, "customer", "bound")
    sign(grid.farmer, "farmer", "plain" if form == "id-bound" else form, tid=11)
    assert grid.state(stored.id) == "deploy"
    sign(grid.customer, "delete", form, tid=1)
    assert grid.state(stored.id) == "delete"
