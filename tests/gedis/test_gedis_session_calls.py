"""Calls through a session, answered by the actors of a host that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

import workloadmanager
from workloadmanager import signing
from workloadmanager.schema import to_json
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.gedis._limits import Limits

from .talking import DELETED, GET, LIST, NOW, POLL, REGISTER, RESULT, SECRETS, Talk

JANE = signing.Key(bytes([3]) * 32)
NODE = signing.Key(bytes([4]) * 32)
SIGN = "tfgrid.workloads.workload_manager.sign_{}"


@pytest.fixture
def manager() -> Iterator[WorkloadManager]:
    """A host with a customer who is a farmer too, and one node."""
    with workloadmanager.start(":memory:", clock=lambda: NOW) as manager:
        jane = manager.phonebook.add(name="jane", public_key=JANE.public_key)
        farm = manager.directory.add_farm(name="farm", farmer_tid=jane.id)
        manager.directory.add_node(node_id=NODE.node_id, farm_id=farm.id)
        yield manager


@pytest.fixture
def talk(manager: WorkloadManager) -> Talk:
    """A session of a guest, whose pages are short."""
    return Talk(manager=manager, limits=Limits(maximum_page=2), secrets=SECRETS)


def data() -> dict[str, Any]:
    """Ask for a volume on the node."""
    volume = {"workload_id": 1, "node_id": NODE.node_id, "size": 10, "type": 1}
    return {"volumes": [volume], "expiration_provisioning": NOW + 600, "expiration_reservation": NOW + 3600}


def register(talk: Talk) -> dict[str, Any]:
    """Register a reservation."""
    return dict(talk.call(REGISTER, reservation={"customer_tid": 1, "data_reservation": data()}))


def deployed(talk: Talk) -> int:
    """Register a reservation and bring it to deploy."""
    reservation = register(talk)
    number, text = reservation["id"], reservation["json"]
    for purpose in ("customer", "farmer"):
        signature = signing.sign(JANE, purpose, json=text, reservation_id=number, tid=1)
        signer = {} if purpose == "customer" else {"tid": 1}
        talk.call(SIGN.format(purpose), reservation_id=number, signature=signature, **signer)
    return int(number)


def test_a_reservation_is_registered_and_read(talk: Talk, manager: WorkloadManager) -> None:
    """The reply is flat, with its integer id, and says what the host's own handle says."""
    reservation = register(talk)
    assert reservation["id"] == 1
    assert reservation["next_action"] == 0
    stored = manager.reservation_get(reservation_id=1)
    assert reservation == talk.call(GET, reservation_id=1) == json.loads(to_json(stored))


@pytest.mark.parametrize("payload", ['{"reservation_id":1}', '{"reservation_id":"1"}', ' {\n"reservation_id" : 1 }\n'])
def test_a_number_may_be_the_text_of_its_digits(talk: Talk, payload: str) -> None:
    """As some clients send them."""
    register(talk)
    assert json.loads(talk.say(GET, payload))["id"] == 1


def test_messagepack_goes_both_ways(talk: Talk, manager: WorkloadManager) -> None:
    """The reply is the stored form of the reservation."""
    reservation = register(talk)
    body = talk.say(GET, msgspec.msgpack.encode({"reservation_id": 1}))
    assert manager.registry.get("tfgrid.workloads.reservation.1").decode(body) == manager.reservation_get(
        reservation_id=1
    )
    assert msgspec.msgpack.decode(body) == reservation


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        ([GET, '{"reservation_id":9}'], "not_found", "reservation_id: there is no reservation 9"),
        ([GET], "input", "reservation_id: is missing; reservation_get needs it"),
        ([GET, "{}"], "input", "reservation_id: is missing; reservation_get needs it"),
        ([GET, '{"id":1}'], "input", "2 mistakes: id: is no argument of reservation_get"),
        ([GET, '{"reservation_id":"one"}'], "input", "reservation_id: must be a whole number"),
        ([GET, '{"reservation_id":99999999999999999999}'], "input", "reservation_id: must be from"),
        ([GET, '{"reservation_id":' + "[" * 500 + "]" * 500 + "}"], "input", "reservation_id: must be a whole number"),
        ([GET, '{"reservation_id":1}', "{}", "{}"], "input", "a call takes its arguments in one payload"),
        ([REGISTER, "{}"], "input", "reservation: is missing"),
        ([REGISTER, '{"reservation":[]}'], "input", "reservation: must be an object, not a list"),
        ([RESULT, '{"global_workload_id":"1","result":{}}'], "input", "global_workload_id"),
    ],
    ids=repr,
)
def test_a_refusal_is_one_error_with_its_path(talk: Talk, words: list[str], kind: str, message: str) -> None:
    """And names the call."""
    facts = talk.refused(*words)
    assert facts["kind"] == facts["cat"] == kind
    assert facts["message"].startswith(message)
    assert facts["call"] == facts["context"] == words[0].rpartition(".")[2]


