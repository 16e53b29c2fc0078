"""The directory: which nodes there are, in which farms, and whose those are (``docs/directory.md``)."""

from ._calls import CALLS
from ._directory import Directory

__all__ = ["CALLS", "Directory"]
