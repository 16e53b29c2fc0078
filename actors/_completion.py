"""A reservation's two forms of the same: the data, and the json text that is signed (``docs/registration.md``)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, cast

import msgspec

from ..errors import InputError, Problem
from ..rules import Data, Reservation, Settings, check_document_size, check_json, same_data
from ..schema import is_plain
from ._documents import Documents

__all__ = ["complete", "read_text"]

_SHOWN = 40
_NOT_WRITTEN = (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)
"""What msgspec raises for what it can not read or write."""


def complete(
    documents: Documents, reservation: Reservation, settings: Settings, sent: object = None
) -> tuple[Reservation, list[Problem]]:
    """Derive the json text from the data or the data from the json text, where one of them was left out.

    Arguments:
        documents: the schemas.
        reservation: as the client sent it, read through the model.
        settings: the operator's, for how large the text may be.
        sent: what the reservation was read of, where that is at hand; it spares looking at most texts more closely.

    Returns:
        A reservation with both; and, where both were sent and say something else, the mistake, whose
        path is the first field in which they differ.

    Raises:
        InputError: the json text is too large, or is no JSON of a reservation's data.
    """
    data, text = reservation.data_reservation, reservation.json
    if not text:
        return _with(reservation, json=documents.data.to_json(cast("msgspec.Struct", data))), []
    if not check_document_size(len(text), settings) and _is_written(text, data, sent):
        return reservation, []
    signed = _parse(documents, text, settings)
    stored = documents.data.encode(cast("msgspec.Struct", data))
    if stored == documents.no_data:
        return _with(reservation, data_reservation=signed), []
    # Mostly they are the same to the byte; to look at every field costs ten times as much.
    if stored == documents.data.encode(cast("msgspec.Struct", signed)):
        return reservation, []
    difference = same_data(data, signed)
    if difference is None:
        return reservation, []
    path = f"data_reservation.{difference}"
    return reservation, [Problem("differs from what the json text says, and that is what is signed", path=path)]


def _is_written(text: str, data: Data, sent: object) -> bool:
    """Return whether a json text is just what an encoder writes of the data beside it, as they were sent or as read.

    Mostly it is, without spaces or with one between the parts. Then it says nothing that was not read already.
    """
    given = sent.get("data_reservation") if type(sent) is dict else None
    return (is_plain(given) and _writes(given, text)) or _writes(data, text)


def _writes(data: object, text: str) -> bool:
    """Return whether a text is what msgspec writes of data, which is how most encoders write."""
    try:
        written = msgspec.json.encode(data)
    except _NOT_WRITTEN:
        return False
    return text == written.decode() or text == msgspec.json.format(written, indent=0).decode()


def _parse(documents: Documents, text: str, settings: Settings) -> Data:
    """Read the json text through the model; what the model does not have is kept in the text and ignored here."""
    parsed = read_text(text, settings)
    try:
        return cast("Data", documents.data.convert(parsed, path="json", unknown="ignore"))
    except InputError as error:
        raise InputError.of(Problem(problem.message, path=problem.path) for problem in error.errors) from error


def read_text(text: str, settings: Settings) -> object:
    """Read the json text strictly: whoever verifies its signature must be able to read it, and in one way only.

    Raises:
        InputError: it is too large, or is no JSON, or an object in it has a field twice; it is in ``errors``.
    """
    problems = [*check_json(text), *check_document_size(len(text), settings)]
    if problems:
        raise InputError.of(problems)
    quick = _read_quickly(text)
    if quick is not None:
        return quick
    try:
        return json.loads(text, parse_constant=_no_number, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise InputError.of([Problem("is no JSON text", path="json")]) from error


def _read_quickly(text: str) -> object:
    """Return what a json text says, if there surely is one way to read it; None otherwise.

    Written again, an object that had a field twice has a colon less. None is lost in texts, but where it was an escape.
    """
    if "\\u" in text:
        return None
    try:
        parsed = msgspec.json.decode(text)
        written = msgspec.json.encode(parsed)
    except _NOT_WRITTEN:
        return None
    return parsed if written.count(b":") == text.count(":") else None


def _no_number(word: str) -> None:
    """Refuse NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(f"{word} is no number of JSON")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Make an object of its fields; of one that is there twice, some readers take the first and some the last."""
    fields = dict(pairs)
    if len(fields) != len(pairs):
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        shown = twice if len(twice) <= _SHOWN else f"{twice[:_SHOWN]}…"
        message = f"has the field {shown!r} twice in one object; it can be read in two ways"
        raise InputError.of([Problem(message, path="json")])
    return fields


def _with(reservation: Reservation, **fields: Any) -> Reservation:  # noqa: ANN401 - fields of the generated type
    return cast("Reservation", msgspec.structs.replace(cast("msgspec.Struct", reservation), **fields))
