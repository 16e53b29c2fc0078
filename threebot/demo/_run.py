"""Runs the story on a store of its own, and turns its end into an exit status."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from ...errors import WorkloadManagerError
from ._screen import Screen
from ._stage import Fault, Opener, Stage
from ._story import tell

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["run_story"]


def run_story(console: Console, start: Opener, patience: float) -> int:
    """Tell the story and return the exit status, as `workloadmanager.threebot.demo.run` does."""
    screen = Screen(console)
    with TemporaryDirectory(prefix="workloadmanager-demo-") as folder:
        stage = Stage(screen=screen, folder=Path(folder) / "bcdb", start=start, patience=patience)
        try:
            tell(stage)
        except Fault as fault:
            screen.failed(str(fault))
            return 1
        except WorkloadManagerError as error:
            screen.failed(f"a call was refused that should have succeeded: {error}")
            return 1
        finally:
            stage.end()
    return 0
