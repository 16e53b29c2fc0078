"""The command line. It needs the extra ``cli``; without it, `main` says so in one line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

NEEDED = frozenset({"rich", "typer"})
USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Arguments:
        arguments: what follows the program's name; None takes them from `sys.argv`.

    Returns:
        0 when it is done, 1 when it was refused, 2 when it was not called as ``docs/command-line.md``
        says (or the extra is missing), 130 after Ctrl-C, 141 when the reader of the output has closed it.
    """
    try:
        from ._app import run
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in NEEDED:
            raise
        sys.stderr.write(f"workloadmanager: the command line needs {missing}: pip install 'workloadmanager[cli]'\n")
        return USAGE
    return run(sys.argv[1:] if arguments is None else arguments)
