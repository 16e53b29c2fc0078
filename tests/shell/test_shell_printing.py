"""Printing schema objects: readable, nothing unset, nothing secret, nothing that acts on a terminal."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from workloadmanager.errors import InputError, NotFound, Problem
from workloadmanager.schema import Registry
from workloadmanager.threebot.shell import describe, describe_mapping, mistakes, plain, visible

SECRETS = (
    "json-secret",
    "environment-value",
    "sealed-value",
    "aggregator-secret",
    "zdb-password",
    "cluster-secret",
    "wireguard-key",
)


def shown(value: object) -> str:
    """What a person sees of a value, without its colours."""
    lines = describe(value)
    assert lines is not None
    return plain(lines)


def test_an_object_begins_with_what_it_is_and_its_id(reservation: Any) -> None:
    """The first line names the object, so that several on a screen are told apart."""
    assert shown(reservation).splitlines()[0] == "reservation 7"


def test_an_enum_is_shown_by_its_name(reservation: Any) -> None:
    """People read deploy, not 3."""
    assert "next_action         deploy" in shown(reservation)


def test_a_date_is_shown_in_utc(reservation: Any) -> None:
    """A date ends in Z, whatever the time zone of the machine."""
    assert "epoch               2026-05-28T20:26:40Z" in shown(reservation)


@pytest.mark.parametrize("name", ["entrypoint", "signing_request_delete", "volumes", "hub_url", "farmer_tid"])
def test_what_is_not_set_is_left_out(reservation: Any, name: str) -> None:
    """A field at its null, an empty list and an object of defaults say nothing, and take no line."""
    assert name not in shown(reservation)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_masked(reservation: Any, secret: str) -> None:
    """Passwords, environments, sealed keys and the json text that repeats them are not shown."""
    assert secret not in shown(reservation)


@pytest.mark.parametrize("name", ["TOKEN", "PASSWORD", "password", "cluster_secret", "secret"])
def test_the_name_of_a_secret_is_shown(reservation: Any, name: str) -> None:
    """That there is a password is no secret."""
    assert f"{name}  " in shown(reservation)


def test_a_mask_does_not_tell_the_length(registry: Registry) -> None:
    """A short and a long password look the same."""
    zdb = registry.get("tfgrid.workloads.reservation.zdb.1")
    short, long = ({"password": "a" * length} for length in (1, 50))
    assert shown(zdb.new(**short)) == shown(zdb.new(**long))


def test_masking_leaves_the_object_alone(reservation: Any) -> None:
    """What is masked on the screen is in the object as before."""
    describe(reservation)
    assert "zdb-password" in repr(reservation)


def test_a_signature_is_shortened(reservation: Any) -> None:
    """128 digits say nothing to a person; the first few tell two signatures apart."""
    assert "customer_signature  abababababababab… (128 characters)" in shown(reservation)


def test_blocks_stand_below_the_short_fields(reservation: Any) -> None:
    """State and ids are seen before the long description of the workloads."""
    text = shown(reservation)
    assert text.index("next_action") < text.index("data_reservation") < text.index("containers")


def test_items_of_a_list_are_indented_behind_a_dash(registry: Registry) -> None:
    """Nested objects are told apart by their dash and their indentation."""
    data = registry.get("tfgrid.workloads.reservation.data.1").new(
        volumes=[{"workload_id": 1, "size": 5}, {"workload_id": 2, "size": 6, "type": "SSD"}]
    )
    assert shown(data) == "\n".join(
        [
            "reservation data",
            "  volumes",
            "    - workload_id  1",
            "      size         5",
            "      type         HDD",
            "    - workload_id  2",
            "      size         6",
            "      type         SSD",
        ]
    )


def test_an_empty_object_says_so(registry: Registry) -> None:
    """An object without anything set is a line, not silence."""
    assert shown(registry.get("tfgrid.phonebook.user.1").new()) == "user\n  nothing set"


def test_a_value_that_is_no_schema_object_is_left_to_python() -> None:
    """Numbers, texts and mixed lists are printed as Python prints them."""
    assert [describe(value) for value in (3, "text", None, [], [1, 2], {"a": 1})] == [None] * 6


def test_a_struct_of_another_kind_is_left_to_python() -> None:
    """Only objects of schemas are known; what else a program shows is its own."""

    class Record(msgspec.Struct):
        items: list[int]

    assert describe(Record([1])) is None
    assert describe([Record([1]), Record([2])]) is None


def test_a_lazy_object_is_shown_in_full(reservation: Any) -> None:
    """Whatever view of a document somebody holds, it reads the same."""
    schema = type(reservation).__schema__
    assert shown(schema.decode_lazy(schema.encode(reservation))) == shown(reservation)


def test_a_hostile_text_does_not_reach_the_terminal(registry: Registry) -> None:
    """An escape sequence in a description is spelled out."""
    data = registry.get("tfgrid.workloads.reservation.data.1").new(description="\x1b[2Jgone\nnext")
    assert r"description  \x1b[2Jgone\nnext" in shown(data)


def test_a_hostile_name_of_a_variable_does_not_reach_the_terminal(registry: Registry) -> None:
    """The keys of an environment are a customer's text too."""
    container = registry.get("tfgrid.workloads.reservation.container.1").new(environment={"\x07bell": "x"})
    assert r"\x07bell  ********" in shown(container)


@given(some.text())
def test_a_visible_text_is_one_line_that_prints(text: str) -> None:
    """Whatever was stored, what is shown has no control character."""
    assert visible(text).isprintable()


@given(some.text(some.characters(categories=["L", "N", "P", "S", "Zs"])).filter(str.isprintable))
def test_a_text_that_prints_is_shown_as_it_is(text: str) -> None:
    """Accents, other scripts and emoji are not touched."""
    assert visible(text) == text


def test_plain_data_is_shown_by_the_same_rules() -> None:
    """A mapping that is no schema object is aligned and masked alike."""
    assert plain(describe_mapping({"name": "a", "password": "p", "none": None, "on": True})) == "\n".join(
        ["name      a", "password  ********", "on        yes"]
    )


def test_an_error_with_one_mistake_is_one_line() -> None:
    """The path stands before the sentence."""
    assert mistakes(NotFound("there is no node", path="node_id")) == ["node_id: there is no node"]


def test_an_error_with_several_mistakes_is_a_line_for_each() -> None:
    """All mistakes are seen at once, each with its own path."""
    error = InputError.of([Problem("is missing", path="a"), Problem("is no number", path="b[0]")])
    assert mistakes(error) == ["a: is missing", "b[0]: is no number"]


def test_an_error_with_a_hostile_text_is_still_one_line() -> None:
    """A newline in what somebody sent does not forge a second error."""
    assert mistakes(InputError("'a\nb' is wrong")) == [r"'a\nb' is wrong"]
