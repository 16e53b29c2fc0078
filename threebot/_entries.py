"""The checks that the phonebook and the directory both make of their entries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice

from nacl.bindings import crypto_core_ed25519_is_valid_point

from ..errors import InputError, Problem
from ..schema import NOT_SET
from ._words import shown

__all__ = [
    "key_problems",
    "name_problems",
    "number_of",
    "number_problems",
    "refuse",
    "same_name",
    "text_of",
    "text_problems",
]

_KEY = re.compile(r"[0-9a-fA-F]{64}")
_LONGEST_NAME = 40
_LONGEST_TEXT = 255
_MOST_PROBLEMS = 50


def same_name(name: str) -> str:
    """Return what two names have in common that differ in case only."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def number_of(number: object, path: str, words: str) -> int:
    """Return the number that something is looked for by, called by the words; there may be nothing under it.

    Raises:
        InputError: it is no whole number, or has more than 64 bits.
    """
    if not isinstance(number, int) or isinstance(number, bool) or number.bit_length() > 64:
        raise InputError(f"{words} is a whole number, not {shown(number)}", path=path)
    return number


def text_of(text: object, path: str, words: str) -> str:
    """Return the text that something is looked for by, called by the words; there may be nothing under it.

    Raises:
        InputError: it is no text.
    """
    if not isinstance(text, str):
        raise InputError(f"{words} is a text, not {shown(text)}", path=path)
    return text


def refuse(problems: Iterable[Problem]) -> None:
    """Refuse what has problems; where there are very many, the first ones are enough to go on with.

    Raises:
        InputError: there is one or more.
    """
    found = tuple(islice(problems, _MOST_PROBLEMS))
    if found:
        raise InputError.of(found)


def text_problems(text: str, path: str, longest: int = _LONGEST_TEXT, *, lines: bool = False) -> Iterator[Problem]:
    """Yield what is wrong with a text that somebody writes of themselves.

    Arguments:
        text: the text.
        path: where it stands.
        longest: how many characters it may have.
        lines: whether it may have several lines.
    """
    if len(text) > longest:
        yield Problem(f"has at most {longest} characters, not {len(text)}", path)
    elif not (text.replace("\n", "") if lines else text).isprintable():
        yield Problem("has a character that does not print", path)


def name_problems(name: object, path: str = "name") -> Iterator[Problem]:
    """Yield what is wrong with a name of a user or a farm."""
    if not isinstance(name, str):
        yield Problem(f"a name is a text, not {shown(name)}", path)
    elif not 1 <= len(name) <= _LONGEST_NAME:
        yield Problem(f"a name has 1 to {_LONGEST_NAME} characters, not {len(name)}", path)
    elif name != name.strip() or not name.isprintable():
        yield Problem(f"{name!r} begins or ends with a space, or has a character that does not print", path)


def number_problems(number: object, path: str, words: str) -> Iterator[Problem]:
    """Yield what is wrong with a threebot id or a farm id, called by the words."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number < NOT_SET:
        yield Problem(f"{words} is a whole number of 1 to {NOT_SET - 1}, not {shown(number)}", path)


def key_problems(key: object, path: str = "public_key") -> Iterator[Problem]:
    """Yield what is wrong with an ed25519 public key in hex."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        yield Problem("a public key is the hex text of 32 bytes: 64 digits", path)
    elif not crypto_core_ed25519_is_valid_point(bytes.fromhex(key)):
        yield Problem("these 32 bytes are no ed25519 public key; nothing verifies with them", path)
