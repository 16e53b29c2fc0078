"""The store on disk: it is there again, it is its owner's alone, and what cannot be opened says why."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from pathlib import Path

import lmdb
import pytest

from workloadmanager.bcdb import LAYOUT, Filter, Record, SignatureUse, Store, Transaction, open_store
from workloadmanager.bcdb._lmdb import LmdbEngine
from workloadmanager.bcdb._lmdb_errors import refusal
from workloadmanager.bcdb._store import TablesStore
from workloadmanager.errors import Conflict, InputError, Overloaded, Unavailable

Make = Callable[..., Record]
Held = Callable[[Store], AbstractContextManager[None]]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A directory that is not there yet."""
    return tmp_path / "store"


def meta_of(directory: Path, **changed: bytes) -> dict[bytes, bytes]:
    """What a store says of itself, after writing some of it anew."""
    with lmdb.open(str(directory), max_dbs=20) as environment:
        meta = environment.open_db(b"meta")
        with environment.begin(write=True, db=meta) as transaction:
            for key, value in changed.items():
                transaction.put(key.encode(), value)
            return dict(transaction.cursor())


def test_everything_is_there_after_opening_again(directory: Path, record: Make) -> None:
    """Documents, indexes, queues, signatures, histories, counters."""
    inserted = record(1, nodes=("a", "b"), deadline=5)

    def fill(transaction: Transaction) -> None:
        transaction.insert(inserted)
        transaction.enqueue("b", 1, 1)
        transaction.append_history(1, b"entry")
        transaction.use_signature(7, bytes(32), SignatureUse(1, "customer"))
        transaction.put_document("users", "ann", b"body", unique={"name": "ann"})
        transaction.next_number("named")

    with open_store(directory) as store:
        store.write(fill)
    for path in (str(directory), directory):
        with open_store(path) as store, store.read() as reader:
            assert list(reader.find(Filter(node_id="a", states=(1,), customer_tid=7))) == [
                record(1, nodes=("a", "b"), deadline=5)
            ]
            assert list(reader.pending("b")) == [(1, 1)]
            assert list(reader.history(1)) == [b"entry"]
            assert reader.signature_use(7, bytes(32)) == SignatureUse(1, "customer")
            assert list(reader.lookup("users", "name", "ann")) == ["ann"]
            assert (reader.number("named"), reader.next_deadline()) == (1, 5)
            assert store.check() == []


def test_a_new_store_is_its_owners_alone(directory: Path) -> None:
    """Directories on the way are made; the store's is 0700 and its files 0600."""
    inner = directory / "deeper" / "store"
    with open_store(inner):
        assert inner.stat().st_mode & 0o777 == 0o700
        modes = {path.name: path.stat().st_mode & 0o777 for path in inner.iterdir()}
    assert modes == {"data.mdb": 0o600, "lock.mdb": 0o600}


def test_commits_are_durable(directory: Path) -> None:
    """The environment has LMDB's default flags, which sync data and meta page at each commit."""
    with open_store(directory) as store:
        assert isinstance(store, TablesStore)
        assert isinstance(store._engine, LmdbEngine)
        flags = store._engine._environment.flags()  # behind the doorway: durability shows nowhere else
    assert flags["sync"]
    assert flags["metasync"]
    assert not flags["writemap"]
    assert not flags["map_async"]


def test_a_store_is_opened_once_in_a_process(directory: Path, tmp_path: Path) -> None:
    """By whatever path; after it is closed it can be opened again."""
    link = tmp_path / "link"
    link.symlink_to(directory)
    with open_store(directory):
        for path in (directory, link, directory / ".." / "store"):
            with pytest.raises(Conflict, match="open in this process already"):
                open_store(path)
    with open_store(link) as store:
        assert store.check() == []


def test_a_forgotten_store_can_be_opened_again(directory: Path) -> None:
    """What was submitted to it is stored first."""
    store = open_store(directory)
    assert isinstance(store, TablesStore)
    thread = store._writer._thread  # behind the doorway: only its end shows that the store was given up
    future = store.submit(lambda transaction: transaction.next_number("a"))
    del store
    gc.collect()
    thread.join(10)
    with open_store(directory) as again, again.read() as reader:
        assert future.result(10) == reader.number("a") == 1


