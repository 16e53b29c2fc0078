"""``workloadmanager workload``: what nodes are to run, and what they say about it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...errors import InputError
from ...schema import to_json
from ._arguments import Cursor, Epoch, Limit, when
from ._command import command, noun
from ._files import read_text
from ._session import Session

if TYPE_CHECKING:
    from ...signing import Key

__all__ = ["group"]

group = noun("workload", "Workloads: what nodes are to run, and what they report.")

Gwid = Annotated[str, typer.Argument(metavar="GWID", help="The global workload id, as 12-3.", show_default=False)]
Node = Annotated[
    str, typer.Option(metavar="NODE_ID", help="The reporting node, where its key or the workload does not tell.")
]


class State(StrEnum):
    """What a node can report of a workload."""

    error = "error"
    ok = "ok"
    deleted = "deleted"


STATES = {State.error: 0, State.ok: 1, State.deleted: 2}


@command(group, "list", example="workloadmanager workload list --node 8jJ4…3Tk")
def list_workloads(
    session: Session,
    *,
    node: Annotated[str, typer.Option(metavar="NODE_ID", help="What this node would be handed out.")] = "",
    epoch: Epoch = "",
    cursor: Cursor = 0,
    limit: Limit = 0,
) -> None:
    """List the workloads of reservations in deploy or delete, as a node polls for them."""
    after = when(epoch)
    with session.manager() as manager:
        reply = manager.workloads_list(node_id=node, epoch=after, cursor=cursor, limit=limit)
    session.output.objects(to_json(reply), reply.workloads, empty="There is nothing to run and nothing to delete.")


@command(group, "get", example="workloadmanager workload get 12-3")
def get(session: Session, gwid: Gwid) -> None:
    """Show a workload, in whatever state its reservation is."""
    with session.manager() as manager:
        session.output.one(manager.workload_get(gwid=gwid))


@command(
    group,
    "result",
    example="""workloadmanager workload result 12-3 --state ok --key node-1 --data '{"ip": "10.1.0.2"}'
workloadmanager workload result 12-3 --state error --key node-1 --message 'no such flist'""",
)
def result(
    session: Session,
    gwid: Gwid,
    *,
    state: Annotated[State, typer.Option(metavar="STATE", help="error, ok or deleted.", show_default=False)],
    key: Annotated[str, typer.Option(metavar="KEY", help="The node's key, which signs the result.")] = "",
    message: Annotated[str, typer.Option(metavar="TEXT", help="What a person reads about it.")] = "",
    data: Annotated[str, typer.Option(metavar="JSON", help="What the node says of it, as a JSON text.")] = "",
    data_file: Annotated[str, typer.Option(metavar="FILE", help="The same from a file; - is stdin.")] = "",
    node: Node = "",
) -> None:
    """Report, as its node, how a workload went."""
    if data and data_file:
        raise InputError("give the data once: --data JSON, or --data-file FILE")
    text = read_text(data_file) if data_file else data
    report = _signed(session.key(key) if key else None, STATES[state], message, text)
    with session.manager() as manager:
        reply = manager.set_workload_result(global_workload_id=gwid, result=report, node_id=node)
    session.output.said(to_json(reply), f"The result of {gwid} is kept; the reservation is in {reply.next_action}.")


@command(group, "deleted", example="workloadmanager workload deleted 12-3")
def deleted(session: Session, gwid: Gwid, *, node: Node = "") -> None:
    """Report, as its node, that a workload is deleted."""
    with session.manager() as manager:
        reply = manager.workload_deleted(workload_id=gwid, node_id=node)
    session.output.said(to_json(reply), f"{gwid} is deleted; the reservation is in {reply.next_action}.")


def _signed(key: Key | None, state: int, message: str, data_json: str) -> dict[str, Any]:
    """Return a result, signed where there is a key to sign it with."""
    report: dict[str, Any] = {"state": state, "message": message, "data_json": data_json}
    if key is not None:
        from ...signing import sign_result

        report["signature"] = sign_result(key, state=state, message=message, data_json=data_json)
    return report
