"""The phonebook: who is behind a threebot id (``docs/directory.md``)."""

from ._calls import CALLS
from ._phonebook import Phonebook

__all__ = ["CALLS", "Phonebook"]
