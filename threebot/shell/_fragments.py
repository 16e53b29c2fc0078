"""Styled text without a terminal library: lines of fragments, which each frontend paints in its own way."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

__all__ = ["Fragment", "Line", "Style", "plain", "visible"]


class Style(StrEnum):
    """What a piece of text is; the command line and the shell each choose the looks."""

    HEADING = "heading"
    NAME = "name"
    TEXT = "text"
    NUMBER = "number"
    WORD = "word"
    DIM = "dim"
    SECRET = "secret"  # noqa: S105 - the name of a style
    ERROR = "error"


Fragment = tuple[Style, str]
Line = list[Fragment]


def visible(text: str) -> str:
    r"""Return a text on one line with its control characters spelled out, as ``\n`` or ``\x1b``.

    What others stored is shown on somebody's terminal; an escape sequence in it must not act there.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _spelled(character) for character in text)


def _spelled(character: str) -> str:
    """Return the escape of a character that does not print; a lone surrogate has one too."""
    return character.encode("unicode_escape").decode("ascii")


def plain(lines: Iterable[Line]) -> str:
    """Return lines of fragments as text, without their styles."""
    return "\n".join("".join(text for _, text in line).rstrip() for line in lines)
