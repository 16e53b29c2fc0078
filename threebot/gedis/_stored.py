"""Stored reservations as JSON: the text of one that is asked for again and again is made once."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from ...actors import Stored

__all__ = ["StoredTexts"]

_ENCODER = msgspec.json.Encoder()
_MOST = 1024
_LONGEST = 16 * 1024


class _Text(NamedTuple):
    body: bytes
    text: bytes


class StoredTexts:
    """The JSON texts of stored reservations, the newest thousand of them.

    A text is used for the very bytes that it was made of and for no others, so that it is never out of date.
    """

    __slots__ = ("_texts",)

    def __init__(self) -> None:
        self._texts: dict[int, _Text] = {}

    def text(self, stored: Stored) -> bytes:
        """Return a stored reservation as JSON text.

        Raises:
            Internal: it can not be read.
        """
        kept = self._texts.get(stored.id)
        if kept is not None and kept.body == stored.body:
            return kept.text
        text = _ENCODER.encode(stored.decoded())
        if len(text) <= _LONGEST:
            self._texts.pop(stored.id, None)
            if len(self._texts) >= _MOST:
                del self._texts[next(iter(self._texts))]
            self._texts[stored.id] = _Text(stored.body, text)
        return text
