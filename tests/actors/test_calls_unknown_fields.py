"""Registering what the model does not know: ignored where it is signed, refused where it is not."""

from __future__ import annotations

import copy
import json
import time
from collections import OrderedDict
from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.rules import Settings

NESTED = {"type": "redis", "data": {"stdout": "a", "stderr": None, "size": "big"}}

Step = str | int


def at(data: Any, *steps: Step) -> Any:
    """Return what stands at a place of some data."""
    for step in steps:
        data = data[step]
    return data


def mistakes(grid: Any, data: Any, text: object) -> list[str]:
    """Return the paths with which a registration is refused, after which nothing is stored."""
    before = grid.content()
    with pytest.raises(InputError) as caught:
        grid.register(data, json=text)
    assert grid.content() == before
    assert caught.value.call == "reservation_register"
    return [problem.path for problem in caught.value.errors]


PLACES: list[tuple[tuple[Step, ...], str]] = [
    ((), "currencies"),
    (("containers", 0), "logs"),
    (("containers", 0), "id"),
    (("containers", 0, "capacity"), "memory_swap"),
    (("containers", 0, "volumes", 0), "read only"),
    (("containers", 0, "network_connection", 0), "macaddress"),
    (("networks", 0, "network_resources", 1), "peer.list[0]"),
    (("kubernetes", 0), ""),
    (("volumes", 0), "sise"),
    (("signing_request_delete",), "\U0001f600" * 90),
]


@pytest.mark.parametrize("value", [None, 0, "text", [[{}], None], NESTED], ids=["null", "0", "text", "list", "object"])
@pytest.mark.parametrize(("place", "name"), PLACES)
def test_an_unknown_field_that_is_signed_is_ignored(
    grid: Any, place: tuple[Step, ...], name: str, value: object
) -> None:
    """Wherever it stands and whatever it holds; the text is kept byte for byte."""
    plain = grid.large(signing_request_delete={"signers": [1], "quorum_min": 1})
    data = copy.deepcopy(plain)
    at(data, *place)[name] = value
    text = json.dumps(data, separators=(",", ":"))
    sent = copy.deepcopy(data)
    reservation = grid.register(sent, json=text)
    assert sent == data
    assert reservation.json == text
    assert reservation.data_reservation == grid.register(plain).data_reservation
    assert grid.call("reservation_get", reservation_id=reservation.id) == reservation


def test_such_a_reservation_can_be_signed_at_once(grid: Any) -> None:
    """The signature is over the text, with the field in it."""
    data = grid.data(currencies=["TFT"])
    text = json.dumps(data)
    signature = grid.customer.sign_text(text, "customer")
    first = grid.register(data, json=text, customer_signature=signature)
    assert first.next_action == "pay"
    assert grid.register(data, json=text, customer_signature=signature).id == first.id


def test_the_values_need_not_be_the_same(grid: Any) -> None:
    """Only that the customer knows of the field is asked; what counts is the text."""
    text = json.dumps(grid.data(extra=[1, 2]))
    assert grid.register(grid.data(extra="other"), json=text).json == text


@pytest.mark.parametrize("kind", [dict, OrderedDict, MappingProxyType], ids=lambda kind: kind.__name__)
def test_any_mapping_and_any_sequence_is_looked_through(grid: Any, kind: Callable[[Any], Any]) -> None:
    """A host's own code may send tuples, and objects that are no dictionaries."""
    data = grid.data(extra=1)
    data["volumes"][0]["extra"] = 1
    text = json.dumps(data)
    data["volumes"] = tuple(kind(volume) for volume in data["volumes"])
    assert grid.register(kind(data), json=text).json == text


VOLUME = {"workload_id": 1, "size": 10, "type": "SSD"}

ELSEWHERE: dict[str, dict[str, Any]] = {
    "not at all": {"volumes": [VOLUME]},
    "above it": {"volumes": [VOLUME], "logs": 1},
    "in the next of the list": {"volumes": [VOLUME, {**VOLUME, "logs": 1}]},
    "in a list of another name": {"volumes": [VOLUME], "zdbs": [{"logs": 1}]},
    "in other letters": {"volumes": [{**VOLUME, "Logs": 1}]},
    "as a value": {"volumes": [{**VOLUME, "node_id": "logs"}]},
    "in an object in the place of the list": {"volumes": {"0": {**VOLUME, "logs": 1}}},
    "in a list in the place of the object": {"volumes": [[{**VOLUME, "logs": 1}]]},
    "in a list that is too short": {"volumes": []},
    "in no list": {"volumes": None},
}


