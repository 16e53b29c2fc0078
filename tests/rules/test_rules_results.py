"""What nodes report, and which node it was."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from nacl.signing import SigningKey

from workloadmanager.errors import InputError, NotFound, PermissionDenied
from workloadmanager.rules import (
    Case,
    NextAction,
    Placement,
    Report,
    Settings,
    embedded_text,
    reporter_of,
    result_bytes,
    signature_bytes,
    verify_result,
)

KEY = SigningKey(b"12345678901234567890123456789012")
PUBLIC = bytes(KEY.verify_key)
NODE = "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"
OTHER_KEY = SigningKey(b"2" * 32)
DATA_JSON = r'{"id":"1-1","ipv6":"\u003cnil\u003e","ipv4":"10.10.1.2"}'
FORM_2020 = (
    "d343d2deab6752e61efb81f79b8c50190005e4b9b93cb35997491b6fbf0c35f8"
    "481c2499e340fc14b0ffd4900411b68e783ba46fe9ed48e4770a2a1660bed505"
)
FORM_2019 = "sTJzLyV9PDrHqsHWsYvhYlDCYWXnT6FDsVQHGcCo+4MqtgDyFvBDkO/P0NYKA6QJvsJ1T5Qcumy9gmNUM/ZVAg=="


def report(key: SigningKey | None = KEY, state: int = 1, message: str = "", data_json: str = DATA_JSON) -> Report:
    """What a node sends, signed with a key or not at all."""
    message_bytes = result_bytes(state=state, message=message, data_json=data_json)
    signed = None if key is None else key.sign(message_bytes).signature
    return Report(state, message, data_json, signed)


@pytest.fixture
def case(grid: Any) -> Case:
    """The good sample on a node whose id is its key (1, the network too), and on one whose id is not (2)."""
    deployed: Case = grid.case(NextAction.deploy)
    nodes = {"node-1": NODE, "node-2": "node-2"}
    return replace(
        deployed, placements=tuple(Placement(each[0], each[1], nodes[each[2]]) for each in deployed.placements)
    )


def found(case: Case, workload_id: int, sent: Report | None, node_id: str = "", **changes: Any) -> str:
    """The node that is found, without keys of the directory unless they are given."""
    arguments = {"node_keys": {}, "settings": Settings(), **changes}
    return reporter_of(case, workload_id, report=sent, node_id=node_id, **arguments)


@pytest.mark.parametrize("text", [FORM_2020, FORM_2020.upper(), FORM_2019])
def test_both_golden_forms_verify(text: str) -> None:
    """Hex over state, message and data; base64 over message and data. The data keeps its escapes."""
    raw = signature_bytes(text)
    assert raw is not None
    assert verify_result(PUBLIC, state=1, message="", data_json=DATA_JSON, signature=raw)


def test_the_data_is_verified_as_the_raw_text() -> None:
    """The same value written otherwise is not what was signed."""
    raw = signature_bytes(FORM_2020)
    assert raw is not None
    reparsed = DATA_JSON.replace(r"\u003c", "<").replace(r"\u003e", ">")
    assert not verify_result(PUBLIC, state=1, message="", data_json=reparsed, signature=raw)


@pytest.mark.parametrize(
    "text",
    [
        DATA_JSON,
        "null",
        r'{"Namespace":"a","IP":"fd00::1","Port":9900}',
        r'{"b":[1,true,null],"a":"\u0026 \u003cé\u003e \u2028\u2029 \" \\ \n"}',
    ],
)
def test_data_that_arrived_as_a_value_gets_the_text_that_its_node_signed(text: str) -> None:
    """As a node's encoder writes it, so that it verifies although the text itself is gone."""
    assert embedded_text(json.loads(text)) == text


@pytest.mark.parametrize("value", [b"x", float("nan"), {1: object()}])
def test_what_json_cannot_say_is_refused(value: Any) -> None:
    """With the field that it came in."""
    with pytest.raises(InputError) as refused:
        embedded_text(value)
    assert refused.value.path == "result.data_json"


@pytest.mark.parametrize(("state", "message"), [(0, ""), (2, ""), (1, "x")])
def test_the_form_of_2020_covers_state_and_message(state: int, message: str) -> None:
    """A result cannot be turned into another one."""
    raw = signature_bytes(FORM_2020)
    assert raw is not None
    assert not verify_result(PUBLIC, state=state, message=message, data_json=DATA_JSON, signature=raw)


@pytest.mark.parametrize("state", [0, 2])
def test_a_signature_of_2020_is_none_of_2019(state: int) -> None:
    """Read as the older form, its state would be the first letter of the message, and any state could be sent."""
    raw = signature_bytes(FORM_2020)
    assert raw is not None
    assert not verify_result(PUBLIC, state=state, message="\x01", data_json=DATA_JSON, signature=raw)
    assert not verify_result(PUBLIC, state=state, message="", data_json="\x01" + DATA_JSON, signature=raw)


@pytest.mark.parametrize(
    ("state", "data_json"), [(256, "{}"), (-1, "{}"), (1, "\ud800")], ids=["large", "negative", "surrogate"]
)
def test_what_no_node_can_have_signed_does_not_verify(state: int, data_json: str) -> None:
    """It is a value and no error."""
    assert not verify_result(PUBLIC, state=state, message="", data_json=data_json, signature=bytes(64))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "0" * 127,
        "g" * 128,
        base64.b64encode(bytes(63)).decode(),
        base64.b64encode(bytes(65)).decode(),
        base64.b64encode(bytes(66)).decode(),
        "!" * 88,
        "é" * 88,
        "A" * 87 + "=",
        "AAAA=" + "A" * 83,
    ],
)
def test_any_other_text_is_no_signature(text: str) -> None:
    """Neither hex of 128 digits nor base64 of 64 bytes."""
    assert signature_bytes(text) is None


