"""The calls that the server answers itself: what calls there are, and who somebody is.

Each is a function whose docstring declares it, as the class of an actor does: what it is for, an ``in`` block with
its arguments, and an ``out`` block with its reply.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ...actors import Access, Call, Caller, Request
from ...errors import InputError, PermissionDenied, Problem
from ...schema import read_blocks
from .._near_miss import near_miss
from .._words import shown
from ._arguments import Payload
from ._ask import Ask
from ._conversation import Challenge, Conversation
from ._formats import Encode
from ._roles import read_role

if TYPE_CHECKING:
    from ._services import Services

__all__ = ["OWN_CALLS", "OwnCall"]

Answer: TypeAlias = "Callable[[Services, Conversation, Payload], bytes | Ask]"
"""Answers a call, or says which actor does."""


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call that the server answers itself.

    Attributes:
        call: what it declares.
        answer: answers it.
    """

    call: Call
    answer: Answer


_CHALLENGE_BYTES = 32
_CHALLENGE_SECONDS = 60


def _api_meta(services: Services, _conversation: Conversation, payload: Payload) -> bytes:
    """Describe the calls of the server, and the schemas that they use.

    Errors: ``not_found`` where no package of this name has calls.

    ```in
    package = (S)   # keeps the calls of this package; left out, those of all
    ```

    ```out
    version = (S)    # the version of this package
    packages = (LS)  # the packages whose calls are described
    # name, package, command and all names, help, who has access, arguments and reply of each
    calls = (Ldict)
    schemas = (dict) # the schemas that they refer to, by url: help, whether there is an id, and the fields
    ```
    """
    (package,) = _texts(payload.here(), "package", least=0)
    return services.api_meta.reply(package, payload.encode)


def _whoami(_services: Services, conversation: Conversation, payload: Payload) -> bytes:
    """Say for whom the session speaks.

    ```in
    ```

    ```out
    role = (S)   # guest, stranger, operator, node: with a node id, or user: with a threebot id
    ```
    """
    _texts(payload.here(), least=0)
    return payload.encode({"role": str(conversation.caller)})


def _challenge(services: Services, conversation: Conversation, payload: Payload) -> bytes:
    """Draw what somebody has to sign who logs in with a key.

    It is worth one answer, on this connection, within a minute.

    Errors: ``input`` for a role that nobody can have.

    ```in
    role = (S)   # who wants to log in: operator, node: with a node id, or user: with a threebot id
    ```

    ```out
    challenge = (S)   # 64 hex digits
    role = (S)        # the role as it is signed
    ```
    """
    (role,) = _texts(payload.here(), "role")
    role = str(read_role(role))
    text = secrets.token_hex(_CHALLENGE_BYTES)
    conversation.challenge = Challenge(role, text, services.monotonic() + _CHALLENGE_SECONDS)
    return payload.encode({"challenge": text, "role": role})


def _answer(services: Services, conversation: Conversation, payload: Payload) -> Ask:
    """Log in with the signature of the challenge that was drawn last on this connection.

    Errors: ``permission`` where no challenge waits for an answer, or the signature is not of a key of the role.

    ```in
    signature = (S)   # hex of 64 bytes, with the key of the role
    ```

    ```out
    role = (S)   # for whom the session speaks from now on
    ```
    """
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


def _own(name: str, answer: Answer, *, required: tuple[str, ...] = (), optional: tuple[str, ...] = ()) -> OwnCall:
    blocks = read_blocks(answer.__doc__ or "")
    call = Call(
        name=name,
        aliases=(),
        help=blocks.help,
        required=required,
        optional=optional,
        blocks=blocks,
        access=Access.anybody,
    )
    return OwnCall(call, answer)


_ALL = (
    _own("system.api_meta", _api_meta, optional=("package",)),
    _own("auth.challenge", _challenge, required=("role",)),
    _own("auth.answer", _answer, required=("signature",)),
    _own("auth.whoami", _whoami),
)

OWN_CALLS: Mapping[bytes, OwnCall] = {each.call.name.encode(): each for each in _ALL}
"""The calls by their names in small letters."""
