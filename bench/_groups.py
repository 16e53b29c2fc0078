"""The groups of benchmarks, in the order in which they run: what writes comes after what reads."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

from _bench import Bench
from _changing import changing
from _convoy import convoy
from _decoding import decoding
from _durable import beside_redis, durable_in_process, durable_over_gedis
from _footprint import memory, start_up
from _growth import growth, growth_of_registrations
from _hand_off import hand_off_between_callers, hand_off_of_messages
from _latencies import latencies
from _pages import pages
from _reads import beside_postgres, beside_sqlite
from _rounds import AnyBenchmark
from _served import served
from _signing import signatures
from _throughput import throughput
from _writes import commits, registrations

__all__ = ["GROUPS", "Group", "names", "wanted"]


class Group(NamedTuple):
    """Benchmarks that share what they need.

    Attributes:
        names: the names of its benchmarks.
        open: prepares what they need, yields them, and clears up after the last.
    """

    names: tuple[str, ...]
    open: Callable[[Bench], AbstractContextManager[Sequence[AnyBenchmark]]]


GROUPS = (
    Group(("B1", "B2"), hand_off_of_messages),
    Group(("B3",), hand_off_between_callers),
    Group(("B8", "B9", "B10"), beside_sqlite),
    Group(("B8", "B9", "B10"), beside_postgres),
    Group(("B13",), changing),
    Group(("B14",), decoding),
    Group(("B15",), served),
    Group(("B11",), growth),
    Group(("L",), latencies),
    Group(("T",), throughput),
    Group(("R1", "R8"), registrations),
    Group(("B6", "B7"), commits),
    Group(("B12",), signatures),
    Group(("B5",), durable_in_process),
    Group(("B5",), durable_over_gedis),
    Group(("B5",), beside_redis),
    Group(("B16",), convoy),
    Group(("M",), memory),
    Group(("S",), start_up),
    Group(("B11",), growth_of_registrations),
    Group(("B4",), pages),
)
"""All groups."""


def names() -> list[str]:
    """Return the names of all benchmarks, in the order in which they run."""
    return list(dict.fromkeys(name for group in GROUPS for name in group.names))


def wanted(only: Collection[str]) -> list[Group]:
    """Return the groups with a benchmark of one of these names; all where no name is given."""
    return [group for group in GROUPS if not only or not set(only).isdisjoint(group.names)]
