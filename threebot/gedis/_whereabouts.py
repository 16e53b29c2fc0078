"""From where nodes polled: real nodes report a deletion without saying who they are (``docs/gedis.md``, "Nodes")."""

from __future__ import annotations

from collections import OrderedDict

__all__ = ["Whereabouts"]


class Whereabouts:
    """Which nodes polled from which host, for an hour.

    A host from which more nodes poll than are remembered says nothing of any of them: whichever was
    forgotten, another one would seem to be the only one that it can be.

    Arguments:
        seconds: for how long a poll is remembered.
        most_hosts: hosts that are remembered; the one that is silent for longest is forgotten first.
        most_nodes: nodes of one host that are remembered.
    """

    def __init__(self, *, seconds: int = 3600, most_hosts: int = 10_000, most_nodes: int = 64) -> None:
        self._seconds = seconds
        self._most_hosts = most_hosts
        self._most_nodes = most_nodes
        self._hosts: OrderedDict[str, OrderedDict[str, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._hosts)

    def note(self, host: str, node_id: str, now: int) -> None:
        """Remember that a node polled from a host, at a second since 1970."""
        nodes = self._hosts.setdefault(host, OrderedDict())
        self._hosts.move_to_end(host)
        nodes[node_id] = now
        nodes.move_to_end(node_id)
        if len(nodes) > self._most_nodes + 1:  # one more is kept, which tells that there are too many
            nodes.popitem(last=False)
        if len(self._hosts) > self._most_hosts:
            self._hosts.popitem(last=False)

    def at(self, host: str, now: int) -> tuple[str, ...]:
        """Return the nodes that polled from a host in the last hour, in the order of their last polls."""
        polled = self._hosts.get(host)
        if polled is None:
            return ()
        nodes = tuple(node_id for node_id, when in polled.items() if now - when < self._seconds)
        return nodes if len(nodes) <= self._most_nodes else ()
