"""Stored reservations as replies in JSON: that of one that is asked for again and again is made once."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import msgspec

from ...actors import Stored
from ._replies import bulk

__all__ = ["StoredReplies"]

_ENCODER = msgspec.json.Encoder()
_MOST = 1024
_LONGEST = 16 * 1024


class _Kept(NamedTuple):
    body: bytes
    made: type[msgspec.Struct]
    reply: bytes


class StoredReplies:
    """The replies that are the JSON texts of stored reservations, a thousand of them.

    A reply is used for the very bytes that it was made of, read as the same type, and for no others, so that it is
    never out of date: a newer model makes a new type. It is kept when it was made for the second time within a
    thousand others: who reads everything once leaves nothing behind, and keeping what is not asked for again costs a
    third as much as making it.
    """

    __slots__ = ("_kept", "_made")

    def __init__(self) -> None:
        self._kept: OrderedDict[int, _Kept] = OrderedDict()
        self._made: set[int] = set()

    def reply(self, stored: Stored) -> bytes:
        """Return a stored reservation as JSON text in a bulk string.

        Raises:
            Internal: it can not be read.
        """
        kept = self._kept.get(stored.id)
        if kept is not None and kept.body == stored.body and kept.made is stored.schema.type:
            return kept.reply
        decoded = stored.decoded()
        reply = bulk(_ENCODER.encode(decoded))
        if stored.id in self._made:
            self._keep(stored, type(decoded), reply)
        else:
            if len(self._made) >= _MOST:
                self._made.clear()
            self._made.add(stored.id)
        return reply

    def _keep(self, stored: Stored, made: type[msgspec.Struct], reply: bytes) -> None:
        self._kept.pop(stored.id, None)
        if len(reply) <= _LONGEST:
            if len(self._kept) >= _MOST:
                self._kept.popitem(last=False)
            self._kept[stored.id] = _Kept(stored.body, made, reply)
