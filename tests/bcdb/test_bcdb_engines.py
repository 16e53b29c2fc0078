"""The engines behind both stores: the same few operations, and a view that has ended says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workloadmanager.bcdb._lmdb_open import open_engine
from workloadmanager.bcdb._memory import MemoryEngine
from workloadmanager.bcdb._tables import COUNTERS, NODES, TABLES, Engine, Tables, WritableTables
from workloadmanager.errors import Unavailable

READS: dict[str, Callable[[Tables], object]] = {
    "get": lambda tables: tables.get(NODES, b"a"),
    "seek": lambda tables: tables.seek(NODES, b"a"),
    "last": lambda tables: tables.last(NODES),
    "keys": lambda tables: list(tables.keys(NODES)),
    "items": lambda tables: list(tables.items(NODES)),
    "fetch": lambda tables: list(tables.fetch(NODES, [b"a"])),
    "count": lambda tables: tables.count(NODES),
}

WRITES: dict[str, Callable[[WritableTables], object]] = {
    "put": lambda tables: tables.put(NODES, b"a", b"1"),
    "delete": lambda tables: tables.delete(NODES, b"a"),
    "clear": lambda tables: tables.clear(NODES),
    "put_keys": lambda tables: tables.put_keys(NODES, [b"a"]),
    "lacking": lambda tables: tables.lacking(NODES, [b"a"]),
    "nested": lambda tables: tables.nested(),
    "part": lambda tables: tables.part().put(NODES, b"a"),
    "commit": lambda tables: tables.commit(),
    **READS,
}


@pytest.fixture
def engine(kind: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine of each kind with four keys in one table."""
    opened = MemoryEngine() if kind == "memory" else open_engine(tmp_path / "engine")
    tables = opened.writing()
    for key in (b"b", b"a", b"d", b"c"):
        tables.put(NODES, key, key * 2)
    tables.commit()
    yield opened
    opened.close()


def test_keys_are_sorted_and_found(engine: Engine) -> None:
    """From the first, from one in between, from the end."""
    tables = engine.reading()
    assert list(tables.keys(NODES)) == [b"a", b"b", b"c", b"d"]
    assert list(tables.keys(NODES, b"bb")) == [b"c", b"d"]
    assert list(tables.items(NODES, b"c")) == [(b"c", b"cc"), (b"d", b"dd")]
    assert list(tables.items(NODES, b"e")) == []
    assert (tables.get(NODES, b"b"), tables.get(NODES, b"x")) == (b"bb", None)
    assert [tables.seek(NODES, start) for start in (b"", b"b", b"ba", b"e")] == [b"a", b"b", b"c", None]
    assert [tables.last(NODES, before) for before in (b"", b"z", b"c", b"a")] == [b"d", b"d", b"b", None]
    assert (tables.count(NODES), tables.last(COUNTERS), tables.seek(COUNTERS, b"")) == (4, None, None)
    tables.end()


def test_values_are_fetched_one_by_one(engine: Engine) -> None:
    """In the order of the keys that are given, each taken when it is asked for; look-ups may come between."""
    for tables in (engine.reading(), engine.writing()):
        keys = iter([b"c", b"x", b"a", b"b"])
        fetched = tables.fetch(NODES, keys)
        assert [next(fetched), tables.seek(NODES, b"d"), next(fetched)] == [(b"c", b"cc"), b"d", (b"x", None)]
        assert next(keys) == b"a"
        assert [*fetched] == [(b"b", b"bb")]
        tables.end()


def test_tables_are_apart(engine: Engine) -> None:
    """What is in one is in no other."""
    tables = engine.reading()
    assert {table: tables.count(table) for table in TABLES if tables.count(table)} == {NODES: 4}
    tables.end()


def test_a_view_keeps_what_it_began_with(engine: Engine) -> None:
    """Also where it is going through it."""
    before = engine.reading()
    going_on = before.keys(NODES)
    assert next(going_on) == b"a"
    writing = engine.writing()
    writing.clear(NODES)
    writing.put(NODES, b"new")
    writing.commit()
    after = engine.reading()
    assert list(going_on) == [b"b", b"c", b"d"]
    assert list(after.keys(NODES)) == [b"new"]
    before.end()
    after.end()


def test_what_is_not_committed_is_dropped(engine: Engine) -> None:
    """The next view that writes begins where the last commit was."""
    writing = engine.writing()
    writing.delete(NODES, b"a")
    writing.end()
    again = engine.writing()
    assert again.count(NODES) == 4
    again.end()


def test_a_nested_view_writes_into_the_outer_one(engine: Engine) -> None:
    """When it commits; when it ends without, its writes are dropped and those before stay."""
    writing = engine.writing()
    writing.delete(NODES, b"a")
    for key, keep in ((b"kept", True), (b"dropped", False), (b"too", True)):
        inner = writing.nested()
        inner.put(NODES, key)
        inner.delete(NODES, b"b")
        assert inner.get(NODES, key) == b""
        if keep:
            inner.commit()
        inner.end()
    writing.delete(NODES, b"c")
    assert list(writing.keys(NODES)) == [b"d", b"kept", b"too"]
    writing.commit()
    tables = engine.reading()
    assert list(tables.keys(NODES)) == [b"d", b"kept", b"too"]
    tables.end()


