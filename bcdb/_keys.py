"""Every key of every table in one place: how values become bytes whose order is the values' order.

Whole numbers are packed big-endian, so that comparing bytes compares numbers; signed ones are raised
by 2^63 first. Texts are UTF-8, which sorts as the texts do; a text that something follows carries its
length in front. No key is longer than `MAXIMUM_KEY` bytes. ``docs/store.md`` lists the tables.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import wraps
from hashlib import blake2b
from struct import Struct
from typing import TypeVar

from ..errors import InputError, Internal
from ._contract import Key

__all__ = [
    "DIGEST",
    "ID",
    "MARK",
    "MAXIMUM_KEY",
    "MAXIMUM_NAME",
    "MAXIMUM_NUMBER",
    "MAXIMUM_TEXT",
    "NODE",
    "DamagedKeyError",
    "customer_prefix",
    "customer_state",
    "document",
    "document_prefix",
    "fits",
    "is_own",
    "is_tid",
    "moment",
    "name",
    "node_number",
    "node_prefix",
    "node_state",
    "numbered",
    "pending",
    "read_customer_state",
    "read_document",
    "read_id",
    "read_moment",
    "read_node_number",
    "read_node_state",
    "read_numbered",
    "read_pending",
    "read_signature",
    "read_state",
    "read_value",
    "reservation",
    "signature",
    "state",
    "text",
    "value",
    "value_prefix",
    "version",
]

T = TypeVar("T")

MAXIMUM_KEY = 511
"""The longest key that LMDB takes, in bytes."""

MAXIMUM_NAME = 64
"""The longest name of a collection, an index or a counter, in UTF-8 bytes."""

MAXIMUM_TEXT = 255
"""The longest node id or document key, in UTF-8 bytes."""

MAXIMUM_NUMBER = 2**63 - 1
"""The highest id, epoch, deadline or numeric document key."""

DIGEST = 32
"""Bytes of a signature's digest, and of the digest that stands for an indexed value."""

ID = Struct(">Q")
"""A reservation id, as it stands alone and at the end of every index key."""

_STATE = Struct(">BQ")
_NODE_STATE = Struct(">IBQ")
_CUSTOMER_STATE = Struct(">QBQ")
_TWO = Struct(">QQ")
_PENDING = Struct(">IQQ")
_NODE = Struct(">I")
NODE = _NODE.size
"""Bytes of the number that stands for a node id."""

_SIGNATURE = Struct(f">Q{DIGEST}s")

_RAISE = 2**63
_OWN = b"\xff"  # no UTF-8 text begins so: what the store keeps for itself among the counters comes after all names

MARK = _OWN
"""The key, among the counters, of the id up to which every index row is written."""
_NUMBER_TAG = b"\x01"
_TEXT_TAG = b"\x02"


class DamagedKeyError(Internal):
    """A key cannot be read: the bytes of its table are damaged."""


def text(value: str, what: str, longest: int = MAXIMUM_TEXT) -> bytes:
    """Return a text as key bytes.

    Arguments:
        value: the text.
        what: what it is, for the message, as ``the node id``.
        longest: how many UTF-8 bytes it may have.

    Raises:
        InputError: it is empty, too long, or has halves of surrogate pairs.
    """
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{what} is not valid Unicode text") from error
    if not 0 < len(encoded) <= longest:
        raise InputError(f"{what} has {len(encoded)} bytes; it must have 1 to {longest}")
    return encoded


def name(value: str, what: str) -> bytes:
    """Return a name with its length in front, so that whatever follows it cannot be taken for a part of it.

    Raises:
        InputError: it is empty or longer than `MAXIMUM_NAME` bytes.
    """
    encoded = text(value, what, MAXIMUM_NAME)
    return bytes((len(encoded),)) + encoded


def _refuse_damaged(read: Callable[[bytes], T]) -> Callable[[bytes], T]:
    """Let a function that reads a key raise `DamagedKeyError` for one that no function here made."""

    @wraps(read)
    def read_sound(key: bytes) -> T:
        try:
            return read(key)
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            message = f"the key {key.hex()} is damaged; check the store, and load the last archive into a new directory"
            raise DamagedKeyError(message) from error

    return read_sound


def version(collection: str) -> bytes:
    """Return the key, among the counters, of a collection's version.

    Raises:
        InputError: the name is out of its limits.
    """
    return _OWN + document_prefix(collection)


def is_own(key: bytes) -> bool:
    """Return whether a key among the counters is of the store itself, not one that has a name."""
    return key.startswith(_OWN)


def reservation(reservation_id: int) -> bytes:
    """Return the key of a reservation."""
    return ID.pack(reservation_id)


def read_id(key: bytes) -> int:
    """Return the reservation id that a reservation or index key ends in."""
    return int.from_bytes(key[-8:], "big")


def state(number: int, reservation_id: int) -> bytes:
    """Return the row of a reservation under its state."""
    return _STATE.pack(number, reservation_id)


@_refuse_damaged
def read_state(key: bytes) -> tuple[int, int]:
    """Return state and reservation id of a row that `state` made."""
    number, reservation_id = _STATE.unpack(key)
    return number, reservation_id


def node_number(number: int) -> bytes:
    """Return the four bytes that stand for a node id."""
    return _NODE.pack(number)


