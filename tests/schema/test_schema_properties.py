"""What holds for any schema and any value: tried with examples that nobody would think of."""

from __future__ import annotations

import base64
import functools
import json
import keyword
import string
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError, SchemaError
from workloadmanager.schema import Registry, Schema

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
seconds = st.integers(0, 2**32 - 1)
addresses = st.ip_addresses().map(str).filter(lambda text: "%" not in text)
ranges = st.tuples(st.ip_addresses(v=4), st.integers(0, 32)).map(lambda pair: f"{pair[0]}/{pair[1]}")
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "S": texts,
    "I": st.integers(-(2**31), 2**31 - 1),
    "I64": st.integers(-(2**63), 2**63 - 1),
    "F": st.floats(allow_nan=False, allow_infinity=False),
    "B": st.booleans(),
    "P": st.floats(0, 1),
    "T": seconds,
    "D": seconds,
    "N": st.integers(-(10**12), 10**12) | st.sampled_from(["10 usd", "1.25k EUR", "3%", "0.000001"]),
    "bytes": st.binary(max_size=20),
    "dict": st.dictionaries(texts, plain, max_size=3),
    "json": plain.filter(lambda value: not isinstance(value, str)),
    "email": st.sampled_from(["", "A@b.org", "x.y@z.example"]),
    "u": st.sampled_from(["", "example.org", "https://a.b/c"]),
    "tel": st.sampled_from(["", "+32 475 123456"]),
    "guid": st.uuids(version=4).map(str),
    "ipaddr": addresses,
    "iprange": ranges,
    "ipport": st.integers(0, 65535),
    "multiline": texts,
    "path": texts,
}
LETTERS = sorted(VALUES)
EVERY_KIND = "\n".join(
    [
        "@url = test.every.1",
        *(f"one_{letters} = ({letters})" for letters in LETTERS),
        *(f"many_{letters} = (L{letters})" for letters in LETTERS),
        'choice = "a,b,c" (E)',
        "inner = (O) !test.inner.1",
        "more = (LO) !test.inner.1",
        "@url = test.inner.1",
        "number = (I)",
        "again = (LO) !test.inner.1",
    ]
)
inner_values = st.recursive(
    st.fixed_dictionaries({}, optional={"number": VALUES["I"]}),
    lambda inner: st.fixed_dictionaries({"again": st.lists(inner, max_size=2)}),
    max_leaves=4,
)
every_value = st.fixed_dictionaries(
    {"id": st.integers(0, 2**63 - 1)},
    optional={
        **{f"one_{letters}": values for letters, values in VALUES.items()},
        **{
            f"many_{letters}": st.lists(values.filter(lambda value: value is not None), max_size=3)
            for letters, values in VALUES.items()
        },
        "choice": st.sampled_from(["a", "B", 2]),
        "inner": inner_values,
        "more": st.lists(inner_values, max_size=3),
    },
)


E = TypeVar("E", bound=InputError)


def outcome(call: Callable[[], Any], expected: type[E]) -> tuple[E | None, Any]:
    """Return the one error that a call may raise, or what it returned; any other error is the test's."""
    try:
        return None, call()
    except expected as error:
        return error, None


def _every() -> Schema:
    registry = Registry()
    schema, _ = registry.add_text(EVERY_KIND)
    registry.resolve()
    return schema


EVERY = _every()


@quick
@given(every_value)
def test_plain_data_converts_back_to_the_same_object(value: dict[str, Any]) -> None:
    """Also by way of JSON text."""
    made = EVERY.convert(value)
    assert EVERY.convert(EVERY.to_dict(made)) == made
    assert EVERY.convert(json.loads(EVERY.to_json(made))) == made
    assert EVERY.convert(made) == made


@quick
@given(every_value)
def test_the_stored_form_decodes_to_the_same_object(value: dict[str, Any]) -> None:
    """And the lazy view encodes to the same bytes."""
    made = EVERY.convert(value)
    stored = EVERY.encode(made)
    assert EVERY.decode(stored) == made
    assert EVERY.encode(EVERY.decode_lazy(stored)) == stored


