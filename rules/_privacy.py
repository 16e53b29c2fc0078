"""What of a reservation is for its parties alone, and the reservation without it (``docs/access.md``)."""

from __future__ import annotations

from typing import TypeVar, cast

import msgspec

from ._step import with_fields

__all__ = ["SECRET_FIELDS", "without_secrets"]

SECRET_FIELDS = frozenset(
    {
        "json",  # it says all that the data says
        "customer_signature",
        "signature",
        "environment",
        "secret_environment",
        "password",
        "cluster_secret",
        "wireguard_private_key_encrypted",
        "secret",
    }
)
"""The names of the fields that are left empty, wherever in a reservation or a workload's envelope they stand."""

_WITH_PARTS = (msgspec.Struct, dict, list)

Document = TypeVar("Document")


def without_secrets(document: Document) -> Document:
    """Return a reservation or a workload's envelope as everybody may see it.

    Arguments:
        document: an object of either model, in whatever state; it stays as it is, down to its smallest part.

    Returns:
        A copy in which the fields of `SECRET_FIELDS` are empty: who asks for what, where and until when, who
        signed and what the nodes reported is there; what is secret, the environments of the containers and all
        texts of signatures are not.
    """
    return cast("Document", _cleared(document))


def _cleared(part: object) -> object:
    """Return a copy of a part in which every secret is an empty value of its own kind."""
    if isinstance(part, msgspec.Struct):
        return with_fields(part, **_fields(part))
    if isinstance(part, dict):
        return {name: type(value)() if name in SECRET_FIELDS else _cleared(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_cleared(each) for each in part]
    return part


def _fields(document: msgspec.Struct) -> dict[str, object]:
    """Return those fields of a document that the copy may not share with it."""
    fields = {}
    for name in document.__struct_fields__:
        value = getattr(document, name)
        if name in SECRET_FIELDS:
            fields[name] = type(value)()
        elif isinstance(value, _WITH_PARTS):
            fields[name] = _cleared(value)
    return fields
