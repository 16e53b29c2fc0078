"""The farmers of many nodes at once: what is kept of them is never older than the directory."""

from __future__ import annotations

from typing import Any


def test_the_nodes_that_are_there_have_a_farmer(quick: Any) -> None:
    """Others are left out, until they are added."""
    directory = quick.directory
    assert directory.farmers_of(["node-1", "node-2", ""]) == {"node-1": 1}
    directory.add_node(node_id="node-2", farm_id=2)
    assert directory.farmers_of(["node-1", "node-2"]) == {"node-1": 1, "node-2": 2}


def test_a_node_whose_farm_is_gone_has_no_farmer(quick: Any) -> None:
    """It was asked for before, and the farm is deleted behind the directory's back."""
    assert quick.directory.farmers_of(["node-1"]) == {"node-1": 1}
    quick.store.write(lambda transaction: transaction.delete_document("farm", 1))
    assert quick.directory.farmers_of(["node-1"]) == {}


def test_what_was_asked_for_before_reads_no_document(quick: Any) -> None:
    """Neither nodes nor farms, as long as none of them changes; a farm is kept while nodes change."""
    directory, totals = quick.directory, quick.store.totals

    def documents() -> int:
        before = totals.documents
        assert directory.farmers_of(["node-1"]) == {"node-1": 1}
        return int(totals.documents - before)

    documents()
    assert documents() == 0
    quick.store.write(directory.nodes.set_uptime("node-1", 5))
    assert documents() == 1


def test_a_farmer_is_that_of_the_entries(quick: Any) -> None:
    """Node by node the same as from the entries of the node and of its farm."""
    for number in range(2, 6):
        quick.directory.add_node(node_id=f"node-{number}", farm_id=1 + number % 2)
    node_ids = [node.node_id for node in quick.directory.list_nodes()]
    expected = {
        node_id: quick.directory.get_farm(quick.directory.get_node(node_id).farm_id).threebot_id for node_id in node_ids
    }
    assert quick.directory.farmers_of(node_ids) == expected
