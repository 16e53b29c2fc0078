"""The schema language: text becomes schemas, schemas make and check typed objects.

``docs/schema.md`` describes the language for users.
"""

from ._conversion import closest
from ._docstring import Block, Blocks, read_blocks
from ._dump import schema_of, to_dict, to_human, to_json
from ._enumeration import Enumeration
from ._kinds import Kind
from ._number_kinds import NOT_SET, NOT_SET_64, Numeric, read_numeric
from ._property import Property
from ._quick import is_plain
from ._registry import Reference, Registry
from ._schema import Schema

__all__ = [
    "NOT_SET",
    "NOT_SET_64",
    "Block",
    "Blocks",
    "Enumeration",
    "Kind",
    "Numeric",
    "Property",
    "Reference",
    "Registry",
    "Schema",
    "closest",
    "is_plain",
    "read_blocks",
    "read_numeric",
    "schema_of",
    "to_dict",
    "to_human",
    "to_json",
]
