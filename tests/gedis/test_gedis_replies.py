"""Replies are bytes of the Redis protocol, and errors are one line that nodes read."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager import errors
from workloadmanager.errors import InputError, NotFound, Problem, SchemaError, WorkloadManagerError
from workloadmanager.schema import NOT_SET, Kind, Schema, to_json
from workloadmanager.threebot.gedis._formats import json_reply, msgpack_reply
from workloadmanager.threebot.gedis._replies import bulk, error_line, reply, verbatim

from .talking import models, read, refusal

SAMPLES: dict[str, Any] = {
    "S": 'Grüße <b> & "quotes"\n\u2028 😀',
    "I": 7,
    "I64": 2**62,
    "F": 1.5,
    "P": 0.25,
    "B": True,
    "T": 1_600_000_000,
    "D": 1_600_000_000,
    "N": "10 USD",
    "bytes": b"\x00\xff signature",
    "dict": {"name": "text", "ü": [1, {"b": None}], "n": 2.5},
    "json": [1, 2.5, None, {"a": "ü"}],
    "email": "jane@example.org",
    "u": "https://example.org/page",
    "ipaddr": "2001:db8::1",
    "iprange": "10.0.0.0/16",
    "ipport": 8901,
    "guid": "3f2b8c1e-5d4a-4e6f-8a7b-9c0d1e2f3a4b",
    "tel": "+32475123456",
    "multiline": "one\ntwo",
    "path": "/data",
}
SCHEMAS = {url: models().get(url) for url in models().urls()}


def sample(schema: Schema, depth: int = 0) -> Any:
    """Return an object of a schema with a value in each of its fields."""
    fields = {}
    for each in schema.properties:
        if each.reference:
            inner = sample(models().get(each.reference), depth + 1) if depth < 4 else {}
            fields[each.name] = [inner, inner] if each.kind.name.startswith("L") else inner
        elif each.choices:
            fields[each.name] = each.choices[-1]
        else:
            fields[each.name] = plain(each.kind)
    return schema.new(**fields, **({"id": 12} if schema.has_id else {}))


def plain(kind: Kind) -> Any:
    """Return a value of a type."""
    name = kind.name
    return [SAMPLES[name[1:]]] * 2 if name.startswith("L") else SAMPLES[name]


@pytest.mark.parametrize("url", SCHEMAS)
@pytest.mark.parametrize("make", [lambda schema: schema.new(), sample], ids=["fresh", "filled"])
def test_a_json_reply_says_what_the_models_own_json_says(url: str, make: Any) -> None:
    """Enumerations and dates are integers, bytes are base64, and an id that is not set is absent."""
    made = make(SCHEMAS[url])
    body = read(json_reply(made))
    assert json.loads(body) == json.loads(to_json(made))
    assert list(json.loads(body)) == list(json.loads(to_json(made)))
    assert body.decode().count(" ") == json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).count(
        " "
    )


@pytest.mark.parametrize("url", SCHEMAS)
@pytest.mark.parametrize("make", [lambda schema: schema.new(), sample], ids=["fresh", "filled"])
def test_a_messagepack_reply_is_the_object_again(url: str, make: Any) -> None:
    """It is a map, and reading it with the model gives the same object."""
    schema = SCHEMAS[url]
    made = make(schema)
    body = read(msgpack_reply(made))
    assert isinstance(msgspec.msgpack.decode(body), dict)
    assert schema.decode(body) == made


def test_a_length_counts_bytes() -> None:
    """The framework of the time counted characters, and broke at the first other alphabet."""
    assert bulk("grüße".encode()) == "$7\r\ngrüße\r\n".encode()


@pytest.mark.parametrize("value", [None, True, 7, "text", {"a": [1, None]}, ["x"]])
def test_a_reply_need_not_be_an_object_of_a_model(value: object) -> None:
    """Calls of other packages may answer with plain data."""
    assert json.loads(read(json_reply(value))) == value
    assert msgspec.msgpack.decode(read(msgpack_reply(value))) == value


@pytest.mark.parametrize(
    "value",
    [object(), {"a": {1, object()}}, "\ud800", {"a": {1, "b", object()}}],
    ids=["object", "set", "half a character", "mixed set"],
)
@pytest.mark.parametrize("encode", [json_reply, msgpack_reply])
def test_a_reply_that_has_no_form_is_an_error_and_not_an_exception(
    value: object, encode: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever waits for it is answered, and the log has the cause."""
    assert refusal(encode(value))["kind"] == "internal"
    assert "could not be written" in caplog.text


