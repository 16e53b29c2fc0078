"""The phonebook that is kept in bcdb: threebot ids, names and public keys."""

from __future__ import annotations

from typing import cast

from ..bcdb import Reader, Store, Transaction
from ..errors import Conflict, InputError, NotFound
from ..schema import Registry
from ._entries import UserEntry, key_problems, name_problems, number_of, number_problems, same_name, text_of
from ._words import in_line, shown

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

    def __repr__(self) -> str:
        return f"<phonebook of {len(self.list())} users>"

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
        if problems:
            raise InputError.of(problems)
        return self._store.write(lambda transaction: self._add(transaction, name, public_key.lower(), tid))

    def get(self, tid: int, /) -> UserEntry:
        """Return the user with a threebot id.

        Raises:
            InputError: it is no whole number.
            NotFound: nobody has this id.
        """
        number = number_of(tid, "tid", "a threebot id")
        with self._store.read() as reader:
            user = self._read(reader, number)
        if user is None:
            raise NotFound(f"there is no user with threebot id {shown(tid)} in the phonebook; add it first", path="tid")
        return user

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
            return [cast("UserEntry", self._schema.decode(body)) for _, body in reader.documents(COLLECTION)]

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
        user = self._schema.new(id=tid, name=name, pubkey=public_key)
        transaction.put_document(COLLECTION, tid, self._schema.encode(user), unique={"name": same_name(name)})
        return cast("UserEntry", user)

    def _read(self, reader: Reader, tid: int) -> UserEntry | None:
        body = reader.document(COLLECTION, tid)
        return None if body is None else cast("UserEntry", self._schema.decode(body))

    def _named(self, reader: Reader, name: str) -> UserEntry | None:
        tids = list(reader.lookup(COLLECTION, "name", same_name(name)))
        return self._read(reader, int(tids[0])) if tids else None
