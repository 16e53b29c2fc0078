"""What a thread that computes does to a service in whose process it is: the interpreter's lock is shared."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import NamedTuple

import msgspec
from _bench import Bench
from _documents import Documents
from _durable import register_command
from _gedis_server import Served, gedis_server
from _load import Kind, Load, command, process_of_load
from _rounds import PER_SECOND, SECONDS, Bar, Figures, at_least, at_most
from _served import get_command

__all__ = ["CONNECTIONS", "convoy"]

CONNECTIONS = {"get": 4, "list of 50": 1, "register": 4}
"""How many connections ask for what at the same time, each waiting for its answer."""

_CALL = "tfgrid.workloads.workload_manager.reservation_list"
_PAGE = 50
_REQUESTS = 1000
_SECONDS = 2.0
_FEWEST_SECONDS = 0.2


@contextmanager
def convoy(bench: Bench) -> Iterator[list[Figures]]:
    """Yield the benchmarks of a service under mixed load, in whose process one more thread computes in Python.

    The peer is the same service without that thread. It runs as `workloadmanager serve` does, with the settings of
    the interpreter that this makes.
    """
    filled = bench.filled()
    with bench.ours() as ours:
        requests = _requests(ours.documents, filled.facts.number)
    with process_of_load() as load, gedis_server(filled.bcdb) as served:
        rounds = _Rounds(load, served, [Kind(requests[word], number) for word, number in CONNECTIONS.items()])
        yield [
            *(_rate(rounds, word, at_least(0.4) if word == "get" else None) for word in CONNECTIONS),
            _slowest(rounds, "beside a thread that computes", lambda one: one.beside, at_most(0.010)),
            _slowest(rounds, "without it", lambda one: one.alone, None),
        ]


class _Round(NamedTuple):
    """The seconds that each request took, by its kind, with the thread and without it; and for how long they came."""

    beside: dict[str, list[float]]
    alone: dict[str, list[float]]
    seconds: float


class _Rounds:
    """Rounds of mixed load, each measured once, though several figures are made of it.

    Arguments:
        load: the process that sends the requests.
        served: the service.
        kinds: what is sent.
    """

    def __init__(self, load: Load, served: Served, kinds: list[Kind]) -> None:
        self._load, self._served, self._kinds = load, served, kinds
        self._measured: list[_Round] = []

    def figure(
        self, make: Callable[[_Round], tuple[float, float | None]]
    ) -> Callable[[float], tuple[float, float | None]]:
        """Return what measures a round, or takes one that was measured for another figure, and makes a figure of it."""
        numbers = count()

        def measure_round(share: float) -> tuple[float, float | None]:
            number = next(numbers)
            if number == len(self._measured):
                self._measured.append(self._measure(max(_FEWEST_SECONDS, _SECONDS * share)))
            return make(self._measured[number])

        return measure_round

    def _measure(self, seconds: float) -> _Round:
        alone = self._mix(seconds)
        with self._served.computing():
            beside = self._mix(seconds)
        return _Round(beside, alone, seconds)

    def _mix(self, seconds: float) -> dict[str, list[float]]:
        answers = self._load.mixing(self._served.address, self._kinds, seconds=seconds)
        return dict(zip(CONNECTIONS, answers, strict=True))


def _rate(rounds: _Rounds, word: str, bar: Bar | None) -> Figures:
    """Return the benchmark of how many requests of a kind are answered in a second."""

    def rates(measured: _Round) -> tuple[float, float]:
        return len(measured.beside[word]) / measured.seconds, len(measured.alone[word]) / measured.seconds

    return Figures(
        name="B16",
        operation=f"{word} under mixed load, beside a thread that computes",
        measure_round=rounds.figure(rates),
        unit=PER_SECOND,
        peer_name="the same without it",
        bar=bar,
    )


def _slowest(
    rounds: _Rounds, words: str, choose: Callable[[_Round], dict[str, list[float]]], bar: Bar | None
) -> Figures:
    """Return the benchmark of the time within which 99 of 100 gets are answered."""
    return Figures(
        name="B16",
        operation=f"get under mixed load, {words}, 99 of 100 are within",
        measure_round=rounds.figure(lambda measured: (statistics.quantiles(choose(measured)["get"], n=100)[-1], None)),
        unit=SECONDS,
        bar=bar,
    )


def _requests(documents: Documents, number: int) -> dict[str, list[bytes]]:
    """Return requests of each kind about reservations that are chosen the same way in every run."""
    choice = random.Random(16)  # noqa: S311 - the same choice in every run is what is wanted
    ids = [choice.randint(1, number) for _ in range(_REQUESTS)]
    pages = [{"state": "deploy", "cursor": first, "limit": _PAGE} for first in ids]
    return {
        "get": [get_command(reservation_id) for reservation_id in ids],
        "list of 50": [command(_CALL, msgspec.json.encode(page)) for page in pages],
        "register": [register_command(documents.unsigned()) for _ in range(_REQUESTS)],
    }
