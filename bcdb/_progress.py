"""Telling how far long work is, without asking the teller at every step."""

from __future__ import annotations

from ._contract import Progress

__all__ = ["Steps"]

_EVERY = 512


class Steps:
    """Counts steps and tells of them now and then.

    Arguments:
        progress: what to tell; None tells nobody.
        total: how many steps there will be; 0 where that is not known.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.done = 0
        self._progress = progress
        self._total = total

    def step(self) -> None:
        """Count one step."""
        self.done += 1
        if self._progress is not None and self.done % _EVERY == 0:
            self._progress(self.done, self._total)

    def finish(self) -> None:
        """Tell of the last step."""
        if self._progress is not None:
            self._progress(self.done, self._total or self.done)
