"""Code that runs without a prompt: the text of ``-c``, or what stdin holds."""

from __future__ import annotations

import ast
import sys
import traceback
from types import TracebackType
from typing import Any

from ...errors import WorkloadManagerError
from ._fragments import plain
from ._printing import describe, mistakes

__all__ = ["run_line", "run_text"]

FAILED = 1


def run_line(code: str, names: dict[str, Any]) -> int:
    """Run code and show the value of its last expression, as a prompt would.

    Arguments:
        code: one or several statements.
        names: the globals it runs with.

    Returns:
        The exit status: 0, or 1 where it raised; what `sys.exit` was given.
    """
    return _guarded(code, names, "<command>", show_last=True)


def run_text(code: str, names: dict[str, Any]) -> int:
    """Run a script, which shows what it prints; returns as `run_line` does."""
    return _guarded(code, names, "<stdin>", show_last=False)


def _guarded(code: str, names: dict[str, Any], source: str, *, show_last: bool) -> int:
    try:
        value = _run(code, names, source, show_last=show_last)
        if value is not None:
            lines = describe(value)
            sys.stdout.write((repr(value) if lines is None else plain(lines)) + "\n")
    except WorkloadManagerError as error:
        sys.stderr.writelines(f"{type(error).__name__}: {line}\n" for line in mistakes(error))
        return FAILED
    except SystemExit as error:
        return _exit_status(error)
    except (BrokenPipeError, KeyboardInterrupt):
        raise
    except Exception as error:  # noqa: BLE001 - it is the user's code: it may raise anything, and is told where
        _show_traceback(error, source)
        return FAILED
    return 0


def _run(code: str, names: dict[str, Any], source: str, *, show_last: bool) -> object:
    """Run statements; return the value of the last one where that is wanted and it is an expression."""
    tree = ast.parse(code, source)
    last = tree.body.pop() if show_last and tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, source, "exec", dont_inherit=True), names)  # noqa: S102 - running what its user types is what a shell is for
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), source, "eval", dont_inherit=True), names)  # noqa: S307 - as above


def _exit_status(error: SystemExit) -> int:
    """Return the status that an exit asks for; a text is shown and means 1, as in Python."""
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    sys.stderr.write(f"{error.code}\n")
    return FAILED


def _show_traceback(error: BaseException, source: str) -> None:
    """Show a traceback from the user's own code on."""
    place: TracebackType | None = error.__traceback__
    while place is not None and place.tb_frame.f_code.co_filename != source:
        place = place.tb_next
    traceback.print_exception(type(error), error, place)