def test_a_part_of_a_view_writes_straight_into_it(engine: Engine) -> None:
    """Its end ends nothing else, and takes nothing back."""
    tables = engine.writing()
    part, other = tables.part(), tables.part()
    part.put(NODES, b"e", b"ee")
    assert other.get(NODES, b"e") == b"ee"
    part.end()
    part.end()
    other.delete(NODES, b"a")
    other.commit()
    assert list(tables.keys(NODES)) == [b"b", b"c", b"d", b"e"]
    tables.commit()
    reading = engine.reading()
    assert list(reading.keys(NODES)) == [b"b", b"c", b"d", b"e"]
    reading.end()


def test_what_is_nested_in_a_part_is_kept_or_dropped_with_all(engine: Engine) -> None:
    """A part is as good as the view that it is a part of."""
    tables = engine.writing()
    part = tables.part()
    dropped = part.nested()
    dropped.put(NODES, b"e")
    dropped.end()
    kept = part.nested()
    kept.put(NODES, b"f")
    kept.commit()
    part.end()
    assert list(tables.keys(NODES)) == [b"a", b"b", b"c", b"d", b"f"]
    tables.end()


@pytest.mark.parametrize("write", ["put", "delete", "clear"])
def test_a_view_knows_whether_it_wrote(engine: Engine, write: str) -> None:
    """It itself, and none beside it."""
    tables = engine.writing()
    reading, writing = tables.part(), tables.part()
    for ask in READS.values():
        ask(reading)
    WRITES[write](writing)
    assert (reading.wrote, writing.wrote, tables.part().wrote) == (False, True, False)
    tables.end()


@pytest.mark.parametrize("what", sorted(WRITES.keys() - {"commit"}))
def test_a_part_that_ended_does_nothing(engine: Engine, what: str) -> None:
    """Though the view goes on that it was a part of."""
    tables = engine.writing()
    try:
        part = tables.part()
        part.end()
        with pytest.raises(Unavailable, match="ended"):
            WRITES[what](part)
        assert tables.get(NODES, b"a") == b"aa"
    finally:
        tables.end()


def test_an_iterator_goes_on_in_what_was_written(engine: Engine) -> None:
    """Inside a view that writes: what is deleted ahead is left out, what is put ahead comes."""
    writing = engine.writing()
    seen = []
    for key, value in writing.items(NODES):
        seen.append((key, value))
        if key == b"b":
            writing.delete(NODES, b"b")
            writing.delete(NODES, b"c")
            writing.put(NODES, b"bb", b"new")
            writing.put(NODES, b"a", b"behind")
    assert seen == [(b"a", b"aa"), (b"b", b"bb"), (b"bb", b"new"), (b"d", b"dd")]
    writing.end()


@pytest.mark.parametrize("ask", READS.values(), ids=READS)
def test_a_view_that_ended_answers_nothing(engine: Engine, ask: Callable[[Tables], object]) -> None:
    """Ending it twice is no error."""
    tables = engine.reading()
    tables.end()
    tables.end()
    with pytest.raises(Unavailable, match="has ended"):
        ask(tables)


@pytest.mark.parametrize("ask", WRITES.values(), ids=WRITES)
def test_a_writing_view_that_ended_does_nothing(engine: Engine, ask: Callable[[WritableTables], object]) -> None:
    """Whether it was committed or dropped."""
    for end in ("commit", "end"):
        writing = engine.writing()
        getattr(writing, end)()
        with pytest.raises(Unavailable, match="has ended"):
            ask(writing)
        writing.end()
    tables = engine.reading()
    assert tables.count(NODES) == 4
    tables.end()


@pytest.mark.parametrize("ask", READS.values(), ids=READS)
def test_a_view_of_a_closed_engine_answers_nothing(engine: Engine, ask: Callable[[Tables], object]) -> None:
    """And the engine gives no new one to write."""
    tables = engine.reading()
    engine.close()
    engine.close()
    with pytest.raises(Unavailable, match="closed"):
        ask(tables)
    tables.end()
    with pytest.raises(Unavailable, match="closed"):
        engine.writing()


def test_the_number_of_a_state_rises_with_each_commit(engine: Engine) -> None:
    """A view that reads has that of the last commit, one that writes the next; what is dropped takes none."""
    before = engine.reading()
    dropped, number = engine.writing(), before.number
    assert (dropped.number, dropped.nested().number) == (number + 1, number + 1)
    dropped.put(NODES, b"x")
    dropped.end()
    kept = engine.writing()
    kept.put(NODES, b"y")
    assert kept.number == number + 1
    kept.commit()
    after = engine.reading()
    assert (before.number, after.number) == (number, number + 1)
    before.end()
    after.end()
    for ended in (before, kept):
        with pytest.raises(Unavailable):
            _ = ended.number


def test_several_keys_are_stored_and_looked_up_together(engine: Engine) -> None:
    """As one after another would be; what is stored is seen at once."""
    tables = engine.writing()
    assert tables.lacking(NODES, [b"a", b"x", b"c", b"y"]) == {b"x", b"y"}
    tables.put_keys(NODES, [b"y", b"x", b"y"])
    assert tables.lacking(NODES, [b"y", b"x", b"z"]) == {b"z"}
    assert tables.get(NODES, b"x") == b""
    assert tables.lacking(NODES, []) == set()
    assert tables.wrote
    tables.put_keys(COUNTERS, [])
    tables.commit()
    after = engine.reading()
    assert list(after.keys(NODES)) == [b"a", b"b", b"c", b"d", b"x", b"y"]
    after.end()
