"""Conversion of whole objects: every mistake at once, with its path, and nothing shared."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
import pytest

from workloadmanager.errors import InputError
from workloadmanager.schema import NOT_SET, Registry, Schema

SchemaFrom = Callable[..., Schema]


def mistakes(schema: Schema, value: object, **options: Any) -> dict[str, str]:
    """Return path and message of each mistake."""
    with pytest.raises(InputError) as caught:
        schema.convert(value, **options)
    return {problem.path: problem.message for problem in caught.value.errors}


def test_every_mistake_is_reported_at_once_with_its_path(reservation: Schema) -> None:
    """One message names each wrong field, however deep it lies."""
    value = {
        "next_acton": 1,
        "customer_tid": "me",
        "next_action": "depoy",
        "data_reservation": {
            "containers": [{}, {"node_id": 3, "capacity": {"cpu": 1.5}, "network_connection": [{"ipaddress": "x"}]}],
            "signing_request_delete": {"signers": [1, "two"]},
            "networks": "none",
        },
    }
    assert list(mistakes(reservation, value)) == [
        "next_acton",
        "customer_tid",
        "next_action",
        "data_reservation.containers[1].node_id",
        "data_reservation.containers[1].capacity.cpu",
        "data_reservation.containers[1].network_connection[0].ipaddress",
        "data_reservation.signing_request_delete.signers[1]",
        "data_reservation.networks",
    ]


def test_a_single_mistake_is_the_error_itself(reservation: Schema) -> None:
    """Its path and message can be read from the error without a search."""
    with pytest.raises(InputError) as caught:
        reservation.convert({"data_reservation": {"zdbs": [{"mode": "sequ"}]}})
    assert caught.value.path == "data_reservation.zdbs[0].mode"
    assert caught.value.message.endswith("not the text 'sequ'; did you mean 'seq'?")


def test_a_field_that_the_schema_does_not_have_is_refused_with_a_guess(reservation: Schema) -> None:
    """A typo is told what it might have been."""
    assert mistakes(reservation, {"customer_id": 1, "zzz": 1, 5: 1}) == {
        "customer_id": "is no field of tfgrid.workloads.reservation.1; did you mean 'customer_tid'?",
        "zzz": "is no field of tfgrid.workloads.reservation.1",
        "<int>": "is no field of tfgrid.workloads.reservation.1",
    }


def test_unknown_fields_can_be_ignored_at_every_depth(reservation: Schema) -> None:
    """The JSON of real clients has fields of later versions."""
    value = {"new": 1, "data_reservation": {"newer": 2, "volumes": [{"newest": 3, "size": 5}]}}
    made = reservation.convert(value, unknown="ignore")
    assert made.data_reservation.volumes[0].size == 5


def test_ignoring_unknown_fields_ignores_nothing_else(reservation: Schema) -> None:
    """A wrong value is still wrong."""
    assert list(mistakes(reservation, {"new": 1, "customer_tid": "x"}, unknown="ignore")) == ["customer_tid"]


@pytest.mark.parametrize("value", [{}, {"data_reservation": None, "customer_tid": None, "results": None, "id": None}])
def test_null_and_absent_mean_the_default(reservation: Schema, value: dict[str, object]) -> None:
    """Real clients send null for lists that are empty."""
    assert reservation.convert(value) == reservation.new() == reservation.type()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "must be an object, not null"),
        ([], "must be an object, not a list"),
        ("{}", "must be an object, not the text '{}'"),
        (b"", "must be an object, not bytes"),
        (5, "must be an object, not 5"),
        (object(), "must be an object, not an object"),
    ],
)
def test_what_is_no_object_is_refused(reservation: Schema, value: object, message: str) -> None:
    """A text is not read as JSON; that is for the border to do."""
    assert mistakes(reservation, value) == {"": message}
    assert mistakes(reservation, value, path="reservation") == {"reservation": message}


def test_paths_start_where_the_value_stands(reservation: Schema) -> None:
    """A call's argument says its name."""
    assert list(mistakes(reservation, {"zzz": 1}, path="reservation")) == ["reservation.zzz"]


