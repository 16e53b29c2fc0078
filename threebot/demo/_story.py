"""What a story is: chapters of steps, told one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

from ._ending import STATES
from ._stage import Stage

__all__ = ["Chapter", "Story", "tell"]

S = TypeVar("S", bound=Stage)


class Chapter(NamedTuple, Generic[S]):
    """A part of a story: its title, and its steps in order."""

    title: str
    steps: tuple[Callable[[S], None], ...]


class Story(NamedTuple, Generic[S]):
    """A life of a reservation: its title, and its chapters in order."""

    title: str
    chapters: tuple[Chapter[S], ...]


def tell(story: Story[S], stage: S) -> None:
    """Go through all steps.

    Raises:
        Fault: something is not as it should be.
        WorkloadManagerError: a call was refused that should have succeeded.
    """
    stage.screen.opening(story.title, STATES)
    for chapter in story.chapters:
        stage.screen.chapter(chapter.title)
        for step in chapter.steps:
            step(stage)
    stage.screen.closing(*stage.facts())
