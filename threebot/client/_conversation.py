"""What a call asks a server, in how many requests: lists are read to their end, page by page (``docs/lists.md``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from ...errors import InputError, Unavailable
from ...rules import parse_gwid
from ...schema import NOT_SET, Schema
from ._catalogue import Catalogue, Entry

__all__ = ["Conversation", "converse"]

Conversation: TypeAlias = Generator[Mapping[str, Any], bytes, Any]
"""Yields the arguments of each request, is sent the bytes of each reply, and returns the reply of the call."""


class _List(NamedTuple):
    """A call that lists, and how it is read on."""

    field: str
    """The field of its reply that has the list."""

    cursor: Callable[[Any], int | str]
    """Returns where the list goes on, by the last entry of a page."""


def _next_id(entry: Any) -> int:  # noqa: ANN401 - an object of a generated type
    return int(entry.id) + 1


_LISTS = {
    "reservation_list": _List("reservations", _next_id),
    "nodes_list": _List("nodes", attrgetter("node_id")),  # texts have no next one: their lists go on after the cursor
    "farms_list": _List("farms", _next_id),
    "users_list": _List("users", _next_id),
}
"""The calls that list in the order of ids."""

_Page: TypeAlias = Generator[Mapping[str, Any], bytes, Any]


def converse(entry: Entry, arguments: Mapping[str, Any], known: Catalogue, place: str) -> Conversation:
    """Make a call, in as many requests as its reply has pages.

    Arguments:
        entry: the call.
        arguments: its arguments by name.
        known: the schemas.
        place: where the server is, for what it answers and no schema fits.
    """
    if entry.name in _LISTS:
        return _all_of(_LISTS[entry.name], entry, arguments, place)
    if entry.name == "workloads_list":
        return _all_workloads(entry, arguments, place)
    with_history = entry.name == "reservation_get" and bool(arguments.get("history"))
    return _once(known.history if with_history else entry.schemas.output, arguments, place)


def _once(schema: Schema, arguments: Mapping[str, Any], place: str) -> _Page:
    body = yield arguments
    try:
        return schema.decode(body)
    except (InputError, TypeError) as error:
        raise Unavailable(f"what answers at {place} is of another version: its reply is no {schema.url}") from error


def _all_of(listed: _List, entry: Entry, arguments: Mapping[str, Any], place: str) -> Conversation:
    """Ask until a page is empty: how long one may be is the server's business, so a short one says nothing."""
    output, field = entry.schemas.output, listed.field
    limit = _number(arguments, "limit")
    page = yield from _once(output, arguments, place)
    found = list(getattr(page, field))
    more = bool(found)
    while more and not 0 < limit <= len(found):
        rest = {"cursor": listed.cursor(found[-1]), "limit": max(0, limit - len(found))}
        page = yield from _once(output, {**arguments, **rest}, place)
        more = bool(getattr(page, field))
        found += getattr(page, field)
    return output.type(**{field: found})


def _all_workloads(entry: Entry, arguments: Mapping[str, Any], place: str) -> Conversation:
    """Ask until nothing is left from the cursor on, or the limit is reached.

    What waits in the node's queue comes with every page, whatever the cursor, and counts once. A limit counts the
    workloads from the cursor on, and cuts no reservation in two but gives the first one whole.
    """
    output = entry.schemas.output
    cursor, limit = _number(arguments, "cursor"), _number(arguments, "limit")
    found: dict[str, Any] = {}
    taken = 0
    page = yield from _once(output, arguments, place)
    while True:
        ahead = Counter(number for number in map(_reservation_of, page.workloads) if number >= cursor)
        last = max(ahead, default=-1)
        taken += ahead.total()
        if found and 0 < limit < taken:  # the server, which knows nothing of earlier pages, gave the first one whole
            page.workloads = [each for each in page.workloads if _reservation_of(each) < cursor]
        found |= {workload.workload_id: workload for workload in page.workloads}
        if last < 0 or 0 < limit <= taken:
            return output.type(workloads=sorted(found.values(), key=_reservation_of))
        cursor = last + 1
        rest = {"cursor": cursor, "limit": max(0, limit - taken)}
        page = yield from _once(output, {**arguments, **rest}, place)


def _reservation_of(workload: Any) -> int:  # noqa: ANN401 - an object of a generated type
    return parse_gwid(workload.workload_id).reservation_id


def _number(arguments: Mapping[str, Any], name: str) -> int:
    """Return an argument as a number; 0 for one that is not given, or that the server will refuse."""
    try:
        number = int(arguments.get(name) or 0)
    except (TypeError, ValueError):
        return 0
    return 0 if number == NOT_SET else number