def test_any_mapping_will_do(schema_from: SchemaFrom) -> None:
    """A read-only view is a mapping too."""
    view: Mapping[str, int] = types.MappingProxyType({"a": 5})
    assert schema_from("a = (I)").convert(view).a == 5


def test_what_is_made_shares_nothing_with_what_was_given(registry: Registry) -> None:
    """Changing one never changes the other."""
    schema = registry.get("tfgrid.workloads.reservation.container.1")
    value: dict[str, Any] = {"environment": {"A": "b"}, "volumes": [{"volume_id": "1-1"}], "stats_aggregator": []}
    made = schema.convert(value)
    made.environment["A"] = "changed"
    made.volumes[0].volume_id = "changed"
    made.volumes.append(made.volumes[0])
    assert value == {"environment": {"A": "b"}, "volumes": [{"volume_id": "1-1"}], "stats_aggregator": []}


def test_an_object_is_converted_to_an_equal_copy(reservation: Schema) -> None:
    """Full or lazy, with its id."""
    first = reservation.new(id=7, customer_tid=3, data_reservation={"volumes": [{"size": 1}]})
    for value in (first, reservation.decode_lazy(reservation.encode(first))):
        second = reservation.convert(value)
        assert second == first
        second.data_reservation.volumes[0].size = 2
        assert first.data_reservation.volumes[0].size == 1


def test_an_object_that_was_spoilt_does_not_pass(reservation: Schema) -> None:
    """A list can take anything in place; the conversion looks at all of it again."""
    spoilt = reservation.new()
    spoilt.results.append("junk")
    assert mistakes(reservation, spoilt) == {"results[0]": "must be an object, not the text 'junk'"}


def test_an_object_of_another_schema_is_refused(registry: Registry, reservation: Schema) -> None:
    """Even where its fields would fit."""
    volume = registry.get("tfgrid.workloads.reservation.volume.1").new()
    message = "must be an object of {}, not of tfgrid.workloads.reservation.volume.1"
    assert mistakes(reservation, volume) == {"": message.format("tfgrid.workloads.reservation.1")}
    assert mistakes(reservation, {"data_reservation": {"zdbs": [volume]}}) == {
        "data_reservation.zdbs[0]": message.format("tfgrid.workloads.reservation.zdb.1")
    }


def test_objects_may_stand_inside_plain_data(registry: Registry, reservation: Schema) -> None:
    """A script builds its reservation of both."""
    volume = registry.get("tfgrid.workloads.reservation.volume.1").new(size=5)
    assert reservation.new(data_reservation={"volumes": [volume]}).data_reservation.volumes == [volume]


@pytest.mark.parametrize(
    ("given", "kept"),
    [(7, 7), ("7", 7), (0, 0), ("", msgspec.UNSET), (None, msgspec.UNSET), (msgspec.UNSET, msgspec.UNSET)],
)
def test_a_document_may_carry_its_number(reservation: Schema, given: object, kept: object) -> None:
    """Clients send 0 or null for none; what it means is not for the schema to say."""
    assert reservation.convert({"id": given}).id == kept


@pytest.mark.parametrize("given", [-1, "x", True, 2**63, 1.0])
def test_a_number_that_is_none_is_refused(reservation: Schema, given: object) -> None:
    """An id is a whole number from 0."""
    assert list(mistakes(reservation, {"id": given})) == ["id"]


def test_an_embedded_object_has_no_number(reservation: Schema) -> None:
    """Only documents have one."""
    assert mistakes(reservation, {"data_reservation": {"id": 1}}) == {
        "data_reservation.id": "is no field of tfgrid.workloads.reservation.data.1"
    }


def test_so_many_mistakes_are_cut_short(reservation: Schema) -> None:
    """A megabyte of junk does not become a megabyte of message."""
    found = mistakes(reservation, {f"junk{number}": number for number in range(50_000)})
    assert len(found) == 51
    assert found[""] == "there are more mistakes; these are the first 50"


def test_so_many_wrong_values_are_cut_short(reservation: Schema) -> None:
    """However they come."""
    found = mistakes(reservation, {"signatures_delete": [{"tid": "x"}] * 1000, "results": list(range(1000))})
    assert len(found) == 51


