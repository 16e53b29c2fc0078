"""The types that are made of others: ``E O L``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from ._conversion import Conversion, Place, Refusal, near_miss, shown
from ._enumeration import Enumeration
from ._kinds import Kind, ScalarKind, checked_text
from ._values import Kept, Made, Plain

if TYPE_CHECKING:
    from ._schema import Schema

__all__ = ["EnumerationKind", "ListKind", "ObjectKind"]

_ITEM = re.compile(r"""\s*+(?:"([^"]*)"\s*+|'([^']*)'\s*+|([^,"']*))(?:,|$)""")


class EnumerationKind(ScalarKind):
    """``E``: one of a list of values, by name in any case or by number; ``""`` is the first.

    Attributes:
        enumeration: the type of its values.
    """

    name = "E"

    def __init__(self, enumeration: type[Enumeration]) -> None:
        self.enumeration = enumeration
        self.annotation = enumeration
        self._members: tuple[Enumeration, ...] = tuple(enumeration)
        self._by_name = {member._name_.casefold(): member for member in self._members}

    @property
    def quick(self) -> Any:  # noqa: ANN401 - see `Kind.quick`
        return Annotated[int, Meta(ge=0, lt=len(self._members))]

    def take(self, value: object) -> Enumeration | UnsetType:
        if isinstance(value, str):
            return self._named(checked_text(value)) if value else UNSET
        if isinstance(value, Enumeration) and type(value) is not self.enumeration:
            return self._named(str(value))
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < len(self._members):
            raise Refusal(f"must be {self._allowed()}, not {shown(value)}")
        return self._members[value]

    def _named(self, text: str) -> Enumeration:
        member = self._by_name.get(text.strip().casefold())
        if member is None:
            guess = near_miss(text, (known._name_ for known in self._members))
            raise Refusal(f"must be {self._allowed()}, not {shown(text)}{guess}")
        return member

    def _allowed(self) -> str:
        names = [f"'{member._name_}'" for member in self._members]
        last = len(names) - 1
        return f"one of {', '.join(names)} (or its number, 0 to {last})" if last else f"{names[0]} (or its number, 0)"

    def empty(self) -> Enumeration:
        return self._members[0]

    def human(self, value: Kept) -> str:
        return str(self.enumeration(value))


class ObjectKind(Kind):
    """``O``: an object of another schema.

    Attributes:
        url: the url of that schema.

    Arguments:
        url: the url of that schema.
        lookup: finds the schema of a url.
    """

    name = "O"
    raw = True

    def __init__(self, url: str, lookup: Callable[[str], Schema]) -> None:
        self.url = url
        self._lookup = lookup

    @property
    def schema(self) -> Schema:
        """The schema that is referred to, in its newest version."""
        return self._lookup(self.url)

    def read(self, value: object, conversion: Conversion, place: Place) -> Made:
        return self._lookup(self.url).read_object(value, conversion, place)

    def read_default(self, text: str) -> Made:
        raise Refusal(f"cannot stand beside a reference: {shown(text)}")

    def empty(self) -> Made:
        return self._lookup(self.url).type()

    def human(self, value: Made) -> Plain:
        return self._lookup(self.url).show_object(value)


class ListKind(Kind):
    """``L`` and the letters of another type: a list of values of that type.

    Attributes:
        element: the type of its values.
    """

    def __init__(self, element: Kind) -> None:
        self.element = element
        self.name = f"L{element.name}"
        self.raw = element.raw

    def read(self, value: object, conversion: Conversion, place: Place) -> list[Kept]:
        if not isinstance(value, list | tuple):
            raise Refusal(f"must be a list, not {shown(value)}")
        conversion.make_room(len(value))
        kept, read = [], self.element.read
        for position, item in enumerate(value):
            try:
                if item is None:
                    raise Refusal("must not be null: a list holds values only")
                kept.append(self._or_own(read(item, conversion, (place, position))))
            except Refusal as refusal:
                conversion.add((place, position), str(refusal))
        return kept

    def read_default(self, text: str) -> list[Kept]:
        return [self._or_own(self.element.read_default(item)) for item in _split(text)]

    def _or_own(self, value: Kept) -> Kept:
        """Return a value, or the default of its type for one that means "not given": a list has no other."""
        return self.element.draw() if value is UNSET else value

    def empty(self) -> list[Kept]:
        return []

    def human(self, value: Kept) -> list[Plain]:
        human = self.element.human
        return [human(item) for item in value]


def _split(text: str) -> list[str]:
    """Return the values of a list default: ``[1, 2]``, ``["a", "b"]`` or ``a, b``."""
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        try:
            return [item if isinstance(item, str) else json.dumps(item) for item in json.loads(inner)]
        except (ValueError, RecursionError):
            inner = inner[1:-1]
    items, position = [], 0
    while position < len(inner):
        match = _ITEM.match(inner, position)
        if match is None:
            raise Refusal(f"must be a list such as [1, 2] or 'a, b', not {shown(text)}")
        items.append(next((part for part in match.groups() if part is not None), "").strip())
        position = match.end()
    return [item for item in items if item]
