"""Tables of schema objects: which lists are one, and what stands in their columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from workloadmanager.schema import NOT_SET, Registry
from workloadmanager.threebot.shell import describe, duration, moment, plain, rows_of

NODE = "2fi9ZZiBGW4G9pnrN656bMfW6x55RSoHDeMrd9pgSA8T"


def shown(value: object) -> list[str]:
    """The lines that a person sees of a value."""
    lines = describe(value)
    assert lines is not None
    return plain(lines).splitlines()


def test_reservations_are_a_table(reservation: Any) -> None:
    """A list of reservations has a line for each."""
    assert shown([reservation, reservation]) == [
        "id  state   customer  registered (UTC)  expires (UTC)     workloads",
        *[
            " 7  deploy         4  2026-05-28 20:26  2027-01-03 18:13  "
            "1 network, 1 container, 1 zdb, 1 kubernetes machine"
        ]
        * 2,
    ]


def test_workloads_are_a_table(registry: Registry) -> None:
    """An envelope shows where it runs, how long, and what is wanted; a network shows each of its nodes."""
    envelope = registry.get("tfgrid.workloads.reservation.workload.1")
    workloads = [
        envelope.new(workload_id="7-1", user="4", type="container", content={"node_id": NODE}, duration=90_000),
        envelope.new(
            workload_id="7-4",
            user="4",
            type="network",
            content={"network_resources": [{"node_id": "a"}, {"node_id": "b"}]},
            to_delete=True,
        ),
    ]
    assert shown(workloads) == [
        "workload  type       wanted  lasts    node",
        f"7-1       container  run     1 d 1 h  {NODE}",
        "7-4       network    delete           a, b",
    ]


@pytest.mark.parametrize(
    ("url", "fields", "heading"),
    [
        ("tfgrid.phonebook.user.1", {"id": 1, "name": "alice"}, "tid  name   public key"),
        ("tfgrid.directory.farm.1", {"id": 1, "name": "green", "threebot_id": 2}, "id  name   farmer"),
        ("tfgrid.directory.node.2", {"node_id": "node-1", "farm_id": 1}, "node    farm  created (UTC)"),
    ],
)
def test_the_phonebook_and_the_directory_are_tables(
    registry: Registry, url: str, fields: dict[str, object], heading: str
) -> None:
    """Users, farms and nodes have columns of their own."""
    schema = registry.get(url)
    assert shown([schema.new(**fields)])[0] == heading


def test_columns_stay_in_line_behind_wide_characters(registry: Registry) -> None:
    """A name in another script does not push the next column aside."""
    user = registry.get("tfgrid.phonebook.user.1")
    assert shown([user.new(id=1, name="日本", pubkey="ab"), user.new(id=2, name="e\u0301va", pubkey="cd")]) == [
        "tid  name  public key",
        "  1  日本  ab",
        "  2  e\u0301va   cd",
    ]


def test_objects_without_columns_are_described_one_after_another(registry: Registry) -> None:
    """A list of mounts has no table; each is shown in full."""
    mount = registry.get("tfgrid.workloads.reservation.container.mount.1")
    assert shown([mount.new(volume_id="-1"), mount.new(volume_id="-2")]) == [
        "mount",
        "  volume_id  -1",
        "mount",
        "  volume_id  -2",
    ]


def test_a_reply_with_one_list_is_that_list(registry: Registry, reservation: Any) -> None:
    """The reply of reservation_list is shown as its reservations."""
    registry.add_block("reservations = (LO) !tfgrid.workloads.reservation.1", url="shell.tables.reply", source="test")
    reply = registry.get("shell.tables.reply").new(reservations=[reservation])
    assert rows_of(reply) == [reservation]
    assert shown(registry.get("shell.tables.reply").new()) == ["nothing there"]


def test_objects_of_several_schemas_are_no_table(registry: Registry, reservation: Any) -> None:
    """A list of this and that is left to Python."""
    assert rows_of([reservation, registry.get("tfgrid.phonebook.user.1").new()]) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_661, "1 h 1 min"),
        (86_400, "1 d"),
        (90_061, "1 d 1 h"),
        (86_401, "1 d"),
        (NOT_SET, ""),
        (-1, ""),
    ],
)
def test_a_duration_is_shown_in_its_two_largest_units(seconds: int, text: str) -> None:
    """Seconds of a month say nothing; days and hours do."""
    assert duration(seconds) == text


@given(some.integers(1, NOT_SET - 1))
def test_a_moment_reads_back_as_the_same_second(seconds: int) -> None:
    """What is shown is the second itself, in UTC."""
    assert int(datetime.fromisoformat(moment(seconds)).replace(tzinfo=UTC).timestamp()) == seconds


@pytest.mark.parametrize("seconds", [0, NOT_SET])
def test_a_moment_that_is_not_set_is_empty(seconds: int) -> None:
    """No reservation expired in 1970."""
    assert moment(seconds) == ""
