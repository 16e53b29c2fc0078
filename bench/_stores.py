"""Stores that are filled: ours, with the workload manager that runs on it, and SQLite with the same reservations."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import NamedTuple, cast

import msgspec
from _documents import CUSTOMERS, FARMS, NODES, Document, Documents, key_of, named_nodes
from _sqlite import SqliteStore

import workloadmanager
from workloadmanager.actors import Context
from workloadmanager.bcdb import Filter, Record, Transaction
from workloadmanager.rules import Case, NextAction, Reservation, placements_of
from workloadmanager.threebot import WorkloadManager

__all__ = ["Copy", "Facts", "Filled", "Ours", "Stores", "copies", "fill", "open_ours", "open_stores", "record_of"]

_TOGETHER = 256
_BODIES = 200


@dataclass(slots=True)
class Facts:
    """What a benchmark has to know of the reservations that are stored.

    Attributes:
        number: how many there are; their ids are 1 to this.
        size: bytes of all of them together, as MessagePack.
        epochs: the second at which each was registered, in the order of the ids.
        bodies: some of them in their stored form.
        last_ids: the highest id that each node was handed, by node id.
    """

    number: int
    size: int
    epochs: list[int]
    bodies: list[bytes]
    last_ids: dict[str, int]


@dataclass(frozen=True, slots=True)
class Filled:
    """A folder with a store that is filled, and that nothing has open.

    Attributes:
        folder: the folder; our store is in ``bcdb`` below it.
        facts: what is stored.
        node_ids: the nodes that the directory knows.
        orders: numbers for the reservations that are made later, so that no two are alike.
    """

    folder: Path
    facts: Facts
    node_ids: list[str]
    orders: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def bcdb(self) -> Path:
        """The folder of our store."""
        return self.folder / "bcdb"


@dataclass(frozen=True, slots=True)
class Ours:
    """Our store, open.

    Attributes:
        manager: the workload manager that runs on it.
        context: what its calls work with.
        documents: makes more reservations.
        facts: what is stored.
    """

    manager: WorkloadManager
    context: Context
    documents: Documents
    facts: Facts


@dataclass(frozen=True, slots=True)
class Stores(Ours):
    """Our store and SQLite beside it, which held the same before a benchmark wrote to either.

    Attributes:
        sqlite: the peer.
    """

    sqlite: SqliteStore


class Copy(NamedTuple):
    """What a peer keeps of a reservation, as it was read from our store.

    Attributes:
        id: the reservation id.
        state: the number of its next action.
        epoch: seconds since 1970 at which it was registered.
        node_ids: the four nodes it is on.
        reservation: the reservation, an object of the schema.
    """

    id: int
    state: int
    epoch: int
    node_ids: tuple[str, ...]
    reservation: msgspec.Struct


def fill(folder: Path, number: int) -> Filled:
    """Make our store in a folder, fill it with users, farms, nodes and reservations, and close it.

    Arguments:
        folder: an empty folder on the disk that is to be measured.
        number: how many reservations to store.
    """
    filled = Filled(folder, Facts(0, 0, [], [], {}), named_nodes(NODES))
    with open_ours(filled) as ours:
        _fill_beside(ours.manager, filled.node_ids)
        documents = ours.documents.stored(number)
        while together := list(islice(documents, _TOGETHER)):
            bodies = [ours.context.documents.reservation.encode(document.reservation) for document in together]
            ours.context.store.write(_inserting(ours.context, together))
            _note(filled.facts, together, bodies)
    return filled


@contextmanager
def open_ours(filled: Filled) -> Iterator[Ours]:
    """Open our store, for a ``with`` block."""
    with workloadmanager.start(filled.bcdb) as manager:
        context = Context(
            store=manager.store,
            registry=manager.registry,
            phonebook=manager.phonebook,
            directory=manager.directory,
            clock=lambda: int(time.time()),
        )
        documents = Documents(manager.registry, filled.node_ids, int(time.time()), filled.orders)
        yield Ours(manager, context, documents, filled.facts)


@contextmanager
def open_stores(filled: Filled) -> Iterator[Stores]:
    """Open our store and SQLite, for a ``with`` block; the first time SQLite is filled with what ours holds."""
    with open_ours(filled) as ours, SqliteStore(filled.folder / "peer.sqlite") as sqlite:
        if not sqlite.count():
            encode = ours.context.documents.reservation.encode
            found = copies(ours)
            while together := list(islice(found, _TOGETHER)):
                sqlite.insert((one.state, one.epoch, one.node_ids, encode(one.reservation)) for one in together)
        yield Stores(ours.manager, ours.context, ours.documents, ours.facts, sqlite)


def copies(ours: Ours) -> Iterator[Copy]:
    """Yield what a peer keeps of each reservation that our store holds, in the order of the ids."""
    context = ours.context
    for start in count(1, _TOGETHER):
        with context.store.read() as reader:  # one view each time: a long one would keep the writer from old pages
            records = list(islice(reader.find(Filter(from_id=start)), _TOGETHER))
        if not records:
            return
        for record in records:
            reservation = cast("msgspec.Struct", context.documents.case(record).reservation)
            yield Copy(record.id, record.state, record.epoch, record.node_ids, reservation)


def _fill_beside(manager: WorkloadManager, node_ids: Sequence[str]) -> None:
    """Enter customers, farmers, farms and nodes."""
    for tid in range(1, CUSTOMERS + FARMS + 1):
        manager.phonebook.add(name=f"user {tid}", public_key=key_of(f"user {tid}").public_key, tid=tid)
    farms = [manager.directory.add_farm(name=f"farm {tid}", farmer_tid=CUSTOMERS + tid) for tid in range(1, FARMS + 1)]

    def add(position: int) -> None:
        manager.directory.add_node(node_id=node_ids[position], farm_id=farms[position % FARMS].id)

    with ThreadPoolExecutor(32) as pool:  # together, because each waits for the disk
        list(pool.map(add, range(len(node_ids))))


def _note(facts: Facts, documents: Sequence[Document], bodies: Sequence[bytes]) -> None:
    facts.number += len(documents)
    facts.size += sum(map(len, bodies))
    facts.epochs.extend(document.epoch for document in documents)
    facts.bodies.extend(bodies[: _BODIES - len(facts.bodies)])
    for document in documents:
        if document.state == NextAction.deploy:
            facts.last_ids.update(dict.fromkeys(document.node_ids, document.id))


def _inserting(context: Context, documents: Sequence[Document]) -> Callable[[Transaction], None]:
    """Return the change that stores reservations as they are, whatever state they are in."""
    records = [record_of(context, document) for document in documents]

    def change(transaction: Transaction) -> None:
        for record in records:
            transaction.insert(record)

    return change


def record_of(context: Context, document: Document) -> Record:
    """Return what our store keeps of a reservation."""
    reservation = cast("Reservation", document.reservation)
    case = Case(
        reservation=reservation,
        farmers=(CUSTOMERS + 1,),
        placements=placements_of(reservation.data_reservation),
        reporters=document.reporters,
    )
    return context.documents.record(case)
