"""Facts about the documents of a collection, kept for as long as none of these changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from ..bcdb import Key, Reader

__all__ = ["Facts"]

K = TypeVar("K", bound=Key)
F = TypeVar("F")

_MOST = 16_384


class Facts(Generic[K, F]):
    """One fact about each document of a collection, such as its owner, read once and then kept.

    Whoever asks says which view of the store it is to hold in: what was read is kept together with the version
    that the collection had, and none of it is used in a view in which the collection has another. That way a
    change that another process makes counts as well. Any number of threads may ask at the same time.

    Arguments:
        collection: the collection.
        read: makes the fact of a view and a key; None where there is no such document, which is not kept.
        most: how many facts are kept; with more than that it begins anew.
    """

    def __init__(self, collection: str, read: Callable[[Reader, K], F | None], *, most: int = _MOST) -> None:
        self._collection = collection
        self._read = read
        self._most = most
        self._kept: tuple[int, dict[K, F]] = (0, {})

    def of(self, reader: Reader, keys: Iterable[K]) -> dict[K, F]:
        """Return the facts of those documents that there are, by key.

        Arguments:
            reader: a view to read. A transaction is none: what it sees may never come to be.
            keys: the keys of the documents.
        """
        known = self._known(reader.version(self._collection))
        found = {}
        for key in keys:
            fact = known.get(key)
            if fact is None and (fact := self._read(reader, key)) is not None:
                known[key] = fact
            if fact is not None:
                found[key] = fact
        return found

    def _known(self, version: int) -> dict[K, F]:
        """Return what is kept for a version; threads with different ones each go on with their own."""
        kept, facts = self._kept
        if kept != version or len(facts) >= self._most:
            facts = {}
            self._kept = (version, facts)
        return facts
