"""Pages of the lists of the phonebook and of the directory (``docs/lists.md``)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from ..actors import Page
from ..errors import Problem
from ._entries import refuse

__all__ = ["before", "filled", "whole_numbers"]

T = TypeVar("T")


def filled(page: Page, found: Iterator[tuple[T, int]]) -> list[T]:
    """Return the entries that a page has room for, and read no further.

    Arguments:
        page: the page.
        found: entries, each with the bytes in which it is stored.
    """
    entries = []
    for entry, size in page.filled_from(found):
        entries.append(entry)
        page.take(1, size)
    return entries


def before(cursor: int) -> int | None:
    """Return the number after which a list goes on that has this number and higher ones; None for all of it."""
    return cursor - 1 if cursor > 0 else None


def whole_numbers(**arguments: int) -> None:
    """See that arguments are 0 or more.

    Raises:
        InputError: one is negative; all of them at once.
    """
    refuse(Problem(f"must be 0 or more, not {value}", path=name) for name, value in arguments.items() if value < 0)
