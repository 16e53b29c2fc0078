"""Values and errors as a sentence quotes them: in one line, printable, and cut where they are long."""

from __future__ import annotations

__all__ = ["error_words", "in_line", "shown"]

_LONGEST = 300


def shown(value: object) -> str:
    """Return a value in its Python form; of one that is no text, number or flag, only the type."""
    if not isinstance(value, str | int | float | bool | None):
        return f"a {type(value).__name__}"
    try:
        return in_line(repr(value))
    except ValueError:  # Python writes no number of more than 4300 digits
        return "a very large number"


def error_words(error: BaseException) -> str:
    """Return the type and the text of an error, whatever its author made of both."""
    try:
        text = in_line(str(error))
    except Exception:  # noqa: BLE001 - the error is somebody else's, and so is how it becomes a text
        text = ""
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def in_line(text: str) -> str:
    """Return a text in one line that can be printed, cut where it is long."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return " ".join("".join(each if each.isprintable() else " " for each in cut).split())
