"""The error family: one base class, one sentence each, with data for programs beside it.

Every refusal that a caller can meet is a `WorkloadManagerError`. Its `kind` is what a server or a
command line translates; its `message` is one sentence for a person; its `path` names the field.
The page ``docs/errors.md`` lists the kinds and what to do about each.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

__all__ = [
    "Conflict",
    "InputError",
    "Internal",
    "NotFound",
    "Overloaded",
    "PermissionDenied",
    "Problem",
    "SchemaError",
    "Unavailable",
    "WorkloadManagerError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in what somebody sent or wrote.

    Attributes:
        message: one sentence in plain words, without the path.
        path: the field, as ``data_reservation.containers[0].node_id``; empty for the whole.
        source: the file it was found in, by the name the user gave; empty for a message.
        line: the line in that file, counted from 1; 0 where there is none.
    """

    message: str
    path: str = ""
    source: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """The file and the line, as ``file:line``, as far as they are known; empty for a message."""
        return f"{self.source}:{self.line}" if self.source and self.line else self.source

    def __str__(self) -> str:
        """Return ``file:line: path: message`` with the parts that are known."""
        return ": ".join(part for part in (self.place, self.path, self.message) if part)

    def as_dict(self) -> dict[str, Any]:
        """Return the problem as plain data, without the parts that are empty."""
        parts = {"message": self.message, "path": self.path, "source": self.source, "line": self.line}
        return {name: value for name, value in parts.items() if value}


class WorkloadManagerError(Exception):
    """The base of every error of this package; catching it catches all of them.

    Arguments:
        message: one sentence for a person; where it helps, it says what to do next.
        path: the field that is wrong, as ``data_reservation.containers[0].node_id``.
        call: the documented call that refused, as ``reservation_register``.
        errors: all mistakes, where several were found at once.
    """

    kind: ClassVar[str] = "internal"

    def __init__(self, message: str, *, path: str = "", call: str = "", errors: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.call = call
        self.errors: tuple[Problem, ...] = tuple(errors)

    def __str__(self) -> str:
        """Return one line: the path, where there is one, and the sentence."""
        return f"{self.path}: {self.message}" if self.path else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Keep path, call and errors when the error crosses a process border."""
        return _restore, (type(self), self.message, self.path, self.call, self.errors)

    def as_dict(self) -> dict[str, Any]:
        """Return the error as plain data: kind, message, and path, call and errors where known."""
        parts = {
            "kind": self.kind,
            "message": self.message,
            "path": self.path,
            "call": self.call,
            "errors": [problem.as_dict() for problem in self.errors],
        }
        return {name: value for name, value in parts.items() if value}


def _restore(
    error: type[WorkloadManagerError], message: str, path: str, call: str, errors: tuple[Problem, ...]
) -> WorkloadManagerError:
    return error(message, path=path, call=call, errors=errors)


class InputError(WorkloadManagerError):
    """What was sent does not fit: missing, unknown, of the wrong type, or out of range."""

    kind = "input"

    @classmethod
    def of(cls, problems: Iterable[Problem], *, call: str = "") -> Self:
        """Make one error of all mistakes that were found; at least one is needed.

        Arguments:
            problems: the mistakes, in the order of the text they were found in.
            call: the documented call that refused.

        Raises:
            ValueError: there is no problem to report.
        """
        found = tuple(problems)
        if not found:
            raise ValueError("an error needs at least one problem")
        if len(found) == 1:
            (only,) = found
            return cls(
                f"{only.place}: {only.message}" if only.place else only.message, path=only.path, call=call, errors=found
            )
        listed = "; ".join(str(problem) for problem in found)
        return cls(f"{len(found)} mistakes: {listed}", call=call, errors=found)


class SchemaError(InputError):
    """A model, a manifest or a docstring block does not follow the schema language."""


class NotFound(WorkloadManagerError):
    """There is no reservation, workload, user, farm or node with that id."""

    kind = "not_found"


class PermissionDenied(WorkloadManagerError):
    """The signature does not verify, or the one who sent it may not do this."""

    kind = "permission"


class Conflict(WorkloadManagerError):
    """The state does not allow it: a wrong step, a replayed signature, a name that is taken."""

    kind = "conflict"


class Overloaded(WorkloadManagerError):
    """Too many messages wait already; try again after a moment."""

    kind = "overloaded"


class Unavailable(WorkloadManagerError):
    """A part that is needed does not run or does not answer; nothing is known to have been stored."""

    kind = "unavailable"


class Internal(WorkloadManagerError):
    """A fault of this package; the log of the host has the details."""

    kind = "internal"
