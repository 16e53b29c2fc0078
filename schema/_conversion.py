"""What a conversion carries along: the mistakes found so far, each with its place.

A place is a chain of pairs, ``((("", "containers"), 0), "node_id")``; it becomes a path only when
there is a mistake to report, so that a value without mistakes costs no text.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from typing import Any, Literal

from ..errors import InputError, Problem

__all__ = [
    "MAXIMUM_DEPTH",
    "MOST_PARTS",
    "Conversion",
    "Place",
    "Refusal",
    "Unknown",
    "brief",
    "closest",
    "field_name",
    "near_miss",
    "path_of",
    "printable",
    "shown",
]

MAXIMUM_DEPTH = 64
"""How deep objects, lists and (dict) or (json) values may be nested in each other."""

MOST_PARTS = 2**20
"""How many values a conversion reads in all."""

_MOST_PROBLEMS = 50
_SHOWN = 40
_LONGEST_NAME = 80

Place = tuple[Any, str | int] | str
"""A field's place: the path it starts from, or a pair of the place above and a name or a position."""

Unknown = Literal["refuse", "ignore"]
"""What happens to a field that the schema does not have."""


class Refusal(Exception):
    """A value that does not fit; the text is one sentence for a person, without the path."""


class Conversion:
    """One run of a conversion over a value and everything in it.

    Arguments:
        unknown: what to do with a field that the schema does not have.
        now: seconds since 1970 that relative dates count from; None where the clock is asked.
        clock: returns the current second; None where there is no clock either.

    Attributes:
        depth: how many objects the value being read lies in.
        problems: the mistakes so far.
    """

    __slots__ = ("_clock", "_now", "_room", "depth", "problems", "unknown")

    def __init__(
        self, *, unknown: Unknown = "refuse", now: int | None = None, clock: Callable[[], int] | None = None
    ) -> None:
        self.unknown = unknown
        self._now = now
        self._clock = clock
        self._room = MOST_PARTS
        self.depth = 0
        self.problems: list[Problem] = []

    @property
    def now(self) -> int | None:
        """The second that relative dates count from, one for the whole conversion; None where it is not known."""
        if self._now is None and self._clock is not None:
            self._now = self._clock()
        return self._now

    @property
    def full(self) -> bool:
        """Whether so many mistakes were found that more would help nobody."""
        return len(self.problems) >= _MOST_PROBLEMS or self._room < 0

    def make_room(self, parts: int) -> None:
        """Count what an object or a list holds, before any of it is read.

        A list may hold itself, or one list a hundred times; without a limit it would be read without end.

        Raises:
            Refusal: the whole value holds more parts than any document has, or it is refused already.
        """
        before, few = self._room, len(self.problems) < _MOST_PROBLEMS
        self._room = before - parts
        if few and self._room >= 0:
            return
        if few and before >= 0:
            self.problems.append(Problem(f"holds more than {MOST_PARTS} values in all, or holds itself"))
        raise Refusal("is not read any more")

    def add(self, place: Place, message: str) -> None:
        """Note a mistake; when there are too many, the last one says that there are more."""
        if self.full:
            return
        self.problems.append(Problem(message, path=path_of(place)))
        if len(self.problems) == _MOST_PROBLEMS:
            self.problems.append(Problem(f"there are more mistakes; these are the first {_MOST_PROBLEMS}"))

    def finish(self) -> None:
        """Raise what was found.

        Raises:
            InputError: there was a mistake; all of them are in its ``errors``.
        """
        if self.problems:
            raise InputError.of(self.problems)


def path_of(place: Place) -> str:
    """Return a place as a path: ``data_reservation.containers[0].node_id``."""
    parts: list[str] = []
    while isinstance(place, tuple):
        place, step = place
        parts.append(f"[{step}]" if isinstance(step, int) else f".{step}")
    return (place + "".join(reversed(parts))).removeprefix(".")


def closest(name: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like this one, in whatever case; empty where none does."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold()[:100], by_folded, n=1)
    return by_folded[close[0]] if close else ""


def near_miss(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known name that looks most like this one, or nothing."""
    guess = closest(name, known)
    return f"; did you mean '{guess}'?" if guess else ""


def printable(text: str) -> str:
    """Return a text with everything that cannot be printed, or sent as UTF-8, as its escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


def brief(text: str, most: int = 300) -> str:
    """Return a line of a text that somebody wrote as a message quotes it: printable, and cut where it is long."""
    return printable(text if len(text) <= most else f"{text[: most // 2]} … {text[-most // 2 :]}")


def field_name(key: object) -> str:
    """Return the key of a mapping as a path shows it, whatever it is and however long."""
    if not isinstance(key, str):
        return f"<{type(key).__name__}>"
    return printable(key if len(key) <= _LONGEST_NAME else f"{key[:_LONGEST_NAME]}…") or "''"


def shown(value: object) -> str:
    """Return a value as a sentence shows it: what kind it is, and its text where that is short."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"the text '{printable(value)}'" if len(value) <= _SHOWN else f"a text of {len(value)} characters"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value) if not isinstance(value, int) or abs(value) < 10**_SHOWN else "a very large number"
    for kind, name in ((bytes, "bytes"), (dict, "an object"), (list | tuple, "a list")):
        if isinstance(value, kind):
            return name
    title = type(value).__name__
    return f"{'an' if title[:1] in 'aeiouAEIOU' else 'a'} {title}"
