"""``workloadmanager node``: the nodes of the directory."""

from __future__ import annotations

from typing import Annotated

import typer

from ...errors import InputError
from ...schema import to_dict
from ._command import command, noun
from ._session import Session

__all__ = ["group"]

group = noun("node", "The directory: nodes, and the farms they are in.")


@command(
    group,
    "add",
    example="workloadmanager node add --key node-1 --farm 1\nworkloadmanager node add 8jJ4…3Tk --farm 1",
)
def add(
    session: Session,
    node: Annotated[str, typer.Argument(metavar="[NODE_ID]", help="The node id.", show_default=False)] = "",
    *,
    farm: Annotated[int, typer.Option(metavar="ID", min=1, help="The farm it is in.", show_default=False)],
    key: Annotated[str, typer.Option(metavar="KEY", help="A key of yours, which is the node's: its id follows.")] = "",
    public_key: Annotated[
        str, typer.Option(metavar="HEX", help="The node's public key, where its id is not the key itself.")
    ] = "",
) -> None:
    """Add a node; adding the same one again changes nothing."""
    if bool(node) == bool(key):
        raise InputError("say which node: either its NODE_ID, or --key KEY, one of yours that is the node's")
    node_id = node or session.keyring().get(key).node_id
    with session.manager() as manager:
        session.output.one(manager.directory.add_node(node_id=node_id, farm_id=farm, public_key=public_key or None))


@command(group, "list", example="workloadmanager node list --farm 1")
def list_nodes(
    session: Session,
    *,
    farm: Annotated[int | None, typer.Option(metavar="ID", help="Those of this farm.", show_default=False)] = None,
) -> None:
    """List the nodes."""
    with session.manager() as manager:
        nodes = manager.directory.list_nodes(farm_id=farm)
    document = {"nodes": [to_dict(node) for node in nodes]}
    session.output.objects(document, nodes, empty="There are no such nodes: workloadmanager node add NODE_ID --farm ID")


@command(group, "show", example="workloadmanager node show 8jJ4…3Tk")
def show(
    session: Session,
    node: Annotated[str, typer.Argument(metavar="NODE_ID", help="The node id.", show_default=False)],
) -> None:
    """Show a node."""
    with session.manager() as manager:
        session.output.one(manager.directory.get_node(node))
