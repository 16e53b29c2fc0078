"""The proof: what was done is held against what was to be done, each thing exactly once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

__all__ = ["differences"]

TIMES = {1: "once", 2: "twice"}


def differences(who: str, expected: Iterable[str], found: Iterable[str]) -> list[str]:
    """Return one sentence for each thing that was lost, or done more often than it should be.

    Arguments:
        who: who has written down what was found.
        expected: what should be found, as often as it should be.
        found: what is found.
    """
    should, did = Counter(expected), Counter(found)
    return [
        f"{who} has {what!r} {_times(did[what])}, and should have it {_times(should[what])}"
        for what in sorted(should | did)
        if should[what] != did[what]
    ]


def _times(count: int) -> str:
    return TIMES.get(count, f"{count} times" if count else "not at all")
