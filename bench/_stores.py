"""The same reservations in both stores: ours, with the workload manager that runs on it, and SQLite."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import cast

from _documents import CUSTOMERS, FARMS, NODES, Document, Documents, key_of, named_nodes
from _sqlite import SqliteStore

import workloadmanager
from workloadmanager.actors import Context
from workloadmanager.bcdb import Record, Transaction
from workloadmanager.rules import Case, NextAction, Reservation, placements_of
from workloadmanager.threebot import WorkloadManager

__all__ = ["Facts", "Stores", "open_stores", "record_of"]

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
class Stores:
    """Two stores that hold the same.

    Attributes:
        manager: the workload manager that runs on ours.
        context: what its calls work with.
        sqlite: the peer.
        documents: makes more reservations.
        facts: what is stored.
    """

    manager: WorkloadManager
    context: Context
    sqlite: SqliteStore
    documents: Documents
    facts: Facts


@contextmanager
def open_stores(folder: Path, number: int) -> Iterator[Stores]:
    """Make both stores in a folder and fill them, for a ``with`` block.

    Arguments:
        folder: an empty folder on the disk that is to be measured.
        number: how many reservations to store.
    """
    with workloadmanager.start(folder / "bcdb") as manager, SqliteStore(folder / "peer.sqlite") as sqlite:
        node_ids = named_nodes(NODES)
        _fill_beside(manager, node_ids)
        documents = Documents(manager.registry, node_ids, int(time.time()))
        context = Context(
            store=manager.store,
            registry=manager.registry,
            phonebook=manager.phonebook,
            directory=manager.directory,
            clock=lambda: int(time.time()),
        )
        facts = _fill(context, sqlite, documents.stored(number))
        yield Stores(manager, context, sqlite, documents, facts)


def _fill_beside(manager: WorkloadManager, node_ids: Sequence[str]) -> None:
    """Enter customers, farmers, farms and nodes."""
    for tid in range(1, CUSTOMERS + FARMS + 1):
        manager.phonebook.add(name=f"user {tid}", public_key=key_of(f"user {tid}").public_key, tid=tid)
    farms = [manager.directory.add_farm(name=f"farm {tid}", farmer_tid=CUSTOMERS + tid) for tid in range(1, FARMS + 1)]

    def add(position: int) -> None:
        manager.directory.add_node(node_id=node_ids[position], farm_id=farms[position % FARMS].id)

    with ThreadPoolExecutor(32) as pool:  # together, because each waits for the disk
        list(pool.map(add, range(len(node_ids))))


def _fill(context: Context, sqlite: SqliteStore, documents: Iterator[Document]) -> Facts:
    facts = Facts(0, 0, [], [], {})
    while together := list(islice(documents, _TOGETHER)):
        bodies = [context.documents.reservation.encode(document.reservation) for document in together]
        context.store.write(_inserting(context, together))
        sqlite.insert(
            (document.state, document.epoch, document.node_ids, body)
            for document, body in zip(together, bodies, strict=True)
        )
        _note(facts, together, bodies)
    return facts


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
