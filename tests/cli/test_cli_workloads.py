"""``workloadmanager workload``: what nodes are to run, and what they report."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest


def test_a_node_sees_what_it_is_to_run(cli: Any, deployed: Path) -> None:
    """A table for people; the envelope as nodes get it for programs."""
    assert deployed.is_dir()
    node = cli("key", "show", "node", "--json").document["node_id"]
    heading, line = cli("workload", "list", "--node", node).out.splitlines()
    assert heading.split() == ["workload", "type", "wanted", "lasts", "node"]
    assert (line.split()[:3], line.split()[-1]) == (["1-1", "volume", "run"], node)
    (workload,) = cli("workload", "list", "--node", node, "--json").document["workloads"]
    assert (workload["workload_id"], workload["type"], workload["to_delete"]) == ("1-1", 2, False)


def test_with_nothing_to_do_a_person_is_told_so(cli: Any, grid: Path) -> None:
    """An empty list is a sentence."""
    assert grid.is_dir()
    assert cli("workload", "list").out == "There is nothing to run and nothing to delete.\n"
    assert cli("workload", "list", "--json").document == {"workloads": []}


def test_a_workload_is_shown(cli: Any, deployed: Path) -> None:
    """Also what it is to be, in full."""
    assert deployed.is_dir()
    lines = cli("workload", "get", "1-1").out.splitlines()
    assert lines[0] == "workload"
    assert any(re.fullmatch(r"  duration     (30 d|29 d 23 h) \(\d+ s\)", line) for line in lines)
    assert not any("2147483647" in line for line in lines)


@pytest.mark.parametrize("gwid", ["1", "1-9", "x-y"])
def test_a_workload_that_is_not_there_is_refused(cli: Any, deployed: Path, gwid: str) -> None:
    """Its id is repeated."""
    assert deployed.is_dir()
    finished = cli("workload", "get", gwid)
    assert finished.status == 1
    assert gwid in finished.err


def test_a_result_is_signed_by_the_node(cli: Any, deployed: Path) -> None:
    """The key of the node signs state, message and data."""
    assert deployed.is_dir()
    data = '{"volume_id": "1-1"}'
    finished = cli("workload", "result", "1-1", "--state", "ok", "--key", "node", "--data", data)
    assert finished.out == "The result of 1-1 is kept; the reservation is in deploy.\n"
    (result,) = cli("reservation", "get", "1", "--json").document["results"]
    assert (result["state"], result["data_json"]) == (1, data)


def test_the_data_of_a_result_may_come_from_a_file(cli: Any, deployed: Path) -> None:
    """Or from stdin, byte for byte: it is what was signed."""
    assert deployed.is_dir()
    data = '{ "spaced" :  1 }\n'
    report = ("workload", "result", "1-1", "--state", "error", "--key", "node", "--message", "disk is full")
    assert cli(*report, "--data-file", "-", stdin=data).status == 0
    (result,) = cli("reservation", "get", "1", "--json").document["results"]
    assert (result["state"], result["message"], result["data_json"]) == (0, "disk is full", data)


def test_the_data_of_a_result_is_given_once(cli: Any, deployed: Path) -> None:
    """Two sources are a mistake."""
    assert deployed.is_dir()
    finished = cli("workload", "result", "1-1", "--state", "ok", "--data", "{}", "--data-file", "-")
    assert finished.status == 1
    assert "--data-file" in finished.err


@pytest.mark.parametrize("key", [("--key", "alice"), ()])
def test_a_result_that_its_node_did_not_sign_is_refused(cli: Any, deployed: Path, key: tuple[str, ...]) -> None:
    """Somebody else's signature, and none at all."""
    assert deployed.is_dir()
    assert cli("workload", "result", "1-1", "--state", "ok", *key, "--json").error["kind"] == "permission"


def test_a_setting_of_the_operator_is_given_to_the_run(cli: Any, grid: Path) -> None:
    """`--set` reaches the rules, before the noun as well as behind the verb."""
    assert grid.is_dir()
    assert cli("--set", "unsigned_results=true", "workload", "list").status == 0
    finished = cli("--set", "unsigned_result=true", "workload", "list", "--set", "maximum_signers=0", "--set", "x")
    assert finished.err == "workloadmanager: --set: 'x' is no setting with a value; give NAME=VALUE\n"
    finished = cli("--set", "unsigned_result=true", "workload", "list", "--set", "maximum_signers=0")
    assert [line.split()[1] for line in finished.err.splitlines()] == ["unsigned_result:", "maximum_signers:"]


def test_a_workload_is_reported_deleted(cli: Any, deployed: Path) -> None:
    """After the last one the reservation is deleted."""
    assert deployed.is_dir()
    assert cli("workload", "deleted", "1-1").status == 1
    cli("reservation", "sign", "delete", "1", "--key", "alice")
    assert cli("workload", "list").out.splitlines()[1].split()[2] == "delete"
    assert cli("workload", "deleted", "1-1").out == "1-1 is deleted; the reservation is in deleted.\n"
    assert cli("workload", "deleted", "1-1", "--json").document == {"next_action": 6}
