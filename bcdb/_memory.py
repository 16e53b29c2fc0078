"""The engine in memory: complete in everything but that it forgets when the process ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock
from typing import NamedTuple

from ..errors import Unavailable
from ._sorted_map import SortedMap
from ._tables import CLOSED, ENDED, TABLES, Engine, Tables, WritableTables

__all__ = ["MEMORY", "MemoryEngine"]

MEMORY = ":memory:"
"""What stands for the memory store where a path is asked for."""


class State(NamedTuple):
    """What is committed: how many commits there were, and the maps as the last one left them."""

    number: int
    maps: dict[str, SortedMap]


class MemoryEngine(Engine):
    """Sorted maps, of which each commit publishes a new set; a reader keeps the set it began with."""

    def __init__(self) -> None:
        self.place = MEMORY
        self.closed = False
        self.committed = State(0, {table: SortedMap() for table in TABLES})
        self.one_writes = Lock()

    def reading(self) -> MemoryTables:
        return MemoryTables(self, *self.committed)

    def writing(self) -> WritableMemoryTables:
        self.one_writes.acquire()
        if self.closed:
            self.one_writes.release()
            raise Unavailable(CLOSED)
        number, maps = self.committed
        return WritableMemoryTables(self, number + 1, maps)

    def size(self) -> int:
        return sum(sorted_map.size() for sorted_map in self.committed.maps.values())

    def close(self) -> None:
        with self.one_writes:
            self.closed = True


class MemoryTables(Tables):
    """The maps as they were when the view began."""

    def __init__(self, engine: MemoryEngine, number: int, maps: dict[str, SortedMap]) -> None:
        self._engine = engine
        self._number = number
        self.maps = maps
        self._ended = False

    @property
    def number(self) -> int:
        self._refuse_ended()
        return self._number

    def get(self, table: str, key: bytes) -> bytes | None:
        return self._map(table).get(key)

    def seek(self, table: str, start: bytes) -> bytes | None:
        return self._map(table).seek(start)

    def last(self, table: str, before: bytes = b"") -> bytes | None:
        return self._map(table).last(before)

    def keys(self, table: str, start: bytes = b"") -> Iterator[bytes]:
        for key in self._map(table).keys(start):
            yield key
            self._map(table)

    def items(self, table: str, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        for item in self._map(table).items(start):
            yield item
            self._map(table)

    def fetch(self, table: str, keys: Iterable[bytes]) -> Iterator[tuple[bytes, bytes | None]]:
        for key in keys:
            yield key, self.get(table, key)

    def count(self, table: str) -> int:
        return len(self._map(table))

    def end(self) -> None:
        self._ended = True

    def _map(self, table: str) -> SortedMap:
        self._refuse_ended()
        return self.maps[table]

    def _refuse_ended(self) -> None:
        if self._ended or self._engine.closed:
            raise Unavailable(ENDED)


class WritableMemoryTables(WritableTables, MemoryTables):
    """Copies of the maps, made at the first write into each."""

    def __init__(
        self,
        engine: MemoryEngine,
        number: int,
        maps: dict[str, SortedMap],
        outer: WritableMemoryTables | None = None,
    ) -> None:
        super().__init__(engine, number, dict(maps))
        self._outer = outer
        self._forked: set[str] = set()

    def put(self, table: str, key: bytes, value: bytes = b"") -> None:
        self.wrote = True
        self._own(table).put(key, value)

    def delete(self, table: str, key: bytes) -> bool:
        self.wrote = True
        return self._own(table).delete(key)

    def clear(self, table: str) -> None:
        self.wrote = True
        self._own(table)
        self.maps[table] = SortedMap()

    def nested(self) -> WritableMemoryTables:
        self._refuse_ended()
        return WritableMemoryTables(self._engine, self._number, self.maps, self)

    def part(self) -> WritableMemoryTables:
        self._refuse_ended()
        return _Part(self)

    def commit(self) -> None:
        self._refuse_ended()
        if self._outer is None:
            self._engine.committed = State(self._number, self.maps)
        else:
            self._outer.maps.update(self.maps)
        self.end()

    def end(self) -> None:
        if not self._ended and self._outer is None:
            self._engine.one_writes.release()
        super().end()

    def _own(self, table: str) -> SortedMap:
        owned = self._map(table)
        if table not in self._forked:
            owned = self.maps[table] = owned.fork()
            self._forked.add(table)
        return owned


class _Part(WritableMemoryTables):
    """A view on the maps of another, which owns them as the other does."""

    def __init__(self, outer: WritableMemoryTables) -> None:
        super().__init__(outer._engine, outer._number, {}, outer)  # noqa: SLF001 - of the same kind
        self.maps, self._forked = outer.maps, outer._forked  # noqa: SLF001
