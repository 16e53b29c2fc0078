"""What a signature costs that is verified and stored durably: the call, and a good program on PostgreSQL."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count, islice, takewhile
from typing import NamedTuple, cast

from _bench import Bench
from _callers import Callers
from _documents import CUSTOMERS, Document, key_of
from _postgres import postgres
from _postgres_rows import PostgresRows
from _postgres_signer import PostgresSigner, Signing
from _rounds import PER_SECOND, Bar, Benchmark, agree, at_least
from _stores import Copy, Ours, copies, record_of

from workloadmanager import signing
from workloadmanager.bcdb import Filter, Transaction
from workloadmanager.rules import NextAction, Reservation

__all__ = ["SHAPES", "Waiting", "signatures"]


class Shape(NamedTuple):
    """How many callers sign at once, how many signatures a sample has, and what is asked of our rate."""

    callers: int
    operations: int
    bar: Bar


SHAPES = (Shape(8, 400, at_least(1.4)), Shape(32, 640, at_least(1.8)))
"""The shapes in which reservations are signed."""

_FARMER = CUSTOMERS + 1
_KEY = key_of(f"user {_FARMER}")
_MADE_AT_ONCE = 256


@contextmanager
def signatures(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of a farmer's signatures: each is verified, and moves its reservation on to deploy.

    Raises:
        Disagreement: in the end one side has counted fewer than the other.
        PeerMissing: PostgreSQL is not installed.
    """
    with postgres(bench.new_folder("postgres-signing")) as server, bench.ours() as ours, ExitStack() as started:
        with PostgresRows(server.address, copies(ours)):
            pass
        most = max(shape.callers for shape in SHAPES)
        peer = PostgresSigner(server.address, most, tid=_FARMER, public_key=_KEY.public_key)
        started.enter_context(peer)
        waiting = Waiting(ours, peer)
        before = _signed(ours, peer)
        groups = [started.enter_context(Callers(shape.callers)) for shape in SHAPES]
        yield [_benchmark(ours, peer, waiting, shape, callers) for shape, callers in zip(SHAPES, groups, strict=True)]
        mine, its = (after - then for after, then in zip(_signed(ours, peer), before, strict=True))
        agree("how many reservations were signed", mine, its)


class Waiting:
    """Reservations that both sides hold, and that wait for their farmer.

    First come those that were stored long ago, in no order; when they are used up, new ones are stored.

    Arguments:
        ours: our store.
        peer: the other one.

    Attributes:
        for_ours: what the farmer sends us, without end.
        for_peer: the same, for the peer.
    """

    def __init__(self, ours: Ours, peer: PostgresSigner) -> None:
        self._ours, self._peer = ours, peer
        with ours.context.store.read() as reader:
            waiting = reader.find_ids(Filter(states=(int(NextAction.pay),)))
            # What other benchmarks registered since waits for other farmers.
            self._ids = list(takewhile(lambda reservation_id: reservation_id <= ours.facts.number, waiting))
        random.Random(len(self._ids)).shuffle(self._ids)  # noqa: S311 - the same choice in every run is what is wanted
        self.for_ours, self.for_peer = self._signings(), self._signings()

    def _signings(self) -> Iterator[Signing]:
        get = self._ours.manager.reservation_get
        for position in count():
            if position == len(self._ids):
                self._ids.extend(self._store_more())
            reservation = get(reservation_id=self._ids[position])
            yield Signing(
                reservation.id,
                signing.sign(_KEY, "farmer", json=reservation.json, reservation_id=reservation.id, tid=_FARMER),
            )

    def _store_more(self) -> list[int]:
        """Store reservations that wait on both sides, and return their ids."""
        made = [_waiting(document) for document in self._ours.documents.stored(_MADE_AT_ONCE)]

        def change(transaction: Transaction) -> None:
            for document in made:
                reservation = cast("Reservation", document.reservation)
                reservation.id = transaction.next_number("reservation")
                reservation.epoch = transaction.raise_number("epoch", document.epoch)
                transaction.insert(record_of(self._ours.context, document))

        self._ours.context.store.write(change)
        stored = [cast("Reservation", document.reservation) for document in made]
        self._peer.add(
            Copy(reservation.id, document.state, reservation.epoch, document.node_ids, document.reservation)
            for reservation, document in zip(stored, made, strict=True)
        )
        return [reservation.id for reservation in stored]


def _waiting(document: Document) -> Document:
    """Return a document as it was before anybody but the customer signed."""
    reservation = cast("Reservation", document.reservation)
    reservation.next_action = NextAction.pay
    reservation.signatures_farmer, reservation.results = [], []
    return replace(document, state=int(NextAction.pay), reporters=())


def _benchmark(ours: Ours, peer: PostgresSigner, waiting: Waiting, shape: Shape, callers: Callers) -> Benchmark:
    call = ours.manager.sign_farmer

    def sign(sent: Signing) -> None:
        call(reservation_id=sent.reservation_id, tid=_FARMER, signature=sent.signature)

    return Benchmark(
        name="B12",
        operation=f"sign_farmer with verification, {shape.callers} callers",
        peer_name="PostgreSQL through psycopg",
        ours=callers.sharing(_next_of(waiting.for_ours), sign),
        peer=callers.sharing(_next_of(waiting.for_peer), peer.sign),
        operations=shape.operations,
        step=shape.callers,
        unit=PER_SECOND,
        bar=shape.bar,
    )


def _next_of(signings: Iterator[Signing]) -> Callable[[int], list[Signing]]:
    return lambda number: list(islice(signings, number))


def _signed(ours: Ours, peer: PostgresSigner) -> tuple[int, int]:
    """Return how many reservations have gone on to deploy in our store, and in PostgreSQL."""
    state = NextAction.deploy
    return ours.context.store.statistics().reservations.get(int(state), 0), peer.count(state)