@quick
@given(every_value)
def test_every_object_can_be_shown_to_people_as_json(value: dict[str, Any]) -> None:
    """Each field is there, and the text is JSON."""
    made = EVERY.convert(value)
    human = EVERY.to_human(made)
    assert list(human) == [*(each.name for each in EVERY.properties), "id"]
    assert json.loads(json.dumps(human)) == human


@quick
@given(st.dictionaries(st.sampled_from(EVERY.type.__struct_fields__) | texts, plain | st.text(max_size=9), max_size=5))
def test_any_value_is_converted_or_refused(value: dict[str, Any]) -> None:
    """Nothing else is raised, every mistake has a message that can be sent, and what is made can be stored."""
    refusal, made = outcome(lambda: EVERY.convert(value, now=0), InputError)
    if refusal is None:
        assert EVERY.decode(EVERY.encode(made)) == made
    else:
        assert all(problem.message and problem.path for problem in refusal.errors)
        str(refusal).encode()


@quick
@given(st.binary(max_size=60))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    """Nothing else is raised."""
    for decode in (EVERY.decode, EVERY.decode_lazy):
        refusal, _ = outcome(functools.partial(decode, data), InputError)
        assert refusal is None or refusal.message.startswith("the bytes are no test.every.1")


names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=8).filter(
    lambda name: name != "id" and not keyword.iskeyword(name) and not name.startswith("__")
)
expressions = st.sampled_from(
    [
        "(S)",
        '"" (S)',
        '"a # b!" (S)',
        "5 (I)",
        "(LS)",
        "true (B)",
        '"x,y" (E)',
        "(LO) !some.other.1",
        "[1, 2] (LI)",
        '"fd00::/64" (iprange)',
    ]
)
PIECES = ["@url", " = ", "some.url.1", "\n", "a", "(S)", "[", '"', "]", "#", "!", "&", "*", ":", "0"]
pieces = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
properties = st.lists(
    st.tuples(names, st.sampled_from(["", "*", "**", "***"]), expressions), max_size=5, unique_by=lambda each: each[0]
)


@quick
@given(properties, st.lists(st.sampled_from(["acl", "sub"]), max_size=2, unique=True), texts)
def test_both_carriers_give_one_identity(
    fields: list[tuple[str, str, str]], directives: list[str], comment: str
) -> None:
    """Spaces, comments and numbers do not change it either."""
    comment = " ".join(comment.split()).replace("\x7f", "")
    comment = "".join(character for character in comment if character.isprintable())
    toml = "\n".join(
        ['["some.url.1"]', *(f'"@{name}" = "true"' for name in directives)]
        + [f"{json.dumps(name + mark)} = '{expression}'  # {comment}" for name, mark, expression in fields]
    )
    text = "\n".join(
        ["@url = some.url.1", *(f"@{name} = true" for name in directives)]
        + [
            f"  {number}:{name}{mark}={expression} # {comment}"
            for number, (name, mark, expression) in enumerate(fields)
        ]
    )
    (from_toml,), (from_text,) = Registry().add_text(toml), Registry().add_text(text)
    assert from_toml.md5 == from_text.md5
    assert [each.help for each in from_toml.properties] == [each.help for each in from_text.properties]


@quick
@given(st.text(max_size=80) | pieces)
def test_any_text_gives_schemas_or_a_schema_error(text: str) -> None:
    """A model file cannot break the loader."""
    refusal, schemas = outcome(lambda: Registry().add_text(text), SchemaError)
    if refusal is None:
        assert all(len(schema.md5) == 32 for schema in schemas)
    else:
        assert refusal.errors


@pytest.mark.parametrize("size", [0, 1, 2, 3, 300])
def test_bytes_go_through_json_unchanged(size: int) -> None:
    """Whatever their length."""
    value = bytes(range(256)) * 2
    made = EVERY.new(one_bytes=value[:size])
    assert base64.b64decode(json.loads(EVERY.to_json(made))["one_bytes"]) == value[:size]
