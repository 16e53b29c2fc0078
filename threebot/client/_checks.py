"""What an argument is, whatever its annotation says."""

from __future__ import annotations

__all__ = ["is_number", "is_whole"]


def is_whole(value: object) -> bool:
    """Return whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Return whether a value is a number, whole or not."""
    return is_whole(value) or isinstance(value, float)
