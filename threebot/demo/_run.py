"""Runs a story on a store of its own, and turns its end into an exit status."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from ...errors import WorkloadManagerError
from ._host_stage import HostStage, Opener
from ._host_story import STORY
from ._screen import Screen
from ._signals import leaving_in_order, undisturbed
from ._stage import Fault, Stage
from ._story import Story, tell

if TYPE_CHECKING:
    from rich.console import Console

    from ._programs import Programs

__all__ = ["run_gedis_story", "run_story"]

S = TypeVar("S", bound=Stage)


def run_story(console: Console, start: Opener, patience: float) -> int:
    """Tell the story of one process and return the exit status, as `workloadmanager.threebot.demo.run` does."""
    with leaving_in_order(), _folder() as folder:
        stage = HostStage(screen=Screen(console), folder=folder / "bcdb", start=start, patience=patience)
        return _play(STORY, stage)


def run_gedis_story(console: Console, programs: Programs, patience: float) -> int:
    """Tell the story of many processes and return the exit status, as `run_over_gedis` does."""
    from ._gedis_stage import GedisStage
    from ._gedis_story import STORY as GEDIS_STORY

    with leaving_in_order(), _folder() as folder:
        stage = GedisStage(screen=Screen(console), folder=folder, programs=programs, patience=patience)
        return _play(GEDIS_STORY, stage)


@contextmanager
def _folder() -> Iterator[Path]:
    folder = TemporaryDirectory(prefix="workloadmanager-demo-")
    try:
        yield Path(folder.name)
    finally:
        with undisturbed():
            folder.cleanup()


def _play(story: Story[S], stage: S) -> int:
    try:
        tell(story, stage)
    except Fault as fault:
        stage.screen.failed(str(fault))
        return 1
    except WorkloadManagerError as error:
        stage.screen.failed(f"a call was refused that should have succeeded: {error}")
        return 1
    finally:
        with undisturbed():
            stage.end()
    return 0
