"""The calls `farms_register`, `farms_get` and `farms_list`."""

from __future__ import annotations

from concurrent.futures import Future

from ...actors import Page, Role
from ...errors import PermissionDenied
from .._pages import filled, whole_numbers
from ._base import DirectoryCall
from ._places import Place
from ._shapes import FarmEntry

__all__ = ["FarmsGet", "FarmsList", "FarmsRegister"]


class FarmsRegister(DirectoryCall):
    """Register a farm of a farmer who is in the phonebook, or write the farmer's farm of that name anew.

    Errors: ``input`` for whatever is wrong in the farm, all of it at once; ``not_found`` where the phonebook does not
    know the farmer; ``conflict`` where another farmer's farm has the name; ``permission`` for nodes, and for users
    who are not the farmer.

    ```in
    farm = (O) !tfgrid.directory.farm.1   # the farm; its name and threebot_id, the farmer, are needed
    ```

    ```out
    farm_id = (I)   # the id of the farm
    ```
    """

    _unknown = "ignore"

    def farms_register(self, *, farm: FarmEntry) -> Future[object]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        caller = self._caller
        if caller.role is Role.node or (caller.role is Role.user and caller.tid != farm.threebot_id):
            message = f"this is for the farmer of the farm, and this session is {caller}"
            raise PermissionDenied(message, path="farm.threebot_id")
        return self._write(self._directory.farms.register(farm), lambda stored: self._output.type(farm_id=stored.id))


class FarmsGet(DirectoryCall):
    """Return a farm.

    Errors: ``not_found`` where there is no such farm.

    ```in
    farm_id = (I)   # the farm
    ```

    ```out
    !tfgrid.directory.farm.1
    ```
    """

    def farms_get(self, *, farm_id: int) -> FarmEntry:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._directory.get_farm(farm_id)


class FarmsList(DirectoryCall):
    """Return the farms in a city or a country, in the order of their ids.

    Without ``limit`` all that fit are returned; to read page by page, ask again with ``cursor`` one above the
    last id that was returned, until a page is empty.

    Errors: ``input`` for a negative number.

    ```in
    city = (S)      # those in this city, in whatever case
    country = (S)   # those in this country, in whatever case
    cursor = (I)    # those with this id or a higher one
    limit = (I)     # at most so many; 0 or left out: all, or as many as a server puts into one page
    ```

    ```out
    farms = (LO) !tfgrid.directory.farm.1
    ```
    """

    def farms_list(self, *, city: str = "", country: str = "", cursor: int = 0, limit: int = 0) -> object:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        whole_numbers(cursor=cursor, limit=limit)
        page = Page(limit, self._request.page_bytes)
        with self._context.store.read() as reader:
            found = self._directory.farms.find(reader, Place(city, country), cursor=cursor)
            return self._output.type(farms=filled(page, found))
