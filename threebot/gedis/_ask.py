"""A question to an actor."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from ...actors import Request

__all__ = ["Ask"]


class Ask(msgspec.Struct, frozen=True):
    """A question to an actor, whose answer is the reply to a command.

    Attributes:
        name: the actor, by its name in the process; that of the login begins with an underscore.
        request: what it is asked.
        encode: makes the bytes of the reply of what the actor answers; it is called in the loop's thread, and
            raises nothing.
        call: what the command is called in errors.
        alone: whether nothing behind it may be handled before it is answered.
        size: the bytes that it keeps until it is answered; 0 where these are too few to count.
        varies: whether the size of the reply says nothing of that of the next one, as of lists.
    """

    name: str
    request: Request
    encode: Callable[[object], bytes]
    call: str
    alone: bool = False
    size: int = 0
    varies: bool = False
