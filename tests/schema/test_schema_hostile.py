"""What is written or sent in bad faith: it is refused in plain words, and costs neither time nor memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tomlkit

from workloadmanager.errors import InputError, SchemaError
from workloadmanager.schema import Registry, Schema, read_numeric

SchemaFrom = Callable[..., Schema]
Kept = Callable[..., Any]
Refuse = Callable[..., str]


class Colour(StrEnum):
    """A text that is more than a text."""

    red = "red"


class Unequal:
    """A value that cannot be compared."""

    __hash__ = None  # type: ignore[assignment]  # as numpy's arrays

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("comparing this makes no sense")


@pytest.mark.parametrize("kind", ["S", "path", "multiline", "json", "dict"])
def test_a_text_of_a_derived_type_is_kept_as_a_plain_text(schema_from: SchemaFrom, kind: str) -> None:
    """A `StrEnum`, or a text that tomlkit read; msgspec would not encode it."""
    for text in (Colour.red, tomlkit.parse('a = "red"')["a"]):
        value = {"dict": {"a": text, text: 1}, "json": [text]}.get(kind, text)
        schema = schema_from(f"field = ({kind})")
        made = schema.new(field=value)
        assert schema.decode(schema.encode(made)) == made
        assert "red" in schema.to_json(made)


def test_a_number_of_a_derived_type_is_kept_as_a_plain_number(schema_from: SchemaFrom) -> None:
    """A number that tomlkit read, or a value of an enumeration."""
    schema = schema_from("any = (json)", 'step = "create,sign" (E)', "amount = (N)", "count = (I)")
    read = tomlkit.parse("whole = 5\nhalf = 0.5")
    step = schema.new(step="sign").step
    made = schema.new(any=[read["whole"], read["half"], step], amount=step, count=read["whole"])
    assert schema.to_json(made) == '{"any": [5, 0.5, 1], "step": 0, "amount": "1", "count": 5}'
    assert schema.decode(schema.encode(made)) == made


@pytest.mark.parametrize("kind", ["I", "I64", "T", "D", "ipport", "S", "E", "json", "B"])
def test_a_value_that_cannot_be_compared_is_refused_like_any_other(schema_from: SchemaFrom, kind: str) -> None:
    """Nothing that a value does by itself reaches the caller."""
    schema = schema_from('field = "a,b" (E)' if kind == "E" else f"field = ({kind})")
    with pytest.raises(InputError, match="not an Unequal"):
        schema.new(field=Unequal())


def test_a_key_that_is_a_number_without_end_is_refused(schema_from: SchemaFrom) -> None:
    """Its digits are never written out."""
    with pytest.raises(InputError, match="<int>: is no field of"):
        schema_from("field = (S)").convert({10**5000: 1})


def _lists_in_lists() -> list[object]:
    inner: list[object] = [0] * 1000
    for _ in range(10):
        inner = [inner] * 1000
    return inner


def _list_in_itself() -> list[object]:
    inner: list[object] = []
    inner += [inner, inner]
    return inner


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([0] * (2**20 + 1), "holds more than 1048576 values in all, or holds itself"),
        (_lists_in_lists(), "holds more than 1048576 values in all, or holds itself"),
        (_list_in_itself(), "must not be nested more than 64 deep"),
    ],
    ids=["wide", "many times the same", "in itself"],
)
def test_a_value_without_end_is_not_read_to_its_end(schema_from: SchemaFrom, value: object, message: str) -> None:
    """A list that holds itself twice has more parts than there are atoms."""
    with pytest.raises(InputError) as caught:
        schema_from("field = (json)").convert({"field": value})
    assert caught.value.errors[0].message == message
    assert len(caught.value.errors) <= 51


def test_objects_that_hold_themselves_are_not_read_without_end(schema_from: SchemaFrom) -> None:
    """The same through a schema."""
    holder: dict[str, list[object]] = {}
    holder["all"] = [holder, holder]
    with pytest.raises(InputError, match="must not be nested more than 64 deep"):
        schema_from("all = (LO) !test.schema.1").convert(holder)


def test_a_long_text_is_no_amount_at_once(refused: Refuse) -> None:
    """No pattern is tried on what cannot be one."""
    assert refused("N", "1" + " " * 1_000_000 + "!").endswith("not a text of 1000002 characters")


@pytest.mark.parametrize(("number", "shown"), [(1e300, "1e+300"), (10**300, "a very large number"), (1e-40, "1e-40")])
def test_an_amount_with_too_many_digits_is_called_by_what_was_sent(refused: Refuse, number: float, shown: str) -> None:
    """Not by the text that was made of it."""
    assert refused("N", number) == f"must be a number of at most 28 digits, not {shown}"


@pytest.mark.parametrize("text", ["much", "1" * 40, "\ud800", 5, None])
def test_reading_an_amount_refuses_as_everything_else_does(text: Any) -> None:
    """Whoever calls it needs to know one family of errors."""
    with pytest.raises(InputError):
        read_numeric(text)


@pytest.mark.parametrize("text", ["1234_678123441238123123456789012", " 2345678123441238123123456789012", "{x}"])
def test_a_guid_has_hex_digits_and_dashes_only(refused: Refuse, text: str) -> None:
    """Python's own reader takes spaces and underscores for digits."""
    assert refused("guid", text) == f"must be a version 4 UUID, not the text '{text}'"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800", {"b": float("nan")}])
