"""Fields that the model does not know, but that the customer signs (``docs/registration.md``, "What is sent")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema import Registry
from ._completion import read_text
from ._context import Context

__all__ = ["without_signed_extras"]


def without_signed_extras(context: Context, arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Leave out what a registration's json text says as well and the model does not know.

    What stands in both is no slip of the pen, and it is kept where it is signed.

    Arguments:
        context: the host.
        arguments: those of the call, as they were sent; they are not changed.

    Returns:
        The arguments without those fields; None where there is no such field.

    Raises:
        InputError: the json text is too large, or is no JSON.
    """
    reservation = arguments.get("reservation")
    if not isinstance(reservation, Mapping):
        return None
    data, text = reservation.get("data_reservation"), reservation.get("json")
    if not isinstance(data, Mapping) or not isinstance(text, str) or not text:
        return None
    walk = _Walk(context.registry)
    kept = walk.through(context.documents.data.url, data, read_text(text, context.settings))
    return {**arguments, "reservation": {**reservation, "data_reservation": kept}} if walk.left_out else None


class _Walk:
    """One way through the data and the json side by side, along the model.

    It goes no deeper than the model does, however deep the two are.

    Attributes:
        left_out: how many fields were left out.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._fields: dict[str, dict[str, str]] = {}
        self.left_out = 0

    def through(self, url: str, value: object, signed: object) -> object:
        """Return an object without the fields that its model does not have and the signed one has too."""
        if not isinstance(value, Mapping) or not isinstance(signed, Mapping):
            return value
        fields = self._fields_of(url)
        kept = {name: field for name, field in value.items() if name in fields or name not in signed}
        self.left_out += len(value) - len(kept)
        for name in kept.keys() & signed.keys():
            if reference := fields[name]:
                kept[name] = self._field(reference, kept[name], signed[name])
        return kept

    def _field(self, url: str, value: object, signed: object) -> object:
        """Do so for a field that holds an object or a list of objects."""
        if not isinstance(value, list | tuple) or not isinstance(signed, list):
            return self.through(url, value, signed)
        beside = [self.through(url, *pair) for pair in zip(value, signed, strict=False)]
        return [*beside, *value[len(beside) :]]

    def _fields_of(self, url: str) -> dict[str, str]:
        """Return the fields of a model, and of each the url of the model that its objects follow."""
        if url not in self._fields:
            schema = self._registry.get(url)
            self._fields[url] = {each.name: each.reference for each in schema.properties}
            if schema.has_id:
                self._fields[url]["id"] = ""
        return self._fields[url]
