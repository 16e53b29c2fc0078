"""``workloadmanager reservation``: register, get, list and sign."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import workloadmanager
from workloadmanager.rules import NextAction
from workloadmanager.rules import Purpose as RulesPurpose
from workloadmanager.schema import to_json
from workloadmanager.threebot.cli._arguments import State  # no doorway: the words of the command line's options
from workloadmanager.threebot.cli._signing import Purpose


def test_the_words_of_the_options_are_those_of_the_rules() -> None:
    """They are written twice, so that a help text does not load the rules."""
    assert [str(state) for state in State] == [state.name for state in NextAction]
    assert {str(purpose) for purpose in Purpose} == {str(purpose) for purpose in RulesPurpose}


def test_a_reservation_is_registered_from_a_file(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """Without a signature it waits for its customer, and the next command is shown."""
    (grid / "r.json").write_text(json.dumps(reservation), encoding="utf-8")
    finished = cli("reservation", "register", "r.json")
    assert finished.status == 0
    assert "workloadmanager reservation sign customer 1 --key KEY" in finished.out


def test_a_reservation_is_registered_from_stdin(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """A dash reads what another program writes."""
    assert grid.is_dir()
    finished = cli("reservation", "register", "-", "--json", stdin=json.dumps(reservation))
    assert (finished.document["id"], finished.document["next_action"]) == (1, 0)


def test_a_file_may_begin_with_a_byte_order_mark(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """Some editors write one."""
    (grid / "r.json").write_text(json.dumps(reservation), encoding="utf-8-sig")
    assert cli("reservation", "register", "r.json").status == 0


def test_signing_at_once_takes_it_to_its_co_signers(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """`--sign-with` signs as the customer, bound to the new id."""
    assert grid.is_dir()
    signed = ("reservation", "register", "-", "--sign-with", "alice")
    made = cli(*signed, "--json", stdin=json.dumps(reservation)).document
    assert (made["next_action"], len(made["customer_signature"])) == (int(NextAction.sign), 128)
    assert "it waits for its co-signers: 0 of 2 signed" in cli(*signed, stdin=json.dumps(reservation)).out


def test_a_signature_of_the_command_line_is_bound(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """It is accepted where the operator refuses signatures that do not say what they are for."""
    (grid / "r.json").write_text(json.dumps(reservation), encoding="utf-8")
    strict = ("--set", "unbound_signatures=refuse")
    assert cli("reservation", "register", "r.json", "--sign-with", "alice", *strict).status == 0
    assert cli("reservation", "sign", "provision", "1", "--key", "bob", *strict).status == 0


def test_every_mistake_of_a_reservation_is_a_line(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """All of them at once, each with its path."""
    assert grid.is_dir()
    reservation["data_reservation"]["volumes"][0].update(size=0, node_id="nowhere")
    finished = cli("reservation", "register", "-", stdin=json.dumps(reservation))
    lines = finished.err.splitlines()
    assert finished.status == 1
    assert len(lines) == 2
    assert all(line.startswith("workloadmanager: data_reservation.volumes[0].") for line in lines)


@pytest.mark.parametrize("text", ["", "{", "nonsense", "[" * 10_000, '{"a": 1, "a"'])
def test_a_file_that_is_no_json_is_refused(cli: Any, grid: Path, text: str) -> None:
    """One line says so."""
    assert grid.is_dir()
    finished = cli("reservation", "register", "-", stdin=text)
    assert finished.status == 1
    assert finished.err.startswith("workloadmanager: the file holds no JSON")
    assert finished.err.count("\n") == 1


def test_a_file_that_is_no_text_is_refused(cli: Any, grid: Path) -> None:
    """Bytes that are no UTF-8 are an error of the file."""
    (grid / "r.json").write_bytes(b"\xff\xfe\x00")
    assert cli("reservation", "register", "r.json").err == "workloadmanager: r.json holds no UTF-8 text\n"


def test_a_file_that_is_not_there_is_said_to_be(cli: Any, grid: Path) -> None:
    """The name that was given is repeated."""
    assert cli("reservation", "register", "no.json").err == "workloadmanager: there is no file no.json\n"
    assert "cannot be read" in cli("reservation", "register", str(grid)).err


def test_a_key_is_looked_for_before_anything_is_stored(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """A typo in `--sign-with` does not leave an unsigned reservation behind."""
    assert grid.is_dir()
    finished = cli("reservation", "register", "-", "--sign-with", "alicia", stdin=json.dumps(reservation))
    assert finished.status == 1
    assert cli("reservation", "list", "--json").document == {"reservations": []}


def test_a_key_that_is_not_the_customers_stores_nothing(cli: Any, grid: Path, reservation: dict[str, Any]) -> None:
    """Nor does the wrong key."""
    assert grid.is_dir()
    finished = cli("reservation", "register", "-", "--sign-with", "bob", stdin=json.dumps(reservation))
    assert finished.status == 1
    assert finished.err.startswith("workloadmanager: --sign-with: this key is not the one of the customer, threebot 1")
    assert cli("reservation", "list", "--json").document == {"reservations": []}


@pytest.mark.parametrize("customer", [99, "alice", None])
def test_a_customer_who_is_nobody_is_refused_by_the_call(
    cli: Any, grid: Path, reservation: dict[str, Any], customer: object
) -> None:
    """With the path of the field."""
    assert grid.is_dir()
    reservation["customer_tid"] = customer
    finished = cli("reservation", "register", "-", "--sign-with", "alice", stdin=json.dumps(reservation))
    assert finished.status == 1
    assert finished.err.startswith("workloadmanager: customer_tid: ")


def test_json_is_the_wire_form(cli: Any, registered: Path) -> None:
    """A program reads exactly what a gedis client would: numbers for enums, seconds for dates, nothing masked."""
    out = cli("reservation", "get", "1", "--json").out
    with workloadmanager.start(path=registered / "store") as manager:
        assert out == to_json(manager.reservation_get(reservation_id=1)) + "\n"
    assert json.loads(out)["next_action"] == int(NextAction.sign)


def test_a_person_reads_names_and_what_is_missing(cli: Any, registered: Path) -> None:
    """State by name, dates in UTC, and the last line says what it waits for."""
    assert registered.is_dir()
    lines = cli("reservation", "get", "1").out.splitlines()
    assert lines[0] == "reservation 1"
    assert "  next_action         sign" in lines
    assert lines[-1] == "Reservation 1 is in sign; it waits for its co-signers: 0 of 2 signed, missing 2, 3."


def test_history_tells_who_did_what(cli: Any, deployed: Path) -> None:
    """Every accepted event is a line; programs get it beside the reservation."""
    assert deployed.is_dir()
    lines = cli("reservation", "get", "1", "--history").out.splitlines()
    assert [line.split()[2:] for line in lines if line.split()[2:3] == ["sign_provision"]] == [
        ["sign_provision", "2", "sign", "sign"],
        ["sign_provision", "3", "sign", "pay"],
    ]
    document = cli("reservation", "get", "1", "--history", "--json").document
    assert [entry["call"] for entry in document["history"]] == [
        "reservation_register",
        "sign_customer",
        "sign_provision",
        "sign_provision",
        "sign_farmer",
    ]
    assert document["reservation"]["id"] == 1


def test_a_signature_tells_who_is_missing(cli: Any, registered: Path) -> None:
    """One of two, and the second is named; the signer is found by the key."""
    assert registered.is_dir()
    finished = cli("reservation", "sign", "provision", "1", "--key", "bob")
    assert finished.out == "1 of 2 signed, missing 3; reservation 1 is in sign.\n"
    assert cli("reservation", "sign", "provision", "1", "--key", "carol", "--json").document == {
        "next_action": int(NextAction.pay),
        "signed": [2, 3],
        "needed": 2,
        "missing": [],
    }


@pytest.mark.parametrize("tid", ["3", "carol"])
def test_a_signer_may_be_named(cli: Any, registered: Path, tid: str) -> None:
    """By number or by name, where the key does not tell."""
    assert registered.is_dir()
    signed = cli("reservation", "sign", "provision", "1", "--key", "carol", "--tid", tid, "--json").document["signed"]
    assert signed == [3]


def test_somebody_elses_key_is_refused(cli: Any, registered: Path) -> None:
    """A signature in another's name does not verify."""
    assert registered.is_dir()
    finished = cli("reservation", "sign", "provision", "1", "--key", "bob", "--tid", "carol", "--json")
    assert finished.status == 1
    assert finished.error["kind"] == "permission"


