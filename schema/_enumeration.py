"""Enumerations: the values of an ``(E)`` property, each a name and a number."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Any, cast

from ._expression import Malformed

__all__ = ["Enumeration", "make_enumeration"]


_TAKEN = "an (E) has a value that cannot be a name: 'mro', or one that begins with _, which may belong to Python"


class Enumeration(enum.IntEnum):
    """A value of an ``(E)`` property; its number is its position in the schema's list, from 0.

    ``str()`` is the name. It equals its number and its name in any case, and is unequal to a name
    that the list does not have (``docs/schema.md``, "Enumerations"). Its hash is the number's, so
    a dictionary of numbers finds it; one of names does not.
    """

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return self._name_.casefold() == other.strip().casefold()
        return int.__eq__(self, other) if isinstance(other, int) else NotImplemented

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = int.__hash__

    def __str__(self) -> str:
        return self._name_

    def __repr__(self) -> str:
        return self._name_

    def __format__(self, specification: str) -> str:
        shown = int(self) if specification[-1:] in tuple("bcdoxXn") else self._name_
        return format(shown, specification)


def make_enumeration(title: str, names: Iterable[str]) -> type[Enumeration]:
    """Make the type of an ``(E)`` property.

    Arguments:
        title: the name of the type, for its representation.
        names: the values in the order of the schema; the first has number 0.

    Raises:
        Malformed: there is no name, one is empty, or two differ in case alone.
    """
    values = [name.strip() for name in names]
    if not all(values):
        raise Malformed('an (E) lists its values, as "create,sign,pay" (E)')
    if len({name.casefold() for name in values}) < len(values):
        raise Malformed("an (E) names each value once, whatever the case")
    members = {name: number for number, name in enumerate(values)}
    try:
        made = cast(type[Enumeration], cast(Any, Enumeration)(title, members))
    except (ValueError, TypeError) as error:
        raise Malformed(_TAKEN) from error
    if len(made) < len(values):
        raise Malformed(_TAKEN)
    return made
