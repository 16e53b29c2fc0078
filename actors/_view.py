"""What the reading calls look at: one view of the store for all messages that are taken together."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..bcdb import Reader, Together
from ._call import CallActor
from ._context import Context
from ._expiry import expire_due
from ._inbox import Letters

__all__ = ["ChangingCall", "ReadingCall", "View"]


class View:
    """A view of the store in which every deadline that is due has been applied, for a ``with`` block.

    While it is held, each block of one second gets the same view, so that many small reads pay for it once.
    Each still sees whatever was stored before it was asked for, as long as the view is held for no longer
    than for messages that were all sent before the first of them opened it.

    Arguments:
        context: the host.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._held = False
        self._second = 0
        self._reader: Reader | None = None
        self._open: AbstractContextManager[Reader] | None = None

    def __enter__(self) -> Reader:
        """Return the view; it is opened where there is none of this second."""
        second = self._context.clock()
        if self._reader is not None:
            if second == self._second:
                return self._reader
            self._close()
        self._second = second
        return self._begin()

    def __exit__(self, *_: object) -> None:
        """Close it, unless it is held."""
        if not self._held:
            self._close()

    def hold(self) -> None:
        """Keep the view that is opened next."""
        self._held = True

    def release(self) -> None:
        """Keep it no longer."""
        self._held = False
        self._close()

    def _begin(self) -> Reader:
        """Open the view, and if a deadline in it is due open it again after that was applied."""
        reader = self._opened()
        try:
            is_due = 0 < reader.next_deadline() <= self._second
        except BaseException:
            self._close()
            raise
        if not is_due:
            return reader
        self._close()
        expire_due(self._context)
        return self._opened()

    def _opened(self) -> Reader:
        opened = self._context.store.read()
        reader = self._reader = opened.__enter__()
        self._open = opened
        return reader

    def _close(self) -> None:
        opened, self._open, self._reader = self._open, None, None
        if opened is not None:
            opened.__exit__(None, None, None)


class ReadingCall(CallActor):
    """The base of the calls that only read."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._view = View(context)

    def _work_together(self, letters: Letters) -> None:
        self._view.hold()
        try:
            with Together():
                super()._work_together(letters)
        finally:
            self._view.release()


class ChangingCall(CallActor):
    """The base of the calls that look something up and then submit a change, which answers when it is stored.

    What is taken together was all sent before the first of it is handled, so that one view of the store tells
    each all that its sender could know. What may be changed by those before it, the change looks at again.
    """

    def _work_together(self, letters: Letters) -> None:
        with self._context.store.sharing():
            super()._work_together(letters)
