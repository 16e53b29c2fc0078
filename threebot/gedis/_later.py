"""Arguments that are read where they are needed first: in the thread of the actor, and one call at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...errors import InputError, WorkloadManagerError

__all__ = ["Later", "Unreadable"]


class Unreadable(WorkloadManagerError):
    """The payload of a call is none. An `InputError` would be taken by calls for one mistake among others."""

    kind = "input"


class Later(Mapping[str, Any]):
    """The arguments of a call, which are not decoded before somebody looks at them.

    Until then they take no more room than the bytes that were sent, of which objects would take twenty times as
    much; and it is not the thread of all connections that decodes them.

    Looking at them raises `Unreadable` where the payload is no object.

    Arguments:
        read: returns the arguments, or raises what is wrong with the payload.
    """

    __slots__ = ("_arguments", "_read")

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        self._read: Callable[[], Mapping[str, Any]] | None = read
        self._arguments: Mapping[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - whatever was sent
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def __repr__(self) -> str:
        return "<arguments of a call>"

    def _now(self) -> Mapping[str, Any]:
        if self._read is not None:
            try:
                self._arguments, self._read = self._read(), None
            except InputError as error:
                raise Unreadable(error.message) from error
        return self._arguments
