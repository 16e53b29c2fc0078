"""Collections: documents by key, unique values, values that others may carry."""

from __future__ import annotations

import io
from collections.abc import Callable
from operator import methodcaller

import pytest

from workloadmanager.bcdb import Key, Store, Transaction
from workloadmanager.errors import Conflict, InputError


def put(store: Store, key: Key, body: bytes = b"body", **rows: dict[str, Key]) -> None:
    """Store a document of the collection `users`."""
    store.write(lambda transaction: transaction.put_document("users", key, body, **rows))


def found(store: Store, index: str, value: Key) -> list[Key]:
    """Look a value up in the collection `users`."""
    with store.read() as reader:
        return list(reader.lookup("users", index, value))


@pytest.mark.parametrize("key", [0, 1, 2**63 - 1, "a", "é" * 127, "x" * 255, "\0", "7"], ids=repr)
def test_a_document_comes_back(store: Store, key: Key) -> None:
    """Numbers and texts are keys; the number 7 and the text 7 are two."""
    put(store, key, b"\x00 body")
    with store.read() as reader:
        assert reader.document("users", key) == b"\x00 body"
        assert reader.document("users", 7 if key == "7" else "other") is None
        assert reader.document("others", key) is None
        assert list(reader.documents("users")) == [(key, b"\x00 body")]


@pytest.mark.parametrize("key", [-1, 2**63, "", "x" * 256, "\ud800"], ids=ascii)
def test_a_key_out_of_its_limits_is_refused_and_never_found(store: Store, key: Key) -> None:
    """Storing it is a mistake; asking for it finds nothing."""
    with pytest.raises(InputError):
        put(store, key)
    with pytest.raises(InputError):
        put(store, 1, unique={"name": key})
    assert store.write(lambda transaction: transaction.delete_document("users", key)) is False
    assert found(store, "name", key) == []
    with store.read() as reader:
        assert reader.document("users", key) is None
        assert list(reader.documents("users")) == []


@pytest.mark.parametrize("name", ["", "x" * 65, "\ud800"], ids=ascii)
def test_names_of_collections_and_indexes_have_limits(store: Store, name: str) -> None:
    """1 to 64 bytes."""
    with pytest.raises(InputError, match="the collection's name"):
        store.write(lambda transaction: transaction.put_document(name, 1, b""))
    with pytest.raises(InputError, match="the index's name"):
        put(store, 1, indexed={name: 1})


def test_the_longest_names_keys_and_values_fit_together(store: Store) -> None:
    """All limits at once."""
    name, text = "n" * 64, "é" * 127
    store.write(lambda transaction: transaction.put_document(name, text, b"b", unique={name: text}))
    with store.read() as reader:
        assert list(reader.lookup(name, name, text)) == [text]


def test_documents_come_numbers_first_each_in_order(store: Store) -> None:
    """Numbers by value, texts by code point, whatever the order of storing; other collections stay out."""
    keys: list[Key] = ["b", 300, "é", 2, "a", "B", 2**40, "aa", "\U0001f600", "\uffff"]
    for key in keys:
        put(store, key)
    for neighbour in ("user", "users2", "usert"):
        store.write(methodcaller("put_document", collection=neighbour, key=1, body=b""))
    with store.read() as reader:
        assert [key for key, _ in reader.documents("users")] == [
            2, 300, 2**40, "B", "a", "aa", "b", "é", "\uffff", "\U0001f600",
        ]  # fmt: skip


AFTER: dict[Key, list[Key]] = {
    0: [2, 300, "a", "a\0", "aa", "é"],
    2: [300, "a", "a\0", "aa", "é"],
    3: [300, "a", "a\0", "aa", "é"],
    2**63 - 1: ["a", "a\0", "aa", "é"],
    "A": ["a", "a\0", "aa", "é"],
    "a": ["a\0", "aa", "é"],
    "a\0": ["aa", "é"],
    "ab": ["é"],
    "é": [],
    "x" * 255: ["é"],
}


