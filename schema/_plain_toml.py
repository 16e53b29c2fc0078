"""The plain lines of TOML in which models are written: a url, a key with a text, a comment.

tomlkit reads them too, and everything else in TOML, but it takes a hundred times as long, which is most of what a start
would cost. So it is asked where a text has any other line, and where it has a mistake.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ._draft import Draft, Entry

__all__ = ["help_at", "read_plain_toml"]

_LINE = re.compile(
    r"""[ \t]*
    (?:
        \[ [ \t]* (?P<url> "[^"\\]+" | '[^']+' ) [ \t]* \]
        |
        (?P<key> [A-Za-z0-9_-]+ | "[^"\\]+" | '[^']+' ) [ \t]* = [ \t]* (?P<value> "[^"\\]*" | '[^']*' )
    )?
    [ \t]* (?P<comment> \#.* )?""",
    re.VERBOSE,
)
_QUOTES = "\"'"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def read_plain_toml(text: str, source: str) -> tuple[Draft, ...] | None:
    """Read a TOML text that has plain lines alone into the drafts of its schemas.

    Arguments:
        text: the whole text.
        source: its name, for messages.

    Returns:
        The drafts in the order of the text; None where the text has another line, or a mistake.
    """
    if _CONTROL.search(text):
        return None
    lines = text.split("\n")
    headers: dict[str, Draft] = {}
    entries: dict[str, dict[str, Entry]] = {}
    url = ""
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        header, key, value, comment = match.group("url", "key", "value", "comment")
        if header:
            url = header[1:-1]
            if url in headers:
                return None
            headers[url] = Draft(url, source, number, help_at(lines, number, comment or ""))
            entries[url] = {}
        elif key:
            name = key[1:-1] if key[0] in _QUOTES else key
            if not url or name in entries[url]:
                return None
            entries[url][name] = Entry(name, value[1:-1], help_at(lines, number, comment or ""), number)
    return tuple(replace(draft, entries=tuple(entries[url].values())) for url, draft in headers.items())


def help_at(lines: list[str], line: int, trailing: str) -> str:
    """Return the comments right above a line and behind it as one text.

    Arguments:
        lines: those of the whole text.
        line: the line, from 1.
        trailing: the comment behind it, with its ``#``; empty where there is none.
    """
    first = line - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    parts = [part.strip().lstrip("#").strip() for part in (*lines[first : line - 1], trailing)]
    return " ".join(part for part in parts if part)
