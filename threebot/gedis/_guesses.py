"""What somebody probably meant by a name that no command has."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import nlargest

from ...schema import closest

__all__ = ["Guesses"]

_LONGEST = 40
_LONGEST_PREFIX = 100
_NEAREST = 3
_MOST_REMEMBERED = 256


class Guesses:
    """Guesses at names that no command has; cheap, because such names may come thousands at a time.

    The last component of a name is compared with those of the commands, in two steps: the pairs of letters that
    two have in common leave a few that are worth a closer look. Of the commands that end so, the one is meant
    that begins like the name. Where a name is one word alone, and several commands end so, nothing is said.

    Arguments:
        commands: what each command leads to, by its name in small letters.
    """

    def __init__(self, commands: Mapping[str, object]) -> None:
        self._commands = commands
        self._prefixes: dict[str, list[str]] = {}
        for name in commands:
            prefix, _, last = name.rpartition(".")
            self._prefixes.setdefault(last, []).append(prefix)
        self._pairs = {last: _pairs(last) for last in self._prefixes}
        self._remembered: dict[str, str] = {}

    def near(self, name: str) -> str:
        """Return the command that is meant; empty where none is near, or the name is longer than any would be."""
        if len(name) > _LONGEST + _LONGEST_PREFIX:
            return ""
        command = self._remembered.get(name)
        if command is None:
            command = self._guess(*_split(name.lower()))
            if len(self._remembered) >= _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[name] = command
        return command

    def _guess(self, prefix: str, last: str) -> str:
        if len(last) > _LONGEST or len(prefix) > _LONGEST_PREFIX:
            return ""
        pairs = _pairs(last)
        likely = nlargest(_NEAREST, self._pairs, key=lambda known: _likeness(pairs, self._pairs[known]))
        meant = closest(last, likely)
        return self._whole(prefix, meant) if meant else ""

    def _whole(self, prefix: str, last: str) -> str:
        """Return the whole name of the command that ends so, and begins as like a prefix as any; empty if unclear."""
        prefixes = self._prefixes[last]
        if prefix:
            nearest = max(prefixes, key=lambda known: _common(known, prefix))
            return _joined(nearest, last)
        if "" in prefixes:
            return last
        names = [_joined(known, last) for known in prefixes]
        return names[0] if len({id(self._commands[name]) for name in names}) == 1 else ""


def _split(name: str) -> tuple[str, str]:
    prefix, _, last = name.rpartition(".")
    return prefix, last


def _joined(prefix: str, last: str) -> str:
    return f"{prefix}.{last}" if prefix else last


def _common(one: str, other: str) -> int:
    """Return with how many equal letters two words begin."""
    both = zip(one, other, strict=False)
    return next((place for place, (left, right) in enumerate(both) if left != right), min(len(one), len(other)))


def _pairs(word: str) -> frozenset[str]:
    """Return the pairs of letters that stand side by side in a word, with its first and last one by themselves."""
    return frozenset((word[:1], *(word[place : place + 2] for place in range(len(word))), word[-1:] + "."))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how many of their pairs two words have in common: 1 for all, 0 for none."""
    return 2 * len(one & other) / (len(one) + len(other))
