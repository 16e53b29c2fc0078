"""What of a reservation is for its parties alone."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from workloadmanager.rules import (
    SECRET_FIELDS,
    NextAction,
    WorkloadKind,
    envelope,
    hand_out,
    same_data,
    without_secrets,
)
from workloadmanager.schema import Registry, Schema, schema_of, to_json

MARKER = "leaked"
MARKED: dict[type, Any] = {str: MARKER, bytes: MARKER.encode(), dict: {MARKER: MARKER}}
SPELLINGS = (MARKER, base64.b64encode(MARKER.encode()).decode())
"""How a marker looks in a JSON text: as itself, and where bytes hold it."""

TELLING = re.compile("secret|password|private|environment|signature")
PUBLIC = {"signatures_provision", "signatures_farmer", "signatures_delete"}
"""Fields that sound secret and are not: who signed is for everybody, the texts inside are fields of their own."""


def plant(registry: Registry, part: Any) -> Iterator[tuple[str, str]]:
    """Mark every secret field of a document and of its parts; yield the model and the name of each.

    An empty list gets one part first, so that every model that belongs to the document is there.
    """
    for each in schema_of(part).properties:
        value = getattr(part, each.name)
        if each.name in SECRET_FIELDS:
            setattr(part, each.name, MARKED[type(value)])
            yield schema_of(part).url, each.name
        elif each.reference and isinstance(value, list):
            if not value:
                value.append(registry.get(each.reference).new())
            for one in value:
                yield from plant(registry, one)
        elif each.reference:
            yield from plant(registry, value)


def models_of(registry: Registry, url: str) -> Iterator[Schema]:
    """Yield the schema of a document, and of everything that it refers to, each once."""
    waiting, seen = [url], set[str]()
    while waiting:
        schema = registry.get(waiting.pop())
        if schema.url not in seen:
            seen.add(schema.url)
            yield schema
            waiting += [each.reference for each in schema.properties if each.reference]


@pytest.fixture
def case(grid: Any) -> Any:
    """A case in deploy with workloads of every kind, in which every secret is marked."""
    case = grid.case(NextAction.deploy, grid.delete(2), *(grid.report(*where) for where in grid.everywhere()))
    marked = set(plant(grid.registry, case.reservation))
    models = list(models_of(grid.registry, "tfgrid.workloads.reservation.1"))
    assert marked == {(one.url, each.name) for one in models for each in one.properties if each.name in SECRET_FIELDS}
    return case


def leaks(document: Any) -> list[str]:
    """The spellings of the marker that a document still shows."""
    return [spelling for spelling in SPELLINGS if spelling in to_json(document)]


def test_no_secret_is_left_in_a_reservation(case: Any) -> None:
    """Wherever in it one was."""
    assert leaks(case.reservation) == list(SPELLINGS)
    assert leaks(without_secrets(case.reservation)) == []


def test_everything_else_is_left(grid: Any, case: Any) -> None:
    """With the secrets put in again it is the same document."""
    shown = without_secrets(case.reservation)
    assert [entry.tid for entry in shown.signatures_delete] == [2]
    assert list(plant(grid.registry, shown))
    assert same_data(shown, case.reservation) is None


def test_a_document_without_secrets_still_follows_its_model(case: Any) -> None:
    """Every field is there, of its own type."""
    shown = without_secrets(case.reservation)
    schema = schema_of(case.reservation)
    assert type(shown) is type(case.reservation)
    assert same_data(schema.decode(schema.encode(shown)), shown) is None


def test_hiding_the_secrets_changes_nothing_in_the_document_itself(case: Any) -> None:
    """Also where the copy is changed afterwards, in what held a secret."""
    before = msgspec.msgpack.encode(case.reservation)
    shown = without_secrets(case.reservation)
    assert msgspec.msgpack.encode(case.reservation) == before
    shown.data_reservation.containers[0].environment["HOME"] = "/"
    shown.data_reservation.zdbs.clear()
    shown.results.clear()
    assert msgspec.msgpack.encode(case.reservation) == before


def test_an_envelope_has_no_secrets_left_either(grid: Any, case: Any) -> None:
    """In its content, of whatever kind the workload is, and in its signature."""
    envelopes = hand_out(case, "", grid.schema("reservation.workload.1"))
    assert {int(one.type) for one in envelopes} == set(WorkloadKind)
    for one in envelopes:
        before = to_json(one)
        assert leaks(one) == [MARKER]
        assert leaks(without_secrets(one)) == []
        assert to_json(one) == before


def test_an_envelope_of_a_case_without_secrets_is_the_envelope_without_them(grid: Any, case: Any) -> None:
    """It makes no difference when they are taken out."""
    schema = grid.schema("reservation.workload.1")
    plain = msgspec.structs.replace(case.reservation)
    hidden = type(case)(without_secrets(plain), case.farmers, case.placements, case.reporters)
    for workload_id, _ in grid.everywhere():
        assert envelope(hidden, workload_id, schema) == without_secrets(envelope(case, workload_id, schema))


def test_a_field_that_sounds_secret_is_hidden_or_known_to_be_public(registry: Registry) -> None:
    """A new one in any model has to be thought about: add it to SECRET_FIELDS, or to PUBLIC above."""
    names = {each.name for url in registry.urls() for each in registry.get(url).properties}
    assert {name for name in names if TELLING.search(name)} - SECRET_FIELDS == PUBLIC


def test_every_secret_field_is_one_of_a_model(registry: Registry) -> None:
    """A name that no reservation and no envelope has would hide nothing."""
    urls = ("tfgrid.workloads.reservation.1", "tfgrid.workloads.reservation.workload.1")
    names = {each.name for url in urls for one in models_of(registry, url) for each in one.properties}
    assert names >= SECRET_FIELDS
