"""Nodes and farms page by page: in any size of page nothing is missed, and nothing is read that is not returned."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.actors import Caller, Role
from workloadmanager.errors import InputError
from workloadmanager.threebot import WorkloadManager

GUEST = Caller(Role.guest)
IDS = ["Node", "a", "a-1", "ab", "b", "node-1", "z", "é", "ﬁ", "\U0001f600"]
"""In the order of their bytes; one is of the fixture."""
CAIRO = {"city": "Cairo", "country": "EG"}


@pytest.fixture
def many(quick: Any) -> Any:
    """Ten nodes in two farms, and eight farms; every other one is in Cairo."""
    for number, node_id in enumerate(IDS):
        where = {"location": CAIRO} if number % 2 else {}
        farm_id = 1 if node_id == "node-1" else 1 + number % 2
        quick.nodes_add(node={"node_id": node_id, "farm_id": farm_id, **where})
    for number in range(3, 9):
        where = {"location": CAIRO} if number % 2 else {}
        quick.farms_register(farm={"name": f"farm {number}", "threebot_id": 1, **where})
    return quick


def nodes(many: Any, *, page_bytes: int = 0, **arguments: object) -> list[str]:
    """The ids of a page of nodes."""
    return [node.node_id for node in many.ask("nodes_list", arguments, GUEST, page_bytes=page_bytes).nodes]


def farms(many: Any, *, page_bytes: int = 0, **arguments: object) -> list[int]:
    """The ids of a page of farms."""
    return [farm.id for farm in many.ask("farms_list", arguments, GUEST, page_bytes=page_bytes).farms]


def test_without_a_limit_everything_is_listed(many: Any) -> None:
    """As from the directory itself."""
    assert nodes(many) == nodes(many, limit=0, cursor="") == IDS
    assert [node.node_id for node in many.directory.list_nodes()] == IDS
    assert farms(many) == farms(many, limit=0, cursor=0) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [farm.id for farm in many.directory.list_farms()] == farms(many)


def test_a_cursor_of_nodes_is_the_last_id_that_came(many: Any) -> None:
    """Any text is one, whether there is such a node or not."""
    assert nodes(many, cursor="a", limit=2) == ["a-1", "ab"]
    assert nodes(many, cursor="a-0", limit=1) == ["a-1"]
    assert nodes(many, cursor="é") == ["ﬁ", "\U0001f600"]
    assert nodes(many, cursor="\U0001f600") == []


def test_a_cursor_of_farms_is_the_lowest_id_that_is_wanted(many: Any) -> None:
    """As in the other lists by number."""
    assert farms(many, cursor=1, limit=2) == [1, 2]
    assert farms(many, cursor=7) == [7, 8]
    assert farms(many, cursor=9) == farms(many, cursor=2**31 - 2) == []


@pytest.mark.parametrize("size", [{"limit": 1}, {"limit": 3}, {"page_bytes": 1}, {"page_bytes": 700}], ids=str)
@pytest.mark.parametrize("wanted", [{}, {"farm_id": 2}, {"city": "cairo"}, {"farm_id": 2, "country": "eg"}], ids=str)
def test_nodes_come_page_by_page(many: Any, size: dict[str, int], wanted: dict[str, Any]) -> None:
    """All that fit, each once, in order."""
    listed: list[str] = []
    while page := nodes(many, cursor=listed[-1] if listed else "", **size, **wanted):
        assert len(page) <= size.get("limit", len(page))
        listed += page
    assert listed == nodes(many, **wanted)
    assert len(listed) > 3


@pytest.mark.parametrize("size", [{"limit": 1}, {"limit": 3}, {"page_bytes": 1}, {"page_bytes": 700}], ids=str)
@pytest.mark.parametrize("wanted", [{}, {"city": "cairo"}], ids=str)
def test_farms_come_page_by_page(many: Any, size: dict[str, int], wanted: dict[str, Any]) -> None:
    """In the same way."""
    listed: list[int] = []
    while page := farms(many, cursor=listed[-1] + 1 if listed else 0, **size, **wanted):
        assert len(page) <= size.get("limit", len(page))
        listed += page
    assert listed == farms(many, **wanted)
    assert len(listed) >= 3


def test_a_page_ends_with_the_entry_with_which_it_is_full(many: Any) -> None:
    """By the bytes in which they are stored; the first one always has room."""
    with many.store.read() as reader:
        sizes = [len(body) for _, body in reader.documents("node")]
        farm_sizes = [len(body) for _, body in reader.documents("farm")]
    assert nodes(many, page_bytes=sizes[0]) == IDS[:1]
    assert nodes(many, page_bytes=sizes[0] + 1) == IDS[:2]
    assert nodes(many, page_bytes=sum(sizes)) == IDS
    assert farms(many, page_bytes=farm_sizes[0] + 1) == [1, 2]


def test_a_page_costs_what_it_returns(grid: WorkloadManager) -> None:
    """On either store, at whatever place in the list; in a farm the rows of the index besides."""
    for number in range(60):
        grid.directory.add_node(node_id=f"node-{number:02}", farm_id=1 + number % 2)
        grid.directory.add_farm(name=f"farm of {number}", farmer_tid=1)

    def read(call: str, **arguments: object) -> tuple[int, int]:
        keys, documents = grid.store.totals.keys, grid.store.totals.documents
        getattr(grid, call)(**arguments)
        return grid.store.totals.keys - keys, grid.store.totals.documents - documents

    assert read("nodes_list", cursor="node-40", limit=5) == (0, 5)
    assert read("nodes_list", cursor="node-57", limit=5) == (1, 2)
    assert read("nodes_list", farm_id=2, cursor="node-40", limit=5) == (5, 5)
    assert read("farms_list", cursor=40, limit=5) == (0, 5)


def test_where_the_directory_is_says_nothing_that_has_to_be_read(grid: WorkloadManager) -> None:
    """It is asked for by whoever looks at a traceback, too."""
    documents = grid.store.totals.documents
    assert repr(grid.directory) == "<directory kept in bcdb>"
    assert repr(grid.phonebook) == "<phonebook kept in bcdb>"
    assert grid.store.totals.documents == documents


@pytest.mark.parametrize(
    ("call", "arguments", "path", "message"),
    [
        ("nodes_list", {"limit": -1}, "limit", "must be 0 or more, not -1"),
        ("nodes_list", {"limit": "many"}, "limit", "must be a whole number"),
        ("nodes_list", {"cursor": 7}, "cursor", "must be a text"),
        ("nodes_list", {"cursor": "x" * 256}, "cursor", "the last node id that came"),
        ("nodes_list", {"cursor": "é" * 128}, "cursor", "the last node id that came"),
        ("nodes_list", {"cursor": "\ud800"}, "cursor", "half a character"),
        ("farms_list", {"limit": -2}, "limit", "must be 0 or more, not -2"),
        ("farms_list", {"cursor": -1}, "cursor", "must be 0 or more, not -1"),
        ("farms_list", {"cursor": "node-1"}, "cursor", "must be a whole number"),
        ("farms_list", {"cursor": 2**40}, "cursor", "must be from"),
    ],
)
def test_what_can_be_no_cursor_or_limit_is_refused(
    quick: Any, call: str, arguments: dict[str, Any], path: str, message: str
) -> None:
    """With its path."""
    with pytest.raises(InputError, match=message) as refusal:
        quick.ask(call, arguments, GUEST)
    (problem,) = refusal.value.errors or (refusal.value,)
    assert problem.path == path


def test_both_mistakes_are_told_at_once(quick: Any) -> None:
    """As everywhere."""
    with pytest.raises(InputError) as refusal:
        quick.farms_list(cursor=-1, limit=-1)
    assert [problem.path for problem in refusal.value.errors] == ["cursor", "limit"]
