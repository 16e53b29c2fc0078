"""The json text beside the data: what is read quickly comes to the same as what is read with every care."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.actors._completion import complete, read_text  # not public: a part of one call
from workloadmanager.actors._documents import Documents
from workloadmanager.errors import InputError
from workloadmanager.models import FOLDER
from workloadmanager.rules import Settings
from workloadmanager.schema import Registry

SETTINGS = Settings()


def documents_of_the_models() -> Documents:
    """The schemas of a reservation."""
    registry = Registry(clock=lambda: 1_800_000_000)
    registry.add_folder(FOLDER)
    registry.resolve()
    return Documents(registry)


DOCUMENTS = documents_of_the_models()

TEXTS = st.text("a:é\\\"'{}[], \n\x00\u2028\U0001f600", max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)
VOLUMES = st.fixed_dictionaries(
    {}, optional={"workload_id": st.integers(1, 3), "node_id": TEXTS, "type": st.sampled_from([0, 1, "SSD", None])}
)
CONTAINERS = st.fixed_dictionaries(
    {},
    optional={"environment": st.dictionaries(TEXTS, TEXTS | st.floats(0, 1) | st.none(), max_size=2), "flist": TEXTS},
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "description": TEXTS,
        "volumes": st.lists(VOLUMES, max_size=2),
        "containers": st.lists(CONTAINERS, max_size=2),
        "expiration_reservation": st.integers(0, 9) | st.sampled_from(["", "2026/11/24"]),
        "networks": st.none() | st.just([{"iprange": ""}]),
    },
)
FORMS: dict[str, dict[str, Any]] = {
    "compact": {"separators": (",", ":")},
    "spaced": {},
    "escaped": {"separators": (",", ":"), "ensure_ascii": True},
    "indented": {"indent": 2},
    "sorted": {"sort_keys": True},
}


def carefully(text: str) -> object:
    """Read a json text with every care.

    Raises:
        ValueError: it is no JSON, or has a field twice.
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a field is there twice")
        return dict(pairs)

    def no_number(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, object_pairs_hook=once, parse_constant=no_number)


def same(text: str) -> bool:
    """Return whether a text is read as it says, or refused as it has to be."""
    try:
        expected = carefully(text)
    except ValueError:
        with pytest.raises(InputError):
            read_text(text, SETTINGS)
        return True
    return repr(read_text(text, SETTINGS)) == repr(expected)


@given(value=OBJECTS, form=st.sampled_from(list(FORMS)))
def test_a_text_is_read_as_it_says(value: dict[str, Any], form: str) -> None:
    """However it is written, with NaN and the infinities refused."""
    assert same(json.dumps(value, **{"ensure_ascii": False, **FORMS[form]}))


@given(value=OBJECTS, data=st.data())
def test_a_text_with_a_slip_is_read_as_it_says_or_refused(value: dict[str, Any], data: st.DataObject) -> None:
    """A few signs are put in, or left out, anywhere behind the first."""
    text = json.dumps(value, ensure_ascii=False)
    start = data.draw(st.integers(1, len(text)))
    end = data.draw(st.integers(start, min(start + 2, len(text))))
    put_in = data.draw(
        st.sampled_from(["", ",", ":", '"', '"a":1,', "0", "-", ".5", "e400", "\\", "\\u003a", "\\ud800", "]", "}"])
    )
    assert same(text[:start] + put_in + text[end:])


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":1}',
        '{"a":1,"\\u0061":2}',
        '{"x":{"a:b":1,"a:b":2}}',
        '{"a":":","a":1}',
        '{"a":1,"b":"\\u003a","a":1}',
        '{"a":[{"b":1,"b":{"c":2}}]}',
    ],
)
def test_a_field_that_is_there_twice_is_found(text: str) -> None:
    """Also where its name, or a text beside it, has colons."""
    with pytest.raises(InputError, match="twice in one object"):
        read_text(text, SETTINGS)


@pytest.mark.parametrize(
    "number", ["-0", "-0.0", "1E5", "1e-7", "0.1e1", "9007199254740993", "123456789012345678901234567890"]
)
def test_a_number_is_read_as_python_reads_it(number: str) -> None:
    """To the last digit, and as a whole number where it is one."""
    assert repr(read_text(f'{{"a":{number}}}', SETTINGS)) == repr({"a": json.loads(number)})


def outcome(sent: dict[str, Any], *, at_hand: bool) -> Any:
    """Return what is made of a reservation, or the mistakes in it."""
    reservation = DOCUMENTS.reservation.convert(sent)
    try:
        completed, problems = complete(DOCUMENTS, reservation, SETTINGS, sent if at_hand else None)
    except InputError as error:
        return error.errors
    return DOCUMENTS.data.encode(completed.data_reservation), completed.json, problems


@given(data=DATA, form=st.sampled_from(list(FORMS)), slip=DATA | st.none(), own=st.booleans())
def test_a_text_beside_data_is_compared_in_every_form_as_in_the_slowest(
    data: dict[str, Any], form: str, slip: dict[str, Any] | None, *, own: bool
) -> None:
    """A space behind the first sign is enough for none of the quick ways to know the text."""
    said = {**data, **(slip or {})}
    if own:
        said = DOCUMENTS.data.to_dict(DOCUMENTS.data.convert(said))
    text = json.dumps(said, **{"ensure_ascii": False, **FORMS[form]})
    slowest = outcome({"data_reservation": data, "json": "{ " + text[1:]}, at_hand=False)
    quick = outcome({"data_reservation": copy.deepcopy(data), "json": text}, at_hand=True)
    if isinstance(slowest, tuple):
        slowest = (slowest[0], text, slowest[2])
    assert quick == slowest


def test_the_text_of_data_is_the_one_that_json_of_python_writes() -> None:
    """The text that is made where none was sent, with every sign that is written as an escape or is not."""
    signs = "".join(map(chr, [*range(0x300), 0x2028, 0xFFFD, 0x1F600]))
    data = DOCUMENTS.data.new(description=signs, containers=[{"environment": {signs: signs}}])
    completed, _ = complete(DOCUMENTS, DOCUMENTS.reservation.new(data_reservation=data), SETTINGS)
    assert completed.json == json.dumps(msgspec.to_builtins(data), ensure_ascii=False)


@given(value=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**64 - 1) | TEXTS | st.none())
def test_free_values_are_written_as_python_writes_them(value: object) -> None:
    """A float as the shortest digits that are read as it, with an exponent as Python writes it."""
    data = DOCUMENTS.data.new(containers=[{"environment": {"a": value}}])
    assert DOCUMENTS.data.to_json(data) == json.dumps(msgspec.to_builtins(data), ensure_ascii=False)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_was_put_in_later_and_is_no_number_of_json_is_never_written(value: float) -> None:
    """Not as null either, which would say something else."""
    data = DOCUMENTS.data.new(containers=[{}])
    data.containers[0].environment["a"] = value
    with pytest.raises(InputError, match=r"finite|JSON value"):
        DOCUMENTS.data.to_json(data)