@pytest.mark.parametrize(("after", "rest"), AFTER.items(), ids=ascii)
def test_documents_and_look_ups_go_on_after_a_key(store: Store, after: Key, rest: list[Key]) -> None:
    """Whether there is a document under it or not; what comes before it is not read."""
    for key in (2, 300, "a", "a\0", "aa", "é"):
        put(store, key, indexed={"farm": 1})
    put(store, 5, indexed={"farm": 2})
    store.write(methodcaller("put_document", collection="usert", key=1, body=b"", indexed={"farm": 1}))
    with store.read() as reader:
        assert list(reader.lookup("users", "farm", 1, after=after)) == rest
        assert reader.counts.keys <= len(rest) + 1
        listed = [key for key, _ in reader.documents("users", after=after)]
        assert [key for key in listed if key != 5] == rest
        assert reader.counts.documents == len(listed)


@pytest.mark.parametrize("after", [-1, 2**63, "", "x" * 256, "\ud800"], ids=ascii)
def test_nothing_comes_after_what_can_be_no_key(store: Store, after: Key) -> None:
    """It is a mistake."""
    with store.read() as reader, pytest.raises(InputError):
        list(reader.documents("users", after=after))
    with store.read() as reader, pytest.raises(InputError):
        list(reader.lookup("users", "farm", 1, after=after))


def test_a_document_takes_the_place_of_an_earlier_one(store: Store) -> None:
    """Its index rows too: the old values no longer lead to it."""
    put(store, 1, b"old", unique={"name": "ann"}, indexed={"farm": 3})
    put(store, 1, b"new", unique={"name": "eve"}, indexed={"farm": 4})
    assert [found(store, "name", "ann"), found(store, "farm", 3)] == [[], []]
    assert [found(store, "name", "eve"), found(store, "farm", 4)] == [[1], [1]]
    with store.read() as reader:
        assert list(reader.documents("users")) == [(1, b"new")]


def test_a_unique_value_is_taken_by_one_document(store: Store) -> None:
    """A second one is refused with the index as its path, and changes nothing."""
    put(store, 1, unique={"name": "ann"})
    put(store, 2, unique={"name": "eve"})
    with pytest.raises(Conflict, match="'ann' is taken by document 1") as refused:
        put(store, 2, b"new", unique={"name": "ann"})
    assert refused.value.path == "name"
    assert [found(store, "name", name) for name in ("ann", "eve")] == [[1], [2]]
    with store.read() as reader:
        assert reader.document("users", 2) == b"body"


def test_a_document_keeps_its_own_unique_value(store: Store) -> None:
    """Storing it again with the same value is no conflict."""
    for body in (b"one", b"two"):
        put(store, 1, body, unique={"name": "ann"})
    assert found(store, "name", "ann") == [1]


def test_a_unique_value_is_free_after_its_document_went(store: Store) -> None:
    """And after its document took another value."""
    put(store, 1, unique={"name": "ann"})
    store.write(lambda transaction: transaction.delete_document("users", 1))
    put(store, 2, unique={"name": "ann"})
    put(store, 2, unique={"name": "eve"})
    put(store, 3, unique={"name": "ann"})
    assert found(store, "name", "ann") == [3]


def test_a_unique_value_is_refused_to_one_that_would_share_it(store: Store) -> None:
    """No other document may carry it, not even as a value that is not unique there."""
    put(store, 1, unique={"name": "ann"})
    with pytest.raises(Conflict, match="taken by document 1"):
        put(store, 2, indexed={"name": "ann"})
    put(store, 3, indexed={"name": "bob"})
    with pytest.raises(Conflict, match="taken by document 3"):
        put(store, 4, unique={"name": "bob"})


def test_unique_values_of_collections_and_indexes_are_apart(store: Store) -> None:
    """The same value elsewhere is no conflict; nor is the number where a text is."""
    put(store, 1, unique={"name": "7"})
    put(store, 2, unique={"name": 7})
    put(store, 3, unique={"key": "7"})
    store.write(lambda transaction: transaction.put_document("farms", 4, b"", unique={"name": "7"}))
    assert [found(store, "name", "7"), found(store, "name", 7), found(store, "key", "7")] == [[1], [2], [3]]


