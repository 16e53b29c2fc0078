"""The calls of the phonebook: `users_register`, `users_get`, `users_list`, `users_update` and `users_counter`."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import cast

import msgspec

from ...actors import Access, CallActor, Context, Role, call_of
from ...errors import InputError, PermissionDenied
from .._pages import whole_numbers
from ._entry import UserEntry
from ._phonebook import Phonebook

__all__ = ["CALLS"]

_LARGEST_PAGE = 1000
_SEE_ADDRESSES = frozenset({Role.host, Role.operator, Role.guest})
"""Those who are shown the addresses of all users: at an open server, whoever connects."""


class _PhonebookCall(CallActor):
    """The base of the calls of the phonebook that is kept in bcdb."""

    _access = Access.session

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        if not isinstance(context.phonebook, Phonebook):
            raise InputError("the calls of the phonebook are for the one that is kept in bcdb")
        self._phonebook = context.phonebook

    def _refuse_unsigned(self, signature: str) -> None:
        """See that there is a signature, unless the caller may vouch for users.

        Raises:
            PermissionDenied: there is none.
        """
        if not signature and self._caller.role not in (Role.host, Role.operator):
            raise PermissionDenied(
                f"{self._call.name} needs the signature of the user; the operator alone may leave it out",
                path="signature",
            )

    def _shown(self, user: UserEntry) -> UserEntry:
        """Return a user as the caller may see them: the address to reach them is theirs and the operator's."""
        caller = self._caller
        if caller.role in _SEE_ADDRESSES or (caller.role is Role.user and caller.tid == user.id):
            return user
        return cast("UserEntry", msgspec.structs.replace(cast("msgspec.Struct", user), email=""))


class UsersRegister(_PhonebookCall):
    """Register a user by the text of an entry, which the user signs with the key in it.

    The user gets the next free threebot id. Registering the same name with the same key again returns
    that user, and changes nothing.

    Errors: ``input`` for whatever is wrong in the entry, all of it at once; ``permission`` for a signature that is
    missing or does not verify; ``conflict`` where somebody else has the name.

    ```in
    json = (S)        # the entry as JSON text: name, pubkey, and if you like email, ipaddr and description
    signature = (S)   # hex of the user's ed25519 signature; the operator may leave it out
    ```

    ```out
    !tfgrid.phonebook.user.1   # the user; the id is the threebot id
    ```
    """

    _access = Access.anybody

    def users_register(self, *, json: str, signature: str = "") -> Future[UserEntry]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        self._refuse_unsigned(signature)
        return self._context.store.submit(self._phonebook.register(json, signature))


class UsersGet(_PhonebookCall):
    """Return a user by threebot id or by name.

    A session of another user, or of a node, gets it without ``email``.

    Errors: ``input`` where neither or both are given; ``not_found`` where there is no such user.

    ```in
    tid = (I)    # the threebot id
    name = (S)   # or the name, in whatever case
    ```

    ```out
    !tfgrid.phonebook.user.1   # the user
    ```
    """

    def users_get(self, *, tid: int | None = None, name: str = "") -> UserEntry:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        if (tid is None) == (name == ""):
            raise InputError("give either tid or name", path="tid")
        return self._shown(self._phonebook.find(name) if tid is None else self._phonebook.get(tid))


class UsersList(_PhonebookCall):
    """Return users in the order of their threebot ids.

    A page has at most 1000 users; the next one begins with a cursor that is one above the last threebot id.
    Sessions of users and nodes get those of others without ``email``.

    Errors: ``input`` for a negative number; ``permission`` for a user or a node that gives ``email``.

    ```in
    name = (S)     # the one with this name, in whatever case
    email = (S)    # those with this address, in whatever case
    cursor = (I)   # those with this threebot id or a higher one
    limit = (I)    # at most so many; where it is left out, 0 or above 1000, it is 1000
    ```

    ```out
    users = (LO) !tfgrid.phonebook.user.1
    ```
    """

    def users_list(self, *, name: str = "", email: str = "", cursor: int = 0, limit: int = 0) -> object:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        whole_numbers(cursor=cursor, limit=limit)
        if email and self._caller.role not in _SEE_ADDRESSES:
            raise PermissionDenied("who has an address is told to the operator alone", path="email")
        most, size = min(limit or _LARGEST_PAGE, _LARGEST_PAGE), self._request.page_bytes
        page = self._phonebook.page(name=name, email=email, cursor=cursor, limit=most, size=size)
        return self._output.type(users=[self._shown(user) for user in page])


class UsersUpdate(_PhonebookCall):
    """Write a user's entry anew, by a text that the user signs with the key that the entry has until now.

    The counter is higher with every change, so that an old change is worth nothing to whoever kept it. The very
    same change again succeeds without one. The operator may leave out signature and counter.

    Errors: ``input`` for whatever is wrong in the entry, all of it at once; ``not_found`` where there is no such
    user; ``permission`` for a signature that is missing or does not verify; ``conflict`` where the counter is
    not higher than that of the last change, and where somebody else has the name.

    ```in
    tid = (I)         # the threebot id of the user
    json = (S)        # the whole new entry as JSON text
    counter = (I)     # which change of the entry it is; users_counter knows the last one
    signature = (S)   # hex of the user's ed25519 signature; the operator may leave it out
    ```

    ```out
    !tfgrid.phonebook.user.1   # the user
    ```
    """

    _access = Access.anybody

    def users_update(
        self, *, tid: int, json: str, counter: int | None = None, signature: str = ""
    ) -> Future[UserEntry]:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        self._refuse_unsigned(signature)
        if counter is None and signature:
            raise InputError(f"is missing; {self._call.name} needs it beside a signature", path="counter")
        if counter is not None and counter < 1:
            raise InputError(f"must be 1 or more, not {counter}", path="counter")
        return self._context.store.submit(self._phonebook.update(tid, json, counter=counter, signature=signature))


class UsersCounter(_PhonebookCall):
    """Return the counter of the last change of a user's entry; the next one has to be higher.

    Errors: ``not_found`` where there is no such user.

    ```in
    tid = (I)   # the threebot id of the user
    ```

    ```out
    counter = (I)   # 0 for an entry that was never changed
    ```
    """

    def users_counter(self, *, tid: int) -> object:
        """Answer the call, which the class describes (``docs/directory.md``)."""
        return self._output.type(counter=self._phonebook.counter(tid))


CALLS: Mapping[str, type[CallActor]] = MappingProxyType(
    {
        call_of(actor_class).name: actor_class
        for actor_class in (UsersRegister, UsersGet, UsersList, UsersUpdate, UsersCounter)
    }
)
"""The actor of each call of the phonebook, by its name, in the order of the documentation."""
