"""Models as TOML: a table per url, a key per property, comments as help."""

from __future__ import annotations

from functools import lru_cache

from ..errors import Problem
from ._draft import Draft
from ._plain_toml import read_plain_toml

__all__ = ["read_toml"]

_MOST_REMEMBERED = 64
_LARGEST_REMEMBERED = 2**16

_Read = tuple[tuple[Draft, ...], tuple[Problem, ...]]


def read_toml(text: str, *, source: str) -> tuple[list[Draft], list[Problem]]:
    """Read a TOML text into the drafts of its schemas.

    What was read is remembered, because a process that starts again has the same files. What is remembered never
    changes, so that nobody meets another's changes.

    Arguments:
        text: the whole text.
        source: its name, for messages.

    Returns:
        The drafts in the order of the text, and the mistakes.
    """
    read = _read_once if len(text) <= _LARGEST_REMEMBERED else _read
    drafts, problems = read(text, source)
    return list(drafts), list(problems)


def _read(text: str, source: str) -> _Read:
    drafts = read_plain_toml(text, source)
    if drafts is not None:
        return drafts, ()
    from ._full_toml import read_full_toml  # only here: most programs have plain models alone, and never need it

    return read_full_toml(text, source)


_read_once = lru_cache(_MOST_REMEMBERED)(_read)
