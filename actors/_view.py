"""What the reading calls look at: one view of the store for all messages that are taken together."""

from __future__ import annotations

from contextlib import AbstractContextManager

from ..bcdb import Reader
from ._call import CallActor
from ._context import Context
from ._expiry import expire_due
from ._inbox import Envelopes
from ._together import Together

__all__ = ["ReadingCall", "View"]


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
        if self._reader is None or second != self._second:
            self._close()
            expire_due(self._context)
            self._open = self._context.store.read()
            self._reader = self._open.__enter__()
            self._second = second
        return self._reader

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

    def _close(self) -> None:
        opened, self._open, self._reader = self._open, None, None
        if opened is not None:
            opened.__exit__(None, None, None)


class ReadingCall(CallActor):
    """The base of the calls that only read."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._view = View(context)

    def _work_together(self, envelopes: Envelopes) -> None:
        self._view.hold()
        try:
            with Together():
                super()._work_together(envelopes)
        finally:
            self._view.release()
