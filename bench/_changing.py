"""What it costs to add a signature to a stored document, as bytes from the store and as bytes to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, cast

import msgpack  # type: ignore[import-untyped]  # the library carries no types
from _bench import Bench
from _documents import CUSTOMERS, key_of
from _rounds import Benchmark, agree, at_most, each_of
from _stores import Ours

from workloadmanager.bcdb import Filter, Record
from workloadmanager.rules import NextAction, Signature

__all__ = ["changing"]

_FARMER = CUSTOMERS + 1
_DOCUMENTS = 200


@contextmanager
def changing(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmark of what a signing call does with a document, the rules and the store left out.

    Raises:
        Disagreement: the peer comes to other bytes.
    """
    with bench.ours() as ours:
        with ours.context.store.read() as reader:
            records = list(islice(reader.find(Filter(states=(int(NextAction.pay),))), _DOCUMENTS))
        entry = {"tid": _FARMER, "signature": key_of("anybody").sign_bytes(b"").hex(), "epoch": int(time.time())}
        sign, peer = _signing(ours, entry), _repacking(entry)
        for record in records:
            agree("add a signature", sign(record), peer(record))
        yield [
            Benchmark(
                name="B13",
                operation="add a signature to a stored document, CPU",
                peer_name="msgpack unpackb, append, packb",
                ours=each_of(records, sign),
                peer=each_of(records, peer),
                operations=10_000,
                clock=time.thread_time,
                bar=at_most(0.25),
            )
        ]


def _signing(ours: Ours, entry: dict[str, Any]) -> Callable[[Record], bytes]:
    """Return what the call does with a record once the signature is verified."""
    signature = cast("Signature", ours.context.documents.signature.convert(entry))
    revisions = ours.context.revisions

    def sign(record: Record) -> bytes:
        revision = revisions.open(record)
        revision.case.reservation.signatures_farmer.append(signature)
        return revision.changed_to(revision.case).body

    return sign


def _repacking(entry: dict[str, Any]) -> Callable[[Record], bytes]:
    """Return the same with plain lists and dictionaries."""

    def sign(record: Record) -> bytes:
        body = msgpack.unpackb(record.body)
        body[-1]["signatures_farmer"].append(entry)
        packed: bytes = msgpack.packb(body)
        return packed

    return sign
