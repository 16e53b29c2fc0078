"""The gedis server: the calls as commands of the Redis protocol (``docs/gedis.md``)."""

from ._address import DEFAULT_PORT, Address, parse_address
from ._limits import Limits
from ._options import Gedis

__all__ = ["DEFAULT_PORT", "Address", "Gedis", "Limits", "parse_address"]
