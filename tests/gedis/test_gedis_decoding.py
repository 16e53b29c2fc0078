"""JSON and MessagePack as clients send them: an object each, or one clear error, at a bounded cost."""

from __future__ import annotations

import json
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis._decoding import decode_json, decode_msgpack, raw_text

MANY = 2**18
TEXTS = st.text(st.characters(codec="utf-8"), max_size=8)
NUMBERS = st.one_of(st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)

JSON_MISTAKES = [
    ("nothing", b"", "it is empty"),
    ("null", b"null", "Expected 'object', got 'null'"),
    ("a list", b"[1]", "Expected 'object', got 'array'"),
    ("a number", b"1", "Expected 'object', got 'int'"),
    ("a text", b'"a"', "Expected 'object', got 'str'"),
    ("half an object", b'{"a":', "it ends too early"),
    ("two objects", b"{}{}", "trailing characters"),
    ("a name without quotes", b"{a:1}", "object keys must be strings"),
    ("single quotes", b"{'a':1}", "object keys must be strings"),
    ("a comma too many", b'{"a":1,}', "trailing comma"),
    ("a comment", b'{"a":1}//', "trailing characters"),
    ("not a number", b'{"a":NaN}', "invalid character"),
    ("infinity", b'{"a":Infinity}', "invalid character"),
    ("a leading zero", b'{"a":01}', "invalid number"),
    ("a float without end", b'{"a":1e999}', "out of range"),
    ("more digits than any number", b'{"a":' + b"9" * 5000 + b"}", "out of range"),
    ("bytes that are no text", b'{"a":"\xff"}', "not UTF-8"),
    ("a name that is no text", b'{"\xff":1}', "not UTF-8"),
    ("half a character in UTF-8", b'{"a":"\xed\xa0\x80"}', "not UTF-8"),
    ("half a character as an escape", b'{"a":"\\ud800"}', "has half a character"),
    ("half a character as a name", b'{"\\uDBff":1}', "has half a character"),
    ("the other half of a character", b'{"a":"\\udc00"}', "has half a character"),
    ("half a character amid others", b'{"a":"\\ud800abcdef"}', "has half a character"),
    ("half a character before another", b'{"a":"\\ud800\\u0041"}', "has half a character"),
    ("half a character behind a backslash", b'{"a":"\\\\\\ud800"}', "has half a character"),
    ("no escape at all in half an object", b'{"a":"\\\\ud800"', "it ends too early"),
    ("a whole character in half an object", b'{"a":"\\ud83d\\ude00"', "it ends too early"),
    ("a control character", b'{"a":"\x01"}', "invalid character"),
    ("a byte order mark", b"\xef\xbb\xbf{}", "invalid character"),
    ("depth without end", b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested too deep"),
    ("lists without end", b'{"a":' + b"[" * 100_000, "nested too deep"),
    ("a field twice", b'{"a":1,"a":1}', 'the field "a" is given twice'),
    ("a field twice, once as an escape", b'{"a":1,"\\u0061":2}', 'the field "a" is given twice'),
    ("a field twice, far down", b'{"x":[{"y":{"b":1,"c":2,"b":3}}]}', 'the field "b" is given twice'),
    ("a field twice, and an escaped colon", b'{"a":"\\u003a","a":"\\u003A"}', 'the field "a" is given twice'),
    ("a field twice, one of them unreadable", b'{"a":1,"a":' + b"9" * 30 + b"}", 'the field "a" is given twice'),
    ("an empty name twice", b'{"":1,"":2}', 'the field "" is given twice'),
    (
        "a field twice, and an escape before a colon",
        b'{"a":"\\u003a:","b":{"c":1,"c":2}}',
        'the field "c" is given twice',
    ),
    ("a field twice, which holds a colon", b'{"a:\\u003a":1,"a::":2}', 'the field "a::" is given twice'),
    ("a field twice in much text", b'{"a":1,"a":"' + b"x" * 100_000 + b'"}', "a field is given twice in one object"),
    ("many values", b'{"a":[' + b"0," * MANY + b"0]}", f"more than {MANY} values"),
    ("many empty lists", b'{"a":[' + b"[]," * (MANY // 2) + b"0]}", f"more than {MANY} values"),
    ("many objects", b'{"a":[' + b'{"a":{}},' * (MANY // 4) + b"0]}", f"more than {MANY} values"),
    ("many texts", b'{"a":[' + b'"",' * (MANY + 1) + b"0]}", f"more than {MANY} values"),
    ("many values that do not end", b'{"a":' + b"[0," * MANY, f"more than {MANY} values"),
    ("many values beside a text", b'{"b":"\\"\\\\","a":[' + b"0," * MANY + b"0]}", f"more than {MANY} values"),
]

MSGPACK_MISTAKES = [
    ("nothing", b"", "it is empty"),
    ("a list", b"\x91\x01", "Expected 'object', got 'array'"),
    ("nil", b"\xc0", "Expected 'object', got 'None'"),
    ("JSON", b"{}", "Expected 'object', got 'int'"),
    ("half a map", b"\x81\xa1a", "it ends too early"),
    ("two maps", b"\x80\x80", "trailing characters"),
    ("a number as a key", b"\x81\x01\x02", "Expected 'str', got 'int'"),
    ("a list as a key", b"\x81\xa1a\x81\x80\x01", "hashable"),
    ("bytes that are no text", b"\x81\xa1a\xa1\xff", "not UTF-8"),
    ("a byte without meaning", b"\x81\xa1a\xc1", "invalid opcode"),
    ("a count that costs nothing", b"\xdf\xff\xff\xff\xff", "it ends too early"),
    ("a list that costs nothing", b"\x81\xa1a\xdd\xff\xff\xff\xff", "it ends too early"),
    ("depth without end", b"\x81\xa1a" * 100_000 + b"\xc0", "nested too deep"),
    ("a key twice", b"\x82\xa1a\x01\xa1a\x02", 'the field "a" is given twice'),
    ("a key twice, in two spellings", b"\x82\xa1a\x01\xd9\x01a\x02", 'the field "a" is given twice'),
    ("a key twice, far down", b"\x81\xa1x\x91\x82\xa1b\x01\xa1b\x02", 'the field "b" is given twice'),
    (
        "a key twice, beside a short float",
        b"\x83\xa1a\x01\xa1a\x02\xa1b\xca?\x80\x00\x00",
        'the field "a" is given twice',
    ),
    ("very many bytes", b"\x81\xa1a\xc6\x00\x20\x00\x00" + bytes(2**21), "at most 2097152 bytes"),
    ("an extension", b"\x81\xa1a\xd4\x05\x01", "no call takes an extension type, as this of code 5"),
    ("many lists", b"\x81\xa1a\xdd\x00\x08\x00\x00" + b"\x90" * 2**19, "may hold more than 131072 lists and maps"),
]


def ids(mistakes: list[tuple[str, bytes, str]]) -> list[str]:
    """Return what the mistakes are called."""
    return [mistake[0] for mistake in mistakes]


@pytest.mark.parametrize(("payload", "words"), [mistake[1:] for mistake in JSON_MISTAKES], ids=ids(JSON_MISTAKES))
def test_a_payload_that_is_no_json_object_is_refused(payload: bytes, words: str) -> None:
    """One sentence says what is wrong, without what was sent."""
    with pytest.raises(InputError) as caught:
        decode_json(payload)
    assert words in caught.value.message
    assert len(caught.value.message) < 200


@pytest.mark.parametrize(("payload", "words"), [mistake[1:] for mistake in MSGPACK_MISTAKES], ids=ids(MSGPACK_MISTAKES))
def test_a_payload_that_is_no_messagepack_map_is_refused(payload: bytes, words: str) -> None:
    """The same holds of the other format."""
    with pytest.raises(InputError) as caught:
        decode_msgpack(payload)
    assert words in caught.value.message
    assert len(caught.value.message) < 200


@given(OBJECTS, st.booleans(), st.sampled_from([None, 1]))
def test_any_json_object_is_read_as_python_reads_it(
    value: dict[str, Any],
    ascii_only: bool,  # noqa: FBT001 - drawn
    indent: int | None,
) -> None:
    """However it is written."""
    assert decode_json(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value


@given(OBJECTS, st.data())
def test_any_colon_may_be_an_escape(value: dict[str, Any], data: st.DataObject) -> None:
    """Whether a field is there twice does not depend on it."""
    escaped = {"colon:": ":\\u003a:\\", **value}
    text = json.dumps(escaped)
    colons = [place for place, letter in enumerate(text) if letter == ":" and _is_text(text, place)]
    chosen = data.draw(st.sets(st.sampled_from(colons)))
    written = "".join("\\u003A" if place in chosen else letter for place, letter in enumerate(text))
    assert decode_json(written.encode()) == escaped


def _is_text(text: str, place: int) -> bool:
    """Whether a place is inside of a text."""
    before = text[:place].replace("\\\\", "").replace('\\"', "")
    return before.count('"') % 2 == 1


@pytest.mark.parametrize("text", [",:[{" * 100_000, '","' * 100_000, "\\" * 100_001, "{" * 300_000])
def test_what_stands_in_a_text_is_no_value(text: str) -> None:
    """However much it looks like it."""
    value = {"reservation": {"json": text, "list": [1, {"a": 2}]}}
    assert decode_json(json.dumps(value).encode()) == value


def test_the_most_values_are_read() -> None:
    """Those of the largest reservation that may be stored are far fewer than these."""
    assert len(decode_json(b'{"a":[' + b"0," * (MANY - 3) + b"0]}")["a"]) == MANY - 2


@given(OBJECTS, st.booleans())
def test_any_messagepack_map_is_read_as_it_was_written(value: dict[str, Any], short: bool) -> None:  # noqa: FBT001 - drawn
    """In the shortest form, and in forms that other writers use."""
    plain = {key: item for key, item in value.items() if not short or not isinstance(item, float)}
    assert decode_msgpack(msgpack.packb(plain, use_single_float=short and not _has_float(plain))) == plain


def _has_float(value: object) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return isinstance(value, float) or any(_has_float(item) for item in inner)


@given(OBJECTS, TEXTS, VALUES, VALUES)
def test_a_field_that_is_given_twice_is_always_seen(outer: dict[str, Any], name: str, one: object, two: object) -> None:
    """Also where the values hold colons, quotes and escapes."""
    key = json.dumps(name)
    twice = f"{{{key}:{json.dumps(one)},{key}:{json.dumps(two)}}}"
    others = json.dumps(outer)[1:-1]
    payload = f"{{{others}{',' if others else ''}{json.dumps('the last ' + name)}:{twice}}}"
    if any(each.startswith("the last") for each in outer):
        return
    with pytest.raises(InputError, match="given twice"):
        decode_json(payload.encode())


@given(st.binary(max_size=40))
def test_any_bytes_are_an_object_or_one_error(payload: bytes) -> None:
    """In both formats."""
    for decode in (decode_json, decode_msgpack):
        try:
            assert isinstance(decode(payload), dict)
        except InputError as error:
            assert error.message.isprintable()  # noqa: PT017 - both ways are right


def test_numbers_are_kept_as_wide_as_they_are() -> None:
    """Whether a number fits is said by the call, with its place; a large one is no mistake of the payload."""
    assert decode_json(b'{"a":18446744073709551616,"b":-9223372036854775809}') == {"a": 2**64, "b": -(2**63) - 1}


def test_the_text_of_a_value_is_found_under_any_spelling_of_its_name() -> None:
    """A name may be written with escapes."""
    assert raw_text(b'{"resul\\u0074":{"data\\u005fjson":{"a":1}}}', "result", "data_json") == '{"a":1}'
