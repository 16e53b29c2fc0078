"""The generated types: attributes, equality, representation, and the two views."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from workloadmanager.errors import InputError
from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry, Schema, schema_of

SchemaFrom = Callable[..., Schema]


def test_an_object_has_an_attribute_per_property_and_its_number_last(reservation: Schema) -> None:
    """In the order of the schema."""
    assert reservation.type.__struct_fields__ == (*(each.name for each in reservation.properties), "id")


def test_an_embedded_object_has_no_number(registry: Registry) -> None:
    """It is part of a document and none itself."""
    assert "id" not in registry.get("tfgrid.workloads.reservation.data.1").type.__struct_fields__


def test_types_have_readable_names(registry: Registry) -> None:
    """The url without its family and version."""
    names = {url: registry.get(url).type.__name__ for url in registry.urls()}
    assert names["tfgrid.workloads.reservation.1"] == "Reservation"
    assert names["tfgrid.workloads.reservation.signing.request.1"] == "ReservationSigningRequest"
    assert names["tfgrid.workloads.network.net_resource.1"] == "NetworkNetResource"
    assert names["tfgrid.phonebook.user.1"] == "User"


@pytest.mark.parametrize(
    ("url", "name"), [("one.two.1", "Two"), ("some.thing.5-x.1", "Schema5X"), ("abcdef", "Abcdef")]
)
def test_any_url_gives_a_name(url: str, name: str) -> None:
    """Also one that does not follow the convention."""
    (schema,) = Registry().add_text(f"@url = {url}\na = (S)")
    assert schema.type.__name__ == name


def test_the_representation_shows_what_was_given(reservation: Schema) -> None:
    """Defaults are left out, and enumerations are names."""
    made = reservation.new(id=1, next_action="deploy", signatures_delete=[{"tid": 7}])
    assert repr(made).startswith("Reservation(")
    assert "next_action=deploy, signatures_delete=[ReservationSigningSignature(tid=7)], id=1)" in repr(made)


def test_the_reply_of_a_call_shows_all_of_itself() -> None:
    """An empty list is an answer, so it is shown; the name is that of the call."""
    block = Registry().add_block("found = (LS)", url="actors.tfgrid.example.thing_list.out", source="a docstring")
    assert isinstance(block, Schema)
    assert repr(block.new()) == "ThingListOut(found=[])"


def test_objects_are_equal_by_value(reservation: Schema) -> None:
    """Two readers of one document hold equal objects."""
    assert reservation.new(customer_tid=1) == reservation.new(customer_tid=1)
    assert reservation.new(customer_tid=1) != reservation.new(customer_tid=2)


def test_an_attribute_takes_what_a_conversion_takes(reservation: Schema) -> None:
    """A name for an enumeration, a date as text, plain data for objects, None for the default."""
    made = reservation.new()
    made.next_action = "Deploy"
    made.epoch = "2026/11/24"
    made.results = [{"state": "ok"}]
    made.customer_tid = "5"
    made.id = 3
    assert (made.next_action, made.epoch, made.results[0].state, made.customer_tid, made.id) == (
        "deploy",
        1795478400,
        "ok",
        5,
        3,
    )
    made.next_action = made.id = None
    assert (made.next_action, made.id) == ("create", msgspec.UNSET)


@pytest.mark.parametrize(
    ("name", "value"), [("next_action", "depoy"), ("epoch", -1), ("results", "x"), ("id", -1), ("json", 5)]
)
def test_an_attribute_refuses_what_a_conversion_refuses(reservation: Schema, name: str, value: object) -> None:
    """At the line that sets it, with the name of the field."""
    made = reservation.new()
    with pytest.raises(InputError) as caught:
        setattr(made, name, value)
    assert caught.value.path == name
    assert made == reservation.new()


def test_an_attribute_that_there_is_not_cannot_be_set(reservation: Schema) -> None:
    """A typo is an error and no new attribute."""
    with pytest.raises(AttributeError, match="next_acton"):
        reservation.new().next_acton = 1
    with pytest.raises(AttributeError, match="id"):
        reservation.new().data_reservation.id = 1


def test_fields_are_given_by_name_only(reservation: Schema) -> None:
    """Their order is the schema's business."""
    with pytest.raises(TypeError):
        reservation.type("json")