@pytest.mark.parametrize(
    ("value", "second", "third"),
    [
        (None, b"$-1\r\n", b"_\r\n"),
        (7, b":7\r\n", b":7\r\n"),
        ("text", b"$4\r\ntext\r\n", b"$4\r\ntext\r\n"),
        (b"\xff", b"$1\r\n\xff\r\n", b"$1\r\n\xff\r\n"),
        ([], b"*0\r\n", b"*0\r\n"),
        ({}, b"*0\r\n", b"%0\r\n"),
        ({"a": [1, None]}, b"*2\r\n$1\r\na\r\n*2\r\n:1\r\n$-1\r\n", b"%1\r\n$1\r\na\r\n*2\r\n:1\r\n_\r\n"),
    ],
)
def test_each_version_of_the_protocol_has_its_forms(value: Any, second: bytes, third: bytes) -> None:
    """A mapping is a flat array in the second one."""
    assert (reply(value, 2), reply(value, 3)) == (second, third)


def test_a_text_for_people_says_so_in_the_third_version() -> None:
    """Clients then print it as it is."""
    assert (verbatim("ü", 2), verbatim("ü", 3)) == ("$2\r\nü\r\n".encode(), "=6\r\ntxt:ü\r\n".encode())


KINDS = [getattr(errors, name) for name in errors.__all__ if name != "Problem"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_each_kind_of_error_is_one_line_that_nodes_and_programs_read(kind: type[WorkloadManagerError]) -> None:
    """Nodes read message, level, context and cat; programs read the rest."""
    error = kind("it does not fit", path="reservation.json", call="reservation_register")
    assert refusal(error_line(error)) == {
        "message": "reservation.json: it does not fit",
        "level": 40,
        "context": "reservation_register",
        "cat": kind.kind,
        "kind": kind.kind,
        "path": "reservation.json",
        "call": "reservation_register",
    }


def test_an_error_that_does_not_know_its_call_is_told() -> None:
    """The error itself is not changed: others may hold it too."""
    error = NotFound("there is none")
    assert refusal(error_line(error, "farms_get"))["context"] == "farms_get"
    assert error.call == ""
    assert refusal(error_line(NotFound("there is none", call="nodes_get"), "farms_get"))["call"] == "nodes_get"


def test_all_mistakes_are_listed() -> None:
    """Each with its path."""
    error = InputError.of([Problem("is missing", path="a.b"), Problem("is no number", path="c")])
    facts = refusal(error_line(error))
    assert facts["message"] == "2 mistakes: a.b: is missing; c: is no number"
    assert facts["errors"] == [{"message": "is missing", "path": "a.b"}, {"message": "is no number", "path": "c"}]


@pytest.mark.parametrize("count", [1, 2])
def test_no_file_of_the_host_is_named(count: int) -> None:
    """A package may raise what its loader found."""
    problems = [Problem("is unknown", path="name", source="/srv/secret/models/a.toml", line=3)] * count
    data = error_line(SchemaError.of(problems))
    assert b"/srv" not in data
    assert refusal(data)["message"] == "; ".join(["name: is unknown"] * count)


@given(st.text(), st.text(st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF), max_size=1))
def test_any_text_makes_one_line(text: str, half: str) -> None:
    """Ends of lines, other alphabets and half characters are escaped."""
    facts = refusal(error_line(InputError(text + half, path=text)))
    assert facts["message"] == (f"{text}: {text}{half}" if text else half)


def test_what_nobody_set_is_the_number_that_says_so() -> None:
    """As the original did."""
    made = SCHEMAS["tfgrid.workloads.reservation.1"].new()
    assert json.loads(read(json_reply(made)))["customer_tid"] == NOT_SET
