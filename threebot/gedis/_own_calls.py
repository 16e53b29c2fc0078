"""The calls that the server answers itself: what calls there are, and who somebody is."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from ...actors import Caller, Request
from ...errors import InputError, PermissionDenied, Problem
from .._near_miss import near_miss
from .._words import shown
from ._arguments import Payload
from ._ask import Ask
from ._conversation import Challenge, Conversation
from ._formats import Encode
from ._roles import read_role
from ._services import Services

__all__ = ["OWN_CALLS", "OwnCall"]

OwnCall = Callable[[Services, Conversation, Payload], bytes | Ask]
"""Answers a call, or says which actor does."""

_CHALLENGE_BYTES = 32
_CHALLENGE_SECONDS = 60


def _api_meta(services: Services, _conversation: Conversation, payload: Payload) -> bytes:
    (package,) = _texts(payload.here(), "package", least=0)
    return services.api_meta.reply(package, payload.encode)


def _whoami(_services: Services, conversation: Conversation, payload: Payload) -> bytes:
    _texts(payload.here(), least=0)
    return payload.encode({"role": str(conversation.caller)})


def _challenge(services: Services, conversation: Conversation, payload: Payload) -> bytes:
    """Draw what somebody has to sign; it is worth one answer, on this connection, within a minute."""
    (role,) = _texts(payload.here(), "role")
    role = str(read_role(role))
    text = secrets.token_hex(_CHALLENGE_BYTES)
    conversation.challenge = Challenge(role, text, services.monotonic() + _CHALLENGE_SECONDS)
    return payload.encode({"challenge": text, "role": role})


def _answer(services: Services, conversation: Conversation, payload: Payload) -> Ask:
    (signature,) = _texts(payload.here(), "signature")
    challenge, conversation.challenge = conversation.challenge, None
    if challenge is None or services.monotonic() >= challenge.until:
        raise PermissionDenied(
            f"no challenge waits for an answer: ask auth.challenge, and answer within {_CHALLENGE_SECONDS} s"
        )
    arguments = {"role": challenge.role, "challenge": challenge.text, "signature": signature}
    request = Request(arguments, conversation.caller)
    return Ask(services.login, request, _entering(conversation, payload.encode), "auth.answer", alone=True)


def _entering(conversation: Conversation, encode: Encode) -> Encode:
    """Return what gives the session its new role, once the actor that knows the keys has said whose it is."""

    def enter(reply: object) -> bytes:
        if isinstance(reply, Caller):
            conversation.caller = reply
        return encode({"role": str(conversation.caller)})

    return enter


def _texts(arguments: Mapping[str, Any], *names: str, least: int | None = None) -> list[str]:
    """Return the arguments of a call, all of which are texts; one that is left out is empty.

    Raises:
        InputError: one is unknown, no text, or missing; all mistakes at once.
    """
    problems = [
        Problem(f"is no argument of this call{near_miss(name, names)}", path=name)
        for name in arguments
        if name not in names
    ]
    for position, name in enumerate(names):
        value = arguments.get(name)
        if value is not None and not isinstance(value, str):
            problems.append(Problem(f"must be a text, not {shown(value)}", path=name))
        elif not value and position < (len(names) if least is None else least):
            problems.append(Problem("is missing", path=name))
    if problems:
        raise InputError.of(problems)
    return [arguments.get(name) or "" for name in names]


OWN_CALLS: Mapping[bytes, OwnCall] = {
    b"system.api_meta": _api_meta,
    b"auth.challenge": _challenge,
    b"auth.answer": _answer,
    b"auth.whoami": _whoami,
}
"""The calls by their names in small letters."""
