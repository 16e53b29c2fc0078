"""Both stores against a plain model: random operations, the same answers in the same order."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from operator import methodcaller
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workloadmanager.bcdb import Filter, Key, Record, SignatureUse, Store, Transaction, open_store
from workloadmanager.errors import Conflict

NODES = ("a", "b", "c")
STATES = st.integers(0, 3)
IDS = st.integers(1, 12)
DIGESTS = st.sampled_from([bytes(32), b"x" * 32])
DOCUMENT_KEYS: st.SearchStrategy[Key] = st.sampled_from([1, 2, "a", "b"])
VALUES: st.SearchStrategy[Key] = st.sampled_from([1, "one", "two"])


class Stores(RuleBasedStateMachine):
    """Does the same to a memory store, an LMDB store and a few dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.stores = [open_store(":memory:"), open_store(self.directory.name)]
        self.records: dict[int, Record] = {}
        self.queue: set[tuple[str, int, int]] = set()
        self.uses: dict[tuple[int, bytes], SignatureUse] = {}
        self.histories: dict[int, list[bytes]] = {}
        self.documents: dict[Key, tuple[bytes, dict[str, Key], dict[str, Key]]] = {}
        self.epoch = 1

    def teardown(self) -> None:
        """Both agree with themselves, and their archives are the same bytes."""
        archives = []
        for store in self.stores:
            assert store.check() == []
            stream = io.BytesIO()
            store.export(stream)
            archives.append(stream.getvalue())
            store.close()
        self.directory.cleanup()
        assert archives[0] == archives[1]

    def change(self, change: Callable[[Transaction], Any]) -> list[Any]:
        """Run a change on both; return results, and conflicts as their messages."""
        answers = []
        for store in self.stores:
            try:
                answers.append(store.write(change))
            except Conflict as error:
                answers.append(str(error))
        assert answers[0] == answers[1]
        return answers

    @rule(
        state=STATES,
        customer=st.integers(-1, 1),
        deadline=st.integers(0, 5),
        nodes=st.sets(st.sampled_from(NODES)),
        later=st.integers(0, 2),
    )
    def insert(self, state: int, customer: int, deadline: int, nodes: set[str], later: int) -> None:
        """Register one more."""
        self.epoch += later
        record = Record(
            max(self.records, default=0) + 1, state, self.epoch, customer, deadline, tuple(sorted(nodes)), b""
        )
        self.records[record.id] = record
        self.change(lambda transaction: transaction.insert(record))

    @precondition(lambda self: self.records)
    @rule(number=IDS, state=STATES, deadline=st.integers(0, 5), body=st.binary(max_size=3))
    def replace(self, number: int, state: int, deadline: int, body: bytes) -> None:
        """Move one to another state."""
        if number in self.records:
            moved = msgspec.structs.replace(self.records[number], state=state, deadline=deadline, body=body)
            self.records[number] = moved
            self.change(lambda transaction: transaction.replace(moved))

    @precondition(lambda self: self.records)
    @rule(number=IDS, workload=st.integers(1, 2))
    def enqueue(self, number: int, workload: int) -> None:
        """Queue a workload on the nodes of its reservation."""
        for node in self.nodes_of(number):
            self.change(methodcaller("enqueue", node_id=node, reservation_id=number, workload_id=workload))
            self.queue.add((node, number, workload))

    @precondition(lambda self: self.queue)
    @rule(number=IDS, workload=st.integers(1, 2))
    def dequeue(self, number: int, workload: int) -> None:
        """Take a workload out of the queue of the first of its nodes, whether it is there or not."""
        for node in self.nodes_of(number)[:1]:
            self.change(methodcaller("dequeue", node_id=node, reservation_id=number, workload_id=workload))
            self.queue.discard((node, number, workload))

    def nodes_of(self, number: int) -> tuple[str, ...]:
        """The nodes of a reservation; none where there is no reservation."""
        return self.records[number].node_ids if number in self.records else ()

    @precondition(lambda self: self.records)
    @rule(tid=st.integers(-1, 1), digest=DIGESTS, number=IDS, purpose=st.sampled_from(["provision", "delete"]))
    def sign(self, tid: int, digest: bytes, number: int, purpose: str) -> None:
        """Use a signature, perhaps again."""
        if number in self.records:
            use = SignatureUse(number, purpose)
            answers = self.change(lambda transaction: transaction.use_signature(tid, digest, use))
            assert (answers[0] is None) == (self.uses.setdefault((tid, digest), use) == use)

    @precondition(lambda self: self.records)
    @rule(number=IDS, entry=st.binary(max_size=3))
    def remember(self, number: int, entry: bytes) -> None:
        """Append to a history."""
        if number in self.records:
            self.histories.setdefault(number, []).append(entry)
            self.change(lambda transaction: transaction.append_history(number, entry))

    @rule(key=DOCUMENT_KEYS, body=st.binary(max_size=3), unique=st.none() | VALUES, indexed=st.none() | VALUES)
    def put(self, key: Key, body: bytes, unique: Key | None, indexed: Key | None) -> None:
        """Store a document, unless its unique value is taken."""
        rows: tuple[dict[str, Key], dict[str, Key]] = (
            {} if unique is None else {"name": unique},
            {} if indexed is None else {"farm": indexed},
        )
        taken = any(
            other != key and carried["name"] == unique for other, (_, carried, _) in self.documents.items() if carried
        )
        answers = self.change(
            lambda transaction: transaction.put_document("users", key, body, unique=rows[0], indexed=rows[1])
        )
        assert (answers[0] is not None) == taken
        if not taken:
            self.documents[key] = (body, *rows)

    @rule(key=DOCUMENT_KEYS)
    def delete(self, key: Key) -> None:
        """Remove a document, if it is there."""
        answers = self.change(lambda transaction: transaction.delete_document("users", key))
        assert answers[0] == (self.documents.pop(key, None) is not None)

    @rule()
    def fail(self) -> None:
        """A change that raises after it wrote leaves nothing."""

        def change(transaction: Transaction) -> None:
            transaction.insert(Record(10**6, 1, 10**6, 1, 1, ("z",), b""))
            transaction.put_document("users", 9, b"")
            raise Conflict("on purpose")

        assert self.change(change) == ["on purpose"] * 2

    @rule()
    def rebuild(self) -> None:
        """Indexes that are made again are the same."""
        assert [store.rebuild() for store in self.stores] == [len(self.records) + len(self.documents)] * 2

    @rule(
        wanted=st.builds(
            Filter,
            node_id=st.sampled_from(("", *NODES, "z")),
            states=st.lists(STATES, max_size=3).map(tuple),
            after_epoch=st.integers(0, 12),
            from_id=st.integers(0, 12),
            customer_tid=st.none() | st.integers(-1, 1),
        )
    )
    def list(self, wanted: Filter) -> None:
        """A list has what the filter says."""
        expected = [each for _, each in sorted(self.records.items()) if _keeps(wanted, each)]
        for store in self.stores:
            with store.read() as reader:
                assert [*reader.find(wanted)] == expected
                assert [*reader.find_ids(wanted)] == [each.id for each in expected]

    @rule(
        node_id=st.sampled_from(("", *NODES, "z")),
        states=st.lists(st.integers(-1, 300) | STATES, max_size=3).map(tuple),
        from_id=st.integers(-1, 13) | st.just(2**64),
    )
    def ask_for_work(self, node_id: str, states: tuple[int, ...], from_id: int) -> None:
        """A node has work where its queue has a row, or one that it is on is in a state that makes work."""
        expected = any(node == node_id for node, _, _ in self.queue) or any(
            node_id in each.node_ids and each.state in states and each.id >= from_id for each in self.records.values()
        )
        for store in self.stores:
            with store.read() as reader:
                assert reader.has_work(node_id, states, from_id) is expected

    @invariant()
    def the_rest_agrees(self) -> None:
        """Queues, deadlines, signatures, histories and documents are what the model says."""
        for store in self.stores:
            self._compare(store)

    def _compare(self, store: Store) -> None:
        deadlines = sorted((each.deadline, each.id) for each in self.records.values() if each.deadline)
        with store.read() as reader:
            for node in NODES:
                assert [*reader.pending(node)] == sorted(row[1:] for row in self.queue if row[0] == node)
            assert [*reader.due(3)] == [number for deadline, number in deadlines if deadline <= 3]
            assert reader.next_deadline() == (deadlines[0][0] if deadlines else 0)
            for (tid, digest), use in self.uses.items():
                assert reader.signature_use(tid, digest) == use
            for number, entries in self.histories.items():
                assert [*reader.history(number)] == entries
            ordered = sorted(self.documents, key=lambda key: (isinstance(key, str), key))
            assert [*reader.documents("users")] == [(key, self.documents[key][0]) for key in ordered]
            for after in (0, 1, 3, "a", "ab", "b"):
                rest = [key for key in ordered if (isinstance(key, str), key) > (isinstance(after, str), after)]
                assert [key for key, _ in reader.documents("users", after=after)] == rest
                assert [*reader.lookup("users", "farm", 1, after=after)] == [
                    key for key in rest if self.documents[key][2].get("farm") == 1
                ]
            for value in (1, "one", "two"):
                assert [*reader.lookup("users", "name", value)] == [
                    key for key in ordered if self.documents[key][1].get("name") == value
                ]
                assert [*reader.lookup("users", "farm", value)] == [
                    key for key in ordered if self.documents[key][2].get("farm") == value
                ]


def _keeps(wanted: Filter, record: Record) -> bool:
    return (
        (not wanted.node_id or wanted.node_id in record.node_ids)
        and (not wanted.states or record.state in wanted.states)
        and record.epoch > wanted.after_epoch
        and record.id >= wanted.from_id
        and wanted.customer_tid in (None, record.customer_tid)
    )


Stores.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestBothStoresAgreeWithAModel = Stores.TestCase
