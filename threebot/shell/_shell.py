"""Opening the shell: at a terminal a prompt, else what stdin holds; at its end everything is stopped."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ._namespace import names_at_hand
from ._script import run_line, run_text

__all__ = ["run"]

NEEDED = frozenset({"prompt_toolkit", "ptpython"})
USAGE = 2


def run(
    code: str | None = None,
    *,
    store: str | None = None,
    settings: Mapping[str, Any] | None = None,
    manager: object | None = None,
) -> int:
    """Run a shell and return its exit status.

    Arguments:
        code: runs this and ends; None opens a prompt where stdin is a terminal, else runs what stdin holds.
        store: starts the workload manager on this store, as ``wm``.
        settings: starts it with these settings, on the user's own store where none is named.
        manager: one that runs already, or a client of one, which becomes ``wm`` and is left running.

    Returns:
        0; 1 where code raised; 2 where the prompt's extra is missing; what `sys.exit` was given.

    Raises:
        WorkloadManagerError: the workload manager does not start on that store or with those settings.
    """
    names = names_at_hand()
    package = names["package"]  # the shell's user may give the name to something else
    try:
        if manager is not None:
            names["wm"] = manager
        elif store is not None or settings:
            names["wm"] = package.workloadmanager.start(store, **(settings or {}))
        if code is not None:
            return run_line(code, names)
        if not sys.stdin.isatty():
            return run_text(sys.stdin.read(), names)
        return _prompt(names)
    finally:
        package.stop()


def _prompt(names: dict[str, Any]) -> int:
    try:
        from ._repl import open_prompt
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in NEEDED:
            raise
        sys.stderr.write(f"workloadmanager: the prompt needs {missing}: pip install 'workloadmanager[shell]'\n")
        return USAGE
    open_prompt(names)
    return 0
