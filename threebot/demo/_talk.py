"""What a node of the demo says to the demo, and is answered: one JSON object a line."""

from __future__ import annotations

from enum import StrEnum

import msgspec

__all__ = ["GO", "LOSE", "Deed", "Said", "Word"]

GO = "go"
"""The answer that lets a node do what it asks for."""

LOSE = "lose"
"""The answer that lets a node send its report, and loses the server's answer on the way back."""


class Word(StrEnum):
    """What a node says."""

    joined = "joined"  # it is in the directory
    polled = "polled"  # it was handed what there is to do
    asks = "asks"  # it is about to do something, and waits for an answer
    did = "did"  # it has deployed or deleted a workload, and has written that into its log
    reported = "reported"  # the server has acknowledged its report
    unanswered = "unanswered"  # no answer came to its report
    refused = "refused"  # the server does not want its report
    ended = "ended"  # it stops


class Deed(StrEnum):
    """What a node does."""

    deploy = "deploy"
    delete = "delete"
    report = "report"
    nothing = ""


class Said(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that a node says.

    Attributes:
        word: what it is about.
        deed: what it asks for, or has done.
        gwid: the workload's global id.
        kind: the workload's kind.
        secrets: how many secrets of the workload the node has opened.
        cursor: the reservation id from which it polled.
        handed: how many workloads it was handed.
        state: the reservation's next action after a report.
        reason: why a report was refused, or stayed unanswered.
        running: the workloads that still run when it stops.
    """

    word: Word
    deed: Deed = Deed.nothing
    gwid: str = ""
    kind: str = ""
    secrets: int = 0
    cursor: int = 0
    handed: int = 0
    state: str = ""
    reason: str = ""
    running: tuple[str, ...] = ()

    def written(self) -> str:
        """Return it as a line, without the line's end."""
        return msgspec.json.encode(self).decode()
