"""What the loop waits with: others are told before it sleeps, and when it is awake again."""

from __future__ import annotations

import selectors
from collections.abc import Callable

__all__ = ["Watchful"]


class Watchful(selectors.DefaultSelector):
    """Waits for sockets; what others have for the loop by then keeps it from sleeping.

    It is given to the loop, which waits with it at the end of each round, in its own thread.

    Attributes:
        before: is called before the loop sleeps, and raises nothing. It returns whether the loop must not sleep now,
            because it has given it more to do.
        after: is called when it is awake again.
    """

    before: Callable[[], bool]
    after: Callable[[], None]

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return the sockets that are ready, and wait for one where there is nothing else to do."""
        ready = super().select(0 if self.before() else timeout)
        self.after()
        return ready
