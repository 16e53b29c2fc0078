"""A sorted map of bytes to bytes, of which a copy is cheap and shares what neither changed.

Keys and values lie in chunks; a copy shares the chunks, and the first write into one copies it. So a
reader keeps its state for nothing, and a writer copies a few chunks, whatever the map holds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

__all__ = ["SortedMap"]

_LONGEST = 512


class _Chunk:
    """A run of keys and their values; the keys of the next chunk are all higher."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: list[bytes], values: list[bytes]) -> None:
        self.keys = keys
        self.values = values


class SortedMap:
    """A sorted map; copy it with `fork`, and from then on write into the copy only."""

    __slots__ = ("_chunks", "_count", "_lows", "_owned", "_shares_lists")

    def __init__(self) -> None:
        self._chunks: list[_Chunk] = []
        self._lows: list[bytes] = []
        self._count = 0
        self._owned: set[_Chunk] = set()
        self._shares_lists = False

    def fork(self) -> SortedMap:
        """Return a copy that shares everything until it is written to."""
        copy = SortedMap()
        copy._chunks, copy._lows, copy._count, copy._shares_lists = self._chunks, self._lows, self._count, True
        return copy

    def __len__(self) -> int:
        return self._count

    def get(self, key: bytes) -> bytes | None:
        """Return the value under a key, or None."""
        place = bisect_right(self._lows, key) - 1
        if place < 0:
            return None
        chunk = self._chunks[place]
        at = bisect_left(chunk.keys, key)
        return chunk.values[at] if at < len(chunk.keys) and chunk.keys[at] == key else None

    def put(self, key: bytes, value: bytes) -> None:
        """Store a value under a key."""
        if not self._chunks:
            self._add(0, _Chunk([], []), key)
        place = max(0, bisect_right(self._lows, key) - 1)
        chunk = self._own(place)
        at = bisect_left(chunk.keys, key)
        if at < len(chunk.keys) and chunk.keys[at] == key:
            chunk.values[at] = value
            return
        chunk.keys.insert(at, key)
        chunk.values.insert(at, value)
        self._count += 1
        self._lows[place] = chunk.keys[0]
        if len(chunk.keys) > _LONGEST:
            self._split(place)

    def delete(self, key: bytes) -> bool:
        """Remove a key; return whether it was there."""
        if self.get(key) is None:
            return False
        place = bisect_right(self._lows, key) - 1
        chunk = self._own(place)
        at = bisect_left(chunk.keys, key)
        del chunk.keys[at], chunk.values[at]
        self._count -= 1
        if chunk.keys:
            self._lows[place] = chunk.keys[0]
        else:
            self._owned.discard(chunk)
            del self._chunks[place], self._lows[place]
        return True

    def seek(self, start: bytes) -> bytes | None:
        """Return the first key at or after ``start``, or None."""
        return next(self.keys(start), None)

    def last(self, before: bytes = b"") -> bytes | None:
        """Return the last key before another, or the last of all where that is empty, or None."""
        place = (bisect_left(self._lows, before) if before else len(self._lows)) - 1
        if place < 0:
            return None
        keys = self._chunks[place].keys
        return keys[(bisect_left(keys, before) if before else len(keys)) - 1]

    def keys(self, start: bytes = b"") -> Iterator[bytes]:
        """Yield the keys at or after ``start`` in order."""
        for chunk, at in self._runs(start):
            yield from chunk.keys[at:] if at else chunk.keys

    def items(self, start: bytes = b"") -> Iterator[tuple[bytes, bytes]]:
        """Yield keys and values at or after ``start`` in order."""
        for chunk, at in self._runs(start):
            yield from zip(chunk.keys[at:], chunk.values[at:], strict=True)

    def size(self) -> int:
        """Return how many bytes the keys and values have together."""
        return sum(sum(map(len, chunk.keys)) + sum(map(len, chunk.values)) for chunk in self._chunks)

    def _runs(self, start: bytes) -> Iterator[tuple[_Chunk, int]]:
        place = max(0, bisect_right(self._lows, start) - 1)
        for chunk in self._chunks[place : place + 1]:
            yield chunk, bisect_left(chunk.keys, start)
        for after in range(place + 1, len(self._chunks)):
            yield self._chunks[after], 0

    def _unshare(self) -> None:
        if self._shares_lists:
            self._chunks, self._lows, self._shares_lists = self._chunks.copy(), self._lows.copy(), False

    def _add(self, place: int, chunk: _Chunk, low: bytes) -> None:
        self._unshare()
        self._chunks.insert(place, chunk)
        self._lows.insert(place, low)
        self._owned.add(chunk)

    def _own(self, place: int) -> _Chunk:
        self._unshare()
        chunk = self._chunks[place]
        if chunk not in self._owned:
            chunk = self._chunks[place] = _Chunk(chunk.keys.copy(), chunk.values.copy())
            self._owned.add(chunk)
        return chunk

    def _split(self, place: int) -> None:
        """Part a chunk that grew too long; one that grew at its end keeps most, as rising keys fill it."""
        chunk = self._chunks[place]
        at = _LONGEST if place == len(self._chunks) - 1 else _LONGEST // 2
        upper = _Chunk(chunk.keys[at:], chunk.values[at:])
        del chunk.keys[at:], chunk.values[at:]
        self._add(place + 1, upper, upper.keys[0])
