"""The quick way of a conversion comes to the same as the long way, or leaves the value to it.

A mapping that is no `dict` goes the long way, so that the two can be compared.
"""

from __future__ import annotations

import enum
import itertools
import math
from collections import UserDict
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError
from workloadmanager.models import FOLDER
from workloadmanager.schema import NOT_SET, NOT_SET_64, Kind, Registry, Schema

EVERY_KIND = """@url = test.part.1
colour = "red,green" (E)
deep = (dict)
parts = (LO) !test.part.1

@url = test.whole.1
text = 'x' (S)
lines = (multiline)
file = (path)
post = (email)
phone = (tel)
page = (u)
small = 3 (I)
large = (I64)
share = (P)
real = (F)
price = "5 EUR" (N)
yes = (B)
raw = (bytes)
second = (T)
day = (D)
address = (ipaddr)
range = (iprange)
port = (ipport)
free = (dict)
any = (json)
colour = "red,green" (E)
part = (O) !test.part.1
parts = (LO) !test.part.1
numbers = (LI)
texts = (LS)
days = (LD)
addresses = (Lipaddr)
frees = (Ldict)
anys = (Ljson)
raws = (Lbytes)
prices = (LN)
"""


def registry_of_everything() -> Registry:
    """The shipped models, and a schema with every type of the language."""
    made = Registry(clock=lambda: 1_800_000_000)
    made.add_folder(FOLDER)
    made.add_text(EVERY_KIND)
    made.resolve()
    return made


REGISTRY = registry_of_everything()
WHOLE = REGISTRY.get("test.whole.1")


class Text(str):
    """A text of a derived type."""

    __slots__ = ()


class Number(int):
    """A number of a derived type."""


class Many(dict[str, Any]):
    """An object of a derived type."""


class Word(enum.StrEnum):
    """A text that is a value of an enumeration."""

    red = "red"


class Colour(enum.IntEnum):
    """A number that is a value of an enumeration."""

    green = 1


ODD = st.sampled_from(
    [
        None, True, False, 0, 1, -1, 2, 1.0, -0.0, math.nan, math.inf,
        2**31 - 1, 2**31, 2**32, 2**63, 2**64, -(2**63), -(2**63) - 1, NOT_SET_64, 86400, 86401,
        "", "x", "1", "red", "GREEN", "\ud800", "é", "AA==", "QUJD", "AB==", "+4h", "2026/11/24", "10 USD", "10usd",
        "10%", "localhost", "10.0.0.1", "10.0.0.1/8", "fe80::1%eth0", "fd00::/64", "010.0.0.1",
        "a@b.cd", "A@b.cd", "+32475121314", "https://a.bc", "a.bc", b"", b"ab", bytearray(b"ab"), memoryview(b"ab"),
        [], (), (1,), {1}, frozenset({"x"}), [None], [[]],
        {}, {"a": [1]}, {"a": {"b": 1}}, {1: 2}, {"a": b"b"}, {"a": math.nan}, {"a": "\ud800"}, {"\ud800": 1},
        {"a": 2**63}, {"a": 2**64}, {"a": 1.5, "b": None, "c": True},
        Text("x"), Text(""), Number(1), Many(), Many(a=1), {Text("a"): 1}, {"a": Text("b")}, {"a": Number(1)}, Word.red,
        Colour.green, REGISTRY.get("test.part.1").new(), WHOLE.new(colour=1).colour,
        REGISTRY.get("tfgrid.workloads.reservation.volume.1").new(type=1).type, object(), UserDict(a=1),
    ]
)  # fmt: skip

FITTING: dict[str, st.SearchStrategy[Any]] = {
    "I": st.integers(-(2**31), 2**31 - 1) | st.just(NOT_SET),
    "I64": st.integers(-(2**63), 2**63 - 1),
    "T": st.integers(0, 2**32 - 1),
    "D": st.integers(0, 40000).map(lambda day: day * 86400) | st.integers(0, 2**32 - 1),
    "B": st.booleans(),
    "F": st.floats() | st.integers(),
    "P": st.floats(-0.5, 1.5) | st.integers(0, 1),
    "N": st.sampled_from(["1", "10 USD", "10%", "1.50", "1k", "007", "-0"]) | st.integers(),
    "bytes": st.binary(max_size=4) | st.text("AQ+/=-_ \n", max_size=5),
    "ipaddr": st.ip_addresses().map(str),
    "iprange": st.ip_addresses().map(lambda address: f"{address}/24"),
    "ipport": st.integers(-1, 65536),
    "email": st.sampled_from(["a@b.cd", "A@B.cd"]),
    "guid": st.uuids(version=4).map(str),
    "E": st.integers(-1, 3),
}
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
FREE = st.dictionaries(st.text(max_size=3), LEAVES | st.lists(LEAVES, max_size=2), max_size=3)
FITTING["dict"] = FREE
FITTING["json"] = FREE | LEAVES | st.lists(LEAVES, max_size=3)


def values_of(kind: Kind, depth: int) -> st.SearchStrategy[Any]:
    """Values that mostly fit a type."""
    if kind.name == "O":
        return objects_of(kind.schema, depth - 1) if depth else st.just({})  # type: ignore[attr-defined]  # the type of an (O)
    if kind.name.startswith("L"):
        return st.lists(values_of(kind.element, depth), max_size=2)  # type: ignore[attr-defined]  # the type of a list
    return FITTING.get(kind.name, st.text(max_size=5))


