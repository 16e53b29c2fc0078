"""Signed changes of entries: which was the last one, and whether another may follow (``docs/directory.md``)."""

from __future__ import annotations

import hashlib
import re

import msgspec

from ...bcdb import Reader, Transaction
from ...errors import Conflict, Internal, PermissionDenied
from ...rules import verifies

__all__ = ["FIRST", "LastChange", "change_of", "last_change", "put_change", "refuse_replay", "verify"]

COLLECTION = "user_change"
_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")


class LastChange(msgspec.Struct, frozen=True, array_like=True):
    """The last change of an entry.

    Attributes:
        counter: its counter, which the next one has to exceed; 0 where there was none.
        digest: the SHA-256 of its json text; empty where there was none.
    """

    counter: int
    digest: bytes


FIRST = LastChange(0, b"")
"""What an entry has that was never changed."""

_decode = msgspec.msgpack.Decoder(LastChange).decode


def change_of(counter: int, json: str) -> LastChange:
    """Return a change by its counter and its text."""
    return LastChange(counter, hashlib.sha256(json.encode()).digest())


def last_change(reader: Reader, tid: int) -> LastChange:
    """Return the last change of a user's entry.

    Raises:
        Internal: what is stored can not be read.
    """
    body = reader.document(COLLECTION, tid)
    try:
        return FIRST if body is None else _decode(body)
    except msgspec.DecodeError as error:
        raise Internal(f"the last change of user {tid} can not be read; the operator has to look at it") from error


def put_change(transaction: Transaction, tid: int, change: LastChange) -> None:
    """Keep the last change of a user's entry, in the transaction that writes the entry itself."""
    transaction.put_document(COLLECTION, tid, msgspec.msgpack.encode(change))


def refuse_replay(last: LastChange, counter: int) -> None:
    """Refuse a change that does not come after the last one.

    Raises:
        Conflict: its counter is not higher; the message says which would be.
    """
    if counter <= last.counter:
        raise Conflict(
            f"this is a replay: change {last.counter} of the entry was made already, and the next counter is "
            f"{last.counter + 1}; sign the change with that",
            path="counter",
        )


def verify(public_key: str, signature: str, message: bytes, *, whose: str) -> None:
    """See that a signature verifies.

    Arguments:
        public_key: the ed25519 key, hex text.
        signature: hex text of 128 digits.
        message: what was signed.
        whose: whose key it is, for the message.

    Raises:
        PermissionDenied: it is no signature, or does not verify.
    """
    if not _SIGNATURE.fullmatch(signature):
        raise PermissionDenied("a signature is hex text of 128 digits", path="signature")
    if not verifies(bytes.fromhex(public_key), message, bytes.fromhex(signature)):
        raise PermissionDenied(f"the signature does not verify with {whose}", path="signature")
