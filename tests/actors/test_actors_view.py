"""What the reading calls look at, and what they pass on undecoded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.actors import CALLS, Caller, Request, Role, Stored, call_of, schemas_of
from workloadmanager.actors._view import View
from workloadmanager.bcdb import Filter
from workloadmanager.bcdb._tables import DEADLINES
from workloadmanager.errors import Internal, NotFound
from workloadmanager.schema import NOT_SET, Registry

GUEST = Caller(Role.guest)


@pytest.fixture
def view(grid: Any) -> Iterator[View]:
    """A view that is released in the end."""
    view = View(grid.context)
    yield view
    view.release()


def test_a_view_that_is_not_held_is_opened_anew_each_time(grid: Any, view: View) -> None:
    """So a call that is handled alone sees what was stored a moment ago."""
    with view as reader:
        assert reader.get(1) is None
    grid.register()
    with view as reader:
        assert reader.get(1) is not None


def test_a_view_that_is_held_stays_as_it_was_opened(grid: Any, view: View) -> None:
    """Messages that are taken together share one view; what is stored meanwhile is seen by those taken next."""
    view.hold()
    with view as first:
        grid.register()
    with view as second:
        assert second is first
        assert second.get(1) is None
    view.release()
    with view as reader:
        assert reader.get(1) is not None


def test_a_view_is_not_held_past_its_second(grid: Any, view: View) -> None:
    """A deadline that comes up between two messages is applied before the second of them."""
    reservation = grid.register()
    view.hold()
    with view as reader:
        assert next(reader.find(Filter(states=(0,)))).id == reservation.id
    grid.clock.now = reservation.data_reservation.expiration_provisioning
    with view as reader:
        assert next(reader.find(Filter(states=(5,)))).id == reservation.id


def test_many_gets_that_wait_together_are_each_answered(grid: Any) -> None:
    """Also with one among them that is refused."""
    grid.register()
    get = grid.refs["reservation_get"]
    asked = [get.ask({"reservation_id": 2 if number == 30 else 1}, block=False) for number in range(64)]
    with pytest.raises(NotFound):
        asked.pop(30).get(timeout=20)
    assert {future.get(timeout=20).id for future in asked} == {1}


def test_a_caller_who_passes_it_on_is_given_what_is_stored(grid: Any) -> None:
    """Not decoded, and it decodes to what everybody else is given."""
    grid.deployed(grid.large())
    get = grid.refs["reservation_get"]
    stored = get.ask(Request({"reservation_id": 1}, GUEST, takes_stored=True))
    assert isinstance(stored, Stored)
    assert stored.id == 1
    assert stored.decoded() == get.ask({"reservation_id": 1})


@pytest.mark.parametrize("body", [b"\xc1", b"\x94\x90\x90\x90\xa1x"], ids=["nothing", "another thing"])
def test_a_stored_document_that_is_damaged_says_so(grid: Any, body: bytes) -> None:
    """Whoever passes it on finds out as late as then, and in the same words."""
    grid.register()
    grid.damage(1, body)
    stored = grid.refs["reservation_get"].ask(Request({"reservation_id": 1}, GUEST, takes_stored=True))
    with pytest.raises(Internal, match="reservation 1 is stored in a form that can not be read"):
        stored.decoded()


@pytest.mark.parametrize("caller", [Caller(Role.node, node_id="node-1"), Caller(Role.user, tid=9)], ids=str)
def test_who_may_not_see_everything_is_given_no_stored_document(grid: Any, caller: Caller) -> None:
    """What is left out for them has to be left out first."""
    grid.register()
    reply = grid.refs["reservation_get"].ask(Request({"reservation_id": 1}, caller, takes_stored=True))
    assert not isinstance(reply, Stored)
    assert reply.json == ""


def test_a_reservation_with_its_history_is_no_stored_document(grid: Any) -> None:
    """The history is kept elsewhere, and put beside it."""
    grid.register()
    request = Request({"reservation_id": 1, "history": True}, GUEST, takes_stored=True)
    assert grid.refs["reservation_get"].ask(request).history[0].call == "reservation_register"


SIMPLE = {
    "I": st.integers(0, NOT_SET - 1),
    "S": st.text(st.characters(max_codepoint=127), min_size=1, max_size=40),
}


@pytest.mark.parametrize("name", CALLS)
@given(data=st.data())
def test_numbers_and_plain_texts_are_taken_as_they_are(registry: Registry, name: str, data: st.DataObject) -> None:
    """Converting them by the schema changes nothing, which is why a call may leave it out."""
    schema = schemas_of(call_of(CALLS[name]), registry).input
    simple = {one.name: SIMPLE[one.kind.name] for one in schema.properties if one.kind.name in SIMPLE}
    arguments = data.draw(st.fixed_dictionaries({}, optional=simple))
    converted = schema.convert(arguments)
    assert {each: getattr(converted, each) for each in arguments} == arguments


def test_a_view_that_can_not_be_asked_for_deadlines_is_not_kept(grid: Any, view: View) -> None:
    """The next one is opened anew, and so finds the same mistake instead of going on without the check."""
    engine = grid.store._engine  # behind the doorway, past every rule: that is what damage is
    tables = engine.writing()
    tables.put(DEADLINES, b"damaged")
    tables.commit()
    view.hold()
    for _ in range(2):
        with pytest.raises(Internal, match="is damaged"), view:
            pass
    tables = engine.writing()
    tables.delete(DEADLINES, b"damaged")
    tables.commit()
    with view as reader:
        assert reader.get(1) is None
