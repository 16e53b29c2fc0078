"""An entry of the phonebook: its shape, and how it is read from the text that its user signs."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Protocol

from ...actors import User
from ...errors import InputError, Problem
from .._entries import key_problems, name_problems, refuse, same_name, text_problems
from .._near_miss import near_miss
from .._words import in_line, shown

__all__ = ["UserEntry", "read_entry"]

_FIELDS = ("name", "email", "pubkey", "ipaddr", "description")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST_JSON = 8192
_LONGEST_EMAIL = 254
_LONGEST_DESCRIPTION = 1000
_LONGEST_KEY = 80


class UserEntry(User, Protocol):
    """A user of the phonebook that is kept in bcdb: an object of ``tfgrid.phonebook.user.1``."""

    id: int
    name: str
    email: str
    pubkey: str
    ipaddr: str
    description: str
    signature: str


def read_entry(text: str) -> dict[str, str]:
    """Read the text of an entry strictly, since what was signed must be read in one way only.

    Arguments:
        text: a JSON object with some of ``name``, ``email``, ``pubkey``, ``ipaddr`` and ``description``.

    Returns:
        All of these fields, the key in lower case; those that are not in the text are empty.

    Raises:
        InputError: it is no such text, or a field does not fit; all mistakes at once, with paths as ``json.name``.
    """
    given = _parse(text)
    refuse(_shape_problems(given))
    fields = {name: str(given.get(name, "")) for name in _FIELDS}
    refuse(_field_problems(fields))
    return {**fields, "pubkey": fields["pubkey"].lower()}


def _parse(text: str) -> Mapping[str, object]:
    if len(text) > _LONGEST_JSON:
        raise InputError(f"has at most {_LONGEST_JSON} characters, not {len(text)}", path="json")
    try:
        given = json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InputError("is no JSON text", path="json") from error
    if not isinstance(given, dict):
        raise InputError(f"is the JSON text of an object, not of {shown(given)}", path="json")
    return given


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its fields; of one that is there twice, some readers take the first and some the last."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise InputError(f"has the field {shown(twice)} twice; it can be read in two ways", path="json")
    return fields


def _shape_problems(given: Mapping[str, object]) -> Iterator[Problem]:
    for name, value in given.items():
        path = f"json.{in_line(name)[:_LONGEST_KEY]}"
        if name not in _FIELDS:
            yield Problem(f"is no field of an entry{near_miss(name, _FIELDS)}", path)
        elif not isinstance(value, str):
            yield Problem(f"is a text, not {shown(value)}", path)


def _field_problems(fields: Mapping[str, str]) -> Iterator[Problem]:
    yield from name_problems(fields["name"], "json.name")
    yield from key_problems(fields["pubkey"], "json.pubkey")
    yield from text_problems(fields["email"], "json.email")
    yield from text_problems(fields["ipaddr"], "json.ipaddr")
    yield from text_problems(fields["description"], "json.description", _LONGEST_DESCRIPTION, lines=True)
    if fields["email"] and not _EMAIL.fullmatch(fields["email"]):
        yield Problem("is no email address, as someone@example.org", "json.email")
    if (size := len(same_name(fields["email"]).encode(errors="replace"))) > _LONGEST_EMAIL:
        yield Problem(f"has at most {_LONGEST_EMAIL} bytes, not {size}", "json.email")
    if fields["ipaddr"] and " " in fields["ipaddr"]:
        yield Problem("is an address or a host name, without spaces", "json.ipaddr")
