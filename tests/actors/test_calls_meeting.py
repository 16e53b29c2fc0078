"""Messages that meet: what a call reads before its change may be old by then, and the change sees to that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from workloadmanager.bcdb import Record
from workloadmanager.errors import Conflict, InputError, WorkloadManagerError
from workloadmanager.rules import (
    Case,
    CustomerSigned,
    DeadlinePassed,
    DeleteSigned,
    Event,
    FarmerSigned,
    OperatorDeleted,
    ProvisionSigned,
    ResultReported,
    WorkloadDeleted,
    apply,
)

REQUEST = {"signers": [2, 3], "quorum_min": 2}


@contextmanager
def held(grid: Any) -> Iterator[None]:
    """Keep the store from writing until all messages of the block are judged by what was stored before it."""
    entered, go_on = threading.Event(), threading.Event()

    def change(_transaction: object) -> None:
        entered.set()
        assert go_on.wait(20)

    waiting = grid.store.submit(change)
    assert entered.wait(20)
    try:
        yield
    finally:
        go_on.set()
        waiting.result(20)


def asked(grid: Any, call: str, **arguments: Any) -> Any:
    """Make a call without waiting for its answer; what it does before its change is done."""
    future = grid.refs[call].ask(arguments, block=False)
    grid.refs[call].proxy().actor_urn.get(timeout=20)  # answered behind the message
    return future


def asked_to_sign(grid: Any, purpose: str, person: Any, reservation: Any) -> Any:
    """Let somebody sign without waiting for the answer."""
    arguments = {"reservation_id": reservation.id, "signature": person.sign(reservation, purpose)}
    return asked(grid, f"sign_{purpose}", **arguments, **({} if purpose == "customer" else {"tid": person.tid}))


def test_two_signatures_that_meet_both_count(grid: Any) -> None:
    """The second is judged by what the first left, though neither was stored when both were read."""
    reservation = grid.register(grid.data(signing_request_provision=REQUEST))
    grid.signed(reservation)
    with held(grid):
        first = asked_to_sign(grid, "provision", grid.partner, reservation)
        second = asked_to_sign(grid, "provision", grid.third, reservation)
    assert (first.get(timeout=20).signed, second.get(timeout=20).signed) == ([2], [2, 3])
    assert grid.state(reservation) == "pay"


def test_a_signature_behind_the_one_that_makes_it_possible_counts(grid: Any) -> None:
    """When it was read it was not wanted; when it is written it is."""
    reservation = grid.register()
    with held(grid):
        customer = asked_to_sign(grid, "customer", grid.customer, reservation)
        farmer = asked_to_sign(grid, "farmer", grid.farmer, reservation)
    assert customer.get(timeout=20).next_action == "pay"
    assert farmer.get(timeout=20).next_action == "deploy"


def test_a_signature_behind_the_one_that_makes_it_impossible_is_refused(grid: Any) -> None:
    """When it was read it was wanted; when it is written it is not, and the refusal leaves no trace."""
    reservation = grid.register()
    with held(grid):
        deletion = asked_to_sign(grid, "delete", grid.customer, reservation)
        customer = asked_to_sign(grid, "customer", grid.customer, reservation)
    assert deletion.get(timeout=20).next_action == "deleted"
    with pytest.raises(Conflict):
        customer.get(timeout=20)
    assert not grid.call("reservation_get", reservation_id=reservation.id).customer_signature


def test_two_nodes_that_report_at_once_are_both_kept(grid: Any) -> None:
    """Each result is added to what the other one left."""
    reservation = grid.deployed(grid.large())
    with held(grid):
        futures = [
            asked(grid, "set_workload_result", global_workload_id="1-1", result=machine.result("1-1"))
            for machine in (grid.node, grid.second_node)
        ]
    assert [future.get(timeout=20).next_action for future in futures] == ["deploy", "deploy"]
    assert len(grid.call("reservation_get", reservation_id=reservation.id).results) == 2


def test_a_registration_that_is_sent_twice_before_it_is_stored_is_one(grid: Any) -> None:
    """The second finds what the first made, within its own change."""
    grid.register()
    text = grid.call("reservation_get", reservation_id=1).json
    sent = {"customer_tid": 1, "json": text, "customer_signature": grid.customer.sign_text(text, "customer")}
    with held(grid):
        futures = [asked(grid, "reservation_register", reservation=sent) for _ in range(2)]
    assert [future.get(timeout=20).id for future in futures] == [2, 2]


def test_a_registration_that_is_sent_again_after_its_deadline_is_answered(grid: Any) -> None:
    """What was valid then is not any more; it is shown in the state that it is in by now."""
    text = grid.context.documents.data.to_json(grid.context.documents.data.new(**grid.data()))
    sent = {"customer_tid": 1, "json": text, "customer_signature": grid.customer.sign_text(text, "customer")}
    assert grid.call("reservation_register", reservation=sent).next_action == "pay"
    grid.clock.now += 10_000
    again = grid.call("reservation_register", reservation=sent)
    assert (again.id, again.next_action) == (1, "invalid")


def mounting(grid: Any, volume_id: str, **changes: Any) -> dict[str, Any]:
    """Return a reservation of a container that mounts a volume of another reservation."""
    container = grid.large()["containers"][0]
    container.update(workload_id=1, volumes=[{"volume_id": volume_id, "mountpoint": "/d"}])
    return {"customer_tid": 1, "data_reservation": grid.data(volumes=[], containers=[container], **changes)}


def test_a_volume_that_was_registered_just_before_can_be_mounted(grid: Any) -> None:
    """When it was looked for it was not stored; who registers one after the other without waiting knows its id."""
    with held(grid):
        volume = asked(grid, "reservation_register", reservation={"customer_tid": 1, "data_reservation": grid.data()})
        mount = asked(grid, "reservation_register", reservation=mounting(grid, "1-1"))
    assert (volume.get(timeout=20).id, mount.get(timeout=20).id) == (1, 2)


def test_a_volume_that_is_given_up_just_before_can_not_be_mounted(grid: Any) -> None:
    """When it was looked for it was there; nothing is stored of what would mount it."""
    reservation = grid.deployed()
    with held(grid):
        deletion = asked_to_sign(grid, "delete", grid.customer, reservation)
        mount = asked(grid, "reservation_register", reservation=mounting(grid, "1-1"))
    assert deletion.get(timeout=20).next_action == "delete"
    with pytest.raises(InputError) as refusal:
        mount.get(timeout=20)
    assert [problem.path for problem in refusal.value.errors] == ["data_reservation.containers[0].volumes[0].volume_id"]
    assert grid.register().id == 2


def test_what_mounts_no_such_volume_names_every_other_mistake_too(grid: Any) -> None:
    """It is refused at once, without troubling the store."""
    with held(grid):
        refused = asked(grid, "reservation_register", reservation=mounting(grid, "1-1", expiration_reservation=0))
        with pytest.raises(InputError) as refusal:
            refused.get(timeout=20)
    assert len(refusal.value.errors) == 2


def life(grid: Any) -> list[Record]:
    """Return what is stored of a reservation of every kind in each state of its life."""
    reservation = grid.register(grid.large(signing_request_provision=REQUEST, signing_request_delete=REQUEST))
    records: list[Record] = []

    def note() -> None:
        with grid.store.read() as reader:
            records.append(reader.get(reservation.id))

    note()
    steps: list[Callable[[], Any]] = [
        lambda: grid.signed(reservation),
        lambda: grid.sign("provision", grid.partner, reservation),
        lambda: grid.sign("provision", grid.third, reservation),
        lambda: grid.sign("farmer", grid.farmer, reservation),
        lambda: grid.sign("farmer", grid.second_farmer, reservation),
        lambda: grid.report(grid.node, "1-1", "error", message="no room"),
        lambda: grid.report(grid.second_node, "1-4"),
        lambda: grid.sign("delete", grid.partner, reservation),
        lambda: grid.sign("delete", grid.third, reservation),
        lambda: grid.call("workload_deleted", workload_id="1-2"),
    ]
    for step in steps:
        step()
        note()
    return records


def events(grid: Any) -> list[Event]:
    """Return an event of each kind, some of whom repeat what was counted in `life`."""
    documents = grid.context.documents
    result = documents.result.new(workload_id="1-1", state="ok", data_json="{}", epoch=5)
    gone = documents.result.new(workload_id="1-1", state="deleted", epoch=5)

    def entry(tid: int) -> Any:
        return documents.signature.type(tid=tid, signature="00" * 64, epoch=5)

    return [
        CustomerSigned("00" * 64),
        *(ProvisionSigned(tid, entry(tid)) for tid in (2, 3, 9)),
        *(FarmerSigned(tid, entry(tid)) for tid in (11, 12, 9)),
        *(DeleteSigned(tid, entry(tid)) for tid in (2, 3, 9)),
        *(ResultReported(1, machine.node_id, result) for machine in (grid.node, grid.second_node, grid.third_node)),
        *(WorkloadDeleted(1, machine.node_id, gone) for machine in (grid.node, grid.third_node)),
        OperatorDeleted(),
        DeadlinePassed(),
    ]


def test_a_revision_writes_to_the_byte_what_the_whole_document_would(grid: Any) -> None:
    """In each state, for each event, now and late: the same record, or the same refusal."""
    documents, revisions = grid.context.documents, grid.context.revisions
    for record in life(grid):
        revision = revisions.open(record)
        assert revision.changed_to(revision.case) == record
        for event in events(grid):
            for now in (grid.clock.now, grid.clock.now + 10_000):
                whole = outcome(documents.case(record), event, now)
                light = outcome(revision.case, event, now)
                if isinstance(whole, Case):
                    assert revision.changed_to(light) == documents.record(whole)
                else:
                    assert light == whole


def outcome(case: Case, event: Event, now: int) -> Any:
    """Return the case after an event, or what the refusal says."""
    try:
        return apply(case, event, now).case
    except WorkloadManagerError as error:
        return type(error), str(error)


def test_a_revision_follows_newer_schemas(grid: Any) -> None:
    """The types of a registry are made anew when a package brings a newer schema; a repeat is still seen as one."""
    reservation = grid.deployed()
    assert grid.report(grid.node, f"{reservation.id}-1").next_action == "deploy"
    registry, before = grid.context.registry, grid.context.documents.result.type
    url = f"tfgrid.meeting.test.{len(registry.urls())}"
    for fields in ('name = "" (S)\n', 'name = "" (S)\nmore = "" (S)\n'):
        registry.add_text(f"@url = {url}\n{fields}")
    assert grid.context.documents.result.type is not before
    assert grid.report(grid.node, f"{reservation.id}-1").next_action == "deploy"
    history = grid.call("reservation_get", reservation_id=reservation.id, history=True).history
    assert [entry.call for entry in history].count("set_workload_result") == 1
