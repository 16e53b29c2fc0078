"""What some calls need of the connection that they arrive on, before their actor is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ...actors import Caller, Request, Role
from ._arguments import Payload
from ._conversation import Conversation
from ._decoding import raw_text
from ._later import Later
from ._services import Services

__all__ = ["MANNERS", "Manner"]

Manner = Callable[[Services, Conversation, Payload], Request]
"""Makes the request of a call."""

_DIGITS = re.compile(r"[0-9]{1,20}")
_LONGEST_NODE_ID = 255


def _list(services: Services, conversation: Conversation, payload: Payload) -> Request:
    """Cap a page: what is left out, 0, or above the limit is the limit. Those who want more go on with ``cursor``."""
    most, given = services.limits.maximum_page, payload.here()
    limit = given.get("limit")
    number = int(limit) if isinstance(limit, str) and _DIGITS.fullmatch(limit) else limit
    unlimited = number is None or number == "" or (type(number) is int and (number == 0 or number > most))
    arguments = {**given, "limit": most} if unlimited else given
    return Request(arguments, conversation.caller, page_bytes=services.limits.maximum_page_bytes)


def _poll(services: Services, conversation: Conversation, payload: Payload) -> Request:
    """Remember which node polled from where, and cap its page."""
    node_id = payload.here().get("node_id")
    if conversation.caller.role is Role.guest and isinstance(node_id, str) and 0 < len(node_id) <= _LONGEST_NODE_ID:
        conversation.polled(node_id)
        services.whereabouts.note(conversation.host, node_id, services.clock())
    return _list(services, conversation, payload)


def _report(services: Services, conversation: Conversation, payload: Payload) -> Request:
    """Say which nodes are known to be where a guest is: nodes of the time do not say which one reports."""
    return Request(payload.arguments, _placed(services, conversation))


def _result(services: Services, conversation: Conversation, payload: Payload) -> Request:
    """Keep the data of a result as the text that was sent: that is what the node signed."""
    return Request(_with_text(payload, "result", "data_json", null="null"), _placed(services, conversation))


def _register(_services: Services, conversation: Conversation, payload: Payload) -> Request:
    """Keep the json of a reservation that was sent as a value as the text that it was: that is what is signed."""
    return Request(_with_text(payload, "reservation", "json", null=None), conversation.caller)


def _placed(services: Services, conversation: Conversation) -> Caller:
    caller = conversation.caller
    if caller.role is not Role.guest:
        return caller
    nodes = conversation.nodes_here()
    if nodes is None:
        nodes = services.whereabouts.at(conversation.host, services.clock())
    return replace(caller, nodes=nodes) if nodes else caller


def _with_text(payload: Payload, outer: str, inner: str, *, null: str | None) -> Mapping[str, Any]:
    """Return the arguments with a field of one of them as the text in which it was sent."""
    if not payload.text:
        return payload.arguments
    if payload.size:
        return Later(lambda: _replaced(payload, outer, inner, null=null))
    return _replaced(payload, outer, inner, null=null)


def _replaced(payload: Payload, outer: str, inner: str, *, null: str | None) -> Mapping[str, Any]:
    arguments = payload.arguments
    argument = arguments.get(outer)
    if not isinstance(argument, dict) or isinstance(argument.get(inner, ""), str):
        return arguments
    text = null if argument[inner] is None else raw_text(payload.text, outer, inner)
    return {**arguments, outer: {**argument, inner: text}}


MANNERS: Mapping[str, Manner] = {
    "reservation_list": _list,
    "nodes_list": _list,
    "farms_list": _list,
    "users_list": _list,
    "workloads_list": _poll,
    "workload_deleted": _report,
    "set_workload_result": _result,
    "reservation_register": _register,
}
"""The calls that need it, by the names of their actors."""