def test_a_key_of_nobody_needs_a_name(cli: Any, registered: Path) -> None:
    """A key that the phonebook does not know says nothing about who signs."""
    assert registered.is_dir()
    assert "--tid" in cli("reservation", "sign", "provision", "1", "--key", "node").err


def test_a_key_of_two_needs_a_name(cli: Any, registered: Path) -> None:
    """Where two users share a key, one has to be chosen."""
    with workloadmanager.start(path=registered / "store") as manager:
        manager.phonebook.add(name="bob again", public_key=manager.phonebook.find("bob").pubkey)
    assert "share this key" in cli("reservation", "sign", "provision", "1", "--key", "bob").err


def test_only_the_customer_signs_as_the_customer(cli: Any, registered: Path) -> None:
    """The mistake is named before a signature is made that cannot verify."""
    assert registered.is_dir()
    finished = cli("reservation", "sign", "customer", "1", "--key", "bob")
    assert finished.status == 1
    assert "the customer of reservation 1 is 1, not 2" in finished.err


def test_everybody_signs_until_it_is_deployed_and_deleted(cli: Any, deployed: Path) -> None:
    """Customer, co-signers, farmer, and the customer again for the deletion."""
    assert deployed.is_dir()
    assert "is in deploy" in cli("reservation", "get", "1").out.splitlines()[-1]
    finished = cli("reservation", "sign", "delete", "1", "--key", "alice")
    assert finished.out == "1 of 1 signed; reservation 1 is in delete.\n"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ((), [1, 2]),
        (("--state", "create"), [2]),
        (("--state", "create", "--state", "sign"), [1, 2]),
        (("--state", "deploy"), []),
        (("--customer", "alice"), [1, 2]),
        (("--customer", "2"), []),
        (("--node", "elsewhere"), []),
        (("--limit", "1"), [1]),
        (("--cursor", "2"), [2]),
        (("--epoch", "2000-01-01"), [1, 2]),
        (("--epoch", "2037-01-01T00:00Z"), []),
        (("--epoch", "2000000000"), []),
    ],
)
def test_reservations_are_listed_by_filter(
    cli: Any, registered: Path, reservation: dict[str, Any], filters: tuple[str, ...], found: list[int]
) -> None:
    """Each filter of the call is an option."""
    assert registered.is_dir()
    cli("reservation", "register", "-", stdin=json.dumps(reservation))
    listed = cli("reservation", "list", *filters, "--json").document["reservations"]
    assert [each["id"] for each in listed] == found


def test_a_full_page_tells_how_to_go_on(cli: Any, registered: Path) -> None:
    """People are told the next cursor; programs count themselves."""
    assert registered.is_dir()
    assert cli("reservation", "list", "--limit", "1").out.splitlines()[-1] == "There may be more: --cursor 2"
    assert len(cli("reservation", "list", "--limit", "1", "--json").out.splitlines()) == 1


def test_a_moment_that_is_none_is_refused(cli: Any, grid: Path) -> None:
    """The message shows what a moment looks like."""
    assert grid.is_dir()
    finished = cli("reservation", "list", "--epoch", "yesterday")
    assert finished.status == 1
    assert "2026-11-24" in finished.err
