"""The demo: one reservation through its whole life, with every party on one terminal.

It needs the extra ``cli``; without it, `main` says so in one line.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from ._stage import Opener

__all__ = ["PATIENCE", "main", "run"]

PATIENCE = 30.0
"""How many seconds to wait for the nodes' reports where nothing else is said."""

USAGE = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo on the terminal.

    Arguments:
        argv: the arguments; None takes them from `sys.argv`.

    Returns:
        0 when everything was as it should be, 1 when something was not, 2 where the extra is missing,
        130 after Ctrl-C.
    """
    patience = _parser().parse_args(argv).patience
    try:
        from rich.console import Console
    except ModuleNotFoundError as error:
        if error.name not in ("rich", "rich.console"):
            raise
        sys.stderr.write("the demo needs rich: pip install 'workloadmanager[cli]'\n")
        return USAGE
    try:
        return run(Console(), patience=patience)
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
        "--patience",
        type=_seconds,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long to wait for the nodes (default: %(default)g)",
    )
    return parser