def objects_of(schema: Schema, depth: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that mostly fit a schema, with any of its fields; one in many has a value or a field that is odd."""
    fields = {each.name: values_of(each.kind, depth) for each in schema.properties}
    fitting = st.fixed_dictionaries({}, optional=fields)
    spoilt = st.tuples(fitting, st.sampled_from([*fields, "id", "other"]), ODD).map(
        lambda parts: {**parts[0], parts[1]: parts[2]}
    )
    return st.one_of(fitting, fitting, fitting, spoilt)


def outcome(schema: Schema, value: Any, **options: Any) -> Any:
    """Return what a conversion makes, with the types of all parts, or every mistake that it finds."""
    try:
        made = schema.convert(value, **options)
    except InputError as error:
        return [(problem.path, problem.message) for problem in error.errors]
    return typed(made)


def typed(value: Any) -> Any:
    """Return a value with the type of each part, by which 1 differs from True."""
    if fields := getattr(value, "__struct_fields__", None):
        return type(value), [(name, typed(getattr(value, name))) for name in fields]
    if isinstance(value, dict):
        return type(value), [(typed(key), typed(part)) for key, part in value.items()]
    if isinstance(value, list):
        return type(value), [typed(part) for part in value]
    return type(value), repr(value)


@pytest.mark.parametrize("url", REGISTRY.urls())
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_both_ways_come_to_the_same(url: str, data: st.DataObject) -> None:
    """Whatever an object holds, the two ways make the same of it or find the same mistakes."""
    schema = REGISTRY.get(url)
    value = data.draw(objects_of(schema))
    unknown = data.draw(st.sampled_from(["refuse", "ignore"]))
    assert outcome(schema, value, unknown=unknown) == outcome(schema, MappingProxyType(value), unknown=unknown)


@pytest.mark.parametrize("name", [each.name for each in WHOLE.properties])
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_both_ways_take_and_refuse_the_same_values(name: str, data: st.DataObject) -> None:
    """The same for a single value of every type, and for one in a list."""
    value = {name: data.draw(ODD | st.lists(ODD, max_size=2))}
    assert outcome(WHOLE, value) == outcome(WHOLE, MappingProxyType(value))


@pytest.mark.parametrize("value", [[1], {"a": 1}, [], {}])
def test_a_json_value_shares_nothing_with_what_was_sent(value: Any) -> None:
    """Whoever sent a list or an object may go on to change it: what was made of it stays as it is."""
    made = WHOLE.convert({"any": value, "anys": [value]})
    before = typed(made)
    if isinstance(value, list):
        value.append(2)
    else:
        value["b"] = 2
    assert typed(made) == before


def test_both_ways_read_the_same_base64() -> None:
    """Every short text of letters, padding and what is none of both is the same bytes, or none, in both ways."""
    texts = ["".join(letters) for size in range(6) for letters in itertools.product("AZ+=", repeat=size)]
    for text in [*texts, "A\nAA", "AAA\n", "AAA ", "AA-_", "éAAA", "AAAA\x00"]:
        value = {"raw": text}
        assert outcome(WHOLE, value) == outcome(WHOLE, MappingProxyType(value)), text


def test_ordinary_data_goes_the_quick_way(reservation: Schema) -> None:
    """What a customer sends is taken by the quick way, down to its addresses and its free fields."""
    volume = {"workload_id": 1, "node_id": "n", "size": 20, "type": 1}
    connection = {"network_id": "shop", "ipaddress": "10.20.1.10"}
    container = {"workload_id": 2, "environment": {"A": "b"}, "network_connection": [connection], "interactive": False}
    peer = {"allowed_iprange": ["fd00::/64", "0.0.0.0/0"]}
    network = {"iprange": "10.20.0.0/16", "network_resources": [{"peers": [peer]}]}
    data = {
        "volumes": [volume],
        "containers": [container],
        "networks": [network],
        "expiration_reservation": 2_000_000_000,
    }
    sent = {"customer_tid": 3, "json": "{}", "data_reservation": data}
    assert (
        reservation._convert_plain(sent) is not None
    )  # by what is behind the doorway: nothing else tells the two apart


def test_what_was_converted_shares_no_object_and_no_list(reservation: Schema) -> None:
    """Nothing that can be changed in the data is in the object too."""
    container: dict[str, Any] = {"workload_id": 1, "environment": {"A": "b"}}
    made = reservation.convert({"data_reservation": {"containers": [container]}})
    container["environment"]["A"] = "c"
    assert made.data_reservation.containers[0].environment == {"A": "b"}


def test_a_newer_model_is_followed_at_once() -> None:
    """A value that a schema took is refused when a newer version of what it refers to has it no more."""
    registry = Registry()
    registry.add_text("@url = test.outer.1\ninner = (O) !test.inner.1\n\n@url = test.inner.1\na = (I)\n")
    outer = registry.get("test.outer.1")
    assert outer.convert({"inner": {"a": 1}}).inner.a == 1
    registry.add_text("@url = test.inner.1\nb = (I)\n")
    with pytest.raises(InputError, match=r"no field of test\.inner\.1"):
        outer.convert({"inner": {"a": 1}})


def test_an_object_that_draws_a_value_draws_it_in_every_way(schema_from: Any) -> None:
    """What is absent and drawn anew for each object is never the same, nor empty."""
    schema = schema_from("other = (I)", "mark = (guid)")
    first, second = schema.convert({"other": 1}), schema.convert({"other": 1})
    assert first.mark
    assert first.mark != second.mark
