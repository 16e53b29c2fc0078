"""What is asked of our store: messages that are chosen the same way in every run, and what answers them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

from _stores import Ours

from workloadmanager.actors import CALLS
from workloadmanager.rules import NextAction

__all__ = ["PAGE", "Arguments", "Way", "by_call", "chosen", "get", "poll"]

PAGE = 50
"""How many reservations a page has."""

Arguments = dict[str, Any]
"""The arguments of a call, as a message has them."""

Way = Callable[[Arguments], Any]
"""Answers a message, in the caller's thread."""

_HANDED_OUT = (int(NextAction.deploy), int(NextAction.delete))


def get(ours: Ours) -> Way:
    """Return what reads a reservation from the store."""
    store, documents = ours.context.store, ours.context.documents

    def from_the_store(message: Arguments) -> object:
        with store.read() as reader:
            record = reader.get(message["reservation_id"])
        return None if record is None else documents.case(record).reservation

    return from_the_store


def poll(ours: Ours) -> Way:
    """Return what looks whether the store has anything for a node."""
    store = ours.context.store

    def from_the_store(message: Arguments) -> bool:
        with store.read() as reader:
            return reader.has_work(message["node_id"], _HANDED_OUT, message["cursor"])

    return from_the_store


def by_call(ours: Ours, name: str) -> Way:
    """Return all that the actor of a call does with a message; the actor is made, and not started.

    The arguments are converted, what is due is looked for, then it is read and decoded. The hand-off to the
    actor is measured elsewhere.
    """
    return CALLS[name](ours.context).on_receive


def chosen(ours: Ours, kind: str, number: int, seed: int = 0) -> list[Arguments]:
    """Return messages about reservations that are chosen by chance, in every run the same ones.

    Arguments:
        ours: where they are stored.
        kind: ``get``; ``state``, ``epoch`` or ``node`` for a page; ``poll``.
        number: how many messages.
        seed: another one chooses others.
    """
    choice = random.Random(f"{kind} {seed}")  # noqa: S311 - the same choice in every run is what is wanted
    make, last = _MAKERS[kind], max(1, ours.facts.number * 9 // 10)  # so that a page that begins there is full
    return [make(ours, choice.randrange(last)) for _ in range(number)]


def _one(_ours: Ours, position: int) -> Arguments:
    return {"reservation_id": position + 1}


def _of_state(_ours: Ours, position: int) -> Arguments:
    return {"state": "deploy", "cursor": position + 1, "limit": PAGE}


def _after_epoch(ours: Ours, position: int) -> Arguments:
    return {"epoch": ours.facts.epochs[position], "limit": PAGE}


def _of_node(ours: Ours, position: int) -> Arguments:
    nodes = ours.documents.node_ids
    return {"node_id": nodes[position % len(nodes)], "limit": PAGE}


def _poll(ours: Ours, position: int) -> Arguments:
    nodes = list(ours.facts.last_ids)  # those that have been handed something
    node_id = nodes[position % len(nodes)]
    return {"node_id": node_id, "cursor": ours.facts.last_ids[node_id] + 1}


_MAKERS: Mapping[str, Callable[[Ours, int], Arguments]] = {
    "get": _one,
    "state": _of_state,
    "epoch": _after_epoch,
    "node": _of_node,
    "poll": _poll,
}
