"""Planted damage: `check` names each kind, and `rebuild` heals what is an index.

The damage is written straight into the tables, behind the store's doorway.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial

import msgspec
import pytest

from workloadmanager.bcdb import Filter, Record, SignatureUse, Store, Transaction, _keys
from workloadmanager.bcdb._tables import WritableTables
from workloadmanager.errors import Internal

Make = Callable[..., Record]
Damage = Callable[[WritableTables], object]
Tables = Callable[[Store], AbstractContextManager[WritableTables]]

DIGEST = bytes(32)


@pytest.fixture
def sound(new_store: Callable[..., Store], record: Make) -> Store:
    """A store with a row of every kind, none of which may be missing."""
    store = new_store()

    def fill(transaction: Transaction) -> None:
        for number in range(1, 5):
            made = record(number, state=3, epoch=100 * number, customer=7, deadline=9, nodes=("a", "b"))
            transaction.insert(made)
            transaction.enqueue("a", number, 1)
            for entry in (b"first", b"second", b"third"):
                transaction.append_history(number, entry)
        transaction.use_signature(7, DIGEST, SignatureUse(1, "customer"))
        transaction.put_document("users", 1, b"ann", unique={"name": "ann"}, indexed={"farm": 1})
        transaction.put_document("users", 2, b"eve", unique={"name": "eve"}, indexed={"farm": 1})

    store.write(fill)
    store.rebuild()  # what is written late is written now
    assert store.check() == []
    return store


def answers(store: Store) -> list[object]:
    """What every index answers."""
    narrowed = [
        Filter(states=(3,)),
        Filter(node_id="a"),
        Filter(node_id="b", customer_tid=7),
        Filter(customer_tid=7),
        Filter(after_epoch=200),
    ]
    with store.read() as reader:
        return [
            *[list(reader.find(each)) for each in narrowed],
            list(reader.due(9)),
            list(reader.lookup("users", "name", "eve")),
            list(reader.lookup("users", "farm", 1)),
            list(reader.pending("a")),
            reader.number("reservation"),
            reader.number("epoch"),
        ]


INDEX_DAMAGE: dict[str, tuple[Damage, str]] = {
    "a state row is lost": (
        lambda tables: tables.delete("states", _keys.state(3, 2)),
        "reservation 2 is not in the index states",
    ),
    "a node row is lost": (
        lambda tables: tables.delete("node_states", _keys.node_state(1, 3, 2)),
        "reservation 2 is not in the index node_states",
    ),
    "a customer row is lost": (
        lambda tables: tables.delete("customer_states", _keys.customer_state(7, 3, 2)),
        "reservation 2 is not in the index customer_states",
    ),
    "an epoch row is lost": (
        lambda tables: tables.delete("epochs", _keys.moment(200, 2)),
        "reservation 2 is not in the index epochs",
    ),
    "a deadline row is lost": (
        lambda tables: tables.delete("deadlines", _keys.moment(9, 2)),
        "reservation 2 is not in the index deadlines",
    ),
    "a row of a document is lost": (
        lambda tables: tables.delete("values", _keys.value("users", "name", "eve", 2)),
        "document 2 of 'users' is not in its index 'name'",
    ),
    "a unique row lost its mark": (
        lambda tables: tables.put("values", _keys.value("users", "name", "eve", 2), b""),
        "document 2 of 'users' is not in its index 'name'",
    ),
    "a state row is stale": (
        lambda tables: tables.put("states", _keys.state(5, 2)),
        "the index states has reservation 2 where it is not",
    ),
    "a node row is stale": (
        lambda tables: tables.put("node_states", _keys.node_state(1, 4, 2)),
        "the index node_states has reservation 2 where it is not",
    ),
    "a customer row is stale": (
        lambda tables: tables.put("customer_states", _keys.customer_state(8, 3, 2)),
        "the index customer_states has reservation 2 where it is not",
    ),
    "an epoch row is stale": (
        lambda tables: tables.put("epochs", _keys.moment(201, 2)),
        "the index epochs has reservation 2 where it is not",
    ),
    "a deadline row is stale": (
        lambda tables: tables.put("deadlines", _keys.moment(8, 2)),
        "the index deadlines has reservation 2 where it is not",
    ),
    "a row of a document is stale": (
        lambda tables: tables.put("values", _keys.value("users", "name", "bob", 2)),
        "the index 'name' has document 2 of 'users' where it is not",
    ),
    "a row is of a reservation that is not there": (
        lambda tables: tables.put("states", _keys.state(3, 99)),
        "the index states names reservation 99, which is not there",
    ),
    "a row is of a document that is not there": (
        lambda tables: tables.put("values", _keys.value("users", "name", "bob", 99)),
        "the index 'name' names document 99 of 'users', which is not there",
    ),
    "a row is in the wrong place, and the number of rows is right": (
        lambda tables: (
            tables.delete("states", _keys.state(3, 2)),
            tables.put("states", _keys.state(4, 2)),
        ),
        "the index states has reservation 2 where it is not",
    ),
    "an index is empty": (
        lambda tables: tables.clear("node_states"),
        "reservation 4 is not in the index node_states",
    ),
    "a node's number is lost": (
        lambda tables: tables.delete("nodes", b"a"),
        "node 'a' is not found by its name",
    ),
    "a node's name is lost": (
        lambda tables: tables.delete("node_names", _keys.node_number(2)),
        "the number of node 'b' does not lead back to it",
    ),
    "a node lost its number and its name": (
        lambda tables: (tables.delete("nodes", b"b"), tables.delete("node_names", _keys.node_number(2))),
        "node 'b' of reservation 3 has no number",
    ),
    "a node took the number of another": (
        lambda tables: tables.put("nodes", b"c", _keys.node_number(1)),
        "the number of node 'c' does not lead back to it",
    ),
    "the counter of ids is behind": (
        lambda tables: tables.put("counters", b"reservation", _keys.ID.pack(3)),
        "the counter reservation stands at 3, below 4",
    ),
    "the counter of epochs is lost": (
        lambda tables: tables.delete("counters", b"epoch"),
        "the counter epoch stands at 0, below 400",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), INDEX_DAMAGE.values(), ids=INDEX_DAMAGE)
def test_damage_to_an_index_is_named_and_healed(sound: Store, tables_of: Tables, damage: Damage, sentence: str) -> None:
    """After `rebuild` every index answers as before."""
    before = answers(sound)
    with tables_of(sound) as tables:
        damage(tables)
    found = sound.check()
    assert any(sentence in each and "rebuild the indexes" in each for each in found), found
    assert sound.rebuild() == 6
    assert sound.check() == []
    assert answers(sound) == before


def stored_at(tables: WritableTables, table: str, key: bytes) -> bytes:
    """What is stored under a key that is there."""
    stored = tables.get(table, key)
    assert stored is not None
    return stored


def change_record(number: int, **changed: object) -> Damage:
    """Change facts of a stored record, and none of its rows."""

    def damage(tables: WritableTables) -> None:
        key = _keys.reservation(number)
        stored = msgspec.msgpack.decode(stored_at(tables, "reservations", key), type=Record)
        tables.put("reservations", key, msgspec.msgpack.encode(msgspec.structs.replace(stored, **changed)))

    return damage


def cut_record(tables: WritableTables) -> None:
    """Lose the last byte of a record."""
    key = _keys.reservation(2)
    tables.put("reservations", key, stored_at(tables, "reservations", key)[:-1])


def queue_elsewhere(tables: WritableTables) -> None:
    """Queue a workload on a node that its reservation does not name."""
    number = _keys.node_number(3)
    tables.put("nodes", b"c", number)
    tables.put("node_names", number, b"c")
    tables.put("pending", _keys.pending(3, 1, 1))


def copy_document(tables: WritableTables) -> None:
    """Let two documents carry the same unique value."""
    stored = stored_at(tables, "documents", _keys.document("users", 2))
    tables.put("documents", _keys.document("users", 3), stored)


OTHER_DAMAGE: dict[str, tuple[Damage, str]] = {
    "a reservation is garbage": (
        lambda tables: tables.put("reservations", _keys.reservation(2), b"\xc1garbage"),
        "reservation 2 cannot be read",
    ),
    "a reservation is cut": (
        cut_record,
        "reservation 2 cannot be read",
    ),
    "a reservation says another id": (change_record(2, id=9), "reservation 9 is stored under the id 2"),
    "a reservation is older than the one before": (
        change_record(3, epoch=150),
        "reservation 3 has an epoch below that of reservation 2",
    ),
    "a reservation is lost": (
        lambda tables: tables.delete("reservations", _keys.reservation(2)),
        "workload 2-1 in the queue of node 'a' is of a reservation that is not there",
    ),
    "a lost reservation has a history": (
        lambda tables: tables.delete("reservations", _keys.reservation(2)),
        "there is a history of reservation 2, which is not there",
    ),
    "a signature is of a lost reservation": (
        lambda tables: tables.delete("reservations", _keys.reservation(1)),
        "by 7 is for reservation 1, which is not there",
    ),
    "a signature's use is garbage": (
        lambda tables: tables.put("signatures", _keys.signature(7, DIGEST), b"\xc1"),
        "by 7 cannot be read",
    ),
    "a queue row is of another node": (
        queue_elsewhere,
        "workload 1-1 in the queue of node 'c' is of a reservation that is not on that node",
    ),
    "a queue row is of an unreadable reservation": (
        lambda tables: tables.put("reservations", _keys.reservation(2), b""),
        "workload 2-1 in the queue of node 'a' is of a reservation that is not on that node",
    ),
    "a queue row is of a node without a name": (
        lambda tables: tables.put("pending", _keys.pending(77, 1, 1)),
        "workload 1-1 in the queue of node 77 is of a node whose name is lost",
    ),
    "a history lacks its first entry": (
        lambda tables: tables.delete("history", _keys.numbered(3, 1)),
        "the history of reservation 3 lacks entry 1",
    ),
    "a history lacks one in between": (
        lambda tables: tables.delete("history", _keys.numbered(3, 2)),
        "the history of reservation 3 lacks entry 2",
    ),
    "a document is garbage": (
        lambda tables: tables.put("documents", _keys.document("users", 2), b"\xc1"),
        "document 2 of 'users' cannot be read",
    ),
    "two documents carry one unique value": (
        copy_document,
        "document 2 of 'users' and document 3 both carry 'eve', which is unique in 'name'",
    ),
}


@pytest.mark.parametrize(("damage", "sentence"), OTHER_DAMAGE.values(), ids=OTHER_DAMAGE)
def test_other_damage_is_named_before_and_after_a_rebuild(
    sound: Store, tables_of: Tables, damage: Damage, sentence: str
) -> None:
    """What is not made of the documents stays as it is, and is named until it is mended."""
    with tables_of(sound) as tables:
        damage(tables)
    if sentence not in " | ".join(sound.check()):
        assert "which is unique" in sentence, sound.check()  # the row that shows it is made by the rebuild
    sound.rebuild()
    assert sentence in " | ".join(sound.check())


def test_one_damaged_document_does_not_break_a_list(
    sound: Store, tables_of: Tables, caplog: pytest.LogCaptureFixture
) -> None:
    """It is left out with a warning; asking for it alone says what is wrong."""
    with tables_of(sound) as tables:
        tables.put("reservations", _keys.reservation(2), b"\xc1")
        tables.put("documents", _keys.document("users", 1), b"\xc1")
    with caplog.at_level(logging.WARNING), sound.read() as reader:
        assert [found.id for found in reader.find(Filter(states=(3,)))] == [1, 3, 4]
        assert [key for key, _ in reader.documents("users")] == [2]
        with pytest.raises(Internal, match="reservation 2 cannot be read"):
            reader.get(2)
        with pytest.raises(Internal, match="document 1 of 'users' cannot be read"):
            reader.document("users", 1)
    assert len(caplog.messages) == 2


@pytest.mark.parametrize("table", ["values", "pending", "signatures", "history"])
def test_a_damaged_key_is_named(sound: Store, tables_of: Tables, table: str) -> None:
    """It is one more sentence of the check, and the rest is checked all the same."""
    with tables_of(sound) as tables:
        tables.put(table, b"\xff", b"")
        tables.delete("states", _keys.state(3, 1))
    found = sound.check()
    assert any(sentence.startswith("the key ff is damaged") for sentence in found)
    assert "reservation 1 is not in the index states; rebuild the indexes" in found


def test_reading_past_a_damaged_key_is_an_error_of_ours(sound: Store, tables_of: Tables) -> None:
    """For an export and for a change too."""
    with tables_of(sound) as tables:
        tables.put("history", b"\xff", b"")
        tables.put("epochs", b"\xff", b"")
    with pytest.raises(Internal, match="the key ff is damaged"):
        sound.export(io.BytesIO())
    with pytest.raises(Internal, match="the key ff is damaged"):
        sound.write(lambda transaction: transaction.insert(Record(9, 1, 900, 7, 0, ("a",), b"")))


def test_a_row_without_its_document_is_left_out_of_a_list(sound: Store, tables_of: Tables) -> None:
    """The list goes on."""
    with tables_of(sound) as tables:
        tables.delete("reservations", _keys.reservation(2))
    with sound.read() as reader:
        assert [found.id for found in reader.find(Filter(states=(3,)))] == [1, 3, 4]


def test_rebuilding_a_sound_store_changes_nothing(sound: Store) -> None:
    """Every answer is the same."""
    before = answers(sound)
    assert sound.rebuild() == 6
    assert answers(sound) == before
    assert sound.check() == []


def test_rebuilding_that_is_interrupted_changes_nothing(sound: Store) -> None:
    """It is one transaction."""
    before = answers(sound)

    def interrupt(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sound.rebuild(interrupt)
    assert answers(sound) == before
    assert sound.check() == []


def _tell(told: list[tuple[int, int]], done: int, total: int) -> None:
    told.append((done, total))


def test_long_work_tells_how_far_it_is(new_store: Callable[..., Store], record: Make) -> None:
    """Now and then, and at the end; done never passes the total."""
    store = new_store()
    store.write(lambda transaction: [transaction.insert(record(number)) for number in range(1, 1300)])
    for work in (store.check, store.rebuild):
        told: list[tuple[int, int]] = []
        work(partial(_tell, told))
        assert told == [(512, 1299), (1024, 1299), (1299, 1299)]


def test_what_is_told_of_progress_cannot_wait_for_a_change(sound: Store) -> None:
    """The rebuild holds the tables: it says so instead of waiting for ever; reading is fine."""

    def look(_done: int, _total: int) -> None:
        with sound.read() as reader:
            assert reader.get(1) is not None

    def write(_done: int, _total: int) -> None:
        sound.write(lambda _: None)

    assert sound.rebuild(look) == 6
    with pytest.raises(Internal, match="submit that and do not wait"):
        sound.rebuild(write)
    assert sound.write(lambda _: "on") == "on"


def test_an_empty_store_is_sound(store: Store) -> None:
    """And is rebuilt from nothing."""
    assert store.check() == []
    assert store.rebuild() == 0