@pytest.mark.parametrize("signed", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_an_unknown_field_that_is_signed_elsewhere_is_refused(grid: Any, signed: Any) -> None:
    """The place has to be the same, name by name and position by position."""
    data = grid.data(volumes=[{**VOLUME, "logs": None}])
    assert mistakes(grid, data, json.dumps(grid.data(**signed))) == ["data_reservation.volumes[0].logs"]


@pytest.mark.parametrize("text", ["", None], ids=["empty", "null"])
def test_without_a_json_text_every_unknown_field_is_refused(grid: Any, text: object) -> None:
    """Nothing is signed yet, and a slip of the pen is told before it is."""
    data = grid.data(volumes=[{**VOLUME, "sise": 1}], logs=None)
    assert mistakes(grid, data, text) == ["data_reservation.volumes[0].sise", "data_reservation.logs"]


@pytest.mark.parametrize("text", [5, {"extra": 1}, b"{}"], ids=["number", "object", "bytes"])
def test_json_that_is_no_text_is_a_mistake_among_the_others(grid: Any, text: object) -> None:
    """It allows nothing."""
    assert sorted(mistakes(grid, grid.data(extra=1), text)) == ["data_reservation.extra", "json"]


@pytest.mark.parametrize("text", ["{", "[]", '{"extra":1,"extra":1}', '{"extra":NaN}', '{"extra":' + "[" * 100_000])
def test_json_that_can_not_be_read_is_told_with_what_it_could_not_allow(grid: Any, text: str) -> None:
    """Who sends both learns of both."""
    assert mistakes(grid, grid.data(extra=1), text) == ["json", "data_reservation.extra"]


def test_a_text_that_is_too_large_is_not_read(grid: Any) -> None:
    """It is refused as it would be without the unknown field."""
    text = json.dumps(grid.data(extra="x" * 2**20))
    assert mistakes(grid, grid.data(extra=1), text) == ["", "data_reservation.extra"]


def test_all_other_mistakes_are_told_at_once(grid: Any) -> None:
    """Of the form, those that are signed as well, and the unknown fields that are not."""
    data = grid.large(description=5, currencies=["TFT"])
    data["containers"][0].update(logs=None, interactive="often", entripoint="/bin/sh")
    data["volumes"][0].update(type="tape", sise=1)
    text = json.dumps(data)
    data["zdbs"][0]["logs"] = None
    with pytest.raises(InputError) as caught:
        grid.register({**data, "sise": 1}, json=text)
    assert {problem.path for problem in caught.value.errors} == {
        "data_reservation.description",
        "data_reservation.containers[0].interactive",
        "data_reservation.volumes[0].type",
        "data_reservation.zdbs[0].logs",
        "data_reservation.sise",
    }


def test_what_is_wrong_in_the_reservation_is_told_as_ever(grid: Any) -> None:
    """The ignored field is no reason to check less."""
    data = grid.data(currencies=["TFT"], expiration_reservation=0)
    assert mistakes(grid, data, json.dumps(data)) == ["data_reservation.expiration_reservation"]


def test_known_fields_still_have_to_be_the_same(grid: Any) -> None:
    """What is ignored is left out of the comparison, and nothing else."""
    data = grid.data(currencies=["TFT"])
    text = json.dumps({**data, "description": "another"})
    assert mistakes(grid, data, text) == ["data_reservation.description"]


def test_unknown_fields_of_the_reservation_itself_are_refused(grid: Any) -> None:
    """The text is that of the data alone: nothing beside it is signed."""
    before = grid.content()
    with pytest.raises(InputError) as caught:
        grid.register(grid.data(extra=1), json=json.dumps(grid.data(extra=1)), extra=1)
    assert [problem.path for problem in caught.value.errors] == ["extra"]
    assert grid.content() == before


def test_an_environment_is_no_object_of_the_model(grid: Any) -> None:
    """Its names are the customer's, and none of them is left out."""
    data = grid.large(currencies=["TFT"])
    data["containers"][0]["environment"] = {"logs": "a", "currencies": "b"}
    stored = grid.register(data, json=json.dumps(data))
    assert stored.data_reservation.containers[0].environment == {"logs": "a", "currencies": "b"}


@pytest.mark.parametrize("settings", [Settings(maximum_document_bytes=2**24)], ids=["large"])
def test_very_many_unknown_fields_are_looked_at_once_each(grid: Any) -> None:
    """A hundred thousand take a moment and no more; the one that is not signed is told."""
    many: dict[str, Any] = {f"{'.' * (number % 90)}[{number}]": {} for number in range(100_000)}
    data = grid.data(volumes=[{"sise": 1}] * 10_000, **many)
    text = json.dumps(data)
    began = time.process_time()
    assert mistakes(grid, {**data, "currency": 1}, text) == ["data_reservation.currency"]
    assert time.process_time() - began < 10


def test_what_is_nested_very_deep_is_ignored_with_its_field(grid: Any) -> None:
    """Nobody looks into it."""
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    data = grid.data(extra=deep)
    data["volumes"][0]["extra"] = {"volumes": deep}
    text = json.dumps(data)
    assert grid.register(data, json=text).json == text
    assert mistakes(grid, {**data, "volumes": deep}, json.dumps({**data, "volumes": deep})) == [
        "data_reservation.volumes[0]"
    ]


def test_data_that_holds_itself_is_refused(grid: Any) -> None:
    """The json text, which ends, is looked through with it."""
    data = grid.data()
    text = json.dumps({**data, "extra": 1, "volumes": [{"extra": 1}]})
    data["extra"] = data
    data["volumes"].append(data["volumes"])
    assert mistakes(grid, data, text) == ["data_reservation.volumes[1]"]