def test_a_copy_is_an_object_of_its_own(reservation: Schema) -> None:
    """Python's own ways to copy work."""
    made = reservation.new(data_reservation={"volumes": [{"size": 1}]})
    deep = copy.deepcopy(made)
    replaced = msgspec.structs.replace(made, customer_tid=9)
    deep.data_reservation.volumes[0].size = 2
    assert made.data_reservation.volumes[0].size == 1
    assert (replaced.customer_tid, made.customer_tid) == (9, 2147483647)


def test_every_object_knows_its_schema(reservation: Schema) -> None:
    """Also an embedded one, and one in the lazy view."""
    made = reservation.new()
    assert schema_of(made) is reservation
    assert schema_of(made.data_reservation).url == "tfgrid.workloads.reservation.data.1"
    assert schema_of(reservation.decode_lazy(reservation.encode(made))) is reservation


@pytest.mark.parametrize("value", [None, {}, "x", type])
def test_what_no_schema_made_has_none(value: object) -> None:
    """The error says what was given."""
    with pytest.raises(InputError, match="must be an object of a schema, not"):
        schema_of(value)


def test_both_views_have_the_same_fields(reservation: Schema) -> None:
    """Whoever reads the head of a document needs not know which one it is."""
    assert reservation.lazy.__struct_fields__ == reservation.type.__struct_fields__
    assert reservation.lazy is type(reservation.decode_lazy(b"\x80"))


def test_a_schema_prints_what_it_is(reservation: Schema) -> None:
    """For a log or a shell."""
    assert repr(reservation) == "<Schema tfgrid.workloads.reservation.1 9eb483c5>"


def test_the_lazy_view_keeps_nested_data_as_bytes(registry: Registry, reservation: Schema) -> None:
    """Numbers, texts and lists of them are values; the rest waits until somebody wants it."""
    lazy = reservation.decode_lazy(reservation.encode(reservation.new(next_action=3, results=[{"state": 1}])))
    assert lazy.next_action == "deploy"
    assert isinstance(lazy.data_reservation, msgspec.Raw)
    assert msgspec.msgpack.decode(lazy.results)[0]["state"] == 1
    request = registry.get("tfgrid.workloads.reservation.signing.request.1")
    assert request.decode_lazy(request.encode(request.new(signers=[1]))).signers == [1]


def test_a_schema_may_hold_itself_through_a_list() -> None:
    """Directly or by way of others; each is a full type."""
    registry = Registry()
    registry.add_text(
        "@url = test.one.1\nsame = (LO) !test.one.1\nother = (LO) !test.two.1\n"
        "@url = test.two.1\nback = (O) !test.three.1\n"
        "@url = test.three.1\nones = (LO) !test.one.1\ntwos = (LO) !test.two.1"
    )
    registry.resolve()
    for url in registry.urls():
        schema = registry.get(url)
        assert schema.decode(schema.encode(schema.new())) == schema.new()
    one = registry.get("test.one.1")
    value = {"same": [{"same": []}], "other": [{"back": {"ones": [{}], "twos": [{}]}}]}
    made = one.convert(value)
    assert one.decode(one.encode(made)) == made
    assert one.encode(one.decode_lazy(one.encode(made))) == one.encode(made)
    with pytest.raises(InputError):
        one.decode(msgspec.msgpack.encode({"other": [{"back": {"twos": [5]}}]}))


def test_types_are_made_once_however_many_threads_ask() -> None:
    """Objects of two threads are of one type."""
    registry = Registry()
    registry.add_folder(FOLDER)
    schema = registry.get("tfgrid.workloads.reservation.1")
    data = schema.encode(schema.new())
    registry = Registry()
    registry.add_folder(FOLDER)
    schema = registry.get("tfgrid.workloads.reservation.1")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(schema.decode, [data] * 64))
    assert {type(each) for each in made} == {schema.type}


def test_help_is_the_documentation_of_the_type(reservation: Schema) -> None:
    """``help()`` in the shell says what the schema's comment says."""
    assert reservation.type.__doc__ == reservation.help
