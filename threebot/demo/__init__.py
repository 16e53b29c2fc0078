"""The demo: one reservation through its whole life, in one process, or over gedis with every party in its own.

It needs the extra ``cli``, and ``gedis`` for the second; without them, `main` says so in one line.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import InputError
from ._programs import Programs

if TYPE_CHECKING:
    from rich.console import Console

    from ._host_stage import Opener

__all__ = ["PATIENCE", "Programs", "main", "run", "run_over_gedis"]

PATIENCE = 30.0
"""How many seconds to wait for the nodes' reports, and for processes, where nothing else is said."""

USAGE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo on the terminal.

    Arguments:
        argv: the arguments; None takes them from `sys.argv`.

    Returns:
        0 when everything was as it should be, 1 when something was not, 2 where an extra is missing,
        130 after Ctrl-C.
    """
    options = _parser().parse_args(argv)
    try:
        from rich.console import Console
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "rich.console"):
            raise
        sys.stderr.write("the demo needs rich: pip install 'workloadmanager[cli]'\n")
        return USAGE
    tell = run_over_gedis if options.gedis else run
    try:
        return tell(Console(), patience=options.patience)
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        return INTERRUPTED


def run(console: Console, *, start: Opener | None = None, patience: float = PATIENCE) -> int:
    """Follow one reservation through its whole life, and show every step.

    Arguments:
        console: where to show it; its width, colour and encoding are respected.
        start: starts the workload manager on a folder; `workloadmanager.start` by default.
        patience: how many seconds to wait for the nodes' reports, each time.

    Returns:
        0 when everything is as it should be, else 1, after one sentence that says what is not.
    """
    from .. import start as start_manager
    from ._run import run_story

    return run_story(console, start or start_manager, patience)


def run_over_gedis(console: Console, *, programs: Programs | None = None, patience: float = PATIENCE) -> int:
    """Follow one reservation through its whole life over gedis, and prove that no step was lost or done twice.

    A server and two nodes run in processes of their own; people make their calls as clients. The server is stopped
    and started again while the nodes deploy, and killed and started again while they delete. All processes have
    ended when this returns or raises, and nothing that they kept is left.

    Arguments:
        console: where to show it; its width, colour and encoding are respected.
        programs: what is run as the server and as the nodes.
        patience: how many seconds to wait for an answer, a node or a process, each time.

    Returns:
        0 when everything is as it should be, else 1, after one sentence that says what is not.

    Raises:
        InputError: the extra ``gedis`` is not installed.
    """
    missing = [name for name in ("hiredis", "redis") if importlib.util.find_spec(name) is None]
    if missing:
        names = " and ".join(missing)
        raise InputError(f"the demo over gedis needs {names}: pip install 'workloadmanager[cli,gedis]'")
    from ._run import run_gedis_story

    return run_gedis_story(console, programs or Programs(), patience)


def _seconds(text: str) -> float:
    """Return a number of seconds, more than 0."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise argparse.ArgumentTypeError(f"give a number of seconds, more than 0, not {text!r}")
    return seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m workloadmanager.threebot.demo",
        description="Follow one reservation through its whole life, on a store that is removed afterwards.",
    )
    parser.add_argument(
        "--gedis",
        action="store_true",
        help="over gedis: server and nodes run in processes of their own, and the server goes away meanwhile",
    )
    parser.add_argument(
        "--patience",
        type=_seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long to wait for others, each time (default: %(default)g)",
    )
    return parser
