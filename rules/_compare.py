"""Where two documents differ (``docs/registration.md``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeGuard

import msgspec

__all__ = ["same_data"]

_ABSENT = object()


def same_data(a: object, b: object) -> str | None:
    """Compare two documents of one model, or two parts of them.

    The order of an object's keys makes no difference; the order of a list does.

    Arguments:
        a: a document, or plain data.
        b: what it is compared with.

    Returns:
        None where they are the same; otherwise the path of the first field that differs, as
        ``containers[0].environment.HOME``, in the order of ``a``; empty where the whole does.
    """
    difference = _difference(a, b)
    return None if difference is None else difference.removeprefix(".")


def _difference(a: object, b: object) -> str | None:
    if isinstance(a, msgspec.Struct) and isinstance(b, msgspec.Struct):
        names = dict.fromkeys((*a.__struct_fields__, *b.__struct_fields__))
        return _first((f".{name}", getattr(a, name, _ABSENT), getattr(b, name, _ABSENT)) for name in names)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return _first((f".{name}", a.get(name, _ABSENT), b.get(name, _ABSENT)) for name in dict.fromkeys((*a, *b)))
    if _is_list(a) and _is_list(b):
        found = _first((f"[{position}]", *pair) for position, pair in enumerate(zip(a, b, strict=False)))
        return found if found is not None or len(a) == len(b) else f"[{min(len(a), len(b))}]"
    return None if type(a) is type(b) and a == b else ""


def _is_list(part: object) -> TypeGuard[Sequence[object]]:
    return isinstance(part, Sequence) and not isinstance(part, (str, bytes))


def _first(parts: Iterable[tuple[str, object, object]]) -> str | None:
    """Return the path of the first of some (path, left, right) that differ."""
    for path, left, right in parts:
        difference = _difference(left, right)
        if difference is not None:
            return f"{path}{difference}"
    return None
