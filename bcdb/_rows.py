"""What is stored under the keys, and which index rows belong to a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from ..errors import InputError, Internal
from . import _keys
from ._contract import Key, Record, SignatureUse
from ._tables import CUSTOMER_STATES, DEADLINES, EPOCHS, NODE_STATES, STATES

__all__ = [
    "Document",
    "Head",
    "Lane",
    "Row",
    "check_body",
    "check_record",
    "decode_document",
    "decode_record",
    "decode_use",
    "encode",
    "epoch_row",
    "lane_key",
    "lane_rows",
    "lanes_of",
    "moving_rows",
    "node_lane",
    "read_head",
    "value_rows",
]

T = TypeVar("T")

Row = tuple[str, bytes]
"""A table and a key in it."""

Lane = tuple[str, bytes]
"""A table and the beginning of the keys in it under which the reservations of one node or customer are."""

MAXIMUM_BODY = 64 * 1024 * 1024
"""The longest document, in bytes."""


class Document(msgspec.Struct, frozen=True, array_like=True):
    """A document of a collection as it is stored, with the values that its index rows are made of.

    Attributes:
        body: the document; the store never looks inside.
        unique: values by index name that no other document of the collection carries.
        indexed: values by index name that others may carry too.
    """

    body: bytes
    unique: dict[str, Key] = {}
    indexed: dict[str, Key] = {}


class Head(msgspec.Struct, frozen=True, array_like=True):
    """The beginning of a stored `Record`, which is read without its body."""

    id: int
    state: int
    epoch: int
    customer_tid: int
    deadline: int
    node_ids: tuple[str, ...]


encode = msgspec.msgpack.Encoder().encode
_head_decoder = msgspec.msgpack.Decoder(Head)
_record_decoder = msgspec.msgpack.Decoder(Record)
_document_decoder = msgspec.msgpack.Decoder(Document)
_use_decoder = msgspec.msgpack.Decoder(SignatureUse)


def _decode(decoder: msgspec.msgpack.Decoder[T], stored: bytes, what: str) -> T:
    try:
        return decoder.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        message = f"{what} cannot be read: its stored bytes are damaged; check the store, and load an archive"
        raise Internal(message) from error


def decode_record(key: bytes, stored: bytes) -> Record:
    """Return the reservation that is stored under a key.

    Raises:
        Internal: its bytes are damaged.
    """
    try:
        return _record_decoder.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _decode(_record_decoder, stored, f"reservation {_keys.read_id(key)}")


def read_head(stored: bytes) -> Head | None:
    """Return the facts of a stored reservation, or None where its bytes are damaged."""
    try:
        return _head_decoder.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def decode_document(key: bytes, stored: bytes) -> Document:
    """Return the document that is stored under a key.

    Raises:
        Internal: its bytes are damaged.
    """
    try:
        return _document_decoder.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        collection, document_key = _keys.read_document(key)
        return _decode(_document_decoder, stored, f"document {document_key!r} of {collection!r}")


def decode_use(stored: bytes) -> SignatureUse:
    """Return what is stored of a signature's use.

    Raises:
        Internal: its bytes are damaged.
    """
    return _decode(_use_decoder, stored, "the use of a signature")


def node_lane(number: int) -> Lane:
    """Return the lane of a node by the number that stands for its id."""
    return NODE_STATES, _keys.node_prefix(number)


def lanes_of(customer_tid: int, node_lanes: Iterable[Lane]) -> tuple[Lane, ...]:
    """Return the lanes of a reservation: that of its customer, and those of its nodes.

    Arguments:
        customer_tid: the threebot id of its customer.
        node_lanes: the lanes of its nodes.
    """
    return (CUSTOMER_STATES, _keys.customer_prefix(customer_tid)), *node_lanes


def lane_key(lane: Lane, state: int, reservation_id: int) -> bytes:
    """Return the key of a reservation's row in a lane."""
    return lane[1] + _keys.state(state, reservation_id)


def lane_rows(record: Record, lanes: Iterable[Lane]) -> list[Row]:
    """Return the rows of a reservation in its lanes."""
    return [(lane[0], lane_key(lane, record.state, record.id)) for lane in lanes]


def moving_rows(record: Record) -> list[Row]:
    """Return the rows that move with state and deadline, but for those in lanes."""
    rows = [(STATES, _keys.state(record.state, record.id))]
    if record.deadline:
        rows.append((DEADLINES, _keys.moment(record.deadline, record.id)))
    return rows


def epoch_row(record: Record) -> Row:
    """Return the row that the first reservation of an epoch has."""
    return EPOCHS, _keys.moment(record.epoch, record.id)


def value_rows(collection: str, key: Key, document: Document) -> Iterator[tuple[bytes, bytes]]:
    """Yield key and value of the rows by which a document of a collection is found; unique ones are marked."""
    for index, carried in document.unique.items():
        yield _keys.value(collection, index, carried, key), UNIQUE
    for index, carried in document.indexed.items():
        yield _keys.value(collection, index, carried, key), b""


UNIQUE = b"\x01"
"""The value of an index row that no other document may have."""


def check_record(record: Record) -> None:
    """Refuse a reservation that the tables cannot hold.

    Raises:
        InputError: a number is out of range, a node id does not fit or is there twice, the body is too long.
    """
    _within(record.id, 1, _keys.MAXIMUM_NUMBER, "the reservation id")
    _within(record.state, 0, 255, "the state")
    _within(record.epoch, 0, _keys.MAXIMUM_NUMBER, "the epoch")
    _within(record.deadline, 0, _keys.MAXIMUM_NUMBER, "the deadline")
    check_tid(record.customer_tid)
    for node_id in record.node_ids:
        _keys.text(node_id, "a node id")
    if len(set(record.node_ids)) != len(record.node_ids):
        raise InputError("a node id of the reservation is there twice")
    check_body(record.body)


def check_tid(tid: int) -> None:
    """Refuse a threebot id that is no 64-bit signed number.

    Raises:
        InputError: it is not.
    """
    if not _keys.is_tid(tid):
        raise InputError(f"the threebot id {tid} is out of range; it must be -2^63 to 2^63-1")


def check_reference(reservation_id: int, workload_id: int = 0) -> None:
    """Refuse a reservation id or a workload id that cannot be.

    Raises:
        InputError: the reservation id is not 1 to 2^63-1, or the workload id not 0 to 2^63-1.
    """
    _within(reservation_id, 1, _keys.MAXIMUM_NUMBER, "the reservation id")
    _within(workload_id, 0, _keys.MAXIMUM_NUMBER, "the workload id")


def check_digest(digest: bytes) -> None:
    """Refuse a signature's digest that does not have 32 bytes.

    Raises:
        InputError: it has another length.
    """
    if len(digest) != _keys.DIGEST:
        raise InputError(f"the digest of a signature has {len(digest)} bytes; it must have {_keys.DIGEST}")


def check_body(body: bytes) -> None:
    """Refuse a document that is longer than `MAXIMUM_BODY`.

    Raises:
        InputError: it is.
    """
    if len(body) > MAXIMUM_BODY:
        raise InputError(f"the document has {len(body)} bytes; the longest the store takes has {MAXIMUM_BODY}")


def _within(number: int, lowest: int, highest: int, what: str) -> None:
    if not lowest <= number <= highest:
        raise InputError(f"{what} {number} is out of range; it must be {lowest} to {highest}")
