"""The phonebook that is kept in bcdb: threebot ids, names and public keys."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from ...actors import Page
from ...bcdb import Change, Reader, Store, Transaction
from ...errors import Conflict, NotFound, PermissionDenied
from ...rules import user_bytes
from ...schema import Registry
from .._entries import key_problems, name_problems, number_of, number_problems, refuse, same_name, text_of
from .._facts import Facts
from .._pages import before, filled
from .._words import in_line, shown
from ._changes import change_of, last_change, put_change, refuse_replay, verify
from ._entry import UserEntry, read_entry

__all__ = ["Phonebook"]

COLLECTION = "user"


class Phonebook:
    """Who is who: kept in the collection ``user`` as objects of ``tfgrid.phonebook.user.1``.

    Arguments:
        store: where it is kept.
        registry: has the model.
    """

    def __init__(self, store: Store, registry: Registry) -> None:
        self._store = store
        self._schema = registry.get("tfgrid.phonebook.user.1")
        self._keys = Facts(COLLECTION, self._key)

    def __repr__(self) -> str:
        return "<phonebook kept in bcdb>"  # how many users there are would take reading all of them

    def add(self, *, name: str, public_key: str, tid: int | None = None) -> UserEntry:
        """Add a user; adding the same one again changes nothing and succeeds.

        Arguments:
            name: the user's name, 1 to 40 characters; nobody else may have it, in whatever case.
            public_key: the ed25519 public key, hex text of 64 digits.
            tid: the threebot id, 1 or more; the next free one by default.

        Returns:
            The user, with ``id`` (the threebot id), ``name`` and ``pubkey``.

        Raises:
            InputError: name, key or id do not fit; all mistakes at once.
            Conflict: somebody else has the name or the id.
        """
        problems = [*name_problems(name), *key_problems(public_key)]
        if tid is not None:
            problems += number_problems(tid, "tid", "a threebot id")
        refuse(problems)
        return self._store.write(lambda transaction: self._add(transaction, name, public_key.lower(), tid))

    def get(self, tid: int, /) -> UserEntry:
        """Return the user with a threebot id.

        Raises:
            InputError: it is no whole number.
            NotFound: nobody has this id.
        """
        number = number_of(tid, "tid", "a threebot id")
        with self._store.read() as reader:
            return self._existing(reader, number)

    def keys_of(self, tids: Iterable[int], /) -> Mapping[int, str]:
        """Return the ed25519 public keys, as hex text of 64 digits, of those who are in the phonebook, by threebot id.

        What was looked up is kept until the phonebook changes, so that most of it costs no look-up.
        """
        with self._store.read() as reader:
            return self._keys.of(reader, tids)

    def find(self, name: str) -> UserEntry:
        """Return the user with a name, in whatever case.

        Raises:
            InputError: it is no text.
            NotFound: nobody has this name.
        """
        text = text_of(name, "name", "a name")
        with self._store.read() as reader:
            user = self._named(reader, text)
        if user is None:
            raise NotFound(f'there is no user "{in_line(text)}" in the phonebook; add it first', path="name")
        return user

    def list(self) -> list[UserEntry]:
        """Return all users in the order of their threebot ids."""
        with self._store.read() as reader:
            return [self._decoded(body) for _, body in reader.documents(COLLECTION)]

    def page(
        self, *, name: str = "", email: str = "", cursor: int = 0, limit: int = 1000, size: int = 0
    ) -> builtins.list[UserEntry]:
        """Return some users in the order of their threebot ids.

        Arguments:
            name: keeps the one with this name, in whatever case; empty for all.
            email: keeps those with this address, in whatever case; empty for all.
            cursor: keeps those with this threebot id or a higher one.
            limit: how many at most.
            size: stored bytes with which the page is full, though never without anybody; 0 for any number.
        """
        with self._store.read() as reader:
            users = ((self._decoded(body), len(body)) for body in self._searched(reader, name, email, cursor))
            matching = (each for each in users if not email or same_name(each[0].email) == same_name(email))
            return filled(Page(limit, size), matching)

    def counter(self, tid: int, /) -> int:
        """Return the counter of the last change of a user's entry; 0 where it was never changed.

        Raises:
            InputError: the id is no whole number.
            NotFound: nobody has this id.
        """
        number = number_of(tid, "tid", "a threebot id")
        with self._store.read() as reader:
            self._existing(reader, number)
            return last_change(reader, number).counter

    def register(self, json: str, signature: str) -> Change[UserEntry]:
        """Return the change that adds a user by the text of the entry; the same name and key again change nothing.

        Arguments:
            json: the entry as JSON text.
            signature: of the user over the text, with the key in it; empty where somebody vouches for the user.

        Raises:
            InputError: the text or a field does not fit; all mistakes at once.
            PermissionDenied: the signature does not verify.
        """
        fields = read_entry(json)
        if signature:
            verify(fields["pubkey"], signature, user_bytes(json), whose="the key in the entry")

        def change(transaction: Transaction) -> UserEntry:
            namesake = self._named(transaction, fields["name"])
            if namesake is not None and namesake.pubkey == fields["pubkey"]:
                return namesake
            self._refuse_taken(fields["name"], namesake)
            tid = transaction.next_number(COLLECTION)
            return self._put(transaction, tid, {**fields, "signature": signature.lower()})

        return change

    def update(self, tid: int, json: str, *, counter: int | None, signature: str) -> Change[UserEntry]:
        """Return the change that writes a user's entry anew; the very same change again succeeds without one.

        Arguments:
            tid: the user.
            json: the whole new entry as JSON text, with the new key where the key changes.
            counter: which change of the entry it is, higher than the last one's; the next one where it is None.
            signature: of the user over all three, with the key that the entry has until now; empty where
                somebody vouches for the user.

        Raises:
            InputError: the text or a field does not fit; all mistakes at once.
            NotFound: nobody has this id.
            PermissionDenied: the signature does not verify.
            Conflict: the counter is not higher than that of the last change.
        """
        fields = read_entry(json)
        with self._store.read() as reader:
            key, last = self._existing(reader, tid).pubkey, last_change(reader, tid)
        if signature and counter is not None and change_of(counter, json) != last:
            # Before the signature: after a change of keys an old change would look like a forged one.
            refuse_replay(last, counter)
            verify(key, signature, user_bytes(json, tid=tid, counter=counter), whose="the key that the entry has")

        def change(transaction: Transaction) -> UserEntry:
            user, last = self._existing(transaction, tid), last_change(transaction, tid)
            made = change_of(last.counter + 1 if counter is None else counter, json)
            if made == last:
                return user
            refuse_replay(last, made.counter)
            if signature and user.pubkey != key:
                raise PermissionDenied("the key of the entry was changed a moment ago", path="signature")
            namesake = self._named(transaction, fields["name"])
            if namesake is None or namesake.id != tid:
                self._refuse_taken(fields["name"], namesake)
            put_change(transaction, tid, made)
            return self._put(transaction, tid, {**fields, "signature": signature.lower()})

        return change

    def _add(self, transaction: Transaction, name: str, public_key: str, tid: int | None) -> UserEntry:
        namesake = self._named(transaction, name)
        holder = None if tid is None else self._read(transaction, tid)
        if namesake is not None:
            if namesake.pubkey == public_key and tid in (None, namesake.id):
                return namesake
            raise Conflict(f'"{name}" is the name of threebot id {namesake.id} already', path="name")
        if holder is not None:
            raise Conflict(f'threebot id {tid} is "{holder.name}" already', path="tid")
        if tid is None:
            tid = transaction.next_number(COLLECTION)
        transaction.raise_number(COLLECTION, tid)
        return self._put(transaction, tid, {"name": name, "pubkey": public_key})

    def _refuse_taken(self, name: str, namesake: UserEntry | None) -> None:
        """Refuse a name that somebody else has.

        Raises:
            Conflict: there is a namesake.
        """
        if namesake is not None:
            raise Conflict(f'"{name}" is the name of threebot id {namesake.id} already', path="json.name")

    def _put(self, transaction: Transaction, tid: int, fields: dict[str, str]) -> UserEntry:
        user = cast("UserEntry", self._schema.new(id=tid, **fields))
        indexed = {"email": same_name(user.email)} if user.email else None
        unique = {"name": same_name(user.name)}
        transaction.put_document(COLLECTION, tid, self._schema.encode(user), unique=unique, indexed=indexed)
        return user

    def _existing(self, reader: Reader, tid: int) -> UserEntry:
        user = self._read(reader, tid)
        if user is None:
            raise NotFound(f"there is no user with threebot id {shown(tid)} in the phonebook; add it first", path="tid")
        return user

    def _read(self, reader: Reader, tid: int) -> UserEntry | None:
        body = reader.document(COLLECTION, tid)
        return None if body is None else self._decoded(body)

    def _key(self, reader: Reader, tid: int) -> str | None:
        user = self._read(reader, tid)
        return None if user is None else user.pubkey

    def _decoded(self, body: bytes) -> UserEntry:
        return cast("UserEntry", self._schema.decode(body))

    def _named(self, reader: Reader, name: str) -> UserEntry | None:
        tids = list(reader.lookup(COLLECTION, "name", same_name(name)))
        return self._read(reader, int(tids[0])) if tids else None

    def _searched(self, reader: Reader, name: str, email: str, cursor: int) -> Iterator[bytes]:
        """Yield the users among whom those that are looked for are, by the index that has the fewest."""
        after = before(cursor)
        if not name and not email:
            return (body for _, body in reader.documents(COLLECTION, after=after))
        index, value = ("name", name) if name else ("email", email)
        tids = reader.lookup(COLLECTION, index, same_name(value), after=after)
        return (body for tid in tids if (body := reader.document(COLLECTION, tid)) is not None)
