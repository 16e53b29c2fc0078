"""The near miss: what somebody probably meant by a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable

from ..schema import closest

__all__ = ["near_miss"]


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` for the closest of the known names, or nothing where none is close."""
    guess = closest(name, known)
    return f'; did you mean "{guess}"?' if guess else ""
