"""Registering: what is derived, what is cleared, what is refused, and what a repeat comes to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workloadmanager.errors import Conflict, InputError, PermissionDenied
from workloadmanager.rules import Settings
from workloadmanager.schema import to_dict


def mistakes(grid: Any, data: Any = None, **fields: Any) -> list[str]:
    """Return the paths of the mistakes with which a registration is refused, after which nothing is stored."""
    before = grid.content()
    with pytest.raises(InputError) as caught:
        grid.register(data, **fields)
    assert grid.content() == before
    return [problem.path for problem in caught.value.errors] or [caught.value.path]


def compact(data: Any) -> str:
    """Return data as a client of another language writes it: no spaces, its own order, null for empty lists."""
    return json.dumps({**data, "containers": None, "zdbs": None}, separators=(",", ":"), sort_keys=True)


def test_a_reservation_gets_an_id_an_epoch_and_a_state(grid: Any) -> None:
    """And is returned as it is stored."""
    reservation = grid.register()
    assert (reservation.id, reservation.epoch, reservation.next_action) == (1, grid.clock.now, "create")
    assert grid.call("reservation_get", reservation_id=1) == reservation


def test_ids_rise_by_one(grid: Any) -> None:
    """From 1."""
    assert [grid.register().id for _ in range(3)] == [1, 2, 3]


def test_epochs_never_fall(grid: Any) -> None:
    """A clock that is put back does not put them back."""
    first = grid.register()
    grid.clock.now -= 100
    assert grid.register().epoch == first.epoch


def test_json_is_derived_from_the_data(grid: Any) -> None:
    """In the exact text of the schema."""
    reservation = grid.register()
    assert reservation.json == json.dumps(to_dict(reservation.data_reservation), ensure_ascii=False)


def test_the_data_is_derived_from_json(grid: Any) -> None:
    """The text is kept byte for byte."""
    text = compact(grid.data())
    reservation = grid.register({}, json=text)
    assert reservation.json == text
    assert reservation.data_reservation.volumes[0].size == 10


def test_json_and_data_may_be_spelled_differently(grid: Any) -> None:
    """Both are read through the model before they are compared."""
    text = compact(grid.data())
    assert grid.register(json=text).json == text


def test_unknown_fields_inside_json_are_kept_and_ignored(grid: Any) -> None:
    """Real clients send some, and they are signed."""
    text = json.dumps({**grid.data(), "currencies": ["TFT"]})
    assert grid.register(json=text).json == text


def test_json_that_says_something_else_is_refused_with_the_field(grid: Any) -> None:
    """The path is the first field that differs."""
    other = grid.data(volumes=[{"workload_id": 1, "node_id": grid.node.node_id, "size": 11, "type": "SSD"}])
    assert mistakes(grid, json=compact(other)) == ["data_reservation.volumes[0].size"]


def test_a_difference_is_reported_with_all_other_mistakes(grid: Any) -> None:
    """What the json says otherwise is one mistake among those of the data."""
    data = grid.data(expiration_provisioning=grid.clock() - 1)
    other = json.dumps({**data, "description": "another"})
    reservation = {"customer_tid": 77, "data_reservation": data, "json": other}
    with pytest.raises(InputError) as caught:
        grid.call("reservation_register", reservation=reservation)
    paths = {problem.path for problem in caught.value.errors}
    assert paths == {"customer_tid", "data_reservation.description", "data_reservation.expiration_provisioning"}


@pytest.mark.parametrize("text", ["no json", "[]", "{", "null", " {}", '"{}"', "{" * 100_000, '{"a":' * 50_000])
def test_text_that_is_no_json_of_an_object_is_refused(grid: Any, text: str) -> None:
    """The path is json."""
    assert mistakes(grid, json=text) == ["json"]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(grid: Any, value: str) -> None:
    """Also in a field that is ignored: the text is kept, and no other reader takes it."""
    text = compact(grid.data())
    assert mistakes(grid, json=f'{text[:-1]},"extra":{value}}}') == ["json"]


@pytest.mark.parametrize(
    "twice", ['"volumes":[]', '"description":"a volume"', '"extra":{"a":1,"a":1}'], ids=["other", "same", "ignored"]
)
def test_a_field_that_json_has_twice_is_refused(grid: Any, twice: str) -> None:
    """Readers do not agree on which of them counts, and it is signed."""
    text = compact(grid.data())
    assert mistakes(grid, {}, json=f"{text[:-1]},{twice}}}") == ["json"]


def test_a_mistake_inside_json_has_its_path(grid: Any) -> None:
    """As one in the data would."""
    text = json.dumps({"volumes": [{"size": "big"}]})
    assert mistakes(grid, {}, json=text) == ["json.volumes[0].size"]


def test_an_object_of_the_schema_can_be_registered(grid: Any) -> None:
    """And stays as it is."""
    schema = grid.context.documents.reservation
    made = schema.new(customer_tid=1, data_reservation=grid.data())
    before = schema.encode(made)
    assert grid.call("reservation_register", reservation=made).id == 1
    assert schema.encode(made) == before


def test_all_mistakes_are_told_at_once_with_their_paths(grid: Any) -> None:
    """Within the reservation."""
    data = grid.data(volumes=[{"workload_id": 2, "node_id": "nowhere", "size": 0}], expiration_reservation=0)
    paths = mistakes(grid, data, customer_tid=77)
    assert paths == [
        "customer_tid",
        "data_reservation.volumes[0].workload_id",
        "data_reservation.volumes[0].node_id",
        "data_reservation.volumes[0].size",
        "data_reservation.expiration_reservation",
    ]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"volumes": [{"sise": 1}]}, "data_reservation.volumes[0].sise"),
        ({"volumes": [{"type": "tape"}]}, "data_reservation.volumes[0].type"),
        ({"volumes": {"size": 1}}, "data_reservation.volumes"),
        ({"description": 5}, "data_reservation.description"),
        ({"expiration_reservation": "soon"}, "data_reservation.expiration_reservation"),
    ],
)
def test_what_the_model_refuses_has_its_path_within_the_reservation(grid: Any, change: Any, path: str) -> None:
    """As what the checks refuse has."""
    assert mistakes(grid, grid.data(**change)) == [path]


def test_an_empty_reservation_is_refused(grid: Any) -> None:
    """It asks for nothing, and nobody asks."""
    paths = mistakes(grid, {}, customer_tid=None)
    assert "customer_tid" in paths
    assert "data_reservation" in paths


def test_a_customer_whom_nobody_knows_is_a_mistake_before_the_signature(grid: Any) -> None:
    """There is no key to verify it with."""
    assert mistakes(grid, customer_tid=77, customer_signature="ab" * 64) == ["customer_tid"]


def test_a_customer_who_is_not_set_is_not_looked_up(grid: Any) -> None:
    """The number that means "not set" is nobody's."""
    assert mistakes(grid, customer_tid=2147483647) == ["customer_tid"]


