"""One view for all readers that a thread opens while it works through what it was asked before."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from ._contract import Reader

__all__ = ["Shared", "Sharing", "Views"]


class Shared(AbstractContextManager[Reader]):
    """A reader for many blocks: it opens with the first, and stays open behind the last until it is told to end.

    Arguments:
        begin: makes a reader that opens with its block.
    """

    def __init__(self, begin: Callable[[], AbstractContextManager[Reader]]) -> None:
        self._begin = begin
        self._reader: Reader | None = None
        self._open: list[AbstractContextManager[Reader]] = []

    def __enter__(self) -> Reader:
        """Return the reader."""
        if self._reader is None:
            opened = self._begin()
            self._reader = opened.__enter__()
            self._open.append(opened)
        return self._reader

    def __exit__(self, *_: object) -> None:
        """Leave it open."""

    def renew(self) -> None:
        """Let the next block open another one; whoever uses the one before can go on with it."""
        self._reader = None

    def end(self) -> None:
        """End whatever was opened."""
        self._reader = None
        while self._open:
            self._open.pop().__exit__(None, None, None)


class Views(threading.local):
    """What each thread shares just now; None outside of a `Sharing`."""

    shared: Shared | None = None


class Sharing(AbstractContextManager[None]):
    """A ``with`` block in which a thread shares a reader; inside another one nothing changes.

    Arguments:
        views: those of the store.
        begin: makes a reader that opens with its block.
    """

    def __init__(self, views: Views, begin: Callable[[], AbstractContextManager[Reader]]) -> None:
        self._views = views
        self._begin = begin
        self._is_outermost = False

    def __enter__(self) -> None:
        """Begin; nothing is opened yet."""
        self._is_outermost = self._views.shared is None
        if self._is_outermost:
            self._views.shared = Shared(self._begin)

    def __exit__(self, *_: object) -> None:
        """End what was opened meanwhile."""
        shared = self._views.shared
        if self._is_outermost and shared is not None:
            self._views.shared = None
            shared.end()
