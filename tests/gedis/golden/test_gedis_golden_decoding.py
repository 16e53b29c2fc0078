"""The clients themselves: what they decode and what they fail on, held to what was seen of the real ones."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from . import decoding
from .decoding import GedisError, Refused, error_of
from .documents import UNKNOWN, content_types, farm_id, node, reservation, workload, workloads
from .epochs import E1, E2, E3, E4, E5, EPOCHS, Epoch
from .wire import argument, command

SAMPLE = {
    "workloads": [
        {"workload_id": "1-1", "type": 2, "content": {"workload_id": 1, "type": 0, "size": 100}},
        {"workload_id": "2-1", "content": {"workload_id": 1, "mode": 0, "size": 100}},
    ]
}

ACCEPTED: list[tuple[str, decoding.Type, list[Any]]] = [
    ("enumeration", decoding.enumeration(2), [0, 1, None]),
    ("integer", decoding.integer, [0, -5, 2147483647, 2**63 - 1, None]),
    ("text", decoding.text, ["", "a", None]),
    ("boolean", decoding.boolean, [True, False, None]),
    ("date", decoding.date, [0, 1_585_000_000, 1_585_000_000.5, "", "01/02/03", "06/28"]),
    ("address", decoding.address, ["10.1.2.3", "2a02::1", "", None]),
    ("range", decoding.address_range, ["10.1.2.3/24", "2a02::1/64", "", None]),
    ("list", decoding.list_of(decoding.text), [[], ["a"], None]),
    ("dict", decoding.mapping_of(decoding.text), [{}, {"a": "b"}, {"a": None}, None]),
    ("byte", decoding.byte, [0, 255, None]),
    ("number", decoding.number, [0, 1.5, None]),
    ("hardware address", decoding.hardware_address, ["54:b2:03:2f:6a:3d", "", None]),
    ("email", decoding.email, ["a@b.c", "", None]),
    ("binary", decoding.binary, ["c2lnbmF0dXJl", "", None]),
]
REFUSED: list[tuple[str, decoding.Type, list[Any]]] = [
    ("enumeration", decoding.enumeration(2), ["volume", "HDD", "0", -1, 2, 256, 0.0, True]),
    ("integer", decoding.integer, [10.0, "10", 2**63, True]),
    ("text", decoding.text, [1, 1.5, True, [], {}]),
    ("boolean", decoding.boolean, [0, 1, "true", ""]),
    ("date", decoding.date, [None, "1585000000", "2019/01/2020", "2020-03-24", "13/13/13", True, []]),
    ("address", decoding.address, ["10.1.2.3/24", "junk", 1]),
    ("range", decoding.address_range, ["10.1.2.3", "10.1.2.3/33", "10.0.0.0/255.0.0.0", "junk", 1]),
    ("list", decoding.list_of(decoding.text), ["a", {}, [1]]),
    ("dict", decoding.mapping_of(decoding.text), ['{"a":"b"}', {"a": 1}, {"a": True}, []]),
    ("byte", decoding.byte, [-1, 256, 2147483647]),
    ("number", decoding.number, ["1.5", True]),
    ("hardware address", decoding.hardware_address, ["54b2032f6a3d", 1]),
    ("email", decoding.email, ["nobody", 1]),
    ("binary", decoding.binary, ["*", 1]),
]


@pytest.fixture(params=EPOCHS, ids=str)
def epoch(request: pytest.FixtureRequest) -> Epoch:
    """Each of the five clients; how it connects does not matter here."""
    epoch: Epoch = request.param
    return epoch


def _rows(table: list[tuple[str, decoding.Type, list[Any]]]) -> list[Any]:
    return [pytest.param(read, value, id=f"{name} {value!r}") for name, read, values in table for value in values]


@pytest.mark.parametrize(("read", "value"), _rows(ACCEPTED))
def test_a_client_decodes(read: decoding.Type, value: Any) -> None:
    """What the real client was seen to accept."""
    read(value)


@pytest.mark.parametrize(("read", "value"), _rows(REFUSED))
def test_a_client_fails_on(read: decoding.Type, value: Any) -> None:
    """What the real client was seen to fail on."""
    with pytest.raises(Refused):
        read(value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("01/02/03", datetime(2001, 2, 3, tzinfo=UTC)),
        ("01/01/2019 9pm:10", datetime(2019, 1, 1, 21, 10, tzinfo=UTC)),
        ("15/12/03 22:00", datetime(2015, 12, 3, 22, tzinfo=UTC)),
        ("2019/12/03", datetime(2019, 12, 3, tzinfo=UTC)),
        ("06/28", datetime(decoding.THIS_YEAR, 6, 28, tzinfo=UTC)),
    ],
)
def test_the_text_of_a_date_is_read(text: str, moment: datetime) -> None:
    """Four digits are the year at either end, else the first part is; two parts are of this year."""
    assert decoding.date(text) == moment.timestamp()


def test_keys_have_any_case_and_unknown_ones_are_ignored() -> None:
    """A missing key keeps its zero value, a date as well."""
    read = decoding.structure({"size": decoding.integer, "name": decoding.text, "epoch": decoding.date})
    assert read({"SIZE": 3, "farmer_tid": "x"}) == {"size": 3, "name": "", "epoch": 0}


def test_the_sample_of_a_poll_decodes(epoch: Epoch) -> None:
    """A type that is left out is the first one."""
    assert [(one.gwid, one.kind) for one in workloads(epoch)(SAMPLE)] == [("1-1", "volume"), ("2-1", "zdb")]


@pytest.mark.parametrize("reply", [{}, {"workloads": None}, {"workloads": []}], ids=str)
def test_a_poll_may_bring_nothing(reply: object) -> None:
    """Nothing has three forms."""
    assert workloads(E5)(reply) == []


def test_a_bare_list_is_no_poll() -> None:
    """The list is in a field."""
    with pytest.raises(Refused):
        workloads(E5)(SAMPLE["workloads"])


ENVELOPE = {
    "workload_id": "1-1",
    "type": 2,
    "content": {"size": 1},
    "user": "1",
    "created": 1_585_000_000,
    "duration": 3600,
    "signature": "",
    "to_delete": False,
}


@pytest.mark.parametrize(
    "change",
    [
        {"type": "volume"},
        {"type": -1},
        {"type": 256},
        {"content": "{}"},
        {"user": 1},
        {"workload_id": 1},
        {"created": None},
        {"created": "1585000000"},
        {"duration": 3600.0},
        {"duration": "3600"},
        {"to_delete": 0},
        {"content": {"size": 10.0}},
        {"content": {"size": "10"}},
        {"content": {"type": "HDD"}},
        {"content": {"type": 2}},
        {"content": {"stats_aggregator": {}}},
    ],
    ids=str,
)
def test_a_bad_envelope_or_content_fails_the_poll(change: Mapping[str, Any]) -> None:
    """One workload that does not decode loses the node all of them."""
    with pytest.raises(Refused):
        workloads(E5)({"workloads": [{**ENVELOPE, **change}]})


def test_a_missing_content_fails_and_null_is_an_empty_one() -> None:
    """The field has to be there."""
    without = {key: value for key, value in ENVELOPE.items() if key != "content"}
    with pytest.raises(Refused):
        workloads(E5)({"workloads": [without]})
    assert workload(E5)({**ENVELOPE, "content": None}).content["size"] == 0


def test_an_unknown_kind_passes_as_one(epoch: Epoch) -> None:
    """A number up to 255 is a kind that the node refuses later, without a report."""
    assert workload(epoch)({**ENVELOPE, "type": 200}).kind == UNKNOWN


@pytest.mark.parametrize(("epoch", "kind"), [(E1, UNKNOWN), (E2, "kubernetes"), (E5, "kubernetes")], ids=str)
def test_kubernetes_came_with_the_second_client(epoch: Epoch, kind: str) -> None:
    """The first one takes it for an unknown kind."""
    assert workload(epoch)({**ENVELOPE, "type": 4, "content": {"size": 1}}).kind == kind


def test_a_workload_without_a_dash_in_its_id_is_passed_by() -> None:
    """The node warns and goes on."""
    assert workloads(E5)({"workloads": [{**ENVELOPE, "workload_id": "11"}, ENVELOPE]}) == [workload(E5)(ENVELOPE)]


def test_one_bad_content_fails_all_but_at_the_third_client(epoch: Epoch) -> None:
    """That one leaves out just the workload; a bad field of an envelope fails it as well."""
    bad = {"workloads": [{**ENVELOPE, "content": {"size": "1"}}, ENVELOPE]}
    if epoch is E3:
        assert len(workloads(epoch)(bad)) == 1
    else:
        with pytest.raises(Refused):
            workloads(epoch)(bad)
    with pytest.raises(Refused):
        workloads(epoch)({"workloads": [{**ENVELOPE, "user": 1}, ENVELOPE]})


@pytest.mark.parametrize(
    ("value", "accepting"),
    [
        (1_585_000_000, EPOCHS),
        (None, (E1, E2, E3)),
        (1_585_000_000.5, (E4, E5)),
        ("2020/03/23", (E4, E5)),
        ("", (E4, E5)),
    ],
    ids=str,
)
def test_the_created_of_a_workload_had_two_types(value: object, accepting: tuple[Epoch, ...]) -> None:
    """A whole number until the third client, then a date."""
    for epoch in EPOCHS:
        try:
            workload(epoch)({**ENVELOPE, "created": value})
        except Refused:
            assert epoch not in accepting
        else:
            assert epoch in accepting


def test_a_deletion_is_honoured_from_the_third_client_on() -> None:
    """Before, only expiry removed a workload."""
    deletion = {**ENVELOPE, "to_delete": True}
    assert [workload(epoch)(deletion).to_delete for epoch in EPOCHS] == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("container", {"environment": {"PORT": 80}}),
        ("container", {"environment": '{"PORT":"80"}'}),
        ("container", {"secret_environment": {"PASSWORD": 1}}),
        ("container", {"logs": [{"type": "redis", "data": '{"stdout":""}'}]}),
        ("container", {"network_connection": [{"ipaddress": "10.0.0.1/24"}]}),
        ("zdb", {"mode": "seq"}),
        ("zdb", {"disk_type": 2}),
        ("zdb", {"public": 0}),
        ("network", {"iprange": "10.0.0.1"}),
        ("network", {"network_resources": [{"peers": [{"allowed_iprange": "10.0.0.0/8"}]}]}),
        ("kubernetes", {"size": 2147483647}),
        ("kubernetes", {"master_ips": "10.0.0.1"}),
    ],
    ids=str,
)
def test_the_content_of_a_kind_is_refused(kind: str, content: Mapping[str, Any]) -> None:
    """Each kind has its own types."""
    with pytest.raises(Refused):
        content_types(E5)[kind](content)


def test_fields_that_came_later_are_ignored_before(epoch: Epoch) -> None:
    """What a client does not know can not fail it."""
    read = content_types(epoch)["container"]
    fields = read({"secret_environment": {"A": "00"}, "logs": [{"type": "redis", "data": {"stdout": "a"}}]})
    assert ("secret_environment" in fields, "logs" in fields) == (epoch in (E3, E4, E5), epoch is E5)


@pytest.mark.parametrize(
    "change",
    [
        {"next_action": "sign"},
        {"epoch": None},
        {"results": [{"workload_id": 1}]},
        {"results": [{"epoch": None}]},
        {"id": "10"},
        {"data_reservation": {"volumes": [{"type": "SSD"}]}},
    ],
    ids=str,
)
def test_a_reservation_is_decoded_in_full(epoch: Epoch, change: Mapping[str, Any]) -> None:
    """The registration fails although its id alone is used."""
    assert reservation(epoch)({"id": 10})["id"] == 10
    with pytest.raises(Refused):
        reservation(epoch)({"id": 10, **change})


def test_a_reservation_in_a_field_has_no_id(epoch: Epoch) -> None:
    """The reply is flat."""
    assert reservation(epoch)({"reservation": {"id": 10}})["id"] == 0


def test_an_object_in_json_passes_at_the_fourth_client_alone(epoch: Epoch) -> None:
    """It was a value then, and a text before and after."""
    reservation(epoch)({"json": '{"a":1}'})
    if epoch is E4:
        reservation(epoch)({"json": {"a": 1}})
    else:
        with pytest.raises(Refused):
            reservation(epoch)({"json": {"a": 1}})


def test_a_node_may_have_no_public_interface(epoch: Epoch) -> None:
    """Left out, null or without a master."""
    assert node(epoch)({"public_config": None})["public_config"] is None
    assert node(epoch)({})["public_config"] is None
    assert node(epoch)({"public_config": {"master": "", "ipv4": ""}})["public_config"]["master"] == ""


@pytest.mark.parametrize("reply", [{"farm_id": 123}, {"farm_id": "123"}], ids=str)
def test_a_farm_gets_its_id(reply: object) -> None:
    """As a number or as a text of digits."""
    assert farm_id(reply) == 123


@pytest.mark.parametrize("reply", [{}, {"id": 123}, {"farm_id": "a"}, {"farm_id": 1.0}], ids=str)
def test_a_farm_without_its_id_fails(reply: object) -> None:
    """Its id may not be missing."""
    with pytest.raises(Refused):
        farm_id(reply)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            'ERR {"message":"no","level":40,"context":"get","cat":"input"}',
            GedisError("no", typed=True, level=40, context="get", category="input"),
        ),
        ('ERR {"message":"no"}', GedisError("no", typed=True)),
        ('ERR {"message":null,"level":null}', GedisError("", typed=True)),
        ('ERR {"message":"no","extra":[1]} and more', GedisError("no", typed=True)),
        ("ERR {}", GedisError("", typed=True)),
        ('{"message":"no"}', GedisError("no", typed=True)),
    ],
)
def test_an_error_line_is_decoded(line: str, error: GedisError) -> None:
    """Each field may be missing or null, others and what follows are ignored."""
    assert error_of(line) == error


@pytest.mark.parametrize(
    "line",
    [
        "ERR no such thing",
        'ERR "no"',
        'ERR {"message":1}',
        'ERR {"message":"no","level":"high"}',
        'ERR {"message":"no","level":-1}',
        'ERR {"message":"no","context":1}',
        'ERR {"message":"no","cat":[]}',
        'NOAUTH {"message":"no"}',
        'ERR {"message":"no',
    ],
)
def test_an_error_line_that_does_not_decode_is_the_text(line: str) -> None:
    """It is an error all the same."""
    assert error_of(line) == GedisError(line)


def test_a_command_is_an_array_of_bulk_strings() -> None:
    """The bytes of a client's first call."""
    poll = argument({"node_id": "node-1", "cursor": 0})
    assert command("config_format", "json") + command("tfgrid.workloads.workload_manager.workloads_list", poll) == (
        b"*2\r\n$13\r\nconfig_format\r\n$4\r\njson\r\n"
        b"*2\r\n$48\r\ntfgrid.workloads.workload_manager.workloads_list\r\n"
        b'$31\r\n{"cursor":0,"node_id":"node-1"}\r\n'
    )


def test_an_argument_is_compact_and_escapes_what_html_needs() -> None:
    """Names in order, nested objects as they are, five characters escaped, the length in bytes."""
    sent = argument({"b": {"z": "<&>\u2028", "a": None}, "a": "é"})
    assert sent == '{"a":"é","b":{"z":"\\u003c\\u0026\\u003e\\u2028","a":null}}'
    assert command("é") == b"*1\r\n$2\r\n\xc3\xa9\r\n"
