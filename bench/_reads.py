"""What reading costs: a reservation, a page of them, a poll; ours as objects, the peers' as dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol

from _asking import PAGE, Arguments, Way, by_call, chosen, get, poll
from _bench import Bench
from _postgres import postgres
from _postgres_rows import PostgresRows
from _rounds import Bar, Benchmark, agree, at_most, each_of
from _stores import Ours, copies

from workloadmanager.rules import NextAction

__all__ = ["Peer", "beside_postgres", "beside_sqlite"]

_CHOICES = 1000
_COMPARED = 10


class Peer(Protocol):
    """A store that holds the same, and answers with dictionaries."""

    def get(self, reservation_id: int) -> dict[str, Any]:
        """Return a reservation."""

    def page_of_state(self, state: int, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations in a state, from an id on."""

    def page_after_epoch(self, epoch: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations that were registered after a second."""

    def page_of_node(self, node_id: str, from_id: int, limit: int) -> list[dict[str, Any]]:
        """Return reservations on a node, from an id on."""

    def poll(self, node_id: str, from_id: int) -> list[dict[str, Any]]:
        """Return reservations in deploy or delete that a node is on, from an id on."""


class _Side(NamedTuple):
    """A peer: its name, itself, and the bar of each benchmark against it that has one."""

    name: str
    peer: Peer
    bars: Mapping[str, Bar]


_BESIDE_SQLITE = {"get": at_most(1.0), "poll": at_most(0.7)}
_BESIDE_POSTGRES = {
    "get": at_most(0.2),
    "state": at_most(0.35),
    "epoch": at_most(0.35),
    "node": at_most(0.5),
    "poll": at_most(0.05),
}


@contextmanager
def beside_sqlite(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of reading against SQLite.

    Raises:
        Disagreement: the peer finds something else.
    """
    with bench.stores() as stores:
        yield list(_benchmarks(stores, _Side("SQLite", stores.sqlite, _BESIDE_SQLITE)))


@contextmanager
def beside_postgres(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the same benchmarks against PostgreSQL.

    Raises:
        Disagreement: the peer finds something else.
        PeerMissing: it is not installed.
    """
    with (
        postgres(bench.new_folder("postgres-reads")) as server,
        bench.ours() as ours,
        PostgresRows(server.address, copies(ours)) as rows,
    ):
        yield list(_benchmarks(ours, _Side("PostgreSQL", rows, _BESIDE_POSTGRES)))


def _benchmarks(ours: Ours, side: _Side) -> Iterator[Benchmark]:
    yield from _gets(ours, side)
    yield from _pages(ours, side)
    yield from _polls(ours, side)


def _gets(ours: Ours, side: _Side) -> Iterator[Benchmark]:
    messages = chosen(ours, "get", _CHOICES)
    ways: list[tuple[str, Way, Bar | None]] = [
        ("get a reservation from the store", get(ours), side.bars.get("get")),
        ("the same as the call reservation_get", by_call(ours, "reservation_get"), None),
    ]

    def peer(message: Arguments) -> dict[str, Any]:
        return side.peer.get(message["reservation_id"])

    as_dictionary = ours.context.documents.reservation.to_dict
    for operation, way, bar in ways:
        for message in messages[:_COMPARED]:
            agree(operation, _essence(as_dictionary(way(message))), _essence(peer(message)))
        yield Benchmark(
            name="B8",
            operation=operation,
            peer_name=side.name,
            ours=each_of(messages, way),
            peer=each_of(messages, peer),
            operations=4000,
            bar=bar,
        )


def _pages(ours: Ours, side: _Side) -> Iterator[Benchmark]:
    peer, deploy = side.peer, int(NextAction.deploy)
    pages: dict[str, Callable[[Arguments], list[dict[str, Any]]]] = {
        "state": lambda message: peer.page_of_state(deploy, message["cursor"], PAGE),
        "epoch": lambda message: peer.page_after_epoch(message["epoch"], PAGE),
        "node": lambda message: peer.page_of_node(message["node_id"], 0, PAGE),
    }
    call = by_call(ours, "reservation_list")
    for kind, page in pages.items():
        operation, messages = f"the call reservation_list, page of {PAGE} by {kind}", chosen(ours, kind, _CHOICES)
        for message in messages[:_COMPARED]:
            found = [reservation.id for reservation in call(message).reservations]
            agree(operation, found, [reservation["id"] for reservation in page(message)])
        yield Benchmark(
            name="B9",
            operation=operation,
            peer_name=side.name,
            ours=each_of(messages, call),
            peer=each_of(messages, page),
            operations=250,
            bar=side.bars.get(kind),
        )


def _polls(ours: Ours, side: _Side) -> Iterator[Benchmark]:
    messages, call = chosen(ours, "poll", _CHOICES), by_call(ours, "workloads_list")

    def peer(message: Arguments) -> list[dict[str, Any]]:
        return side.peer.poll(message["node_id"], message["cursor"])

    ways: list[tuple[str, Way, Bar | None]] = [
        ("node poll with nothing new, from the store", poll(ours), side.bars.get("poll")),
        ("the same as the call workloads_list", lambda message: call(message).workloads, None),
    ]
    for operation, way, bar in ways:
        for message in messages[:_COMPARED]:
            agree(operation, [bool(way(message)), bool(peer(message))], [False, False])
        yield Benchmark(
            name="B10",
            operation=operation,
            peer_name=side.name,
            ours=each_of(messages, way),
            peer=each_of(messages, peer),
            operations=4000,
            bar=bar,
        )


def _essence(reservation: Mapping[str, Any]) -> list[Any]:
    """Return of a reservation what reads alike in MessagePack and in JSON."""
    return [reservation[name] for name in ("id", "json", "epoch", "next_action", "customer_signature")]
