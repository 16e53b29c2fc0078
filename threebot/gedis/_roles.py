"""Roles as text: what a session may log in as, and how that is written."""

from __future__ import annotations

import re

from ...actors import Caller, Role
from ...errors import InputError
from .._words import shown

__all__ = ["read_role"]

_TID = re.compile(r"[1-9][0-9]{0,9}")
_MOST_TID = 2**31 - 2
_LONGEST_NODE_ID = 255


def read_role(text: object) -> Caller:
    """Return the caller that a role's text means: ``operator``, ``node:<node id>`` or ``user:<threebot id>``.

    Raises:
        InputError: it is none of the three.
    """
    name, _, whose = text.partition(":") if isinstance(text, str) else ("", "", "")
    if text == Role.operator:
        return Caller(Role.operator)
    if name == Role.node and _is_node_id(whose):
        return Caller(Role.node, node_id=whose)
    if name == Role.user and _TID.fullmatch(whose) and int(whose) <= _MOST_TID:
        return Caller(Role.user, tid=int(whose))
    raise InputError(f"must be operator, node:<node id> or user:<threebot id>, not {shown(text)}", path="role")


def _is_node_id(text: str) -> bool:
    return text.isprintable() and text == text.strip() and 1 <= len(text.encode()) <= _LONGEST_NODE_ID
