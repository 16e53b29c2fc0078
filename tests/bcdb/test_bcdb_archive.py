"""Archives: everything, from either kind of store into either, whole or not at all."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import msgpack  # type: ignore[import-untyped]  # the library carries no types
import pytest

from workloadmanager.bcdb import LAYOUT, Filter, Record, SignatureUse, Store, Transaction, _archive, _keys, open_store
from workloadmanager.bcdb._memory import MemoryEngine
from workloadmanager.bcdb._tables import WritableTables
from workloadmanager.errors import Conflict, InputError, Internal, Unavailable

Make = Callable[..., Record]
Tables = Callable[[Store], AbstractContextManager[WritableTables]]


@pytest.fixture(params=["memory", "lmdb"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store, of the same kind and of the other one."""
    with open_store(":memory:" if request.param == "memory" else tmp_path / "other") as opened:
        yield opened
        assert opened.check() == []


@pytest.fixture
def filled(store: Store, record: Make) -> Store:
    """A store with something of every kind, at the limits of each."""

    def fill(transaction: Transaction) -> None:
        transaction.insert(record(1, state=0, epoch=0, customer=-(2**63), nodes=(), body=b""))
        transaction.insert(record(7, state=3, deadline=99, nodes=("b", "é" * 127, "a"), body=bytes(range(256))))
        transaction.insert(record(2**63 - 1, state=255, epoch=2**63 - 1, customer=2**63 - 1, deadline=2**63 - 1))
        transaction.enqueue("a", 7, 2)
        transaction.enqueue("b", 7, 0)
        for entry in (b"first", b"", b"third"):
            transaction.append_history(7, entry)
        transaction.use_signature(-(2**63), bytes(32), SignatureUse(7, "provision"))
        transaction.raise_number("named é", 42)
        transaction.put_document("users", 0, b"", unique={"name": "ann"})
        transaction.put_document("users", "text", b"\xff", indexed={"farm": 3, "tag": "x"})
        transaction.delete_document("users", 1)

    store.write(fill)
    return store


def archive_of(store: Store) -> bytes:
    """The archive of a store."""
    stream = io.BytesIO()
    store.export(stream)
    return stream.getvalue()


def test_an_archive_holds_everything(filled: Store, other: Store) -> None:
    """Loaded into a store of either kind, it gives the same archive again, and the same answers."""
    archive = archive_of(filled)
    assert other.load(io.BytesIO(archive)) == 14
    assert archive_of(other) == archive
    with filled.read() as reader, other.read() as loaded:
        assert list(loaded.find()) == list(reader.find())
        assert list(loaded.find_ids(Filter(node_id="a", states=(3,)))) == [7]
        assert list(loaded.pending("b")) == [(7, 0)]
        assert list(loaded.history(7)) == [b"first", b"", b"third"]
        assert loaded.signature_use(-(2**63), bytes(32)) == SignatureUse(7, "provision")
        assert loaded.number("named é") == 42
        assert list(loaded.documents("users")) == list(reader.documents("users"))
        assert list(loaded.lookup("users", "tag", "x")) == ["text"]
    with pytest.raises(Conflict, match="taken"):
        other.write(lambda transaction: transaction.put_document("users", 5, b"", unique={"name": "ann"}))


def test_an_archive_of_an_empty_store_loads(store: Store, other: Store) -> None:
    """A header and an end."""
    assert other.load(io.BytesIO(archive_of(store))) == 0


def test_an_archive_is_one_consistent_state(filled: Store) -> None:
    """What is committed while it is written is not in it."""
    before = archive_of(filled)
    stream = io.BytesIO()

    def meanwhile(_done: int, _total: int) -> None:
        filled.write(lambda transaction: transaction.put_document("users", 99, b"late"))

    assert filled.export(stream, meanwhile) == 14
    assert stream.getvalue() == before
    assert len(archive_of(filled)) > len(before)


