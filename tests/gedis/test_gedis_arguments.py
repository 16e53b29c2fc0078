"""The payload of a command in its format, what is kept of it as text, and pages."""

from __future__ import annotations

import json

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis._arguments import read_payload
from workloadmanager.threebot.gedis._formats import Format, json_reply, msgpack_reply
from workloadmanager.threebot.gedis._limits import Limits

from .talking import DELETED, GET, LIST, POLL, REGISTER, RESULT, Talk


@pytest.mark.parametrize("number", ["18446744073709551616", "9" * 4000, "-" + "9" * 300])
def test_a_number_beyond_all_bounds_is_an_error_of_its_field(number: str) -> None:
    """It travels to the call, which refuses it in one line."""
    assert Talk().arguments(GET, f'{{"reservation_id":{number}}}') == {"reservation_id": int(number)}


# Formats


@pytest.mark.parametrize(
    ("words", "encode"),
    [
        ([], json_reply),
        ([b"{}"], json_reply),
        ([b" \n{}"], json_reply),
        ([b"\x80"], msgpack_reply),
        ([b"{}", b"{}"], json_reply),
        ([b"{}", b'{"response_type":"msgpack"}'], msgpack_reply),
        ([b"\x80", b'{"response_type":"JSON"}'], json_reply),
        ([b"{}", b'{"content_type":"json"}'], json_reply),
        ([b"\x80", b'{"content_type":"msgpack"}'], msgpack_reply),
        ([b"\x80", b'{"content_type":"msgpack","response_type":"auto"}'], msgpack_reply),
        ([b"{}", b'{"content_type":"","response_type":null,"else":1}'], json_reply),
    ],
    ids=lambda value: getattr(value, "__name__", repr(value)),
)
def test_a_reply_has_the_format_of_the_payload_unless_a_header_says_otherwise(
    words: list[bytes], encode: object
) -> None:
    """JSON where there is no payload."""
    payload = read_payload([b"call", *words], Format.auto, Format.auto)
    assert payload.arguments == {}
    assert payload.encode is encode


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (b"[]", "header: the header behind the payload does not fit"),
        (b"json", "header: the header behind the payload does not fit"),
        (b'{"content_type":"capnp"}', "header.content_type: must be auto, json or msgpack, not 'capnp'"),
        (b'{"response_type":7}', "header.response_type: must be auto, json or msgpack, not 7"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(header: bytes, words: str) -> None:
    """With its place."""
    with pytest.raises(InputError) as caught:
        read_payload([b"call", b"{}", header], Format.auto, Format.auto)
    assert str(caught.value).startswith(words)


def test_arguments_one_by_one_are_refused() -> None:
    """Who types a call as a command of Redis learns how it is written."""
    with pytest.raises(InputError, match="in one payload, a JSON object"):
        read_payload([b"call", b"1", b"2", b"3"], Format.auto, Format.auto)


def test_a_session_that_speaks_one_format_refuses_the_other() -> None:
    """Nothing is guessed once it was said."""
    talk = Talk()
    assert talk.say("config_format", "msgpack") == b"OK"
    assert talk.refused(GET, "{}")["message"].startswith("the payload is no MessagePack map")
    talk.say("config_format", "json")
    assert talk.refused(GET, b"\x80")["message"].startswith("the payload is no JSON object")


# The text of what is signed


DATA = [
    '{"volume_id":"1-1"}',
    '{"id":"1-1","ipv6":"\\u003cnil\\u003e","ipv4":"10.0.0.1"}',
    '{\n  "pretty" : [ 1, 2.50 ],\n\t"b":null }',
    "null",
    "[1, 2]",
    "1.0",
    "true",
    '{"Namespace":"1-1","IP":"::1","Port":9900}',
    '{"grüße":"\\u00fc ü","colon":"a:b"}',
]


@pytest.mark.parametrize("text", DATA)
@pytest.mark.parametrize("space", ["", " ", "\n  "])
def test_the_data_of_a_result_keeps_the_text_in_which_it_was_sent(text: str, space: str) -> None:
    """A node signs that text; reading and writing it again would change it."""
    payload = f'{{"global_workload_id":"1-1","result":{{"state":1,"data_json":{space}{text}{space},"message":"a"}}}}'
    arguments = Talk().arguments(RESULT, payload)
    assert arguments == {"global_workload_id": "1-1", "result": {"state": 1, "data_json": text, "message": "a"}}


def test_the_data_of_a_result_may_be_a_text_already() -> None:
    """So the older nodes send it."""
    data = '{"ipv6":"\\u003cnil\\u003e"}'
    payload = json.dumps({"global_workload_id": "1-1", "result": {"data_json": data}})
    assert Talk().arguments(RESULT, payload)["result"]["data_json"] == data


def test_data_in_messagepack_stays_what_it_is() -> None:
    """There is no text to keep; the call makes the one that a node would send."""
    arguments = {"global_workload_id": "1-1", "result": {"data_json": {"a": [1]}, "signature": b"\x00" * 64}}
    assert Talk().arguments(RESULT, msgpack.packb(arguments)) == arguments


@pytest.mark.parametrize(
    "payload", ['{"result":7}', '{"result":null}', '{"result":{}}', '{"global_workload_id":"1-1"}', "{}"]
)
def test_a_result_without_data_is_left_to_the_call(payload: str) -> None:
    """It says what is missing."""
    assert Talk().arguments(RESULT, payload) == json.loads(payload)


def test_data_with_a_field_twice_is_refused() -> None:
    """What was signed could be read in two ways."""
    payload = '{"global_workload_id":"1-1","result":{"data_json":{"a":1,"a":2}}}'
    assert "given twice" in Talk().refused(RESULT, payload)["message"]


def test_the_json_of_a_reservation_keeps_its_text_where_it_is_sent_as_a_value() -> None:
    """Clients of three days in 2020 sent it so, and signed that text."""
    payload = '{"reservation":{"customer_tid":7,"json":{"b": 1,"a":"\\u003c"}}}'
    assert Talk().arguments(REGISTER, payload)["reservation"] == {"customer_tid": 7, "json": '{"b": 1,"a":"\\u003c"}'}


@pytest.mark.parametrize("json_text", ['""', '"{}"', "null"])
def test_the_json_of_a_reservation_is_left_alone_otherwise(json_text: str) -> None:
    """A text is the text; null and nothing mean that it is to be made."""
    payload = f'{{"reservation":{{"json":{json_text}}}}}'
    assert Talk().arguments(REGISTER, payload) == json.loads(payload)


# Pages


@pytest.mark.parametrize(
    "name",
    [
        LIST,
        POLL,
        LIST.replace("reservation_list", "reservations_list"),
        "tfgrid.directory.nodes.list",
        "default.farms.list",
        "tfgrid.phonebook.users.list",
    ],
)
@pytest.mark.parametrize(
    ("payload", "limit"),
    [
        ("{}", 100),
        ('{"limit":null}', 100),
        ('{"limit":0}', 100),
        ('{"limit":""}', 100),
        ('{"limit":"0"}', 100),
        ('{"limit":101}', 100),
        ('{"limit":"101"}', 100),
        ('{"limit":2147483647}', 100),
        ('{"limit":99999999999999999999}', 100),
        ('{"limit":100}', 100),
        ('{"limit":99}', 99),
        ('{"limit":"99"}', "99"),
        ('{"limit":-1}', -1),
        ('{"limit":true}', True),
        ('{"limit":1.5}', 1.5),
        ('{"limit":"many"}', "many"),
        ('{"limit":[]}', []),
    ],
)
def test_a_page_is_no_longer_than_the_limit(name: str, payload: str, limit: object) -> None:
    """What is no number is left to the call, which says so."""
    arguments = Talk(limits=Limits(maximum_page=100)).arguments(name, payload)
    assert arguments["limit"] == limit
    assert type(arguments["limit"]) is type(limit)


def test_a_list_without_a_payload_is_a_page_too() -> None:
    """And has the session's format."""
    assert Talk().arguments(LIST) == {"limit": 1000}


@pytest.mark.parametrize("name", [GET, DELETED])
def test_other_calls_are_left_alone(name: str) -> None:
    """They return one thing."""
    assert Talk().arguments(name, '{"limit":0}') == {"limit": 0}