def test_a_shared_value_leads_to_all_that_carry_it_in_key_order(store: Store) -> None:
    """Numbers before texts."""
    for key in ("b", 20, 3, "a"):
        put(store, key, indexed={"farm": 1})
    put(store, 4, indexed={"farm": 2})
    assert found(store, "farm", 1) == [3, 20, "a", "b"]
    assert found(store, "farm", 3) == []


def test_a_value_cannot_be_both(store: Store) -> None:
    """One index is either unique or shared for a document."""
    with pytest.raises(InputError, match="both as unique"):
        put(store, 1, unique={"name": "a"}, indexed={"name": "b"})


def test_a_value_that_becomes_shared_is_shared(store: Store) -> None:
    """Stored again without `unique`, it no longer keeps others out."""
    put(store, 1, unique={"name": "ann"})
    put(store, 1, indexed={"name": "ann"})
    put(store, 2, indexed={"name": "ann"})
    assert found(store, "name", "ann") == [1, 2]


def test_deleting_says_whether_it_was_there(store: Store) -> None:
    """Twice is no error."""
    put(store, 1, indexed={"farm": 1})
    assert store.write(lambda transaction: transaction.delete_document("users", 1)) is True
    assert store.write(lambda transaction: transaction.delete_document("users", 1)) is False
    assert found(store, "farm", 1) == []


def test_a_change_sees_the_document_that_it_wrote(store: Store) -> None:
    """And that it deleted."""

    def change(transaction: Transaction) -> list[bytes | None]:
        transaction.put_document("users", 1, b"new")
        written = transaction.document("users", 1)
        transaction.delete_document("users", 1)
        return [written, transaction.document("users", 1)]

    assert store.write(change) == [b"new", None]


def test_a_document_that_is_too_long_is_refused(store: Store) -> None:
    """The message has both lengths."""
    with pytest.raises(InputError, match="67108865 bytes; the longest the store takes has 67108864"):
        put(store, 1, bytes(64 * 1024 * 1024 + 1))


def versions(store: Store, *collections: str) -> list[int]:
    """The versions of collections."""
    with store.read() as reader:
        return [reader.version(collection) for collection in collections]


def test_the_version_of_a_collection_rises_with_each_change(store: Store) -> None:
    """Of its own documents only; what changes nothing does not count."""
    assert versions(store, "users", "farms") == [0, 0]
    put(store, 1)
    put(store, 1, b"other")
    assert versions(store, "users", "farms") == [2, 0]
    assert store.write(lambda transaction: transaction.delete_document("users", 2)) is False
    assert versions(store, "users") == [2]
    assert store.write(lambda transaction: transaction.delete_document("users", 1)) is True
    assert versions(store, "users") == [3]


def test_a_refused_document_leaves_the_version(store: Store) -> None:
    """The version is part of the change."""
    put(store, 1, unique={"name": "ann"})
    with pytest.raises(Conflict):
        put(store, 2, unique={"name": "ann"})
    assert versions(store, "users") == [1]


def test_rebuilding_moves_the_versions(store: Store) -> None:
    """What a look-up finds may have been healed."""
    put(store, 1)
    store.rebuild()
    assert versions(store, "users", "farms") == [2, 0]


def test_a_view_keeps_the_version_that_it_began_with(store: Store) -> None:
    """As all that it reads; a change sees its own."""
    put(store, 1)
    with store.read() as before:
        put(store, 2)
        assert before.version("users") == 1

    def change(transaction: Transaction) -> int:
        transaction.put_document("users", 3, b"")
        return transaction.version("users")

    assert store.write(change) == 3


def test_versions_are_not_exported(store: Store, new_store: Callable[..., Store]) -> None:
    """They belong to one store, and are no counter; a store whose documents are all gone is empty."""
    put(store, 1)
    put(store, 1)
    archive = io.BytesIO()
    assert store.export(archive) == 1
    archive.seek(0)
    copy = new_store()
    put(copy, 9)
    copy.write(lambda transaction: transaction.delete_document("users", 9))
    assert copy.load(archive) == 1
    assert versions(copy, "users") == [3]
