"""The farms: what is checked of one, how it changes, how it is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ...actors import Phonebook
from ...bcdb import Change, Reader, Transaction
from ...errors import Conflict, NotFound
from ...schema import Registry
from .._entries import name_problems, number_problems, refuse, same_name
from .._pages import before
from ._checks import farm_problems
from ._places import EVERYWHERE, Place
from ._settle import replaced, settled
from ._shapes import FarmEntry

__all__ = ["Farms"]

COLLECTION = "farm"


class Farms:
    """The farms of the directory, in the collection ``farm``.

    A method that changes something checks what it is given, and returns the change for the store to run.

    Arguments:
        registry: has the model ``tfgrid.directory.farm.1``.
        phonebook: knows the farmers.
    """

    def __init__(self, registry: Registry, phonebook: Phonebook) -> None:
        self._schema = registry.get("tfgrid.directory.farm.1")
        self._phonebook = phonebook

    def read(self, reader: Reader, farm_id: int) -> FarmEntry | None:
        """Return the farm with an id; None where there is none."""
        body = reader.document(COLLECTION, farm_id)
        return None if body is None else cast("FarmEntry", self._schema.decode(body))

    def farmer_of(self, reader: Reader, farm_id: int) -> int | None:
        """Return the threebot id of a farm's farmer; None where there is no such farm."""
        farm = self.read(reader, farm_id)
        return None if farm is None else farm.threebot_id

    def find(self, reader: Reader, place: Place = EVERYWHERE, *, cursor: int = 0) -> Iterator[tuple[FarmEntry, int]]:
        """Yield the farms in a place, in the order of their ids.

        Arguments:
            reader: where to read.
            place: the place.
            cursor: keeps those with this id or a higher one.

        Returns:
            Each farm with the bytes in which it is stored.
        """
        for _, body in reader.documents(COLLECTION, after=before(cursor)):
            farm = cast("FarmEntry", self._schema.decode(body))
            if place.has(farm.location):
                yield farm, len(body)

    def add(self, name: str, farmer_tid: int) -> Change[FarmEntry]:
        """Return the change that adds a farm; one that is there already stays as it is.

        Raises:
            InputError: name or id do not fit; both mistakes at once.
            NotFound: the phonebook does not know the farmer.
        """
        refuse([*name_problems(name), *number_problems(farmer_tid, "farmer_tid", "a threebot id")])
        self._look_for(farmer_tid, "farmer_tid")
        farm = settled(cast("FarmEntry", self._schema.new(name=name, threebot_id=farmer_tid)))
        return lambda transaction: self._namesake(transaction, farm, "name") or self._put(transaction, farm)

    def register(self, farm: FarmEntry) -> Change[FarmEntry]:
        """Return the change that adds a farm, or writes the one of the same farmer and name anew.

        Arguments:
            farm: the farm; its id does not count.

        Raises:
            InputError: something in it does not fit; all mistakes at once.
            NotFound: the phonebook does not know the farmer.
        """
        entry = settled(farm)
        refuse(farm_problems(entry, "farm"))
        self._look_for(entry.threebot_id, "farm.threebot_id")

        def change(transaction: Transaction) -> FarmEntry:
            known = self._namesake(transaction, entry, "farm.name")
            return self._put(transaction, entry, known)

        return change

    def _look_for(self, farmer_tid: int, path: str) -> None:
        try:
            self._phonebook.get(farmer_tid)
        except NotFound as error:
            message = f"there is no user with threebot id {farmer_tid} in the phonebook; add the farmer first"
            raise NotFound(message, path=path) from error

    def _namesake(self, transaction: Transaction, farm: FarmEntry, path: str) -> FarmEntry | None:
        """Return the farm that has the name already; None where there is none.

        Raises:
            Conflict: it is another farmer's.
        """
        for key in list(transaction.lookup(COLLECTION, "name", same_name(farm.name))):
            known = self.read(transaction, int(key))
            if known is not None and known.threebot_id == farm.threebot_id:
                return known
            raise Conflict(f'"{farm.name}" is the name of farm {key} already', path=path)
        return None

    def _put(self, transaction: Transaction, farm: FarmEntry, known: FarmEntry | None = None) -> FarmEntry:
        farm_id = known.id if known is not None else transaction.next_number(COLLECTION)
        stored = replaced(farm, id=farm_id)
        body = self._schema.encode(stored)
        transaction.put_document(COLLECTION, farm_id, body, unique={"name": same_name(farm.name)})
        return stored
