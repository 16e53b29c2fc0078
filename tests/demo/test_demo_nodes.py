"""The nodes of the demo: they send what real nodes send, and stop."""

from __future__ import annotations

import json
from collections.abc import Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, Literal

import pytest

import workloadmanager
from workloadmanager import signing
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.demo._nodes import NodeThread, Report, result_of  # tested by itself, on purpose
from workloadmanager.threebot.demo._parties import Node, Person

FARMER = Person("farmer", 1, signing.Key.generate())
CONTENTS: dict[str, dict[str, Any]] = {
    "network": {},
    "zdb": {},
    "volume": {},
    "container": {"network_connection": [{"ipaddress": "10.20.1.10"}]},
    "kubernetes": {"ipaddress": "10.20.1.20"},
}


def node(form: Literal["2020", "2019"] = "2020") -> Node:
    """Return a node with a key of its own."""
    return Node("node", FARMER, form)


def workload(kind: str) -> Any:
    """Return a workload as a poll hands it out, with what its result needs."""
    return SimpleNamespace(workload_id="1-1", type=kind, content=CONTENTS[kind], to_delete=False)


@pytest.mark.parametrize("form", ["2020", "2019"])
@pytest.mark.parametrize("kind", CONTENTS)
def test_the_result_of_each_kind_verifies(kind: str, form: Literal["2020", "2019"]) -> None:
    """Both forms of the signature verify with the node's key, which is its id."""
    sender = node(form)
    result = result_of(sender, workload(kind))
    assert signing.verify_result(
        sender.node_id, result["signature"], state=result["state"], data_json=result["data_json"]
    )


def test_the_forms_differ_in_their_spelling() -> None:
    """2020 is hex text of 128 digits, 2019 base64 text of 88."""
    lengths = [len(result_of(node(form), workload("volume"))["signature"]) for form in ("2020", "2019")]
    assert lengths == [128, 88]


def test_the_data_is_spelled_as_nodes_spell_it() -> None:
    """Angle brackets are escaped, so that parsing and dumping it would break the signature."""
    data = result_of(node(), workload("container"))["data_json"]
    assert data == '{"id":"1-1","ipv6":"\\u003cnil\\u003e","ipv4":"10.20.1.10"}'
    assert json.loads(data)["ipv6"] == "<nil>"


def test_a_network_has_nothing_to_tell() -> None:
    """Its data is null, as text."""
    assert result_of(node(), workload("network"))["data_json"] == "null"


def test_a_kubernetes_result_has_the_category_that_real_nodes_send() -> None:
    """They do not map it, so that it goes out as 0."""
    assert result_of(node(), workload("kubernetes"))["category"] == 0


@pytest.fixture
def manager() -> Iterator[WorkloadManager]:
    """A workload manager that has nothing for its nodes to do."""
    with workloadmanager.start(":memory:") as running:
        yield running


def test_a_node_ends_with_its_block(manager: WorkloadManager) -> None:
    """After the block no thread is left, though its lifetime is not over."""
    reports: SimpleQueue[Report] = SimpleQueue()
    thread = NodeThread(node(), manager, reports.put, lifetime=600)
    with thread:
        inside = thread.running
    assert (inside, thread.running) == (True, False)
    assert reports.empty()


def test_a_node_ends_after_its_lifetime(manager: WorkloadManager) -> None:
    """A node that nobody stops does not poll for ever."""
    thread = NodeThread(node(), manager, lambda _: None, lifetime=0.01)
    with thread:
        thread.wait(10)
        assert not thread.running
