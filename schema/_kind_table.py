"""Which letters name which type, and which letters of the original language are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ._address_kinds import AddressKind, RangeKind
from ._compound_kinds import EnumerationKind, ListKind, ObjectKind
from ._conversion import near_miss
from ._data_kinds import BytesKind, DateKind, DayKind, DictKind, JsonKind
from ._enumeration import make_enumeration
from ._expression import Expression, Malformed
from ._kinds import EmailKind, GuidKind, Kind, MultilineKind, TelephoneKind, TextKind, UrlKind
from ._number_kinds import BooleanKind, FloatKind, IntegerKind, NumericKind, PercentKind, PortKind

if TYPE_CHECKING:
    from ._schema import Schema

__all__ = ["make_kind"]

_SIMPLE: tuple[tuple[Kind, str], ...] = (
    (TextKind(), "s str string"),
    (IntegerKind("I", 32), "i int integer"),
    (IntegerKind("I64", 64), "i64 int64"),
    (FloatKind(), "f float"),
    (BooleanKind(), "b bool boolean"),
    (BytesKind(), "bytes bin binary"),
    (DateKind(), "t datetime"),
    (DayKind(), "d date"),
    (PercentKind(), "p perc percent"),
    (NumericKind(), "n numeric"),
    (DictKind(), "dict"),
    (JsonKind(), "json"),
    (EmailKind("email"), "email"),
    (UrlKind("u"), "u url"),
    (AddressKind(), "ipaddr ipaddress"),
    (PortKind(), "ipport tcpport"),
    (RangeKind(), "iprange"),
    (GuidKind(), "guid"),
    (TelephoneKind("tel"), "tel mobile"),
    (MultilineKind(), "multiline"),
    (TextKind("path"), "path"),
)
_BY_ALIAS = {alias: kind for kind, aliases in _SIMPLE for alias in aliases.split()}
_ENUMERATIONS = ("e", "enum", "enumeration")
_OBJECTS = ("o", "jsxobject")
_LISTS = ("l", "list")
_REFUSED = {
    "duration": "use (I) and say in the comment that it counts seconds",
    "capnpbin": "use (bytes)",
    "cbin": "use (bytes)",
    "set": "use two (I) properties",
    "h": "use two (I) properties",
    "yaml": "use (json)",
    "msgpack": "use (json) or (bytes)",
}


def make_kind(expression: Expression, title: str, lookup: Callable[[str], Schema]) -> Kind:
    """Make the type of a property.

    Arguments:
        expression: the property's expression.
        title: the name that an enumeration of the property gets.
        lookup: finds the schema of a url, for references.

    Raises:
        Malformed: the type is unknown or refused, or does not go with the rest of the expression.
    """
    letters = expression.type or _inferred(expression)
    if letters in _ENUMERATIONS:
        kind: Kind = EnumerationKind(make_enumeration(title, _names(expression.default)))
    elif letters in _LISTS:
        kind = ListKind(_BY_ALIAS["s"])
    elif letters not in _BY_ALIAS and letters not in _REFUSED and letters.startswith("l"):
        kind = ListKind(_one(letters[1:].strip(), expression, lookup, whole=letters))
    else:
        kind = _one(letters, expression, lookup, whole=letters)
    if expression.reference and not isinstance(kind.element if isinstance(kind, ListKind) else kind, ObjectKind):
        raise Malformed(f"a !reference goes with (O) or (LO), not with ({kind.name})")
    return kind


def _one(letters: str, expression: Expression, lookup: Callable[[str], Schema], *, whole: str) -> Kind:
    if letters in _OBJECTS:
        url = expression.reference or expression.default.strip().lower()
        if not url:
            raise Malformed(f"({whole.upper()}) says which schema its objects follow, as ({whole.upper()}) !some.url.1")
        return ObjectKind(url, lookup)
    if letters in _REFUSED:
        raise Malformed(f"the type ({whole}) is not supported as a field: {_REFUSED[letters]}")
    if letters in _ENUMERATIONS:
        raise Malformed("a list of enumerations is not part of the language; use (LS) or (LI)")
    if letters not in _BY_ALIAS:
        known = (*_BY_ALIAS, *_ENUMERATIONS, *_OBJECTS, *_LISTS)
        raise Malformed(f"there is no type ({whole}){near_miss(whole, known)}")
    return _BY_ALIAS[letters]


def _names(default: str) -> list[str]:
    return [name.strip().strip("\"'") for name in default.split(",")]


def _inferred(expression: Expression) -> str:
    """Return the letters of the type that a default without a type means."""
    default = expression.default
    if expression.reference:
        raise Malformed("a !reference goes with (O) or (LO)")
    if "\\n" in default:
        return "multiline"
    if expression.quoted or not default:
        return "s"
    if "." in default:
        return "f"
    if default.lower() in ("true", "false"):
        return "b"
    if default.replace(" ", "") == "[]":
        return "ls"
    if default.isascii() and default.isdigit():
        return "i"
    raise Malformed(f"'{default}' needs a type behind it, as in: {default} (S)")
