"""The stored form: what is written is read, also by a later version of the schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from workloadmanager.errors import InputError
from workloadmanager.schema import Registry, Schema

SchemaFrom = Callable[..., Schema]


def test_the_stored_form_is_a_map_in_the_order_of_the_schema(schema_from: SchemaFrom) -> None:
    """Any MessagePack library reads it."""
    schema = schema_from("b = (S)", 'a = "x,y" (E)', "c = (bytes)")
    made = schema.new(a="y", c=b"raw", id=4)
    assert list(msgspec.msgpack.decode(schema.encode(made)).items()) == [("b", ""), ("a", 1), ("c", b"raw"), ("id", 4)]


def test_an_unset_number_is_left_out_of_every_dump(reservation: Schema) -> None:
    """A document that is not stored yet has none."""
    made = reservation.new()
    assert "id" not in msgspec.msgpack.decode(reservation.encode(made))
    assert "id" not in reservation.to_dict(made)
    assert "id" not in reservation.to_human(made)
    assert '"id"' not in reservation.to_json(made)


def test_an_appended_property_reads_as_its_default(schema_from: SchemaFrom) -> None:
    """Not as the zero of its type."""
    old = schema_from("a = (S)")
    new = schema_from("a = (S)", "count = 5 (I)", "tags = [x] (LS)", "flag = true (B)", 'data = {"k": 1} (dict)')
    stored = old.encode(old.new(a="kept"))
    assert new.to_dict(new.decode(stored)) == {"a": "kept", "count": 5, "tags": ["x"], "flag": True, "data": {"k": 1}}
    assert new.decode(new.encode(new.decode_lazy(stored))) == new.decode(stored)


def test_an_appended_object_reads_as_a_new_one() -> None:
    """Each with defaults of its own."""
    registry = Registry()
    outer, _ = registry.add_text("@url = test.outer.1\na = (O) !test.inner.1\n@url = test.inner.1\nb = 3")
    first, second = outer.decode(b"\x80"), outer.decode(b"\x80")
    assert first == second == outer.new()
    first.a.b = 4
    assert second.a.b == 3
    assert outer.decode(outer.encode(outer.decode_lazy(b"\x80"))) == outer.new()


def test_a_property_that_is_gone_is_left_out(schema_from: SchemaFrom) -> None:
    """Old documents stay readable."""
    old, new = schema_from("a = (S)", "b = (S)"), schema_from("a = (S)")
    stored = old.encode(old.new(a="x", b="y"))
    assert new.decode(stored) == new.new(a="x")
    assert new.decode_lazy(stored).a == "x"


@pytest.mark.parametrize(
    ("stored", "message", "path"),
    [
        (b"", "the bytes are no test.schema.1: Input data was truncated", ""),
        (b"\xc1", "the bytes are no test.schema.1: MessagePack data is malformed", ""),
        (msgspec.msgpack.encode([]), "the bytes are no test.schema.1: Expected `object`, got `array`", ""),
        (msgspec.msgpack.encode({"count": "x"}), "the bytes are no test.schema.1: Expected `int`, got `str`", "count"),
        (msgspec.msgpack.encode({"mode": 9}), "the bytes are no test.schema.1: Invalid enum value 9", "mode"),
        (msgspec.msgpack.encode({"mode": "seq"}), "the bytes are no test.schema.1: Expected `int`, got `str`", "mode"),
        (b"\x81\xa4data" + b"\x81\xa1a" * 100_000 + b"\xc0", "the bytes are no test.schema.1: ", ""),
    ],
)  # fmt: skip
def test_bytes_that_are_no_document_are_refused(
    schema_from: SchemaFrom, stored: bytes, message: str, path: str
) -> None:
    """With the field, where there is one."""
    schema = schema_from("count = (I)", 'mode = "seq,user" (E)', "data = (dict)")
    with pytest.raises(InputError) as caught:
        schema.decode(stored)
    assert caught.value.message.startswith(message)
    assert caught.value.path == path


def test_the_lazy_view_looks_at_its_own_fields_only(reservation: Schema) -> None:
    """And refuses them as the full one does."""
    assert reservation.decode_lazy(msgspec.msgpack.encode({"results": "junk"})).next_action == "create"
    with pytest.raises(InputError):
        reservation.decode_lazy(msgspec.msgpack.encode({"next_action": 99}))


@pytest.mark.parametrize("value", [{"customer_tid": 5, "next_action": "pay"}, {"customer_tid": "5", "next_action": 2}])
def test_plain_data_is_converted_before_it_is_stored(reservation: Schema, value: dict[str, object]) -> None:
    """A mapping is checked on its way."""
    assert reservation.decode(reservation.encode(value)).next_action == "pay"
    assert reservation.to_dict(value)["customer_tid"] == 5


@pytest.mark.parametrize("junk", [object(), {1: object()}, [object()]])
def test_an_object_that_was_spoilt_cannot_be_stored_or_dumped(reservation: Schema, junk: Any) -> None:
    """What a list took in place is found when it matters, and named."""
    spoilt = reservation.new()
    spoilt.results.append(junk)
    for dump in (reservation.encode, reservation.to_dict, reservation.to_json, reservation.to_human):
        with pytest.raises(InputError) as caught:
            dump(spoilt)
        assert caught.value.path.startswith("results[0]")


def test_a_newer_version_of_a_schema_is_taken_up_by_those_that_refer_to_it() -> None:
    """Documents are read with the newest schema of a url, and the old one stays reachable by its md5."""
    registry = Registry()
    outer, inner = registry.add_text("@url = test.outer.1\na = (O) !test.inner.1\n@url = test.inner.1\nb = 3")
    stored = outer.encode(outer.new())
    (newer,) = registry.add_text("@url = test.inner.1\nb = 3\nc = 4")
    assert outer.to_dict(outer.decode(stored)) == {"a": {"b": 3, "c": 4}}
    assert registry.get("test.inner.1") is newer
    assert registry.by_md5(inner.md5) is inner


def test_an_object_of_an_older_version_is_converted_to_the_newest() -> None:
    """Somebody may still hold one."""
    registry = Registry()
    (older,) = registry.add_text('@url = test.inner.1\nmode = "a,b" (E)')
    held = older.new(mode="b")
    (newer,) = registry.add_text('@url = test.inner.1\nmode = "c,a,b" (E)\nc = 4')
    assert newer.to_dict(newer.convert(held)) == {"mode": 2, "c": 4}
