"""Names for values whose type only a schema knows, so that a signature says what they are."""

from __future__ import annotations

from typing import Any, TypeAlias

__all__ = ["Kept", "Made", "Plain"]

Kept: TypeAlias = Any
"""The value that a property keeps; its type is the annotation of the property's kind."""

Made: TypeAlias = Any
"""An object of a schema: a generated `msgspec.Struct` with an attribute per property."""

Plain: TypeAlias = Any
"""JSON data: None, a bool, a number, a text, a list, or a dict with text keys."""