def test_what_is_no_json_never_becomes_the_text_that_is_signed(schema_from: SchemaFrom, value: object) -> None:
    """Also where it was put into an object in place."""
    schema = schema_from("field = (dict)")
    made = schema.new()
    made.field["a"] = value
    with pytest.raises(InputError, match=r"^field\.a"):
        schema.to_json(made)


def test_a_second_that_no_calendar_has_is_refused_where_it_is_shown(schema_from: SchemaFrom) -> None:
    """Bytes from elsewhere may hold any number."""
    schema = schema_from("field = (T)")
    made = schema.decode(msgspec.msgpack.encode({"field": 10**18}))
    with pytest.raises(InputError, match="must be from 0 to 4294967295 seconds since 1970"):
        schema.to_human(made)


LONG = 200_000


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a" + " " * LONG + "b = (S)", "is no name"),
        ("a = x" + " " * 5000 + "' y' (LS)", "must be a list such as"),
        ("9" * 5000 + " : a = (S)", "is no name"),
        ("x" * LONG, "is no property"),
        ("a = (" + "x" * LONG + ")", "there is no type"),
        ("a = " + "[" * LONG + "]" * LONG + " (json)", "must be JSON text"),
        ("a\0\x1bb = (S)", r"'a\x00\x1bb' is no name"),
    ],
    ids=["spaces in a name", "spaces in a list", "number", "line", "type", "depth", "control characters"],
)
def test_a_line_of_junk_is_one_short_message(schema_from: SchemaFrom, line: str, message: str) -> None:
    """However long it is; and nothing in it reaches a terminal as it is."""
    with pytest.raises(SchemaError) as caught:
        schema_from(line)
    (problem,) = caught.value.errors
    assert message in problem.message
    assert problem.line == 2
    assert len(str(problem)) < 700
    assert str(problem).isprintable()


def test_a_list_that_looks_like_json_without_end_is_a_text(schema_from: SchemaFrom) -> None:
    """A default is read as JSON where it is JSON."""
    (only,) = schema_from("a = " + "[" * LONG + "]" * LONG + " (LS)").new().a
    assert len(only) == 2 * LONG - 2


def test_many_parentheses_are_stepped_over_in_one_go(schema_from: SchemaFrom) -> None:
    """A further pair means nothing, and neither do a hundred thousand."""
    assert schema_from("a = (I)" + "()" * LONG).properties[0].kind.name == "I"


