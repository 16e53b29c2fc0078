"""The near miss: what somebody probably meant by a name that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = ["near_miss"]


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` for the closest of the known names, or nothing where none is close."""
    names = {candidate.lower(): candidate for candidate in known}
    for close in difflib.get_close_matches(name.lower(), names, n=1):
        return f'; did you mean "{names[close]}"?'
    return ""
