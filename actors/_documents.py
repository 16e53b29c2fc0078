"""The way between a reservation with what the server knows of it, and the record that the store keeps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

import msgspec

from ..bcdb import Record
from ..errors import InputError, Internal
from ..rules import Case, Placement, Reservation, next_deadline
from ..schema import Registry, Schema
from ._history import History

__all__ = ["Documents", "Stored"]

logger = logging.getLogger(__name__)


T = TypeVar("T")


class Body(msgspec.Struct, Generic[T], frozen=True, array_like=True):
    """What a record's body holds (``docs/store.md``, "The document")."""

    farmers: tuple[int, ...]
    placements: tuple[Placement, ...]
    reporters: tuple[str, ...]
    reservation: T


class _Shown(msgspec.Struct, Generic[T], frozen=True, array_like=True):
    """The same, with nothing looked at but what a caller who sees everything is shown, and the number of reporters."""

    farmers: msgspec.Raw
    placements: msgspec.Raw
    reporters: tuple[str, ...]
    reservation: T


class _Parts(msgspec.Struct, frozen=True, array_like=True):
    """The same, with nothing looked at."""

    farmers: msgspec.Raw
    placements: msgspec.Raw
    reporters: msgspec.Raw
    reservation: msgspec.Raw


_encode_body = msgspec.msgpack.Encoder().encode
_split_body = msgspec.msgpack.Decoder(_Parts).decode
_UNREADABLE = (msgspec.MsgspecError, InputError, UnicodeDecodeError, RecursionError)


class Stored(msgspec.Struct, frozen=True):
    """A reservation that was not decoded, as a reply to who passes it on.

    Attributes:
        id: its id.
        body: what the store keeps of it. Two with one body are the same reservation in the same state.
        schema: the schema of a reservation.
    """

    id: int
    body: bytes
    schema: Schema

    def data(self) -> bytes:
        """Return the reservation as MessagePack.

        Raises:
            Internal: it can not be read.
        """
        try:
            return bytes(_split_body(self.body).reservation)
        except _UNREADABLE as error:
            raise unreadable(self.id) from error

    def decoded(self) -> msgspec.Struct:
        """Return the reservation as an object.

        Raises:
            Internal: it can not be read.
        """
        try:
            return cast("msgspec.Struct", self.schema.decode(self.data()))
        except InputError as error:
            raise unreadable(self.id) from error


class _Decoders:
    """What decodes a body and the reservation in it in one go.

    Arguments:
        made: the type of a reservation.
    """

    def __init__(self, made: type[msgspec.Struct]) -> None:
        self.made = made
        body: type[Body[Reservation]] = Body[made]  # type: ignore[valid-type]  # made at start
        shown: type[_Shown[Reservation]] = _Shown[made]  # type: ignore[valid-type]  # made at start
        self.body = msgspec.msgpack.Decoder(body).decode
        self.shown = msgspec.msgpack.Decoder(shown).decode


class Documents:
    """The schemas of a reservation and its parts, and the two forms of a reservation.

    Arguments:
        registry: has the models.

    Attributes:
        reservation: the schema of a reservation.
        data: the schema of what is asked for.
        no_data: data in which nothing is asked for, in its stored form.
        result: the schema of a node's report.
        signature: the schema of a counted signature.
        workload: the schema of a workload's envelope.
        history: what happened to a reservation.
    """

    def __init__(self, registry: Registry) -> None:
        self.reservation: Schema = registry.get("tfgrid.workloads.reservation.1")
        self.data: Schema = registry.get("tfgrid.workloads.reservation.data.1")
        self.no_data: bytes = self.data.encode(self.data.type())
        self.result: Schema = registry.get("tfgrid.workloads.reservation.result.1")
        self.signature: Schema = registry.get("tfgrid.workloads.reservation.signing.signature.1")
        self.workload: Schema = registry.get("tfgrid.workloads.reservation.workload.1")
        self.history = History(registry)
        self._decoders = _Decoders(self.reservation.type)

    def record(self, case: Case) -> Record:
        """Return what the store keeps of a case."""
        reservation = case.reservation
        body = Body(
            case.farmers,
            case.placements,
            case.reporters,
            msgspec.Raw(self.reservation.encode(cast("msgspec.Struct", reservation))),
        )
        return Record(
            id=reservation.id,
            state=int(reservation.next_action),
            epoch=reservation.epoch,
            customer_tid=reservation.customer_tid,
            deadline=next_deadline(case),
            node_ids=tuple(dict.fromkeys(placement.node_id for placement in case.placements)),
            body=_encode_body(body),
        )

    def case(self, record: Record) -> Case:
        """Return the case that a record holds.

        Raises:
            Internal: the record can not be read.
        """
        try:
            body = self._made_now().body(record.body)
        except _UNREADABLE as error:
            raise unreadable(record.id) from error
        reservation = body.reservation
        if len(body.reporters) != len(reservation.results):
            raise unreadable(record.id)
        return Case(reservation, body.farmers, body.placements, body.reporters)

    def whole(self, record: Record) -> Reservation:
        """Return the reservation that a record holds, for a caller who sees everything: what `case` has, for less.

        Raises:
            Internal: it can not be read.
        """
        try:
            body = self._made_now().shown(record.body)
        except _UNREADABLE as error:
            raise unreadable(record.id) from error
        reservation = body.reservation
        if len(body.reporters) != len(reservation.results):
            raise unreadable(record.id)
        return reservation

    def stored(self, record: Record) -> Stored:
        """Return the reservation of a record without a look at it."""
        return Stored(record.id, record.body, self.reservation)

    def head(self, record: Record) -> Any:  # noqa: ANN401 - the lazy view of the schema, made at start
        """Return the reservation of a record with its nested parts left undecoded.

        Raises:
            Internal: the record can not be read.
        """
        try:
            return self.reservation.decode_lazy(bytes(_split_body(record.body).reservation))
        except _UNREADABLE as error:
            raise unreadable(record.id) from error

    def readable(self, record: Record, read: Callable[[Record], T]) -> T | None:
        """Return what a list reads of a record; None for one that can not be read, which is logged and left out."""
        try:
            return read(record)
        except Internal:
            logger.exception("a list goes on without reservation %d", record.id)
            return None

    def _made_now(self) -> _Decoders:
        """Return the decoders for the type that reservations have now: a newer model of a part makes a new type."""
        decoders = self._decoders
        if decoders.made is not self.reservation.type:
            decoders = self._decoders = _Decoders(self.reservation.type)
        return decoders


def unreadable(reservation_id: int) -> Internal:
    """Return the error of a record that can not be read, which is a fault of the store or of this version."""
    return Internal(
        f"reservation {reservation_id} is stored in a form that can not be read; the operator has to look at it"
    )