@_refuse_damaged
def read_node_number(key: bytes) -> int:
    """Return the number that `node_number` packed."""
    (number,) = _NODE.unpack(key)
    return int(number)


node_prefix = node_number
"""The beginning of a node's rows in its index and in the queues."""


def node_state(node: int, number: int, reservation_id: int) -> bytes:
    """Return the row of a reservation under a node and its state."""
    return _NODE_STATE.pack(node, number, reservation_id)


@_refuse_damaged
def read_node_state(key: bytes) -> tuple[int, int, int]:
    """Return node number, state and reservation id of a row that `node_state` made."""
    node, number, reservation_id = _NODE_STATE.unpack(key)
    return node, number, reservation_id


def is_tid(tid: int) -> bool:
    """Return whether a threebot id can be stored: a 64-bit signed number."""
    return -_RAISE <= tid < _RAISE


def customer_prefix(tid: int) -> bytes:
    """Return the beginning of a customer's rows; tid is any 64-bit signed number."""
    return ID.pack(tid + _RAISE)


def customer_state(tid: int, number: int, reservation_id: int) -> bytes:
    """Return the row of a reservation under its customer and its state."""
    return _CUSTOMER_STATE.pack(tid + _RAISE, number, reservation_id)


@_refuse_damaged
def read_customer_state(key: bytes) -> tuple[int, int, int]:
    """Return tid, state and reservation id of a row that `customer_state` made."""
    raised, number, reservation_id = _CUSTOMER_STATE.unpack(key)
    return raised - _RAISE, number, reservation_id


def moment(seconds: int, reservation_id: int) -> bytes:
    """Return the row of a reservation under its epoch or its deadline, in seconds since 1970."""
    return _TWO.pack(seconds, reservation_id)


@_refuse_damaged
def read_moment(key: bytes) -> tuple[int, int]:
    """Return seconds and reservation id of a row that `moment` made."""
    seconds, reservation_id = _TWO.unpack(key)
    return seconds, reservation_id


def numbered(reservation_id: int, sequence: int) -> bytes:
    """Return the key of the n-th history entry of a reservation, counted from 1."""
    return _TWO.pack(reservation_id, sequence)


read_numbered = read_moment
"""Return reservation id and sequence number of a key that `numbered` made."""


def pending(node: int, reservation_id: int, workload_id: int) -> bytes:
    """Return a row of a node's queue."""
    return _PENDING.pack(node, reservation_id, workload_id)


@_refuse_damaged
def read_pending(key: bytes) -> tuple[int, int, int]:
    """Return node number, reservation id and workload id of a row that `pending` made."""
    node, reservation_id, workload_id = _PENDING.unpack(key)
    return node, reservation_id, workload_id


def signature(tid: int, digest: bytes) -> bytes:
    """Return the key of a signature's use; tid is any 64-bit signed number, the digest has 32 bytes."""
    return _SIGNATURE.pack(tid + _RAISE, digest)


@_refuse_damaged
def read_signature(key: bytes) -> tuple[int, bytes]:
    """Return tid and digest of a key that `signature` made."""
    raised, digest = _SIGNATURE.unpack(key)
    return raised - _RAISE, digest


def fits(key: Key) -> bool:
    """Return whether a document key can exist: what does not fit was never stored."""
    try:
        _key(key)
    except InputError:
        return False
    return True


def _key(key: Key) -> bytes:
    """Return a document key so that numbers sort before texts, each in their order."""
    if isinstance(key, str):
        return _TEXT_TAG + text(key, "a document's key")
    if not 0 <= key <= MAXIMUM_NUMBER:
        raise InputError(f"{key} is no document key; a number must be 0 to 2^63-1")
    return _NUMBER_TAG + ID.pack(key)


def _read_key(encoded: bytes) -> Key:
    if encoded[:1] == _NUMBER_TAG:
        return read_id(encoded[1:])
    return encoded[1:].decode()


def document_prefix(collection: str) -> bytes:
    """Return the beginning of the keys of a collection."""
    return name(collection, "the collection's name")


def document(collection: str, key: Key) -> bytes:
    """Return the key of a document of a collection.

    Raises:
        InputError: the name or the key is out of its limits.
    """
    return document_prefix(collection) + _key(key)


@_refuse_damaged
def read_document(encoded: bytes) -> tuple[str, Key]:
    """Return collection and key of what `document` made."""
    end = 1 + encoded[0]
    return encoded[1:end].decode(), _read_key(encoded[end:])


def value_prefix(collection: str, index: str, carried: Key) -> bytes:
    """Return the beginning of the rows of one value in an index of a collection.

    The value is there as a digest: rows are looked up by the whole value only, and value and
    document key together would not fit into one key.

    Raises:
        InputError: a name or the value is out of its limits.
    """
    digest = blake2b(_key(carried), digest_size=DIGEST).digest()
    return document_prefix(collection) + name(index, "the index's name") + digest


def value(collection: str, index: str, carried: Key, key: Key) -> bytes:
    """Return the row of a document under a value that it carries in an index."""
    return value_prefix(collection, index, carried) + _key(key)


@_refuse_damaged
def read_value(encoded: bytes) -> tuple[str, str, Key]:
    """Return collection, index and document key of a row that `value` made."""
    start = 1 + encoded[0]
    end = start + 1 + encoded[start]
    return encoded[1:start].decode(), encoded[start + 1 : end].decode(), _read_key(encoded[end + DIGEST :])
