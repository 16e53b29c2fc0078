"""The original text form: ``@url = …`` lines, and a line per property. It is no TOML."""

from __future__ import annotations

import re
from dataclasses import replace

from ..errors import Problem
from ._conversion import brief, field_name
from ._draft import Draft, Entry

__all__ = ["is_text_form", "read_text_form"]

_URL = re.compile(r"@url\s*=\s*(.*)", re.IGNORECASE)


def is_text_form(text: str) -> bool:
    """Return whether a text is in the text form: its first line that says something begins with ``@``."""
    first = next((line for line in map(str.strip, text.split("\n")) if line and not line.startswith("#")), "")
    return first.startswith("@")


def read_text_form(text: str, *, source: str, url: str = "", first_line: int = 0) -> tuple[list[Draft], list[Problem]]:
    """Cut a text into the drafts of its schemas.

    Arguments:
        text: the whole text.
        source: its name, for messages.
        url: the url of what stands before the first ``@url`` line, where that is allowed.
        first_line: how many lines come before the text in its source.

    Returns:
        The drafts in the order of the text, and the mistakes.
    """
    drafts = [Draft(url, source, first_line + 1)] if url else []
    entries: list[list[Entry]] = [[] for _ in drafts]
    problems: list[Problem] = []
    above: list[str] = []
    for number, raw in enumerate(text.split("\n"), first_line + 1):
        line = raw.strip()
        if line.startswith("#"):
            above.append(line.lstrip("#").strip())
            continue
        if line.startswith("@url") or _URL.match(line):
            draft = _opened(line, source, number, above)
            if draft is None:
                problems.append(Problem("an @url line has the form: @url = some.url.1", source=source, line=number))
            else:
                drafts.append(draft)
                entries.append([])
        elif line:
            _add(line, " ".join(above), number, source, entries, problems)
        above = []
    whole = [replace(draft, entries=tuple(its_own)) for draft, its_own in zip(drafts, entries, strict=True)]
    return _without_empty(whole, url), problems


def _opened(line: str, source: str, number: int, above: list[str]) -> Draft | None:
    match = _URL.fullmatch(line)
    if match is None:
        return None
    comment = match[1].partition("#")[2].strip()
    return Draft(match[1], source, number, " ".join(part for part in (*above, comment) if part))


def _add(
    line: str, help_text: str, number: int, source: str, entries: list[list[Entry]], problems: list[Problem]
) -> None:
    key, equals, value = line.partition("=")
    if not equals:
        message = f"'{brief(line)}' is no property; one has the form: name = (TYPE)  # help"
        problems.append(Problem(message, source=source, line=number))
    elif not entries:
        path = field_name(key.strip())
        problems.append(Problem("stands before the first @url line", path=path, source=source, line=number))
    else:
        entries[-1].append(Entry(key.strip(), value.strip(), help_text, number))


def _without_empty(drafts: list[Draft], url: str) -> list[Draft]:
    """Drop the draft of a given url where the text names its own right away."""
    if url and len(drafts) > 1 and not drafts[0].entries:
        return drafts[1:]
    return drafts
