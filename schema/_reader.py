"""From drafts to schemas: every line of a draft understood, every mistake in it found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..errors import Problem
from ._conversion import brief, field_name, path_of
from ._draft import Draft, Entry, md5_of, normal_text
from ._expression import Malformed
from ._property import Property, read_property, split_key
from ._schema import Schema
from ._structs import StructMaker

__all__ = ["Reading", "read_draft"]

_SHORTEST_URL = 6


@dataclass(slots=True)
class _Line:
    """A property of a draft while it is read."""

    entry: Entry
    ordinal: int | None
    name: str
    index: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the schemas of one registry are made with.

    Attributes:
        lookup: finds the newest schema of a url.
        maker: makes their types.
        clock: the current second, for relative dates; None where there is none.
    """

    lookup: Callable[[str], Schema]
    maker: StructMaker
    clock: Callable[[], int] | None


def read_draft(draft: Draft, reading: Reading) -> tuple[Schema | None, list[Problem]]:
    """Understand a draft.

    Returns:
        The schema, or None where there are mistakes; and the mistakes.
    """
    problems: list[Problem] = []
    _check_url(draft, problems)
    lines = _read_keys(draft, problems)
    ordinals = [] if problems else _ordinals(lines, draft, problems)
    properties = _read_properties(lines, draft, reading, problems)
    if problems:
        return None, problems
    text = normal_text(draft, _normal_lines(draft, ordinals, properties))
    schema = Schema(
        url=draft.url,
        md5=md5_of(text),
        text=text,
        help=draft.help,
        directives={
            entry.key[1:].strip().lower(): entry.value.partition("#")[0].strip()
            for entry in draft.entries
            if entry.is_directive
        },
        properties=properties,
        source=draft.source,
        line=draft.line,
        maker=reading.maker,
        clock=reading.clock,
    )
    return schema, []


def _check_url(draft: Draft, problems: list[Problem]) -> None:
    if len(draft.url) < _SHORTEST_URL or any(character.isspace() for character in draft.url):
        message = f"'{brief(draft.url)}' is no url: one has {_SHORTEST_URL} characters or more and no spaces"
        problems.append(Problem(message, source=draft.source, line=draft.line))


def _read_keys(draft: Draft, problems: list[Problem]) -> list[_Line]:
    lines: list[_Line] = []
    first: dict[str, int] = {}
    for entry in draft.entries:
        if entry.is_directive:
            continue
        try:
            line = _Line(entry, *split_key(entry.key))
            if line.name in first:
                raise Malformed(f"'{line.name}' is there already, on line {first[line.name]}")
        except Malformed as error:
            problems.append(_problem(str(error), entry.key, entry, draft))
            continue
        first[line.name] = entry.line
        lines.append(line)
    return lines


def _ordinals(lines: list[_Line], draft: Draft, problems: list[Problem]) -> list[int]:
    """Return the position of each property: the number that it is given, or its place in the text."""
    ordinals: list[int] = []
    numbered = False
    for place, line in enumerate(lines):
        if line.ordinal is None and numbered:
            problems.append(_problem("has no number, but the line before it has", line.name, line.entry, draft))
        ordinal = place if line.ordinal is None else line.ordinal
        numbered = numbered or line.ordinal is not None
        if ordinal in ordinals:
            problems.append(_problem(f"the number {ordinal} is taken", line.name, line.entry, draft))
        elif ordinal >= len(lines):
            message = f"the number {ordinal} leaves a gap: {len(lines)} properties count from 0 to {len(lines) - 1}"
            problems.append(_problem(message, line.name, line.entry, draft))
        ordinals.append(ordinal)
    return ordinals


def _read_properties(
    lines: list[_Line], draft: Draft, reading: Reading, problems: list[Problem]
) -> tuple[Property, ...]:
    properties = []
    for line in lines:
        try:
            properties.append(read_property(line.entry, line.name, line.index, reading.lookup))
        except Malformed as error:
            problems.append(_problem(str(error), line.name, line.entry, draft))
    return tuple(properties)


def _problem(message: str, name: str, entry: Entry, draft: Draft) -> Problem:
    path = path_of((brief(draft.url), field_name(name)))
    return Problem(brief(message), path=path, source=draft.source, line=entry.line)


def _normal_lines(draft: Draft, ordinals: list[int], properties: tuple[Property, ...]) -> list[str]:
    remaining = zip(ordinals, properties, strict=True)
    lines = []
    for entry in draft.entries:
        if entry.is_directive:
            lines.append(f"{entry.key} = {entry.value}")
        else:
            key = entry.key.partition(":")[2].lstrip(": ") if ":" in entry.key else entry.key
            ordinal, each = next(remaining)
            line = f"{ordinal} : {key} = {each.expression}"
            lines.append(line.replace("::", ":"))
    return lines