@pytest.mark.parametrize("field", ["description", "json"])
def test_a_mebibyte_of_junk_is_refused(grid: Any, field: str) -> None:
    """The limit counts the encoded reservation, and the text that is parsed."""
    junk = "x" * 2**20
    if field == "json":
        assert mistakes(grid, {}, json="{" + junk) == [""]
    else:
        assert mistakes(grid, grid.data(description=junk)) == [""]


def test_of_very_many_mistakes_the_first_are_told(grid: Any) -> None:
    """A message of a million words would help nobody."""
    volumes = [{"workload_id": number, "node_id": "nowhere", "size": 0} for number in range(1, 100)]
    paths = mistakes(grid, grid.data(volumes=volumes))
    assert len(paths) == 51
    assert paths[-1] == ""


def test_more_signers_than_may_be_are_not_looked_up(grid: Any) -> None:
    """Their number is the mistake, whoever they are."""
    requests = {"signers": list(range(1000, 3000)), "quorum_min": 1}
    assert mistakes(grid, grid.data(signing_request_delete=requests)) == [
        "data_reservation.signing_request_delete.signers"
    ]


@pytest.mark.parametrize("settings", [Settings(maximum_workloads=1)], ids=["one workload"])
def test_the_settings_of_the_operator_hold(grid: Any) -> None:
    """Here, one workload is the most."""
    assert mistakes(grid, grid.large()) == ["data_reservation"]


@pytest.mark.parametrize("settings", [Settings(unknown_nodes="declared")], ids=["declared"])
def test_declared_farmers_are_taken_where_the_operator_says_so(grid: Any) -> None:
    """For a node that the directory does not know."""
    volume = {"workload_id": 1, "node_id": "unknown-node", "size": 1, "farmer_tid": 12}
    reservation = grid.register(grid.data(volumes=[volume]))
    grid.signed(reservation)
    assert grid.sign("farmer", grid.second_farmer, reservation).next_action == "deploy"


def test_a_signed_registration_goes_on_at_once(grid: Any) -> None:
    """Without co-signers the customer's signature is enough, so that it waits for the farmers."""
    text = compact(grid.data())
    reservation = grid.register({}, json=text, customer_signature=grid.customer.sign_text(text, "customer"))
    assert reservation.next_action == "pay"


def test_a_signature_that_does_not_verify_is_refused(grid: Any) -> None:
    """Nothing is stored."""
    before = grid.content()
    text = compact(grid.data())
    for signature in ("x", "ab" * 64, grid.partner.sign_text(text, "customer")):
        with pytest.raises(PermissionDenied) as caught:
            grid.register({}, json=text, customer_signature=signature)
        assert caught.value.path == "customer_signature"
        assert caught.value.call == "reservation_register"
    assert grid.content() == before


@pytest.mark.parametrize("settings", [Settings(unbound_signatures="refuse")], ids=["refuse"])
def test_where_plain_signatures_are_refused_it_is_said_what_to_do(grid: Any) -> None:
    """Register first, then sign with the id."""
    text = compact(grid.data())
    signature = grid.customer.sign_text(text, "customer")
    with pytest.raises(PermissionDenied, match="sign_customer"):
        grid.register({}, json=text, customer_signature=signature)
    reservation = grid.register({}, json=text)
    with pytest.raises(PermissionDenied):
        grid.call("sign_customer", reservation_id=reservation.id, signature=signature)
    assert grid.signed(reservation).next_action == "pay"


