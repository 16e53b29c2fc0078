"""The global workload id: ``<reservation id>-<workload id>``, both decimal (``docs/lists.md``)."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import InputError

__all__ = ["Gwid", "format_gwid", "local_workload_id", "parse_gwid"]

HIGHEST = 2**63 - 1
"""The highest id that the store can keep."""

_NUMBER = r"[1-9][0-9]{0,18}"
_GLOBAL = re.compile(rf"({_NUMBER})-({_NUMBER})")
_LOCAL = re.compile(rf"-({_NUMBER})")


class Gwid(NamedTuple):
    """The two parts of a global workload id."""

    reservation_id: int
    workload_id: int


def format_gwid(reservation_id: int, workload_id: int) -> str:
    """Return the global workload id of a workload, as ``12-3``."""
    return f"{reservation_id}-{workload_id}"


def parse_gwid(text: str, *, path: str = "gwid") -> Gwid:
    """Read a global workload id.

    Arguments:
        text: the id as a client sent it. Each workload has one spelling: no sign, space or leading zero.
        path: the field it came in, for the error.

    Returns:
        The reservation id and the workload id.

    Raises:
        InputError: the text is no global workload id.
    """
    found = _GLOBAL.fullmatch(text)
    if found is None or max(map(int, found.groups())) > HIGHEST:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise InputError(
            f"{shown!r} is no global workload id, which is <reservation id>-<workload id> as in 12-3", path=path
        )
    return Gwid(int(found[1]), int(found[2]))


def local_workload_id(text: str) -> int | None:
    """Return the workload id that ``-<workload id>`` names in its own reservation; None for any other text."""
    found = _LOCAL.fullmatch(text)
    return int(found[1]) if found else None
