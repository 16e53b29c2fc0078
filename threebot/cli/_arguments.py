"""Arguments that several commands read in the same way: people by number or name, moments, the parts of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from ...errors import InputError

if TYPE_CHECKING:
    from .. import WorkloadManager

__all__ = ["Cursor", "Epoch", "Limit", "ReservationId", "State", "States", "tid_of", "when"]

LONGEST_NUMBER = 10


class State(StrEnum):
    """The states of a reservation; those of `workloadmanager.rules`, which would be slow to load for a help text."""

    create = "create"
    sign = "sign"
    pay = "pay"
    deploy = "deploy"
    delete = "delete"
    invalid = "invalid"
    deleted = "deleted"


ReservationId = Annotated[int, typer.Argument(metavar="ID", min=1, help="The reservation id.", show_default=False)]
Epoch = Annotated[
    str,
    typer.Option(
        metavar="MOMENT",
        help="Those registered after this: seconds since 1970, or a date as 2026-11-24T18:00Z (UTC).",
        show_default=False,
    ),
]
Cursor = Annotated[
    int,
    typer.Option(metavar="ID", min=0, help="Those with this reservation id or a higher one.", show_default=False),
]
Limit = Annotated[int, typer.Option(metavar="N", min=0, help="At most so many; 0 for all.", show_default=False)]
States = Annotated[
    list[State] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Those in create, sign, pay, deploy, delete, invalid or deleted; may be given again.",
        show_default=False,
    ),
]


def tid_of(manager: WorkloadManager, who: str) -> int:
    """Return the threebot id of somebody who was named by it, or by a name of the phonebook.

    Raises:
        NotFound: the phonebook has no such name.
    """
    return int(who) if _is_number(who) else manager.phonebook.find(who).id


def when(text: str) -> int:
    """Return a moment in seconds since 1970; 0 for an empty text.

    Raises:
        InputError: it is neither a number of seconds nor an ISO date.
    """
    if not text or _is_number(text):
        return int(text or 0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{text!r} is no moment: give seconds since 1970, or a date as 2026-11-24 or 2026-11-24T18:00Z",
            path="--epoch",
        ) from error
    return max(0, int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()))


def _is_number(text: str) -> bool:
    """Tell whether a text is a number that an id or a second could be."""
    return text.isdecimal() and len(text) <= LONGEST_NUMBER
