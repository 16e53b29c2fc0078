"""What a process has for itself is seen, and the most that it had."""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Load = Callable[[str], Any]
SIZE = 32 * 1024 * 1024


@pytest.fixture
def memory(load: Load) -> Any:
    """The module under test."""
    module = load("_memory")
    if not module.CAN_MEASURE:
        pytest.skip("this system does not say what memory a process has")
    return module


def test_memory_of_a_process_is_counted(memory: Any) -> None:
    """As much as was taken and written to."""
    before = memory.anonymous_bytes(os.getpid())
    taken = bytearray(SIZE)
    assert memory.anonymous_bytes(os.getpid()) - before > SIZE // 2
    del taken


def test_what_is_mapped_of_a_file_is_not_counted(memory: Any, tmp_path: Path) -> None:
    """A store is mapped as a whole, and the system takes its pages back when it needs them."""
    path = tmp_path / "file"
    path.write_bytes(bytes(SIZE))
    before = memory.anonymous_bytes(os.getpid())
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert sum(mapped[::4096]) == 0
        assert memory.anonymous_bytes(os.getpid()) - before < SIZE // 2


def test_a_peak_stays_when_the_memory_is_given_back(memory: Any) -> None:
    """Of what was there at a look."""
    peak = memory.Peak(os.getpid())
    taken = bytearray(SIZE)
    peak.look()
    del taken
    peak.look()
    assert peak.growth > SIZE // 2


def test_a_process_is_watched_to_the_end(memory: Any) -> None:
    """There is a look when the block ends, however short it was."""
    with memory.watched(os.getpid()) as peak:
        taken = bytearray(SIZE)
    assert peak.growth > SIZE // 2
    del taken
