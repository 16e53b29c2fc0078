"""``workloadmanager user``: the phonebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast

import typer

from ...errors import InputError, PermissionDenied
from ...schema import to_dict
from ._arguments import tid_of
from ._command import command, noun
from ._session import Session

if TYPE_CHECKING:
    from ..client import Client

__all__ = ["group"]

group = noun("user", "The phonebook: who is who, and with which key they sign.")


@command(
    group,
    "add",
    example="workloadmanager user add alice --key alice\nworkloadmanager user add bob --public-key 3b6a27bc…",
)
def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user's name.", show_default=False)],
    *,
    key: Annotated[str, typer.Option("--key", metavar="KEY", help="A key of yours, whose public half is taken.")] = "",
    public_key: Annotated[str, typer.Option(metavar="HEX", help="The user's public key, 64 hex digits.")] = "",
    tid: Annotated[
        int | None, typer.Option(metavar="TID", min=1, help="The threebot id; the next free one by default.")
    ] = None,
) -> None:
    """Add a user; adding the same one again changes nothing.

    At a server whoever is no operator adds only the own entry, which the key signs.
    """
    if bool(key) == bool(public_key):
        raise InputError("give the user's key: either --key KEY, one of yours, or --public-key HEX")
    if key:
        public_key = session.keyring().get(key).public_key
    with session.manager() as manager:
        try:
            user = manager.phonebook.add(name=name, public_key=public_key, tid=tid)
        except PermissionDenied:
            if not key or session.common.server is None:
                raise
            client = cast("Client", manager)
            user = client.phonebook.add(name=name, tid=tid, key=session.key(key))
        session.output.one(user)


@command(group, "list", example="workloadmanager user list")
def list_users(session: Session) -> None:
    """List the users."""
    with session.manager() as manager:
        users = manager.phonebook.list()
    document = {"users": [to_dict(user) for user in users]}
    session.output.objects(document, users, empty="There are no users yet: workloadmanager user add NAME --key KEY")


@command(group, "show", example="workloadmanager user show alice")
def show(
    session: Session,
    user: Annotated[str, typer.Argument(metavar="TID|NAME", help="The user's id or name.", show_default=False)],
) -> None:
    """Show a user."""
    with session.manager() as manager:
        session.output.one(manager.phonebook.get(tid_of(manager, user)))