def test_what_cannot_be_printed_is_shown_as_its_escape(reservation: Schema) -> None:
    """A message can be sent and shown, whatever was in the value."""
    for path, message in mistakes(
        reservation, {"\x1b[31m\ud800": 1, "n" * 500: 1, "next_action": "\x07\ud800"}
    ).items():
        assert (path + message).isprintable()
        assert len(path) < 100
        (path + message).encode()


def test_a_deep_value_is_refused_before_it_exhausts_anything() -> None:
    """A schema that holds itself through a list takes 64 levels."""
    (tree,) = Registry().add_text("@url = test.tree.1\nchildren = (LO) !test.tree.1")
    deep: dict[str, Any] = {}
    for _ in range(63):
        deep = {"children": [deep]}
    assert tree.decode(tree.encode(tree.convert(deep))) == tree.convert(deep)
    for _ in range(10_000):
        deep = {"children": [deep]}
    (message,) = mistakes(tree, deep).values()
    assert message == "must not be nested more than 64 deep"


def test_free_data_counts_the_objects_that_it_lies_in() -> None:
    """Both together stay within what every reader of JSON can read."""
    (tree,) = Registry().add_text("@url = test.tree.1\nchildren = (LO) !test.tree.1\ndata = (dict)")
    value: dict[str, Any] = {"data": {"a": {"b": {}}}}
    for _ in range(62):
        value = {"children": [value]}
    (message,) = mistakes(tree, value).values()
    assert message == "must not be nested more than 64 deep"


@pytest.mark.parametrize("schema_url", ["tfgrid.workloads.reservation.1", "tfgrid.directory.node.2"])
def test_new_takes_fields_by_name(registry: Registry, schema_url: str) -> None:
    """And refuses those that there are not."""
    schema = registry.get(schema_url)
    name = schema.properties[0].name
    assert getattr(schema.new(**{name: "x"}), name) == "x"
    with pytest.raises(InputError, match="is no field of"):
        schema.new(zzz=1)


def test_a_property_may_be_called_as_an_argument_is(schema_from: SchemaFrom) -> None:
    """``self``, ``value``, ``path`` and ``now`` are good names for a field."""
    schema = schema_from("self = (S)", "value = (S)", "path = (S)", "now = (I)", "type = (S)", "url = (S)")
    made = schema.new(self="a", value="b", path="c", now=5, type="d", url="e")
    assert schema.to_dict(made) == {"self": "a", "value": "b", "path": "c", "now": 5, "type": "d", "url": "e"}


def test_the_not_set_number_is_a_number_like_others(reservation: Schema) -> None:
    """What a dump says can be sent back."""
    assert reservation.new(customer_tid=NOT_SET).customer_tid == NOT_SET


@pytest.mark.parametrize(
    ("expression", "default"),
    [
        ("5 (I)", 5),
        ("5 (I64)", 5),
        ("5 (T)", 5),
        ("86400 (D)", 86400),
        ("80 (ipport)", 80),
        ("10 EUR (N)", "10 EUR"),
        ("10.0.0.1 (ipaddr)", "10.0.0.1"),
        ('"10.10.0.0/16" (iprange)', "10.10.0.0/16"),
        ('"hdd,ssd" (E)', "hdd"),
    ],
)
def test_an_empty_text_means_the_default_of_the_property(
    schema_from: SchemaFrom, expression: str, default: object
) -> None:
    """Not that of its type; where a text is wanted, it is a text like others."""
    schema = schema_from(f"field = {expression}", 'text = "something" (S)')
    made = schema.convert({"field": "", "text": ""})
    assert (made.field, made.text) == (default, "")


def test_an_empty_text_in_a_list_means_the_default_of_the_type(schema_from: SchemaFrom) -> None:
    """A list has no default for each of its values."""
    schema = schema_from("numbers = (LI)", "ranges = (Liprange)", "guids = (Lguid)")
    made = schema.convert({"numbers": [""], "ranges": [""], "guids": [""]})
    assert (made.numbers, made.ranges) == ([NOT_SET], ["::/128"])
    assert len(made.guids[0]) == 36
