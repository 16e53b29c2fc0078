"""Stored reservations that are about to change: only what a step may read or change is decoded (``docs/store.md``)."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import msgspec

from ..bcdb import Record
from ..rules import Case, next_deadline
from ..schema import Schema
from ._documents import Body, unreadable

__all__ = ["Revision", "Revisions"]

_TERMS = ("signing_request_provision", "signing_request_delete", "expiration_provisioning", "expiration_reservation")
"""The fields of what is asked for that the rules look at once it is registered."""

_encode = msgspec.msgpack.Encoder().encode
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Revision(msgspec.Struct, frozen=True):
    """A reservation as it is stored, and what of it may change.

    Attributes:
        record: what the store keeps of it.
        case: the same for the rules. Of what is asked for, its reservation has only what these look at.
        data: what is asked for, as it is stored.
    """

    record: Record
    case: Case
    data: msgspec.Raw

    def changed_to(self, case: Case) -> Record:
        """Return what the store is to keep of it after a step, to the byte what `Documents.record` would return.

        Arguments:
            case: what the step made of the case.
        """
        whole = msgspec.structs.replace(cast("msgspec.Struct", case.reservation), data_reservation=self.data)
        body = Body(case.farmers, case.placements, case.reporters, msgspec.Raw(_encode(whole)))
        return msgspec.structs.replace(
            self.record, state=int(case.state), deadline=next_deadline(case), body=_encode(body)
        )


class Revisions:
    """Opens reservations for a change.

    What is asked for never changes, and is most of a reservation: it stays the bytes that it is stored as. To read
    a reservation, add a signature and write it takes half as long that way.

    Arguments:
        reservation: the schema of a reservation.
        data: the schema of what is asked for.
    """

    def __init__(self, reservation: Schema, data: Schema) -> None:
        self._reservation = reservation
        self._data = data
        self._decoders = _Decoders.of(reservation, data)

    def open(self, record: Record) -> Revision:
        """Return a reservation for a change.

        Raises:
            Internal: the record can not be read.
        """
        decoders = self._decoders
        if decoders.made_of is not self._reservation.type:  # a package brought newer schemas
            self._decoders = decoders = _Decoders.of(self._reservation, self._data)
        try:
            body = decoders.body.decode(record.body)
            whole = body.reservation
            terms = decoders.terms.decode(whole.data_reservation)
        except _UNREADABLE as error:
            raise unreadable(record.id) from error
        if len(body.reporters) != len(whole.results):
            raise unreadable(record.id)
        reservation = msgspec.structs.replace(whole, data_reservation=terms)
        case = Case(reservation, body.farmers, body.placements, body.reporters)
        return Revision(record, case, whole.data_reservation)


class _Decoders(NamedTuple):
    """What decodes a body in whose reservation the data stays bytes, and what decodes the terms out of these."""

    made_of: type[msgspec.Struct]
    body: msgspec.msgpack.Decoder[Body[Any]]
    terms: msgspec.msgpack.Decoder[Any]

    @classmethod
    def of(cls, reservation: Schema, data: Schema) -> _Decoders:
        whole = [
            (each.name, msgspec.Raw) if each.name == "data_reservation" else _definition(each)
            for each in msgspec.structs.fields(reservation.type)
        ]
        terms = [_definition(each) for each in msgspec.structs.fields(data.type) if each.name in _TERMS]
        return cls(
            reservation.type,
            msgspec.msgpack.Decoder(_body_with(msgspec.defstruct("Reservation", whole, kw_only=True))),
            msgspec.msgpack.Decoder(msgspec.defstruct("Terms", terms, kw_only=True)),
        )


def _body_with(reservation: Any) -> Any:  # noqa: ANN401 - a type that is made at start
    return Body[reservation]


def _definition(each: msgspec.structs.FieldInfo) -> tuple[str, Any, Any]:
    """Return what defines a field as another type has it."""
    if each.default_factory is not msgspec.NODEFAULT:
        return each.name, each.type, msgspec.field(default_factory=each.default_factory)
    return each.name, each.type, msgspec.field(default=each.default)
