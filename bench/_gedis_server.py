"""The subject of the server's benchmarks: the service, in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from _load import Address

from workloadmanager.threebot.service import Configuration, Ready, check, serve

__all__ = ["gedis_server"]


@contextmanager
def gedis_server(folder: Path) -> Iterator[Address]:
    """Start the service on a store, for a ``with`` block, and yield its address.

    Arguments:
        folder: the folder of the store, which no other part of this process has open.

    Raises:
        EOFError: it did not start; its process has said why.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, folder), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours.recv()
    finally:
        process.terminate()  # on which it stops in order
        process.join()
        ours.close()


def _serve(pipe: Connection, folder: Path) -> None:
    """Serve until the process is asked to stop."""

    def announce(ready: Ready) -> None:
        ((address, _),) = ready.addresses
        pipe.send((address.host, address.port))

    serve(check(Configuration(store=str(folder), listen=("tcp://127.0.0.1:0",))), announce)
