"""Syncs, and the count of what is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.actors import CALLS

Load = Callable[[str], Any]


@pytest.fixture
def pages(load: Load) -> Any:
    """The module that counts."""
    module = load("_pages")
    if not module.CAN_COUNT:
        pytest.skip("this system does not count what a process writes")
    return module


def test_each_sync_writes_a_block_over(load: Load, pages: Any, tmp_path: Path) -> None:
    """Of a file that has its size, so that nothing but the block is written; and the file is gone in the end."""
    with load("_disk").syncing(tmp_path) as sync:
        perform = sync(300)
        before, size = pages.written_bytes(), (tmp_path / "synced").stat().st_size
        perform()
        written = pages.written_bytes() - before
        assert (tmp_path / "synced").stat().st_size == size
    assert 300 * 4096 <= written < 310 * 4096
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_orders_that_are_held_back_are_stored_by_one_commit(load: Load, pages: Any, tmp_path: Path) -> None:
    """However many they are, and however long the first of them waits."""
    bench = load("_bench").Bench(folder=tmp_path, documents=100, sizes=(100,), rounds=1, share=1.0)
    with bench.ours() as ours:
        writer = ours.context.store.writer
        call = CALLS["reservation_register"](ours.context).on_receive
        before = writer.commits, writer.changes
        pages._register_together(ours, call, [ours.documents.unsigned() for _ in range(64)])
        stored = sum(ours.context.store.statistics().reservations.values())
    assert stored == 164
    assert writer.changes - before[1] == 65  # the one that holds the writer too
    assert writer.commits - before[0] == 2
