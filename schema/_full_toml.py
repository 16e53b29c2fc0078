"""Models in all of TOML, read by tomlkit: whatever the plain lines of `_plain_toml` are not, and every mistake."""

from __future__ import annotations

import re
from dataclasses import replace

import tomlkit
from tomlkit.exceptions import ParseError, TOMLKitError
from tomlkit.items import Item, Key, String, Table

from ..errors import Problem
from ._conversion import brief, field_name, path_of
from ._draft import Draft, Entry
from ._plain_toml import help_at

__all__ = ["read_full_toml"]


def read_full_toml(text: str, source: str) -> tuple[tuple[Draft, ...], tuple[Problem, ...]]:
    """Read a TOML text into the drafts of its schemas; see `read_toml`."""
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, ValueError) as error:
        line = error.line if isinstance(error, ParseError) else _line_of_repeated(text, str(error))
        message = f"is no TOML: {brief(re.sub(r' at line .*', '', str(error)))}"
        return (), (Problem(message, source=source, line=line),)
    places = _Places(text)
    drafts: list[Draft] = []
    problems: list[Problem] = []
    for key, item in document.body:
        if key is not None:
            _read_table(key, item, source, places, drafts, problems)
    return tuple(drafts), tuple(problems)


def _read_table(
    key: Key, item: Item, source: str, places: _Places, drafts: list[Draft], problems: list[Problem]
) -> None:
    if not isinstance(item, Table) or item.is_super_table() or key.is_dotted():
        line = places.find(rf"\[*\s*{re.escape(key.as_string().strip())}")
        message = 'a model file holds one table per schema, with its url in quotes: ["some.url.1"]'
        problems.append(Problem(message, path=field_name(key.key), source=source, line=line))
        return
    line = places.find(rf"\[\s*{re.escape(key.as_string().strip())}\s*\]")
    draft = Draft(key.key, source, line, places.help(line, item.trivia.comment))
    entries: list[Entry] = []
    for name, value in item.value.body:
        if name is not None:
            entries += _read_entry(name, value, draft, places, problems)
    drafts.append(replace(draft, entries=tuple(entries)))


def _read_entry(name: Key, value: Item, draft: Draft, places: _Places, problems: list[Problem]) -> list[Entry]:
    line = places.find(rf"{re.escape(name.as_string().strip())}\s*[=.]")
    if not isinstance(value, String):
        message = "the value is the text of an expression, such as '(I)' or '\"\" (S)'"
        path = path_of((brief(draft.url), field_name(name.key)))
        problems.append(Problem(message, path=path, source=draft.source, line=line))
        return []
    places.skip(len(value.as_string()))
    return [Entry(name.key, str(value), places.help(line, value.trivia.comment), line)]


class _Places:
    """Where the keys of a TOML text stand; tomlkit keeps no line numbers, so they are looked up in order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = text.split("\n")
        self._position = 0

    def find(self, pattern: str) -> int:
        """Return the line (from 1) that begins with a pattern, from where the last search ended; 0 for none."""
        match = re.compile(rf"^[ \t]*(?={pattern})", re.MULTILINE).search(self._text, self._position)
        if match is None:
            return 0
        self._position = match.end() + 1
        return self._text.count("\n", 0, match.end()) + 1

    def skip(self, length: int) -> None:
        """Step over a value, so that a text in it is not taken for a key."""
        self._position += length

    def help(self, line: int, trailing: str) -> str:
        """Return the comments right above a line and behind it as one text."""
        return help_at(self._lines, line, trailing)


def _line_of_repeated(text: str, message: str) -> int:
    """Return the line of a key that tomlkit found twice: the second one that begins with it; 0 if unclear."""
    quoted = re.search(r'Key "(.*)" already exists', message)
    if quoted is None:
        return 0
    key = re.escape(quoted[1])
    lines = [m.start() for m in re.finditer(rf"""^[ \t]*\[?\s*["']?{key}["']?\s*[=\]]""", text, re.MULTILINE)]
    return text.count("\n", 0, lines[1]) + 1 if len(lines) > 1 else 0