def test_two_stores_are_apart(tmp_path: Path) -> None:
    """One process may have many, each in its directory."""
    with open_store(tmp_path / "one") as one, open_store(tmp_path / "two") as two:
        one.write(lambda transaction: transaction.next_number("a"))
        assert two.write(lambda transaction: transaction.next_number("a")) == 1


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("postgresql://localhost/grid", "this version has no postgresql store"),
        ("postgres://localhost/grid", "this version has no postgres store"),
        ("s3://bucket", "this version has no s3 store"),
        ("", "a store needs a path"),
        ("a\0b", "a store needs a path"),
    ],
)
def test_a_path_that_is_none_is_refused(path: str, says: str) -> None:
    """The message says what is possible."""
    with pytest.raises(InputError, match=says):
        open_store(path)


def test_a_file_is_no_store(directory: Path) -> None:
    """The message says what to name instead; so it does for a path below a file."""
    directory.write_text("a file")
    with pytest.raises(InputError, match="is a file; name the directory"):
        open_store(directory)
    with pytest.raises(Unavailable, match="is no directory; name the directory"):
        open_store(directory / "deeper")


@pytest.mark.parametrize("contents", [b"garbage" * 1000, b"short", bytes(8192)], ids=["garbage", "short", "zeros"])
def test_a_file_of_something_else_is_refused(directory: Path, contents: bytes) -> None:
    """And stays as it is."""
    directory.mkdir()
    (directory / "data.mdb").write_bytes(contents)
    with pytest.raises(Unavailable, match="is no LMDB database, or its file is damaged; load the last archive"):
        open_store(directory)
    assert (directory / "data.mdb").read_bytes() == contents


