"""What reading costs: a reservation, a page of them, a poll; ours as objects, SQLite's as dictionaries."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _rounds import Benchmark, agree, each_of
from _stores import Stores

from workloadmanager.actors import CALLS
from workloadmanager.bcdb import Filter
from workloadmanager.rules import NextAction

__all__ = ["PAGE", "reads"]

PAGE = 50
"""How many reservations a page has."""

_PEER = "SQLite"
_CHOICES = 1000
_HANDED_OUT = (int(NextAction.deploy), int(NextAction.delete))

Arguments = dict[str, Any]
"""The arguments of a call, as a message has them."""


@contextmanager
def reads(stores: Stores) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of reading.

    What is called a call here is all that its actor does with a message, in the caller's thread: the arguments
    are converted, what is due is looked for, then it is read and decoded. The hand-off is measured elsewhere.
    """
    yield [*_gets(stores), *_pages(stores), *_polls(stores)]


def _gets(stores: Stores) -> Iterator[Benchmark]:
    ids = [message["reservation_id"] for message in _messages(stores, _one)]
    store, documents = stores.context.store, stores.context.documents

    def from_the_store(reservation_id: int) -> object:
        with store.read() as reader:
            record = reader.get(reservation_id)
        return None if record is None else documents.case(record).reservation

    call = _call(stores, "reservation_get")
    ways: dict[str, Callable[[int], Any]] = {
        "get a reservation from the store": from_the_store,
        "the same as the call reservation_get": lambda reservation_id: call({"reservation_id": reservation_id}),
    }
    for operation, ours in ways.items():
        for reservation_id in ids[:10]:
            encoded = documents.reservation.encode(ours(reservation_id))
            agree(operation, encoded, msgpack.packb(stores.sqlite.get(reservation_id)))
        yield Benchmark(
            name="B8",
            operation=operation,
            peer_name=_PEER,
            ours=each_of(ids, ours),
            peer=each_of(ids, stores.sqlite.get),
            operations=4000,
        )


def _pages(stores: Stores) -> Iterator[Benchmark]:
    sqlite, deploy = stores.sqlite, int(NextAction.deploy)
    call = _call(stores, "reservation_list")
    kinds: dict[str, tuple[list[Arguments], Callable[[Arguments], list[Arguments]]]] = {
        "state": (
            _messages(stores, _of_state),
            lambda message: sqlite.page_of_state(deploy, message["cursor"], PAGE),
        ),
        "epoch": (
            _messages(stores, _after_epoch),
            lambda message: sqlite.page_after_epoch(message["epoch"], PAGE),
        ),
        "node": (
            _messages(stores, _of_node),
            lambda message: sqlite.page_of_node(message["node_id"], 0, PAGE),
        ),
    }
    for kind, (messages, peer) in kinds.items():
        operation = f"the call reservation_list, page of {PAGE} by {kind}"
        for message in messages[:10]:
            ours = [reservation.id for reservation in call(message).reservations]
            agree(operation, ours, [reservation["id"] for reservation in peer(message)])
        yield Benchmark(
            name="B9",
            operation=operation,
            peer_name=_PEER,
            ours=each_of(messages, call),
            peer=each_of(messages, peer),
            operations=250,
        )


def _polls(stores: Stores) -> Iterator[Benchmark]:
    messages = _messages(stores, _poll)
    store, sqlite = stores.context.store, stores.sqlite

    def from_the_store(message: Arguments) -> object:
        node_id, cursor = message["node_id"], message["cursor"]
        with store.read() as reader:
            wanted = Filter(node_id=node_id, states=_HANDED_OUT, from_id=cursor)
            return [*reader.pending(node_id), *reader.find(wanted)]

    call = _call(stores, "workloads_list")

    def peer(message: Arguments) -> object:
        return sqlite.poll(message["node_id"], message["cursor"])

    ways: dict[str, Callable[[Arguments], Any]] = {
        "node poll with nothing new, from the store": from_the_store,
        "the same as the call workloads_list": lambda message: call(message).workloads,
    }
    for operation, ours in ways.items():
        for message in messages[:10]:
            agree(operation, [ours(message), peer(message)], [[], []])
        yield Benchmark(
            name="B10",
            operation=operation,
            peer_name=_PEER,
            ours=each_of(messages, ours),
            peer=each_of(messages, peer),
            operations=4000,
        )


def _call(stores: Stores, name: str) -> Callable[[Arguments], Any]:
    """Return what the actor of a call does with a message; the actor is made, and not started."""
    return CALLS[name](stores.context).on_receive


def _one(_stores: Stores, position: int) -> Arguments:
    return {"reservation_id": position + 1}


def _of_state(_stores: Stores, position: int) -> Arguments:
    return {"state": "deploy", "cursor": position + 1, "limit": PAGE}


def _after_epoch(stores: Stores, position: int) -> Arguments:
    return {"epoch": stores.facts.epochs[position], "limit": PAGE}


def _of_node(stores: Stores, position: int) -> Arguments:
    nodes = stores.documents.node_ids
    return {"node_id": nodes[position % len(nodes)], "limit": PAGE}


def _poll(stores: Stores, position: int) -> Arguments:
    nodes = list(stores.facts.last_ids)
    node_id = nodes[position % len(nodes)]
    return {"node_id": node_id, "cursor": stores.facts.last_ids[node_id] + 1}


def _messages(stores: Stores, make: Callable[[Stores, int], Arguments]) -> list[Arguments]:
    """Return messages about reservations that are chosen the same way in every run."""
    choice = random.Random(make.__name__)  # noqa: S311 - the same choice in every run is what is wanted
    # A page begins in the first nine tenths, so that it is full.
    return [make(stores, choice.randrange(max(1, stores.facts.number * 9 // 10))) for _ in range(_CHOICES)]
