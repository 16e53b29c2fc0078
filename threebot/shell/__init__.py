"""The host shell, and the readable printing of schema objects that the command line shares with it.

The prompt needs the extra ``shell``; printing and running scripts need nothing. ``docs/shell.md``.
"""

from ._fragments import Fragment, Line, Style, plain, visible
from ._printing import describe, describe_mapping, mistakes
from ._shell import run
from ._tables import Column, columns_of, duration, grid, moment, rows_of

__all__ = [
    "Column",
    "Fragment",
    "Line",
    "Style",
    "columns_of",
    "describe",
    "describe_mapping",
    "duration",
    "grid",
    "mistakes",
    "moment",
    "plain",
    "rows_of",
    "run",
    "visible",
]
