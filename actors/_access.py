"""Who may do what (``docs/access.md``): the refusals and the narrowing that the calls share.

Each is a function of the caller and of what is asked for; the calls say which of them hold for them. The sets
of roles are the table of that page: a role that is not named in one of them may not.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import PermissionDenied
from ..rules import Case, format_gwid, without_secrets
from ._caller import Caller, Role
from ._declaration import Access, Call

__all__ = [
    "acting_node",
    "check_access",
    "check_placed",
    "check_unsigned",
    "decides",
    "handed_out",
    "own_node",
    "reports_unsigned",
    "sees_everything",
    "shown",
]

_EVERYBODY = frozenset(Role)
_OPERATORS = frozenset({Role.host, Role.operator})
_OPEN = _OPERATORS | {Role.guest}
"""Those who are trusted with everything that is not the operator's own: at an open server, whoever connects."""

_ALLOWED = {
    Access.anybody: _EVERYBODY,
    Access.session: _EVERYBODY - {Role.stranger},
    Access.operator: _OPERATORS,
}
"""The roles that may make a call, by what the call declares."""

_SEE_EVERYTHING = _OPEN
_ACT_FOR_EVERY_NODE = _OPEN
_REGISTER_FOR_EVERYBODY = _OPEN
_REPORT_UNSIGNED = _OPEN | {Role.node}

_HOW = "AUTH with a secret, or auth.challenge with a key"


def check_access(call: Call, caller: Caller) -> None:
    """See that a caller may make a call at all.

    Raises:
        PermissionDenied: the call's access does not include the caller's role; the message says what to do.
    """
    if caller.role in _ALLOWED[call.access]:
        return
    if call.access is Access.session:
        raise PermissionDenied(f"{call.name} is for those who are logged in; log in first: {_HOW}")
    raise PermissionDenied(
        f"{call.name} is for the operator alone, and this session is {caller}; log in as the operator: {_HOW}"
    )


def acting_node(caller: Caller, node_id: str, *, path: str = "node_id") -> str:
    """Return the node that a caller acts for, where a call is made by a node about itself.

    Arguments:
        caller: who makes the call.
        node_id: the node that the call names; empty where it names none.
        path: the argument that names it, for the error.

    Returns:
        The session's own node for a node. The host, the operator and guests may act for every node, so that
        it is the one that is named, or empty where none is.

    Raises:
        PermissionDenied: a node names another one, or the caller is a user or a stranger, who act for none.
    """
    if caller.role is not Role.node and caller.role not in _ACT_FOR_EVERY_NODE:
        raise PermissionDenied(
            f"this is for nodes and the operator, and this session is {caller}; log in as one of them: {_HOW}"
        )
    return own_node(caller, node_id, path=path)


def own_node(caller: Caller, node_id: str, *, path: str = "node_id") -> str:
    """Return the node that a call is about: a node's own where a node calls, for all others the one that is named.

    Arguments:
        caller: who makes the call.
        node_id: the node that the call names; empty where it names none.
        path: the argument that names it, for the error.

    Raises:
        PermissionDenied: a node names another one.
    """
    if caller.role is not Role.node:
        return node_id
    if node_id not in ("", caller.node_id):
        raise PermissionDenied(f"this session is node {caller.node_id!r}, which speaks for itself alone", path=path)
    return caller.node_id


def check_placed(caller: Caller, case: Case, workload_id: int, *, path: str) -> None:
    """See that a node asks for a workload of its own; others may ask for any.

    Raises:
        PermissionDenied: a node asks for a workload that is not on it.
    """
    if caller.role is not Role.node:
        return
    if not any((each.workload_id, each.node_id) == (workload_id, caller.node_id) for each in case.placements):
        gwid = format_gwid(case.reservation.id, workload_id)
        raise PermissionDenied(f"workload {gwid} does not run on node {caller.node_id!r}", path=path)


def check_unsigned(caller: Caller, customer_tid: int) -> None:
    """See that a caller may register for a customer who has not signed.

    Raises:
        PermissionDenied: the caller is neither that customer nor trusted to register for everybody.
    """
    if caller.role in _REGISTER_FOR_EVERYBODY or (caller.role is Role.user and caller.tid == customer_tid):
        return
    raise PermissionDenied(
        "a reservation that the customer has not signed is registered by that customer: sign it, or log in as the "
        f"customer; this session is {caller}",
        path="customer_signature",
    )


def reports_unsigned(caller: Caller) -> bool:
    """Return whether a caller may send results that are not signed, where the operator's settings allow them."""
    return caller.role in _REPORT_UNSIGNED


def decides(caller: Caller) -> bool:
    """Return whether a caller's own word decides a deletion.

    The host's does not: its code passes on what its users ask for, and says so where an operator does.
    """
    return caller.role is Role.operator


def sees_everything(caller: Caller) -> bool:
    """Return whether a caller is shown every reservation as it is."""
    return caller.role in _SEE_EVERYTHING


def shown(caller: Caller, case: Case) -> Case:
    """Return a case as a caller may see its reservation: as it is, or without what is for its parties alone.

    Who sees everything is given the case itself. A case without secrets is for showing alone: what depends on
    its signatures has to be asked of the case itself.
    """
    if sees_everything(caller) or (caller.role is Role.user and _is_party(case, caller.tid)):
        return case
    return replace(case, reservation=without_secrets(case.reservation))


def handed_out(caller: Caller, case: Case) -> Case:
    """Return a case as a caller may see its workloads: a node those that it runs, with the secrets they need.

    Which workloads these are is seen to before, by `own_node` or `check_placed`.
    """
    return case if caller.role is Role.node else shown(caller, case)


def _is_party(case: Case, tid: int) -> bool:
    """Return whether a threebot is customer, named signer or farmer of a reservation."""
    reservation = case.reservation
    data = reservation.data_reservation
    return (
        tid == reservation.customer_tid
        or tid in data.signing_request_provision.signers
        or tid in data.signing_request_delete.signers
        or tid in case.farmers
    )