def test_half_a_character_in_a_model_has_its_line() -> None:
    """It has no identity, because it cannot be written."""
    with pytest.raises(SchemaError) as caught:
        Registry().add_text("@url = some.url.1\na = (S)  # \ud800", source="model")
    assert str(caught.value.errors[0]) == "model:2: holds half a character (a lone surrogate); write it as UTF-8"


def test_a_text_may_begin_with_a_byte_order_mark() -> None:
    """As a file may."""
    for text in ("\ufeff@url = some.url.1\na = (S)", '\ufeff["some.url.1"]\na = "(S)"'):
        (schema,) = Registry().add_text(text)
        assert schema.url == "some.url.1"


def test_two_urls_do_not_share_one_identity() -> None:
    """Spaces and line ends do not count in it, so that a url may swallow what follows another."""
    registry = Registry()
    registry.add_text("@url = some.url.1\na = (S)")
    with pytest.raises(SchemaError, match=r"spell the same as some\.url\.1; give it another url"):
        registry.add_text("@url = some.url.10:a=(S)")
    assert registry.urls() == ["some.url.1"]


@pytest.mark.parametrize("order", [1, -1])
def test_objects_in_objects_have_a_limit(order: int) -> None:
    """A model that no document could ever follow is refused when it loads, whatever its order."""
    links = [f"@url = test.link.{number}\nnext = (O) !test.link.{number + 1}" for number in range(2000)]
    registry = Registry()
    registry.add_text("\n".join([*links, "@url = test.link.2000\na = (S)"][::order]))
    with pytest.raises(SchemaError, match="holds objects more than 64 deep"):
        registry.resolve()


def test_objects_may_lie_as_deep_as_documents_may() -> None:
    """64 is allowed."""
    links = [f"@url = test.link.{number}\nnext = (O) !test.link.{number + 1}" for number in range(63)]
    registry = Registry()
    schemas = registry.add_text("\n".join([*links, "@url = test.link.63\na = (S)"]))
    registry.resolve()
    assert schemas[0].convert(schemas[0].to_dict(schemas[0].new())) == schemas[0].new()


def test_a_block_does_not_change_a_schema_that_is_there() -> None:
    """The docstring of one package would rewrite the documents of all."""
    registry = Registry()
    (schema,) = registry.add_text("@url = some.url.1\na = (S)")
    with pytest.raises(SchemaError, match=r"call:4: some\.url\.1 is another schema already"):
        registry.add_block("@url = some.url.1\nb = (S)", url="actors.a.b.get.in", source="call", line=3)
    assert registry.get("some.url.1") is schema
    assert registry.add_block("@url = some.url.1\na = (S)", url="actors.a.b.get.in", source="call") is schema


def test_a_link_that_leads_back_is_followed_once(tmp_path: Path) -> None:
    """A folder that holds itself twice has more files than there are atoms."""
    (tmp_path / "one.toml").write_text("@url = some.url.1\na = (S)")
    (tmp_path / "back").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path)
    assert [schema.url for schema in Registry().add_folder(tmp_path)] == ["some.url.1"]


def test_a_file_that_is_no_text_of_a_model_has_its_reason(tmp_path: Path) -> None:
    """One that never ends, one that nobody writes to, one that is too large, one that is not UTF-8."""
    (tmp_path / "a.toml").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "b.toml")
    (tmp_path / "c.toml").write_bytes(b"#" * (2**20 + 1))
    (tmp_path / "d.toml").write_bytes(b"@url = some.url.1\n\xff")
    with pytest.raises(SchemaError) as caught:
        Registry().add_folder(tmp_path)
    assert [str(problem) for problem in caught.value.errors] == [
        "a.toml: is no file that can be read to its end",
        "b.toml: is no file that can be read to its end",
        "c.toml: is larger than 1048576 bytes; make several files of it",
        "d.toml:2: is no UTF-8 text",
    ]
