"""The two ways to read a stored reservation: as a case, which is the truth, and as what is shown, which is quicker."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workloadmanager.actors import Context
from workloadmanager.bcdb import Record
from workloadmanager.errors import Internal
from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry

NEWER = """
@url = tfgrid.workloads.reservation.volume.1
workload_id = (I)
node_id = (S)
size = (I)
colour = "blue" (S)
"""


@pytest.fixture
def record(grid: Any) -> Record:
    """A reservation with a result, as it is stored."""
    reservation = grid.deployed(grid.large())
    grid.report(grid.node, f"{reservation.id}-2")
    return stored(grid, reservation.id)


def stored(grid: Any, reservation_id: int) -> Record:
    """A reservation as it is stored."""
    with grid.store.read() as reader:
        record = reader.get(reservation_id)
    assert isinstance(record, Record)
    return record


def test_what_is_shown_is_what_the_case_has(grid: Any, record: Record) -> None:
    """In every part."""
    documents = grid.context.documents
    assert documents.whole(record) == documents.case(record).reservation
    assert len(documents.whole(record).results) == 1


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_damaged_is_shown_as_the_case_has_it_or_not_at_all(
    grid: Any, record: Record, data: st.DataObject
) -> None:
    """Any byte may be another; only who is not shown may be damaged without being noticed."""
    documents = grid.context.documents
    place = data.draw(st.integers(0, len(record.body) - 1))
    body = bytearray(record.body)
    body[place] = data.draw(st.integers(0, 255))
    damaged = msgspec.structs.replace(record, body=bytes(body))
    try:
        case = documents.case(damaged)
    except Internal:
        return
    assert documents.whole(damaged) == case.reservation


@pytest.mark.parametrize("reporters", [[], ["node-1", "node-2"]], ids=len)
def test_results_without_their_reporters_can_not_be_read(grid: Any, record: Record, reporters: list[str]) -> None:
    """In neither way."""
    documents = grid.context.documents
    farmers, placements, _, reservation = msgspec.msgpack.decode(record.body)
    body = msgspec.msgpack.encode([farmers, placements, reporters, reservation])
    damaged = msgspec.structs.replace(record, body=body)
    for read in (documents.case, documents.whole):
        with pytest.raises(Internal, match="is stored in a form that can not be read"):
            read(damaged)


def test_a_newer_model_of_a_part_is_taken_up(grid: Any, record: Record) -> None:
    """Objects are of the type that the schema has now, whichever it was when the host started."""
    registry = Registry()
    registry.add_folder(FOLDER)
    context = Context(
        store=grid.store, registry=registry, phonebook=grid.phonebook, directory=grid.directory, clock=grid.clock
    )
    documents = context.documents
    registry.add_text(NEWER)
    for reservation in (documents.case(record).reservation, documents.whole(record)):
        made: Any = reservation
        kind: Any = type(made)
        assert kind is documents.reservation.type
        assert made.data_reservation.volumes[0].colour == "blue"
