"""Readers that a thread shares: one view for a block of work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from workloadmanager.bcdb import Record, Store

Making = Callable[..., Record]


def _stored(store: Store, record: Record) -> None:
    store.submit(lambda transaction: transaction.insert(record)).result()


def test_readers_of_a_sharing_block_are_one_view(store: Store, record: Making) -> None:
    """What is stored after the first of them is seen by none of them."""
    with store.sharing():
        with store.read() as first:
            assert first.get(1) is None
        _stored(store, record(1))
        with store.read() as second:
            assert second is first
            assert second.get(1) is None


def test_the_view_begins_with_the_first_reader_and_not_with_the_block(store: Store, record: Making) -> None:
    """What is stored before anything is read is seen."""
    with store.sharing():
        _stored(store, record(1))
        with store.read() as reader:
            assert reader.get(1) is not None


def test_a_thread_sees_what_it_stored_and_waited_for(store: Store, record: Making) -> None:
    """A write is followed by a new view, and a reader that is open meanwhile keeps the old one."""
    with store.sharing(), store.read() as before:
        assert before.get(1) is None
        store.write(lambda transaction: transaction.insert(record(1)))
        with store.read() as after:
            assert after.get(1) is not None
        assert before.get(1) is None


def test_other_threads_do_not_share(store: Store, record: Making) -> None:
    """A reader of another thread has a view of its own."""
    seen = []

    def look() -> None:
        with store.read() as reader:
            seen.append(reader.get(1))

    with store.sharing(), store.read() as reader:
        assert reader.get(1) is None
        _stored(store, record(1))
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [record(1)]


def test_a_block_inside_another_changes_nothing(store: Store) -> None:
    """The view stays until the outermost block ends."""
    with store.sharing():
        with store.sharing(), store.read() as inner:
            pass
        with store.read() as outer:
            assert outer is inner


def test_behind_the_block_readers_are_their_own_again(store: Store, record: Making) -> None:
    """And what was read inside it is counted."""
    with store.sharing(), store.read() as shared:
        shared.get(1)
    _stored(store, record(1))
    before = store.totals.documents
    with store.read() as reader:
        assert reader is not shared
        assert reader.get(1) is not None
    assert store.totals.documents == before + 1


def test_a_version_that_was_asked_for_is_not_read_again(store: Store) -> None:
    """In one view the version of a collection can not change."""
    with store.read() as reader:
        assert [reader.version("users"), reader.version("users")] == [0, 0]
        assert reader.counts.keys == 1
