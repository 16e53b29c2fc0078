"""Dumps: plain data, the JSON that is signed, and what people read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.schema import Registry, Schema, to_dict, to_human, to_json

SchemaFrom = Callable[..., Schema]


def test_json_keeps_what_is_not_ascii(schema_from: SchemaFrom) -> None:
    """As the original did; it is the text that is signed."""
    schema = schema_from("a = (S)", "b = (dict)")
    assert schema.to_json(schema.new(a="café 😀", b={"ü": '"\n'})) == '{"a": "café 😀", "b": {"ü": "\\"\\n"}}'


def test_json_of_a_filled_object_has_the_numbers_of_enumerations_and_its_own_last(reservation: Schema) -> None:
    """Whatever order they were given in."""
    text = reservation.to_json(reservation.new(id=5, next_action="pay"))
    assert '"next_action": 2' in text
    assert text.endswith(', "id": 5}')


def test_bytes_are_base64_in_plain_data_and_hex_for_people(schema_from: SchemaFrom) -> None:
    """Hex is what people compare."""
    schema = schema_from("a = (bytes)")
    made = schema.new(a=b"\x00\xff")
    assert schema.to_dict(made) == {"a": "AP8="}
    assert schema.to_human(made) == {"a": "00ff"}


def test_plain_data_is_a_copy(registry: Registry) -> None:
    """Changing it leaves the object alone."""
    schema = registry.get("tfgrid.workloads.reservation.container.1")
    made = schema.new(environment={"A": "b"}, volumes=[{}])
    for dump in (schema.to_dict, schema.to_human):
        dumped: dict[str, Any] = dump(made)
        dumped["environment"]["A"] = "changed"
        dumped["volumes"].clear()
    assert made == schema.new(environment={"A": "b"}, volumes=[{}])


def test_the_filled_example_dumps_with_every_missing_field_at_its_default(registry: Registry) -> None:
    """A data object with one container, an enumeration by number, and a relative date."""
    data = registry.get("tfgrid.workloads.reservation.data.1")
    container = {
        "workload_id": 1,
        "node_id": "n1",
        "network_connection": [{"network_id": "a", "ipaddress": "10.0.0.2"}],
    }
    dumped = data.to_dict(data.new(containers=[container], expiration_provisioning="+3h"))
    assert dumped["expiration_provisioning"] == 1_800_000_000 + 3 * 3600
    assert json.dumps(dumped["containers"]) == (
        '[{"workload_id": 1, "node_id": "n1", "flist": "", "hub_url": "", "environment": {}, "secret_environment": {},'
        ' "entrypoint": "", "interactive": true, "volumes": [], "network_connection": [{"network_id": "a", "ipaddress":'
        ' "10.0.0.2", "public_ip6": false}], "stats_aggregator": [], "farmer_tid": 2147483647, "capacity":'
        ' {"cpu": 2147483647, "memory": 2147483647}}]'
    )


def test_the_content_of_a_workload_appears_inline(registry: Registry) -> None:
    """It is an object and no quoted text."""
    workload = registry.get("tfgrid.workloads.reservation.workload.1")
    volume = registry.get("tfgrid.workloads.reservation.volume.1").new(size=5, type="ssd")
    text = workload.to_json(workload.new(type="volume", content=volume))
    assert '"content": {"workload_id": 2147483647, "node_id": "", "size": 5, "type": 1,' in text


def test_people_read_names_dates_and_nothing_where_nothing_was_set(reservation: Schema) -> None:
    """What is unset is None, at every depth."""
    human = reservation.to_human(
        reservation.new(
            id=5,
            next_action="pay",
            epoch=1_800_000_000,
            results=[{"state": "ok", "category": 1}],
            data_reservation={"volumes": [{"type": 1}], "expiration_reservation": 0},
        )
    )
    assert human["next_action"] == "pay"
    assert human["epoch"] == "2027-01-15T08:00:00Z"
    assert human["customer_tid"] is None
    assert human["results"][0]["category"] == "container"
    assert human["data_reservation"]["volumes"][0] == {
        "workload_id": None, "node_id": "", "size": None, "type": "SSD", "stats_aggregator": [], "farmer_tid": None
    }  # fmt: skip
    assert human["data_reservation"]["expiration_reservation"] is None
    assert list(human)[-1] == "id"


def test_people_read_days_and_lists_of_dates(schema_from: SchemaFrom) -> None:
    """The type of each value decides."""
    schema = schema_from("day = (D)", "moments = (LT)", "big = (I64)", "amount = (N)")
    assert schema.to_human(schema.new(day="2026/11/24", moments=[0, 60], amount="5 usd")) == {
        "day": "2026-11-24",
        "moments": [None, "1970-01-01T00:01:00Z"],
        "big": None,
        "amount": "5 USD",
    }


def test_what_is_not_for_display_is_not_shown_to_people(schema_from: SchemaFrom) -> None:
    """A name that ends in an underscore is a secret; it is stored and sent all the same."""
    schema = schema_from("name = (S)", "password_ = (S)")
    made = schema.new(name="a", password_="b")  # noqa: S106  (it opens nothing)
    assert schema.to_human(made) == {"name": "a"}
    assert schema.to_dict(made) == {"name": "a", "password_": "b"}


def test_what_people_read_can_be_read_back(reservation: Schema) -> None:
    """Names, dates and None go in as they came out."""
    made = reservation.new(id=5, next_action="pay", epoch=1_800_000_000, data_reservation={"volumes": [{"type": 1}]})
    assert reservation.convert(reservation.to_human(made)) == made


def test_the_lazy_view_dumps_as_the_full_one(reservation: Schema) -> None:
    """Whoever shows it needs not know."""
    made = reservation.new(id=5, data_reservation={"volumes": [{}]})
    lazy = reservation.decode_lazy(reservation.encode(made))
    assert reservation.to_json(lazy) == reservation.to_json(made)
    assert reservation.to_human(lazy) == reservation.to_human(made)


def test_an_object_dumps_without_its_schema_at_hand(reservation: Schema) -> None:
    """It knows it."""
    made = reservation.new(id=5)
    assert to_dict(made) == reservation.to_dict(made)
    assert to_json(made) == reservation.to_json(made)
    assert to_human(made) == reservation.to_human(made)


@pytest.mark.parametrize("dump", [to_dict, to_json, to_human])
def test_what_no_schema_made_cannot_be_dumped(dump: Callable[[object], object]) -> None:
    """A mapping needs to be converted first."""
    with pytest.raises(InputError, match="must be an object of a schema, not an object"):
        dump({})