def test_all_mistakes_of_a_registration_come_at_once(talk: Talk) -> None:
    """Each in its place."""
    volume = {"workload_id": 2, "node_id": "nobody's", "size": -1}
    reservation = {"customer_tid": 99, "data_reservation": {**data(), "volumes": [volume]}}
    facts = talk.refused(REGISTER, json.dumps({"reservation": reservation}))
    assert facts["message"].startswith(f"{len(facts['errors'])} mistakes: ")
    assert len(facts["errors"]) > 2
    assert all(each["path"] for each in facts["errors"])


def test_a_list_is_read_page_by_page(talk: Talk) -> None:
    """Whoever wants more goes on with the cursor."""
    numbers = [register(talk)["id"] for _ in range(5)]
    seen: list[int] = []
    while page := talk.call(LIST, cursor=seen[-1] + 1 if seen else 0, limit=0)["reservations"]:
        assert len(page) <= 2
        seen += [each["id"] for each in page]
    assert seen == numbers


@pytest.mark.parametrize(
    "data_json",
    [
        '{"volume_id":"1-1"}',
        '{"id":"1-1","ipv6":"\\u003cnil\\u003e"}',
        '{\n  "volume_id" : "1-1"\n}',
        "null",
        "[1.0]",
        '{"ü":"\\u00fc"}',
    ],
)
def test_a_node_signs_the_text_that_it_sends(talk: Talk, data_json: str) -> None:
    """The result verifies whatever its data looks like, and is stored as it was sent."""
    deployed(talk)
    signature = signing.sign_result(NODE, state=1, message="", data_json=data_json)
    facts = f'"category":3,"workload_id":"1-1","signature":"{signature}","state":1,"message":"","epoch":{NOW}'
    payload = f'{{"global_workload_id":"1-1","result":{{"data_json": {data_json} ,{facts}}}}}'
    assert talk.say(RESULT, payload) == b'{"next_action":3}'
    (result,) = talk.call(GET, reservation_id=1)["results"]
    assert (result["data_json"], result["state"]) == (data_json, 1)


def test_data_that_was_written_again_does_not_verify(talk: Talk) -> None:
    """It is not what the node signed."""
    deployed(talk)
    signature = signing.sign_result(NODE, state=1, message="", data_json='{"volume_id": "1-1"}')
    result = {"workload_id": "1-1", "data_json": {"volume_id": "1-1"}, "signature": signature, "state": 1}
    facts = talk.refused(RESULT, json.dumps({"global_workload_id": "1-1", "result": result}, separators=(",", ":")))
    assert (facts["kind"], facts["path"]) == ("permission", "result.signature")


def test_a_node_polls_and_reports_as_itself(talk: Talk) -> None:
    """The whole way of a workload: handed out, reported, to be deleted, deleted."""
    number = deployed(talk)
    (workload,) = talk.call(POLL, cursor=0, node_id=NODE.node_id)["workloads"]
    assert (workload["workload_id"], workload["type"], workload["to_delete"]) == ("1-1", 2, False)
    assert workload["content"]["size"] == 10
    text = talk.call(GET, reservation_id=number)["json"]
    signature = signing.sign(JANE, "delete", json=text, reservation_id=number, tid=1)
    talk.call(SIGN.format("delete"), reservation_id=number, tid=1, signature=signature)
    (workload,) = talk.call(POLL, cursor=2, node_id=NODE.node_id)["workloads"]
    assert workload["to_delete"]
    assert talk.call(DELETED, workload_id="1-1") == {"next_action": 6}
    assert talk.call(POLL, cursor=0, node_id=NODE.node_id) == {"workloads": []}


def test_a_stranger_is_told_how_to_log_in(manager: WorkloadManager) -> None:
    """And may after that."""
    talk = Talk(is_open=False, manager=manager, secrets=SECRETS)
    facts = talk.refused(LIST, "{}")
    assert facts["kind"] == "permission"
    assert "AUTH" in facts["message"]
    talk.say("AUTH", SECRETS["operator"])
    assert talk.call(LIST) == {"reservations": []}