def test_a_store_that_was_cut_is_refused(directory: Path, record: Make) -> None:
    """Reading past the end of its file would kill the process."""
    with open_store(directory) as store:
        store.write(lambda transaction: transaction.insert(record(1, body=bytes(100_000))))
    data = directory / "data.mdb"
    os.truncate(data, data.stat().st_size // 2)
    with pytest.raises(Unavailable, match="is cut short"):
        open_store(directory)


@pytest.mark.parametrize("name", [b"other", b"meta", None])
def test_a_database_of_something_else_is_refused(directory: Path, name: bytes | None) -> None:
    """Whatever it has in it; and it stays as it is."""
    directory.mkdir()
    with lmdb.open(str(directory), max_dbs=2) as environment:
        inner = None if name is None else environment.open_db(name)
        with environment.begin(write=True, db=inner) as transaction:
            transaction.put(b"meta", b"theirs")
    before = (directory / "data.mdb").read_bytes()
    with pytest.raises(InputError, match="holds an LMDB database of something else; name another directory"):
        open_store(directory)
    assert (directory / "data.mdb").read_bytes() == before


def test_a_store_says_its_layout(directory: Path) -> None:
    """In its own table, beside what it is."""
    open_store(directory).close()
    assert meta_of(directory) == {b"format": b"workloadmanager.bcdb", b"layout": str(LAYOUT).encode()}


@pytest.mark.parametrize(("layout", "named"), [(b"3", "3"), (b"99", "99"), (b"", "unknown"), (b"\xff", "�")])
def test_a_store_of_another_layout_is_refused(directory: Path, layout: bytes, named: str) -> None:
    """The message names both versions; the store can still be opened by its own."""
    open_store(directory).close()
    meta_of(directory, layout=layout)
    with pytest.raises(InputError, match=f"has layout {named}, and this version reads layout {LAYOUT}; install"):
        open_store(directory)
    assert meta_of(directory)[b"layout"] == layout


def test_a_lost_index_is_made_again(directory: Path, record: Make) -> None:
    """A table that is gone altogether is named, and filled by `rebuild`."""
    with open_store(directory) as store:
        store.write(lambda transaction: transaction.insert(record(1)))
    with lmdb.open(str(directory), max_dbs=20) as environment:
        lost = environment.open_db(b"node_states")
        with environment.begin(write=True) as transaction:
            transaction.drop(lost)
    with open_store(directory) as store:
        assert store.check() == ["reservation 1 is not in the index node_states; rebuild the indexes"]
        assert store.rebuild() == 1
        assert store.check() == []


def test_a_full_store_says_what_to_do(directory: Path, record: Make) -> None:
    """What does not fit is refused alone; the store goes on, and takes it when it is opened larger."""
    large = record(2, body=bytes(600_000))
    with open_store(directory, map_size=512 * 1024) as store:
        store.write(lambda transaction: transaction.insert(record(1)))
        with pytest.raises(Unavailable, match="open it with a larger map_size"):
            store.write(lambda transaction: transaction.insert(large))
        store.write(lambda transaction: transaction.replace(record(1, state=2)))
        assert store.check() == []
    with open_store(directory, map_size=4 * 1024 * 1024) as store:
        store.write(lambda transaction: transaction.insert(large))
        assert store.check() == []


def test_what_does_not_fit_leaves_its_batch_alone(directory: Path, record: Make, held: Held) -> None:
    """The changes before and after it are stored, in order."""
    with open_store(directory, map_size=512 * 1024) as store:
        with held(store):
            futures: list[Future[object]] = [
                store.submit(lambda transaction: transaction.insert(record(1))),
                store.submit(lambda transaction: transaction.insert(record(2, body=bytes(600_000)))),
                store.submit(lambda transaction: transaction.insert(record(3))),
                store.submit(lambda transaction: [found.id for found in transaction.find()]),
            ]
        assert [type(future.exception(10)) for future in futures] == [type(None), Unavailable, type(None), type(None)]
        assert futures[3].result(0) == [1, 3]
        assert store.check() == []


def test_too_many_readers_are_refused(directory: Path) -> None:
    """And those that are open go on."""
    with open_store(directory) as store, contextlib.ExitStack() as stack:
        readers = [stack.enter_context(store.read()) for _ in range(1024)]
        with pytest.raises(Overloaded, match="too many readers at once"):
            stack.enter_context(store.read())
        assert readers[-1].get(1) is None


def test_a_store_that_is_gone_says_so(directory: Path, record: Make) -> None:
    """Its size cannot be told when its file was removed under it."""
    with open_store(directory) as store:
        store.write(lambda transaction: transaction.insert(record(1)))
        (directory / "data.mdb").unlink()
        with pytest.raises(Unavailable, match="is gone; somebody removed its directory"):
            store.statistics()


def of_code(code: int) -> lmdb.Error:
    """An error as LMDB raises it for an error of the system."""
    error = lmdb.Error("failed")
    error.code = code  # type: ignore[misc]  # set by the library where it raises
    return error


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (lmdb.CorruptedError("x"), "is damaged on disk; load the last archive"),
        (lmdb.PageNotFoundError("x"), "is damaged on disk; load the last archive"),
        (lmdb.VersionMismatchError("x"), "was written by another version of LMDB"),
        (lmdb.PanicError("x"), "stopped after a failed write; close it, look at the disk"),
        (lmdb.MapResizedError("x"), "open it again with that size"),
        (of_code(errno.ENOSPC), "the disk is full; make room and try again"),
        (of_code(errno.EDQUOT), "the disk quota is used up"),
        (of_code(errno.EFBIG), "raise the limit on file sizes"),
        (of_code(errno.EIO), "look at its free space and the system's log"),
        (of_code(errno.EROFS), "mounted to be read only"),
        (of_code(errno.ENOMEM), "got no memory from the system"),
        (of_code(errno.EAGAIN), "cannot be locked now; try again"),
        (OSError(errno.EACCES, "x"), "give it the right to read and write there"),
        (OSError(errno.EMFILE, "x"), "too many open files"),
        (lmdb.Error("something new"), "does not answer: something new"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_error_of_lmdb_is_a_sentence_of_ours(error: lmdb.Error | OSError, says: str) -> None:
    """It names the store and says what to do."""
    refused = refusal(error, "/var/lib/store")
    assert isinstance(refused, Unavailable)
    assert "the store /var/lib/store" in refused.message
    assert says in refused.message
