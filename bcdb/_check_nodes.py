"""Checks the numbers that stand for node ids."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _keys
from ._tables import NODE_NAMES, NODES, Tables

__all__ = ["NodeNames", "check_node_names"]


@dataclass(slots=True)
class NodeNames:
    """What both tables say together.

    Attributes:
        numbers: the number of each node id.
        names: the node id of each number.
        found: one sentence for each thing that does not agree.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)


def check_node_names(tables: Tables) -> NodeNames:
    """Compare the table of numbers by name with that of names by number."""
    read = NodeNames()
    for number, name in tables.items(NODE_NAMES):
        node_id = name.decode(errors="replace")
        read.names[_keys.read_node_number(number)] = node_id
        read.numbers[node_id] = _keys.read_node_number(number)
        if tables.get(NODES, name) != number:
            read.found.append(f"node {node_id!r} is not found by its name; rebuild the indexes")
    for name, number in tables.items(NODES):
        node_id = name.decode(errors="replace")
        if tables.get(NODE_NAMES, number) != name:
            read.found.append(f"the number of node {node_id!r} does not lead back to it; rebuild the indexes")
            read.names.setdefault(_keys.read_node_number(number), node_id)
            read.numbers.setdefault(node_id, _keys.read_node_number(number))
    return read