def test_a_signed_result_comes_from_the_workloads_node(case: Case) -> None:
    """With or without saying so."""
    assert found(case, 2, report()) == NODE
    assert found(case, 2, report(), NODE) == NODE


def test_the_node_of_a_networks_result_is_the_one_whose_key_verifies(case: Case) -> None:
    """The other node's key is the directory's."""
    keys = {"node-2": bytes(OTHER_KEY.verify_key)}
    assert found(case, 1, report(), node_keys=keys) == NODE
    assert found(case, 1, report(OTHER_KEY), node_keys=keys) == "node-2"


def test_an_id_that_is_a_key_is_the_key(case: Case) -> None:
    """Whatever the directory says."""
    keys = {NODE: bytes(OTHER_KEY.verify_key)}
    assert found(case, 2, report(), node_keys=keys) == NODE
    with pytest.raises(PermissionDenied):
        found(case, 2, report(OTHER_KEY), node_keys=keys)


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (report(None), "no signature (hex of 128 digits, or base64 of 64 bytes) of the node"),
        (report(OTHER_KEY), "does not verify with the key of the node"),
        (replace(report(), state=2), "does not verify with the key of the node"),
        (replace(report(), signature=b"short"), "does not verify with the key of the node"),
    ],
    ids=["unsigned", "other key", "altered", "short"],
)
@pytest.mark.parametrize("unsigned_results", [False, True])
def test_a_node_whose_key_is_known_has_to_sign(case: Case, sent: Report, words: str, *, unsigned_results: bool) -> None:
    """The operator's setting makes no difference to it."""
    with pytest.raises(PermissionDenied) as refused:
        found(case, 2, sent, settings=Settings(unsigned_results=unsigned_results))
    assert words in refused.value.message
    assert NODE not in refused.value.message
    assert refused.value.path == "result.signature"


def test_a_node_without_a_known_key_is_refused_unless_the_operator_lets_it(case: Case) -> None:
    """The refusal names the setting."""
    with pytest.raises(PermissionDenied, match=r"the key of the node that it runs on is not known.*unsigned_results"):
        found(case, 5, report(None))
    assert found(case, 5, report(None), settings=Settings(unsigned_results=True)) == "node-2"


def test_an_unsigned_result_of_a_network_is_from_the_one_node_without_a_key(case: Case) -> None:
    """The other would have had to sign it."""
    assert found(case, 1, report(None), settings=Settings(unsigned_results=True)) == "node-2"


def test_with_several_nodes_without_keys_the_node_has_to_say_who_it_is(grid: Any) -> None:
    """One of them alone can not be told from the other."""
    case, settings = grid.case(NextAction.deploy), Settings(unsigned_results=True)
    with pytest.raises(InputError, match="workload 12-1 runs on 2 nodes: say which one reports") as refused:
        found(case, 1, report(None), settings=settings)
    assert refused.value.path == "node_id"
    assert found(case, 1, report(None), "node-2", settings=settings) == "node-2"


@pytest.mark.parametrize("likely", [("node-2",), ("node-2", "elsewhere")])
@pytest.mark.parametrize("sent", [None, report(None)], ids=["deletion", "result"])
def test_an_unsigned_report_of_several_nodes_is_from_the_one_that_is_likely(
    grid: Any, sent: Report | None, likely: tuple[str, ...]
) -> None:
    """Where it does not say so itself."""
    case, settings = grid.case(NextAction.deploy), Settings(unsigned_results=True)
    assert found(case, 1, sent, likely=likely, settings=settings) == "node-2"
    assert found(case, 1, sent, "node-1", likely=likely, settings=settings) == "node-1"


@pytest.mark.parametrize("likely", [("node-1", "node-2"), ("elsewhere",)], ids=["both", "neither"])
def test_with_both_nodes_likely_or_neither_it_has_to_say_which(grid: Any, likely: tuple[str, ...]) -> None:
    """Nothing is guessed."""
    with pytest.raises(InputError, match="say which one reports"):
        found(grid.case(NextAction.delete), 1, None, likely=likely)


def test_a_node_that_is_likely_makes_no_difference_to_a_signature(case: Case) -> None:
    """The key that verifies says who it was, and what has one node is from that node."""
    assert found(case, 1, report(), likely=("node-2",)) == NODE
    assert found(case, 2, None, likely=("node-2",)) == NODE


def test_a_deletion_is_taken_without_a_signature(case: Case) -> None:
    """Real nodes send none; with one node on the workload it says who it is from."""
    assert found(case, 2, None) == NODE
    assert found(case, 1, None, NODE) == NODE


def test_a_deletion_of_a_network_has_to_say_its_node(case: Case) -> None:
    """One node's report must not stand for all."""
    with pytest.raises(InputError, match="say which one reports"):
        found(case, 1, None)


@pytest.mark.parametrize("sent", [None, report()])
def test_a_node_that_does_not_have_the_workload_is_refused(case: Case, sent: Report | None) -> None:
    """Also with a good signature of its own."""
    with pytest.raises(PermissionDenied, match=r"workload 12-5 does not run on node '4Cc") as refused:
        found(case, 5, sent, NODE)
    assert "node-2" not in refused.value.message
    assert refused.value.path == "node_id"


def test_a_workload_that_is_not_there_is_not_found(case: Case) -> None:
    """By its global id."""
    with pytest.raises(NotFound, match="there is no workload 12-9"):
        found(case, 9, report())
