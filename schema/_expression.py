"""The expression of a property, cut into its parts: ``[default] [(TYPE)] [!url] [# comment]``.

Both carriers use it: in the text form the expression is what follows the ``=`` of a line, in TOML it
is the value of a key. The grammar is in ``docs/schema.md``, "A property".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Expression", "Malformed", "read_expression"]

_QUOTES = "\"'"
_ENDS_DEFAULT = "(!#"
_COMMENT = re.compile(r"\s*#(.*)", re.DOTALL)
_TYPE = re.compile(r"\s*\(([^)]*)\)?")
_REFERENCE = re.compile(r"\s*!\s*([^\s#]*)")


class Malformed(Exception):
    """Part of a schema does not follow the language; the text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Expression:
    """The parts of a property's expression.

    Attributes:
        default: the text before the type, without its outer quotes where they hold all of it.
        quoted: whether that text began with a quote.
        parted: whether it began with a quote that holds only a part of it, as in ``"a", "b"``.
        type: the letters between the parentheses in lower case; empty where there are none.
        reference: the url behind ``!`` in lower case; empty where there is none.
        comment: the text behind ``#``.
        text: the expression without its comment, as it was written.
    """

    default: str
    quoted: bool
    parted: bool
    type: str
    reference: str
    comment: str
    text: str


def read_expression(text: str) -> Expression:
    """Cut an expression into its parts; ``#``, ``!`` and parentheses inside quotes are text.

    Arguments:
        text: what stands behind the ``=``.

    Raises:
        Malformed: a quote is not closed, or something follows that is no part of an expression.
    """
    end = _end_of_default(text)
    default, quoted, parted = _unquote(text[:end].strip())
    type_text, position = _read_type(text, end)
    reference, position = _read_reference(text, position)
    comment = _COMMENT.match(text, position)
    if comment is None and text[position:].strip():
        raise Malformed(f"'{text[position:].strip()}' is neither a type, nor a !reference, nor a # comment")
    return Expression(
        default=default,
        quoted=quoted,
        parted=parted,
        type=type_text.lower(),
        reference=reference.lower(),
        comment=comment[1].strip() if comment else "",
        text=text[:position].strip(),
    )


def _end_of_default(text: str) -> int:
    """Return where the default ends: at the first ``(``, ``!`` or ``#`` outside quotes."""
    quote = ""
    for position, character in enumerate(text):
        if quote:
            if character == quote:
                quote = ""
        elif character in _ENDS_DEFAULT:
            return position
        elif character in _QUOTES and not text[position - 1 : position].isalnum():
            quote = character
    if quote:
        raise Malformed(f"a {quote} is opened and never closed")
    return len(text)


def _read_type(text: str, start: int) -> tuple[str, int]:
    """Return the first type and where it ends; further pairs of parentheses are stepped over, as ever."""
    found, position = "", start
    while pair := _TYPE.match(text, position):
        position = pair.end()
        found = found or pair[1].strip()
    return found, position


def _read_reference(text: str, start: int) -> tuple[str, int]:
    match = _REFERENCE.match(text, start)
    if match is None:
        return "", start
    if not match[1]:
        raise Malformed("a ! is followed by the url of a schema")
    return match[1].strip(_QUOTES), match.end()


def _unquote(text: str) -> tuple[str, bool, bool]:
    """Return a text without the quotes that hold all of it, whether it began with one, and whether it still does."""
    quoted = text[:1] in ("'", '"')
    if quoted and len(text) > 1 and text[-1] == text[0] and text[0] not in text[1:-1]:
        return text[1:-1], True, False
    return text, quoted, quoted
