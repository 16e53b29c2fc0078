"""The login: an actor that knows whose key is whose, so that a slow phonebook keeps no other connection waiting."""

from __future__ import annotations

import re

from ...actors import Actor, Caller, Context, Request, Role
from ...errors import InputError, PermissionDenied
from ...rules import login_bytes, node_key, verifies
from ._roles import read_role

__all__ = ["Login"]

_SIGNATURE = re.compile(r"[0-9a-fA-F]{128}")


class Login(Actor):
    """Verifies the answers to challenges (``docs/gedis.md``, "Logging in").

    It is asked with a `Request` whose arguments are the texts ``role``, ``challenge`` and ``signature``, and
    answers with the `Caller` that the session speaks for from then on.

    Arguments:
        context: the host, whose phonebook and directory have the keys.
        operator_keys: the ed25519 public keys of operators, as hex text of 64 digits.
    """

    def __init__(self, context: Context, operator_keys: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._context = context
        self._operator_keys = tuple(bytes.fromhex(key) for key in operator_keys)

    def on_receive(self, message: object) -> Caller:
        """Verify an answer.

        Returns:
            Who it is.

        Raises:
            InputError: the message is none of these, or the signature is no hex text of 128 digits.
            NotFound: nobody has the threebot id.
            PermissionDenied: the signature does not verify, or the key is not known.
        """
        if not isinstance(message, Request):
            raise InputError("a login is asked with a Request")
        role, challenge, signature = (str(message.arguments[name]) for name in ("role", "challenge", "signature"))
        caller = read_role(role)
        if not _SIGNATURE.fullmatch(signature):
            raise InputError("must be hex text of 128 digits", path="signature")
        signed, raw = login_bytes(role, challenge), bytes.fromhex(signature)
        if not any(verifies(key, signed, raw) for key in self._keys(caller)):
            raise PermissionDenied(f"the signature does not verify with the key of {caller}", path="signature")
        return caller

    def _keys(self, caller: Caller) -> tuple[bytes, ...]:
        """Return the keys with which somebody may sign."""
        if caller.role is Role.user:
            return (self._context.key_of(caller.tid, path="role"),)
        if caller.role is Role.node:
            key = node_key(caller.node_id) or self._context.node_key_of(caller.node_id)
            if key is None:
                message = "the key of this node is not known: its id is none, and the directory has none"
                raise PermissionDenied(message, path="role")
            return (key,)
        if not self._operator_keys:
            raise PermissionDenied("the server has no key of an operator: set operator_keys", path="role")
        return self._operator_keys
