"""``workloadmanager reservation``: register, look at, sign and watch reservations."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from ...errors import InputError
from ...schema import schema_of, to_json
from ..shell import columns_of, describe
from ._arguments import Cursor, Epoch, Limit, ReservationId, State, States, tid_of, when
from ._command import command, noun
from ._files import read_text
from ._session import Session
from ._signing import Purpose, holder_of, refuse_other_key, sign_reservation, standing
from ._watching import watch_reservation

__all__ = ["group"]

group = noun("reservation", "Reservations: register, get, list, sign, watch.")


@command(
    group,
    "register",
    example="""workloadmanager reservation register reservation.json --sign-with alice
make-reservation | workloadmanager reservation register -""",
)
def register(
    session: Session,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The reservation as JSON; - is stdin.", show_default=False)
    ],
    *,
    sign_with: Annotated[str, typer.Option(metavar="KEY", help="The customer's key: sign it at once.")] = "",
) -> None:
    """Register a reservation.

    The file holds customer_tid and data_reservation (or json, the same as text). What the server decides,
    as id and next_action, is ignored in it. Without a signature the reservation waits for the customer's.
    """
    reservation = _parsed(read_text(file))
    key = session.key(sign_with) if sign_with else None
    with session.manager() as manager:
        if key is not None:
            refuse_other_key(manager, reservation, key)
        registered = manager.reservation_register(reservation=reservation)
        if key is not None:
            sign_reservation(manager, registered, Purpose.customer, registered.customer_tid, key)
            registered = manager.reservation_get(reservation_id=registered.id)
    session.output.said(to_json(registered), standing(registered))


@command(group, "get", example="workloadmanager reservation get 12 --history")
def get(
    session: Session,
    reservation: ReservationId,
    *,
    history: Annotated[bool, typer.Option("--history", help="Tell what happened to it as well.")] = False,
) -> None:
    """Show a reservation, without what is secret in it; --json shows all of it."""
    with session.manager() as manager:
        reply = manager.reservation_get(reservation_id=reservation, history=history)
    found = reply.reservation if history else reply
    session.output.result(to_json(reply), describe(found) or [])
    if session.common.as_json:
        return
    if history:
        session.output.listing(columns_of(schema_of(reply.history[0]).url) or (), reply.history)
    session.output.note(standing(found))


@command(
    group,
    "list",
    example="""workloadmanager reservation list --state sign --state pay
workloadmanager reservation list --node 8jJ4…3Tk --epoch 2026-11-01 --limit 20""",
)
def list_reservations(
    session: Session,
    *,
    node: Annotated[str, typer.Option(metavar="NODE_ID", help="Those with a workload on this node.")] = "",
    state: States = None,
    epoch: Epoch = "",
    customer: Annotated[str, typer.Option(metavar="TID|NAME", help="Those of this customer.")] = "",
    cursor: Cursor = 0,
    limit: Limit = 0,
) -> None:
    """List reservations, in the order of their ids; every filter may be left out."""
    filters: dict[str, Any] = {"node_id": node, "epoch": when(epoch), "cursor": cursor, "limit": limit}
    with session.manager() as manager:
        if customer:
            filters["customer_tid"] = tid_of(manager, customer)
        reply = manager.reservation_list(state=[str(each) for each in state or ()], **filters)
    found = reply.reservations
    session.output.objects(to_json(reply), found, empty="There is no such reservation.")
    if limit and len(found) == limit and not session.common.as_json:
        session.output.note(f"There may be more: --cursor {found[-1].id + 1}")


@command(
    group,
    "sign",
    example="""workloadmanager reservation sign provision 12 --key alice
workloadmanager reservation sign farmer 12 --key bob --tid bob""",
)
def sign(
    session: Session,
    purpose: Annotated[
        Purpose, typer.Argument(metavar="PURPOSE", help="customer, provision, delete or farmer.", show_default=False)
    ],
    reservation: ReservationId,
    *,
    key: Annotated[str, typer.Option(metavar="KEY", help="The key to sign with, one of yours.", show_default=False)],
    tid: Annotated[
        str, typer.Option(metavar="TID|NAME", help="Who signs; the user who has the key, where it is left out.")
    ] = "",
) -> None:
    """Sign a reservation, as its customer, a co-signer or a farmer."""
    pair = session.key(key)
    with session.manager() as manager:
        signer = tid_of(manager, tid) if tid else holder_of(manager, pair.public_key)
        signed = manager.reservation_get(reservation_id=reservation)
        reply = sign_reservation(manager, signed, purpose, signer, pair)
    missing = f", missing {', '.join(map(str, reply.missing))}" if reply.missing else ""
    counted = f"{len(reply.signed)} of {reply.needed} signed{missing}"
    session.output.said(to_json(reply), f"{counted}; reservation {reservation} is in {reply.next_action}.")


@command(group, "watch", example="workloadmanager reservation watch 12 --until deploy --timeout 600")
def watch(
    session: Session,
    reservation: ReservationId,
    *,
    until: Annotated[
        list[State] | None,
        typer.Option(metavar="STATE", help="End in this state; may be given again. Else at invalid or deleted."),
    ] = None,
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Give up after so long; 0 never.", show_default=False)
    ] = 0,
    every: Annotated[float, typer.Option(metavar="SECONDS", min=0.05, help="How often to look.")] = 1,
) -> None:
    """Watch a reservation: one line for whatever happens to it, until it is in a state."""
    wanted = frozenset(str(each) for each in until or ())
    with session.manager() as manager:
        watch_reservation(session.output, manager, reservation, wanted, timeout=timeout, every=every)


def _parsed(text: str) -> object:
    """Return the reservation of a file.

    Raises:
        InputError: the file holds no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"the file holds no JSON: {error}") from error
