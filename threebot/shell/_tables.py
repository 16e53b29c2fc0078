"""Which columns a list of schema objects has, and a table of them as lines of fragments."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from ...schema import NOT_SET, Schema
from ._fragments import Line, Style, visible

if TYPE_CHECKING:
    from ...rules import Reservation, Workload

__all__ = ["Column", "columns_of", "duration", "grid", "moment", "rows_of", "schema_behind"]

GAP = "  "
KINDS = {
    "networks": ("network", "networks"),
    "containers": ("container", "containers"),
    "volumes": ("volume", "volumes"),
    "zdbs": ("zdb", "zdbs"),
    "kubernetes": ("kubernetes machine", "kubernetes machines"),
}
"""The words for one and for several workloads of a kind, by the field that holds them."""
UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: what stands above it.
        text: gives the text of the column for one object.
        right: numbers stand at the right.
        folds: where the table is too wide for the terminal, this column takes several lines.
    """

    title: str
    text: Callable[[Any], str]
    right: bool = False
    folds: bool = False


def moment(seconds: int) -> str:
    """Return seconds since 1970 as ``2026-11-24 10:00:00``, in UTC; empty where it is not set."""
    if not 0 < seconds < NOT_SET:
        return ""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def minute(seconds: int) -> str:
    """Return seconds since 1970 as `moment` does, without the seconds, for tables that are wide enough already."""
    return moment(seconds)[: len("2026-11-24 10:00")]


def duration(seconds: int) -> str:
    """Return a number of seconds in its two largest units, as ``2 d 3 h``."""
    if not 0 <= seconds < NOT_SET:
        return ""
    parts: list[tuple[int, str]] = []
    for size, unit in UNITS:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append((count, unit))
    return " ".join(f"{count} {unit}" for count, unit in parts[:2] if count) or "0 s"


def _number(value: int) -> str:
    """Return a whole number; empty where it is not set."""
    return "" if value == NOT_SET else str(value)


def _workloads(reservation: Reservation) -> str:
    """Return how many workloads of each kind a reservation asks for, as ``1 network, 2 containers``."""
    counted = ((len(getattr(reservation.data_reservation, field)), words) for field, words in KINDS.items())
    return ", ".join(f"{count} {one if count == 1 else several}" for count, (one, several) in counted if count)


def _node_of(workload: Workload) -> str:
    """Return the node of a handed-out workload; a network has several, one per resource."""
    content = workload.content
    resources = content.get("network_resources") or ()
    nodes = [content.get("node_id"), *(resource.get("node_id") for resource in resources)]
    return ", ".join(dict.fromkeys(node for node in nodes if node))


RESERVATION = (
    Column("id", lambda reservation: str(reservation.id), right=True),
    Column("state", lambda reservation: str(reservation.next_action)),
    Column("customer", lambda reservation: _number(reservation.customer_tid), right=True),
    Column("registered (UTC)", lambda reservation: minute(reservation.epoch)),
    Column("expires (UTC)", lambda reservation: minute(reservation.data_reservation.expiration_reservation)),
    Column("workloads", _workloads, folds=True),
)
WORKLOAD = (
    Column("workload", lambda workload: workload.workload_id),
    Column("type", lambda workload: str(workload.type)),
    Column("wanted", lambda workload: "delete" if workload.to_delete else "run"),
    Column("lasts", lambda workload: duration(workload.duration)),
    Column("node", _node_of, folds=True),
)
HISTORY = (
    Column("when (UTC)", lambda entry: moment(entry.epoch)),
    Column("what", lambda entry: entry.call),
    Column("who", lambda entry: entry.who, folds=True),
    Column("from", lambda entry: entry.from_state),
    Column("to", lambda entry: entry.to_state),
)
USER = (
    Column("tid", lambda user: str(user.id), right=True),
    Column("name", lambda user: user.name),
    Column("public key", lambda user: user.pubkey, folds=True),
)
FARM = (
    Column("id", lambda farm: str(farm.id), right=True),
    Column("name", lambda farm: farm.name),
    Column("farmer", lambda farm: _number(farm.threebot_id), right=True),
)
NODE = (
    Column("node", lambda node: node.node_id, folds=True),
    Column("farm", lambda node: _number(node.farm_id), right=True),
    Column("created (UTC)", lambda node: minute(node.created)),
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "tfgrid.workloads.reservation.1": RESERVATION,
    "tfgrid.workloads.reservation.workload.1": WORKLOAD,
    "tfgrid.workloads.reservation.history.entry.1": HISTORY,
    "tfgrid.phonebook.user.1": USER,
    "tfgrid.directory.farm.1": FARM,
    "tfgrid.directory.node.2": NODE,
}


def columns_of(url: str) -> tuple[Column, ...] | None:
    """Return the columns that a list of this schema is shown with, or None where it has none."""
    return COLUMNS.get(url)


def schema_behind(value: object) -> Schema | None:
    """Return the schema that an object was made by; None for any other object."""
    schema = getattr(type(value), "__schema__", None)
    return schema if isinstance(schema, Schema) else None


def rows_of(value: object) -> list[msgspec.Struct] | None:
    """Return the objects of a list, or of a reply that holds nothing but one list; None for anything else."""
    if isinstance(value, list) and value:
        first = schema_behind(value[0])
        return value if first is not None and all(schema_behind(item) is first for item in value) else None
    if isinstance(value, msgspec.Struct) and schema_behind(value) is not None and len(value.__struct_fields__) == 1:
        only = getattr(value, value.__struct_fields__[0])
        return rows_of(only) if only else ([] if isinstance(only, list) else None)
    return None


def grid(columns: Sequence[Column], rows: Sequence[object]) -> list[Line]:
    """Return a table as lines: a heading, then a line for each object, columns as wide as their widest text."""
    cells = [[visible(column.text(row)) for column in columns] for row in rows]
    widths = [max(map(_width, (column.title, *texts))) for column, *texts in zip(columns, *cells, strict=True)]
    lines: list[Line] = [_padded(columns, widths, [column.title for column in columns], Style.HEADING)]
    lines += [_padded(columns, widths, row, Style.TEXT) for row in cells]
    return lines


def _padded(columns: Sequence[Column], widths: Sequence[int], texts: Sequence[str], style: Style) -> Line:
    """Return one line of a table."""
    padded = []
    for column, width, text in zip(columns, widths, texts, strict=True):
        room = " " * (width - _width(text))
        padded.append(room + text if column.right else text + room)
    return [(style, GAP.join(padded))]


def _width(text: str) -> int:
    """Return how many columns of a terminal a text takes: two for each wide character, none for what combines."""
    return sum((unicodedata.east_asian_width(each) in "WF") + (not unicodedata.combining(each)) for each in text)
