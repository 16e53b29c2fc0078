"""What arrives on a connection: bytes become commands, and large ones are waited for within bounds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ...errors import WorkloadManagerError
from ._budget import Budget
from ._frames import Frames
from ._limits import Limits

__all__ = ["Arriving"]

_FREE = 256 * 1024
"""The bytes of a command that may be there before it has a claim; about as much as is read at once."""


class Arriving:
    """The commands of one connection before they are handled, oldest first.

    Of a large command, the first part is taken in as it comes. Then the whole has a claim to the budget, until it is
    on its way: no more is read before that is admitted.

    Arguments:
        limits: how large a command may be.
        budget: the bytes that all connections share.
        woken: is called when more may be read.

    Attributes:
        number: how many commands arrived whole.
        fault: what is wrong with what arrived; nothing behind it is taken in.
        waiting: the commands, to be looked at alone.
        has_large: whether there is anything that `tend` has to look at.
    """

    __slots__ = ("_budget", "_claim", "_frames", "_limits", "_woken", "fault", "has_large", "number", "waiting")

    def __init__(self, limits: Limits, budget: Budget, woken: Callable[[], None]) -> None:
        self.number = 0
        self.fault: WorkloadManagerError | None = None
        self._limits = limits
        self._budget = budget
        self._woken = woken
        self._frames = Frames(limits)
        self.waiting: deque[list[bytes]] = deque()
        self.has_large = False
        self._claim: _Part | None = None

    @property
    def is_begun(self) -> bool:
        """Whether a part of a command is there, and the rest of it is not."""
        return self._frames.waits

    @property
    def lacks_room(self) -> bool:
        """Whether the rest of a large command is not read, because others have the room."""
        return self._claim is not None and not self._claim.admitted

    @property
    def keeps_room(self) -> bool:
        """Whether a part of a large command has room that others wait for."""
        claim = self._claim
        return claim is not None and claim.admitted and self._frames.waits and self._budget.arriving.is_waited_for

    def take_in(self, data: bytes) -> None:
        """Take in bytes, cut anywhere."""
        if self.fault is not None:
            return
        frames = self._frames
        commands = frames.feed(data)
        if commands:
            self.number += len(commands)
            self.waiting.extend(commands)
        self.fault = frames.fault
        self.has_large = self._claim is not None or frames.size >= _FREE

    def next(self) -> list[bytes]:
        """Take out the oldest command."""
        return self.waiting.popleft()

    def clear(self) -> None:
        """Forget the commands that were not taken out."""
        self.waiting.clear()

    def drop(self) -> None:
        """Forget everything."""
        self.clear()
        self._frames = Frames(self._limits)
        self.tend(on_its_way=True)

    def tend(self, *, on_its_way: bool) -> None:
        """Claim room for a large command of which a part is there, and give it back when it is on its way.

        Arguments:
            on_its_way: whether the command that was taken out last has gone on, to its actor or by its answer.
        """
        claim, frames = self._claim, self._frames
        large = frames.needed if frames.size >= _FREE else 0
        if large and (claim is None or claim.size < large):
            self._claim = _Part(large, self._woken)
            self._budget.arriving.admit(self._claim)
        elif claim is None or large or self.waiting or not on_its_way:
            return
        else:
            self._claim = None
            self.has_large = False
        if claim is not None:
            self._budget.arriving.release(claim)


class _Part:
    """A large command of which a part is there, or which waits after that.

    Attributes:
        size: its bytes, as far as they are known.
        admitted: whether they have their room.
        let_in: lets the connection go on.
    """

    __slots__ = ("admitted", "let_in", "size")

    actor = ""

    def __init__(self, size: int, let_in: Callable[[], None]) -> None:
        self.size = size
        self.admitted = False
        self.let_in = let_in
