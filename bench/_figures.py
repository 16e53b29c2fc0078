"""The figures of a run as a file: JSON for programs, and for the page to be drawn again from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from _machine import Conditions
from _rounds import Result

__all__ = ["Run", "as_json", "from_json"]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run found.

    Attributes:
        conditions: where and how it ran.
        results: one of each benchmark, in the order in which they ran.
    """

    conditions: Conditions
    results: Sequence[Result]


def as_json(run: Run) -> str:
    """Return a run as JSON text: its conditions, every round of each result, and what the rounds come to."""
    content = {
        "conditions": msgspec.to_builtins(run.conditions),
        "results": [_plain(result) for result in run.results],
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1).decode() + "\n"


def from_json(text: str) -> Run:
    """Return the run that a text of `as_json` holds.

    Raises:
        ValueError: it holds none.
    """
    return msgspec.json.decode(text, type=Run)


def _plain(result: Result) -> dict[str, Any]:
    """Return a result with what is reckoned from its rounds, which whoever reads it back reckons anew."""
    lowest, highest = result.spread
    plain: dict[str, Any] = msgspec.to_builtins(result)
    return plain | {"median": result.median, "lowest": lowest, "highest": highest, "passed": result.passed}
