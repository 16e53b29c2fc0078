"""What the service takes up with many reservations stored: its memory, and the time until it runs."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
from _bench import Bench
from _gedis_server import gedis_server
from _load import Address, command, process_of_load
from _memory import CAN_MEASURE, MEGABYTE, Peak, anonymous_bytes, watched
from _rounds import Bar, Benchmark, Figures, Work, at_most
from _served import get_command
from _stores import Facts

import workloadmanager

__all__ = ["REQUESTS", "memory", "start_up"]

REQUESTS = 200_000
"""How many requests a service answers while its memory is measured."""

_NAMES = "tfgrid.workloads.workload_manager."
_PAGE = 50
_PAGE_OF_EVERYTHING = 250
_CONNECTIONS, _OUTSTANDING = 8, 16
_STARTS = 3

_EMPTY = "pass"
_IMPORT = "import workloadmanager"
_START = "import sys, workloadmanager; workloadmanager.start(sys.argv[1]).stop()"
_HELP = "import sys; from workloadmanager.threebot.cli import main; sys.exit(main(['--help']))"


@contextmanager
def memory(bench: Bench) -> Iterator[list[Figures]]:
    """Yield the benchmarks of memory at the largest of all sizes: what was read leaves nothing behind."""
    figures: dict[str, tuple[Callable[[Bench, float], float], Bar | None]] = {
        "memory of the service when it has started": (_at_first, None),
        "memory that it has more after gets, polls and pages of everything": (_after_requests, at_most(64)),
        "memory that service and client have more while everything is listed": (_while_listing, at_most(64)),
    }
    yield [
        Figures(
            name="M",
            operation=f"{operation}, {bench.sizes[-1]:,} stored",
            measure_round=partial(_megabytes, measure, bench),
            unit="MB",
            bar=bar,
            most_rounds=1,
        )
        for operation, (measure, bar) in figures.items()
        if CAN_MEASURE
    ]


@contextmanager
def start_up(bench: Bench) -> Iterator[list[Benchmark]]:
    """Yield the benchmarks of programs that start and end, each a process of its own."""
    folder = bench.new_folder("start-up")
    largest = bench.sizes[-1]
    empty, full = str(folder / "empty"), str(bench.filled(largest).bcdb)
    yield [
        _starting(folder, "import workloadmanager", (_IMPORT,), "an empty program", (_EMPTY,)),
        _starting(folder, "start() and stop() on an empty store", (_START, empty), "an empty program", (_EMPTY,)),
        _starting(folder, f"the same on {largest:,} stored", (_START, full), "an empty store", (_START, empty)),
        *(
            [_starting(folder, "workloadmanager --help", (_HELP,), "an empty program", (_EMPTY,))]
            if importlib.util.find_spec("typer") is not None
            else []
        ),
    ]


def _starting(folder: Path, operation: str, ours: Sequence[str], peer_name: str, peer: Sequence[str]) -> Benchmark:
    return Benchmark(
        name="S",
        operation=operation,
        peer_name=peer_name,
        ours=_running(folder, ours),
        peer=_running(folder, peer),
        operations=_STARTS,
    )


def _running(folder: Path, program: Sequence[str]) -> Work:
    """Return the work of running a program of Python, given its text and its arguments, and waiting for its end."""

    def perform(operations: int) -> None:
        for _ in range(operations):
            subprocess.run(  # noqa: S603 - its arguments are ours
                [sys.executable, "-c", *program], cwd=folder, stdout=subprocess.DEVNULL, check=True
            )

    return lambda operations: partial(perform, operations)


def _megabytes(measure: Callable[[Bench, float], float], bench: Bench, share: float) -> tuple[float, None]:
    return measure(bench, share) / MEGABYTE, None


def _at_first(bench: Bench, _share: float) -> float:
    with gedis_server(bench.filled(bench.sizes[-1]).bcdb) as served:
        return anonymous_bytes(served.process_id)


def _after_requests(bench: Bench, share: float) -> float:
    filled = bench.filled(bench.sizes[-1])
    number = max(_CONNECTIONS * _OUTSTANDING, round(REQUESTS * share))
    with process_of_load() as load, gedis_server(filled.bcdb) as served:
        before = anonymous_bytes(served.process_id)
        requests = _requests(filled.facts)
        load.sending(served.address, requests, connections=_CONNECTIONS, outstanding=_OUTSTANDING)(number)()
        return anonymous_bytes(served.process_id) - before


def _requests(facts: Facts) -> Iterator[bytes]:
    """Yield requests about all that is stored, in no order and without end: six gets, three polls, a page."""
    choice = random.Random(7)  # noqa: S311 - the same choice in every run is what is wanted
    nodes = list(facts.last_ids.items())
    while True:
        for _ in range(6):
            yield get_command(choice.randint(1, facts.number))
        for _ in range(3):
            node_id, last = choice.choice(nodes)
            yield _request("workloads_list", node_id=node_id, cursor=last)
        yield _request("reservation_list", state="deploy", cursor=choice.randint(1, facts.number), limit=_PAGE)


def _request(name: str, **arguments: str | int) -> bytes:
    return command(_NAMES + name, msgspec.json.encode(arguments))


def _while_listing(bench: Bench, share: float) -> float:
    """Let a client in a process of its own read page after page."""
    filled = bench.filled(bench.sizes[-1])
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    with gedis_server(filled.bcdb) as served:
        most = max(1, round(filled.facts.number * share))
        process = context.Process(target=_list_everything, args=(theirs, served.address, most), daemon=True)
        with watched(served.process_id) as peak:
            process.start()
            theirs.close()
            of_client: int = ours.recv()
            process.join()
    ours.close()
    return peak.growth + of_client


def _list_everything(pipe: Connection, address: Address, most: int) -> None:
    """Read reservations from the first on, and say how many bytes of memory this process had more at most."""
    host, port = address
    with workloadmanager.connect(f"tcp://{host}:{port}") as client:
        peak, last = Peak(os.getpid()), 0
        while last < most:
            found = client.reservation_list(cursor=last + 1, limit=_PAGE_OF_EVERYTHING).reservations
            if not found:
                break
            last = found[-1].id
            peak.look()
    pipe.send(peak.growth)