def test_an_archive_is_plain_messagepack(filled: Store) -> None:
    """Any reader of MessagePack can look into it: the header, the entries with their kind first, the end."""
    objects = list(msgpack.Unpacker(io.BytesIO(archive_of(filled))))
    assert objects[0] == ["workloadmanager.bcdb", 1, LAYOUT]
    kinds = [each[0] for each in objects[1:-1]]
    assert list(dict.fromkeys(kinds)) == ["reservation", "history", "pending", "signature", "counter", "document"]
    assert objects[-1][0] == "end"
    assert objects[-1][1] == {kind: kinds.count(kind) for kind in kinds}


def test_an_archive_that_is_cut_anywhere_is_refused(filled: Store) -> None:
    """After every byte; nothing of it is stored."""
    archive = archive_of(filled)
    for length in range(len(archive)):
        store = open_store(":memory:") if length % 100 == 0 else None
        with pytest.raises(InputError, match=r"cut short|no archive|damaged"):
            _load(store, archive[:length])


def test_an_archive_that_was_changed_anywhere_is_refused(filled: Store) -> None:
    """One flipped bit in any byte."""
    archive = archive_of(filled)
    for at in range(len(archive)):
        changed = bytearray(archive)
        changed[at] ^= 1 << at % 8
        with pytest.raises(InputError):
            _load(None, bytes(changed))


def _load(store: Store | None, archive: bytes) -> None:
    """Load into a store and see that it stays empty; without one, into bare tables, for speed."""
    if store is None:
        _archive.load_tables(MemoryEngine().writing(), io.BytesIO(archive))
        return
    with store:
        try:
            store.load(io.BytesIO(archive))
        finally:
            assert archive_of(store) == archive_of(open_store(":memory:"))


@pytest.mark.parametrize(
    "kind_of_junk", [b"", b"\xc1", b"\x93", b"hello", b"{}", b"\x80", b"\x00" * 99, b"\xdd\xff\xff\xff\xff"]
)
def test_what_is_no_archive_is_refused(store: Store, kind_of_junk: bytes) -> None:
    """In one sentence."""
    with pytest.raises(InputError, match="no archive"):
        store.load(io.BytesIO(kind_of_junk))


def pack(*objects: object) -> io.BytesIO:
    """A stream of MessagePack objects."""
    return io.BytesIO(b"".join(map(msgpack.packb, objects)))


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (["workloadmanager.bcdb", 2, LAYOUT], "format 2 and layout 2; this version reads format 1 and layouts up to 2"),
        (["workloadmanager.bcdb", 1, LAYOUT + 1], "format 1 and layout 3"),
        (["something else", 1, LAYOUT], "no archive"),
        ({"name": "workloadmanager.bcdb"}, "no archive"),
        (7, "no archive"),
    ],
)
def test_an_archive_of_another_version_is_refused(store: Store, header: object, says: str) -> None:
    """The message names both."""
    with pytest.raises(InputError, match=says):
        store.load(pack(header))


RESERVATION = ["reservation", [5, 1, 100, 7, 0, ["a"], b"body"]]
HEADER = ["workloadmanager.bcdb", 1, LAYOUT]


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ([["unknown", 1]], "an entry that is none"),
        ([[]], "an entry that is none"),
        (["text"], "an entry that is none"),
        ([["reservation", [1, 2]]], "an entry that is none"),
        ([["reservation", [5, 1, 100, 7, 0, ["a"], "text"]]], "an entry that is none"),
        ([["reservation", [0, 1, 100, 7, 0, ["a"], b""]]], "contradicts itself: the reservation id 0 is out of range"),
        ([RESERVATION, RESERVATION], "contradicts itself: there is a reservation 5 already"),
        ([["document", "users", -1, b"", {}, {}]], "contradicts itself: -1 is no document key"),
        ([["signature", 7, b"short", [5, "delete"]]], "contradicts itself: the digest"),
        (
            [["document", "u", 1, b"", {"n": 1}, {}], ["document", "u", 2, b"", {"n": 1}, {}]],
            "contradicts itself: n: 1 is taken",
        ),
        ([RESERVATION, ["end", {"reservation": 1}, bytes(32)]], "was changed after it was written"),
        ([RESERVATION, ["end", {}, bytes(32)]], "was changed after it was written"),
        ([RESERVATION], "cut short"),
    ],
)
def test_an_archive_with_a_wrong_entry_is_refused_whole(store: Store, entries: list[object], says: str) -> None:
    """What came before the entry is not stored either."""
    with pytest.raises(InputError, match=says):
        store.load(pack(HEADER, *entries))
    with store.read() as reader:
        assert list(reader.find()) == []


