"""``workloadmanager farm``: the farms of the directory."""

from __future__ import annotations

from typing import Annotated

import typer

from ...schema import to_dict
from ._arguments import tid_of
from ._command import command, noun
from ._session import Session

__all__ = ["group"]

group = noun("farm", "The directory: farms, and the farmers who are paid.")


@command(group, "add", example="workloadmanager farm add green-valley --farmer bob")
def add(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The farm's name.", show_default=False)],
    *,
    farmer: Annotated[str, typer.Option(metavar="TID|NAME", help="The farmer, a user.", show_default=False)],
) -> None:
    """Add a farm; adding the same one again changes nothing."""
    with session.manager() as manager:
        session.output.one(manager.directory.add_farm(name=name, farmer_tid=tid_of(manager, farmer)))


@command(group, "list", example="workloadmanager farm list")
def list_farms(session: Session) -> None:
    """List the farms."""
    with session.manager() as manager:
        farms = manager.directory.list_farms()
    document = {"farms": [to_dict(farm) for farm in farms]}
    session.output.objects(document, farms, empty="There are no farms yet: workloadmanager farm add NAME --farmer TID")


@command(group, "show", example="workloadmanager farm show 1")
def show(
    session: Session,
    farm: Annotated[int, typer.Argument(metavar="ID", help="The farm id.", show_default=False)],
) -> None:
    """Show a farm."""
    with session.manager() as manager:
        session.output.one(manager.directory.get_farm(farm))