def test_mistakes_come_before_a_signature_that_does_not_verify(grid: Any) -> None:
    """Who sends both learns first what to sign."""
    assert mistakes(grid, grid.data(expiration_reservation=0), customer_signature="ab" * 64) == [
        "data_reservation.expiration_reservation"
    ]


def test_a_retried_registration_does_not_create_twice(grid: Any) -> None:
    """The same plain signature returns the reservation that it was used for."""
    text = compact(grid.data())
    fields = {"json": text, "customer_signature": grid.customer.sign_text(text, "customer")}
    first = grid.register({}, **fields)
    grid.sign("farmer", grid.farmer, first)
    before = grid.content()
    again = grid.register(grid.data(), **fields)
    assert (again.id, again.next_action) == (first.id, "deploy")
    assert grid.content() == before


def test_a_retry_works_when_the_reservation_could_not_be_made_any_more(grid: Any) -> None:
    """Its deadline has passed meanwhile."""
    text = compact(grid.data())
    fields = {"json": text, "customer_signature": grid.customer.sign_text(text, "customer")}
    first = grid.register({}, **fields)
    grid.clock.now += 1000
    again = grid.register({}, **fields)
    assert (again.id, again.next_action) == (first.id, "invalid")


def test_unsigned_registrations_are_always_new(grid: Any) -> None:
    """They may be meant twice."""
    assert [grid.register().id, grid.register().id] == [1, 2]


def test_a_registration_with_a_signature_that_signed_afterwards_is_the_same(grid: Any) -> None:
    """It was registered without it, signed with it, and is registered again with it."""
    text = compact(grid.data())
    signature = grid.customer.sign_text(text, "customer")
    first = grid.register({}, json=text)
    grid.call("sign_customer", reservation_id=first.id, signature=signature)
    assert grid.register({}, json=text, customer_signature=signature).id == first.id


def test_a_signature_that_was_used_for_something_else_can_not_register(grid: Any) -> None:
    """A co-signer who is the customer signed for provision with the same bytes."""
    requests = {"signers": [1], "quorum_min": 1}
    text = compact(grid.data(signing_request_provision=requests))
    signature = grid.customer.sign_text(text, "customer")
    first = grid.register({}, json=text)
    grid.call("sign_provision", reservation_id=first.id, tid=1, signature=signature)
    before = grid.content()
    with pytest.raises(Conflict, match="bound") as caught:
        grid.register({}, json=text, customer_signature=signature)
    assert caught.value.path == "customer_signature"
    assert grid.content() == before


def test_a_volume_of_the_same_customer_can_be_mounted(grid: Any) -> None:
    """By its global workload id, on the same node."""
    volume = grid.deployed()
    container = grid.large()["containers"][0]
    container.update(workload_id=1, volumes=[{"volume_id": f"{volume.id}-1", "mountpoint": "/d"}])
    mounting = grid.data(volumes=[], containers=[container])
    assert grid.register(mounting).id == 2


@pytest.mark.parametrize("wrong", ["9-1", "1-9", "gone", "expired", "others", "damaged"])
def test_a_volume_that_is_not_there_can_not_be_mounted(grid: Any, wrong: str) -> None:
    """Of no reservation or workload, one being deleted or due to be, another customer's, a bad row's."""
    volume = grid.deleting() if wrong == "gone" else grid.deployed()
    container = grid.large()["containers"][0]
    volume_id = f"{volume.id}-1" if wrong.isalpha() else wrong
    if wrong == "damaged":
        grid.damage(volume.id)
    container.update(workload_id=1, volumes=[{"volume_id": volume_id, "mountpoint": "/d"}])
    if wrong == "expired":
        grid.clock.now += 3600
    deadline = grid.clock.now + 600
    mounting = grid.data(
        volumes=[], containers=[container], expiration_provisioning=deadline, expiration_reservation=deadline
    )
    paths = mistakes(grid, mounting, customer_tid=2 if wrong == "others" else 1)
    assert paths == ["data_reservation.containers[0].volumes[0].volume_id"]


def test_the_host_is_told_the_deadline_of_what_was_stored(grid: Any) -> None:
    """So that its sweep wakes in time; what has no deadline is not told."""
    reservation = grid.register()
    assert grid.deadlines == [grid.clock.now + 600]
    grid.signed(reservation)
    grid.sign("farmer", grid.farmer, reservation)
    assert grid.deadlines[-1] == grid.clock.now + 3600
    told = len(grid.deadlines)
    grid.sign("delete", grid.customer, reservation)
    assert len(grid.deadlines) == told


def test_a_host_that_fails_to_take_note_is_only_logged(grid: Any, caplog: pytest.LogCaptureFixture) -> None:
    """The change is stored; the next list or poll finds the deadline."""

    def fail(deadline: int) -> None:
        raise RuntimeError(f"no sweep for {deadline}")

    grid.context.deadline_hook = fail
    assert grid.register().id == 1
    assert "no sweep" in caplog.text