def test_an_archive_ends_with_its_end(filled: Store, other: Store) -> None:
    """Bytes or objects after it are refused."""
    for rest, says in ((b"\x93", "cut short"), (msgpack.packb(RESERVATION), "goes on after its end")):
        with pytest.raises(InputError, match=says):
            other.load(io.BytesIO(archive_of(filled) + rest))


def test_a_store_that_holds_something_takes_no_archive(filled: Store) -> None:
    """Not even its own."""
    with pytest.raises(Conflict, match="holds something already"):
        filled.load(io.BytesIO(archive_of(filled)))


def test_a_counter_is_something(filled: Store, other: Store) -> None:
    """A store that gave out a number is no longer empty."""
    other.write(lambda transaction: transaction.next_number("a"))
    with pytest.raises(Conflict):
        other.load(io.BytesIO(archive_of(filled)))


def test_loading_that_is_interrupted_stores_nothing(filled: Store, other: Store) -> None:
    """It is one transaction; the store takes the archive afterwards."""

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    archive = archive_of(filled)
    with pytest.raises(KeyboardInterrupt):
        other.load(io.BytesIO(archive), interrupt)
    assert other.statistics().reservations == {}
    assert other.load(io.BytesIO(archive)) == 14


def test_a_large_archive_is_streamed(store: Store, other: Store, record: Make, tmp_path: Path) -> None:
    """Through a file, entries longer than any buffer too; the progress is told on the way."""
    store.write(lambda transaction: [transaction.insert(record(number, body=b"x" * 300)) for number in range(1, 1200)])
    store.write(lambda transaction: transaction.insert(record(5000, body=bytes(300_000))))
    told: list[tuple[int, int]] = []
    with (tmp_path / "archive").open("wb") as stream:
        assert store.export(stream, lambda done, total: told.append((done, total))) == 1202
    with (tmp_path / "archive").open("rb") as stream:
        assert other.load(stream, lambda done, total: told.append((done, total))) == 1202
    assert told == [(512, 1202), (1024, 1202), (1202, 1202), (512, 0), (1024, 0), (1202, 1202)]


def test_a_damaged_document_is_not_exported(new_store: Callable[..., Store], record: Make, tables_of: Tables) -> None:
    """The message names it; an archive without it would lose it in silence."""
    store = new_store()
    store.write(lambda transaction: transaction.insert(record(7)))
    with tables_of(store) as tables:
        tables.put("reservations", _keys.reservation(7), b"\xc1")
    with pytest.raises(Internal, match="reservation 7 cannot be read"):
        archive_of(store)


def test_a_queue_without_its_nodes_name_is_not_exported(new_store: Callable[..., Store], tables_of: Tables) -> None:
    """The message says what to do."""
    store = new_store()
    with tables_of(store) as tables:
        tables.put("pending", _keys.pending(9, 1, 1))
    with pytest.raises(Internal, match="a queue is of a node whose name is lost"):
        archive_of(store)


@pytest.mark.parametrize("buffering", [0, -1], ids=["at the first write", "at the end"])
def test_a_stream_that_cannot_be_written_is_named(filled: Store, buffering: int) -> None:
    """With the system's reason: a device that is always full."""
    with (
        contextlib.suppress(OSError),
        Path("/dev/full").open("wb", buffering=buffering) as stream,
        pytest.raises(Unavailable, match="the archive cannot be written: No space left"),
    ):
        filled.export(stream)


def test_a_stream_that_cannot_be_read_is_named(store: Store) -> None:
    """With the system's reason: a file whose first page is never there."""
    with (
        Path("/proc/self/mem").open("rb") as stream,
        pytest.raises(Unavailable, match="the archive cannot be read: Input/output error"),
    ):
        store.load(stream)
