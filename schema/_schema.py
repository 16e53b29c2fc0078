"""A schema: its properties, and what it makes of values and bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from ..errors import InputError
from ._conversion import MAXIMUM_DEPTH, Conversion, Place, Refusal, Unknown, field_name, near_miss, shown
from ._number_kinds import IntegerKind
from ._property import Property
from ._quick import is_plain
from ._structs import StructMaker, StructType, View
from ._values import Made, Plain

__all__ = ["Schema"]

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_ENCODER = msgspec.msgpack.Encoder()
_ID = IntegerKind("I64", 64)
_MSGSPEC_MISTAKE = re.compile(r"^(?P<message>.*?)(?: - at `\$\.?(?P<path>.*)`)?$", re.DOTALL)
_FLOAT = b"\xcb"
"""What a float begins with in MessagePack; it may stand for something else as well."""
_BROKEN = (TypeError, ValueError, OverflowError, AttributeError, RecursionError, OSError)


_Dump = TypeVar("_Dump", dict[str, Any], str)


class Schema:
    """One version of a schema; `Registry` makes them.

    Attributes:
        url: what it is called, in lower case.
        md5: its identity, the original engine's (``docs/schema.md``, "Identity").
        text: the normal text that its identity is taken of.
        help: what the comments at its url say.
        directives: its ``@name = value`` lines other than the url, the values as text.
        properties: its properties in the order of the text.
        source: the name of the file or text it comes from.
        line: the line of its url there, from 1; 0 where there is none.
        has_id: whether its objects are documents of their own and may carry an ``id``.
    """

    def __init__(
        self,
        *,
        url: str,
        md5: str,
        text: str,
        help: str,  # noqa: A002  (what everybody calls it)
        directives: Mapping[str, str],
        properties: tuple[Property, ...],
        source: str,
        line: int,
        maker: StructMaker,
        clock: Callable[[], int] | None,
    ) -> None:
        self.url = url
        self.md5 = md5
        self.text = text
        self.help = help
        self.directives = dict(directives)
        self.properties = properties
        self.source = source
        self.line = line
        self.has_id = False
        self._maker = maker
        self._clock = clock
        self._readers = {each.name: each.kind.read for each in properties}
        self._drawing = [each for each in properties if each.kind.draws]
        self._shown = [(each.name, each.kind.human) for each in properties if not each.name.endswith("_")]

    def __repr__(self) -> str:
        return f"<Schema {self.url} {self.md5[:8]}>"

    @property
    def type(self) -> StructType:
        """The type of its objects: an attribute per property, and ``id`` last where it has one."""
        return self._maker.full(self)

    @property
    def lazy(self) -> StructType:
        """The same with the fields of ``(O) (LO) (dict) (json)`` as `msgspec.Raw`, for work on the others."""
        return self._maker.view(self, lazy=True).type

    def new(self, /, **fields: object) -> Made:
        """Make an object with fresh defaults.

        Arguments:
            fields: values for some of its properties, taken as `convert` takes them.

        Raises:
            InputError: a value does not fit, or there is no such property.
        """
        return self.convert(fields)

    def convert(self, value: object, *, path: str = "", unknown: Unknown = "refuse", now: int | None = None) -> Made:
        """Make an object of what somebody sent, and find every mistake in it.

        What is accepted and what is refused: ``docs/schema.md``, "Types".

        Arguments:
            value: a mapping of JSON data, or an object of this schema; neither is changed.
            path: where the value stands in something larger, for the paths of mistakes.
            unknown: ``refuse`` or ``ignore`` fields that the schema does not have.
            now: seconds since 1970 that relative dates (``+4h``) count from; the registry's clock by default.

        Returns:
            A new object, which shares nothing with the value that can be changed.

        Raises:
            InputError: with every mistake in ``errors``, each with its path.
        """
        if is_plain(value) and (quick := self._convert_plain(value)) is not None:
            return quick
        conversion = Conversion(unknown=unknown, now=now, clock=self._clock)
        made = None
        try:
            made = self.read_object(value, conversion, path)
        except Refusal as refusal:
            conversion.add(path, str(refusal))
        conversion.finish()
        return made

    def _convert_plain(self, value: object) -> Made | None:
        """Do the work of `convert` in the quick way; None where only the long way can tell."""
        try:
            _ENCODER.encode(value)  # which fails for half a character, and nothing below does
            msgspec.convert(value, self._maker.quick.of(self))
            return msgspec.convert(value, self.type)
        except (msgspec.MsgspecError, InputError, *_BROKEN):
            return None

    def read_object(self, value: object, conversion: Conversion, place: Place) -> Made:
        """Do the work of `convert` as part of a conversion that is under way.

        Raises:
            Refusal: the value is no object; mistakes in its fields are noted on the conversion.
        """
        fields = value if type(value) is dict else self._fields_of(value)
        if conversion.depth >= MAXIMUM_DEPTH:
            raise Refusal(f"must not be nested more than {MAXIMUM_DEPTH} deep")
        conversion.make_room(len(fields))
        conversion.depth += 1
        values = self._read_fields(fields, conversion, place)
        conversion.depth -= 1
        for each in self._drawing:
            if each.name not in values:
                values[each.name] = each.fresh()
        return self._maker.full(self)(**values)

    def _fields_of(self, value: object) -> Mapping[Any, object]:
        schema = getattr(type(value), "__schema__", None)
        if isinstance(schema, Schema):
            if schema.url != self.url:
                raise Refusal(f"must be an object of {self.url}, not of {schema.url}")
            full = value if type(value) is schema.type else schema.decode(schema.encode(value))
            return {name: getattr(full, name) for name in schema.type.__struct_fields__}
        if not isinstance(value, Mapping):
            raise Refusal(f"must be an object, not {shown(value)}")
        return value

    def _read_fields(self, fields: Mapping[Any, object], conversion: Conversion, place: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        readers = self._readers
        for name, value in fields.items():
            read = readers.get(name)
            try:
                if read is None:
                    self._read_other(name, value, values, conversion)
                elif value is not None and (kept := read(value, conversion, (place, name))) is not msgspec.UNSET:
                    values[name] = kept
            except Refusal as refusal:
                conversion.add((place, field_name(name)), str(refusal))
        return values

    def _read_other(self, name: object, value: object, values: dict[str, Any], conversion: Conversion) -> None:
        """Read a field that is no property: the id of a document, or one that the schema does not have."""
        if name == "id" and self.has_id:
            if value is not None and value is not msgspec.UNSET and (number := _ID.take(value)) is not msgspec.UNSET:
                if number < 0:
                    raise Refusal(f"must be a whole number from 0, not {shown(value)}")
                values["id"] = number
        elif conversion.unknown == "refuse" and not conversion.full:
            raise Refusal(f"is no field of {self.url}{near_miss(field_name(name), self._readers)}")

    def encode(self, obj: Made) -> bytes:
        """Return an object as MessagePack, the stored form: a map in the order of the schema.

        What was set on the object since it was made is not looked at; `convert` checks an object.

        Arguments:
            obj: an object of this schema, full or lazy; anything else goes through `convert` first.

        Raises:
            InputError: it holds something that does not fit its schema.
        """
        if getattr(type(obj), "__schema__", None) is not self:
            obj = self.convert(obj)
        try:
            return _ENCODER.encode(obj)
        except _BROKEN:
            return _ENCODER.encode(self.convert(obj))

    def decode(self, data: bytes) -> Made:
        """Return the object of its stored form.

        A property that the data does not have gets its default; data that is no property any more is left out.

        Raises:
            InputError: it is no MessagePack, or a value is not of its property's type.
        """
        return self._decode(self._maker.view(self, lazy=False), data)

    def decode_lazy(self, data: bytes) -> Made:
        """Return the object of its stored form in the lazy view, whose raw fields keep the data alive.

        Raises:
            InputError: it is no MessagePack, or a value is not of its property's type.
        """
        return self._decode(self._maker.view(self, lazy=True), data)

    def _decode(self, view: View, data: bytes) -> Made:
        try:
            return view.decoder.decode(data)
        except (msgspec.DecodeError, RecursionError) as error:
            match = _MSGSPEC_MISTAKE.match(str(error))
            message, path = (match["message"], match["path"] or "") if match else (str(error), "")
            raise InputError(f"the bytes are no {self.url}: {message}", path=path) from error

    def to_dict(self, obj: Made) -> dict[str, Plain]:
        """Return an object as JSON data in the order of the schema.

        Enumerations are numbers, bytes are base64, ``id`` comes last where it is set.

        Raises:
            InputError: the object holds something that does not fit its schema.
        """
        return self._dumped(obj, msgspec.to_builtins)

    def to_json(self, obj: Made) -> str:
        """Return an object as the JSON text that customers sign: `to_dict` with ``", "`` and ``": "`` between.

        Raises:
            InputError: the object holds something that does not fit its schema.
        """
        return self._dumped(obj, _json_text)

    def to_human(self, obj: Made) -> dict[str, Plain]:
        """Return an object as people read it.

        Enumerations are names, dates ISO text in UTC, bytes hex; what nobody set is None, and names
        that end in ``_``, which are not for display, are left out.

        Raises:
            InputError: the object holds something that does not fit its schema.
        """
        return self._dumped(obj, self.show_object)

    def assign(self, obj: Made, name: str, value: object) -> None:
        """Set an attribute of an object, which takes the value as `convert` takes it, and copies it.

        Raises:
            InputError: the value does not fit.
            AttributeError: there is no such attribute.
        """
        known = name in self._readers or (name == "id" and self.has_id)
        kept = getattr(self.convert({name: value}), name) if known else value
        msgspec.Struct.__setattr__(obj, name, kept)

    def _dumped(self, obj: Made, dump: Callable[[Made], _Dump]) -> _Dump:
        if type(obj) is not self.type:
            obj = self.convert(obj)
        try:
            return dump(obj)
        except _BROKEN:
            return dump(self.convert(obj))

    def show_object(self, obj: Made) -> dict[str, Plain]:
        """Do the work of `to_human` for an object inside another; what does not fit raises whatever Python says."""
        shown_fields = {name: human(getattr(obj, name)) for name, human in self._shown}
        if self.has_id and obj.id is not msgspec.UNSET:
            shown_fields["id"] = obj.id
        return shown_fields


def _json_text(obj: Made) -> str:
    """Do the work of `Schema.to_json`; what does not fit raises whatever Python says."""
    return _json_text_quickly(obj) or _json_text_slowly(obj)


def _json_text_quickly(obj: Made) -> str:
    """Return what msgspec writes, which is the same but for floats; empty where there may be any."""
    try:
        if _FLOAT in _ENCODER.encode(obj):
            return ""
        return msgspec.json.format(msgspec.json.encode(obj), indent=0).decode()
    except (msgspec.MsgspecError, *_BROKEN):
        return ""


def _json_text_slowly(obj: Made) -> str:
    text = _JSON.encode(msgspec.to_builtins(obj))
    if not text.isascii():
        text.encode()  # half a character would be no text for anybody else
    return text
