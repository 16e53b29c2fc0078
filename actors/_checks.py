"""Small checks of arguments that several calls share."""

from __future__ import annotations

from ..bcdb import Reader, Record
from ..errors import InputError, NotFound, Problem
from ..rules import Case, Gwid, format_gwid
from ..schema import NOT_SET
from ._context import Context

__all__ = ["case_of", "is_number", "record_of", "whole_numbers"]


def is_number(value: object) -> bool:
    """Return whether a value is a whole number of usual size, which may stand for the text of its digits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= NOT_SET


def whole_numbers(**arguments: int) -> None:
    """See that arguments are 0 or more.

    Raises:
        InputError: one is negative; all of them at once.
    """
    if min(arguments.values()) >= 0:
        return
    problems = [Problem(f"must be 0 or more, not {value}", path=name) for name, value in arguments.items() if value < 0]
    raise InputError.of(problems)


def record_of(reader: Reader, reservation_id: int, *, path: str = "reservation_id") -> Record:
    """Return the record of a reservation.

    Raises:
        InputError: the id is below 1, which no reservation has.
        NotFound: there is no such reservation.
    """
    if reservation_id < 1:
        raise InputError(f"must be 1 or more, not {reservation_id}", path=path)
    record = reader.get(reservation_id)
    if record is None:
        raise NotFound(f"there is no reservation {reservation_id}", path=path)
    return record


def case_of(context: Context, reader: Reader, gwid: Gwid, *, path: str) -> Case:
    """Return the case of the reservation that a workload belongs to.

    Raises:
        NotFound: there is no such workload.
    """
    record = reader.get(gwid.reservation_id)
    case = None if record is None else context.documents.case(record)
    if case is None or all(placement.workload_id != gwid.workload_id for placement in case.placements):
        raise NotFound(f"there is no workload {format_gwid(*gwid)}", path=path)
    return case
