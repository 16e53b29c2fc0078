"""The commands of the Redis protocol itself: about the connection, and about the server."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...errors import InputError, PermissionDenied
from .._words import in_line
from ._conversation import Conversation
from ._info import info_text
from ._replies import OK, PONG, Reply, bulk, integer, reply, simple, verbatim
from ._roles import read_role
from ._services import Services

__all__ = ["COMMANDS", "Command"]

Command = Callable[[Services, Conversation, list[bytes]], bytes]
"""Answers a command of a connection."""

_LONGEST_CLIENT_NAME = 255
_LONGEST_SAID = 64 * 1024
_PROTOCOLS = (b"2", b"3")
_TOLERATED = frozenset({b"setinfo", b"no-evict", b"no-touch"})


def _ping(_services: Services, _conversation: Conversation, command: list[bytes]) -> bytes:
    _refuse_more(command, 1)
    return _said(command[1]) if len(command) > 1 else PONG


def _echo(_services: Services, _conversation: Conversation, command: list[bytes]) -> bytes:
    _refuse_more(command, 1, least=1)
    return _said(command[1])


def _said(words: bytes) -> bytes:
    """Return what somebody said; it is no way to have the server keep much."""
    if len(words) > _LONGEST_SAID:
        raise InputError(f"at most {_LONGEST_SAID} bytes are said back")
    return bulk(words)


def _auth(services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    _refuse_more(command, 2, least=1)
    _log_in(services, conversation, command[1:])
    return OK


def _log_in(services: Services, conversation: Conversation, words: list[bytes]) -> None:
    """Give the session the role of a secret; a name before the secret counts where it is that of a role.

    Raises:
        PermissionDenied: nobody has the secret; the session stays what it was.
    """
    if not len(services.secrets):
        # Nodes of the time send AUTH whenever their address has a user part, and make no call where it fails.
        if conversation.is_open:
            return
        raise PermissionDenied("the server has no secrets: log in with auth.challenge, and sign it with a key")
    try:
        role = read_role(words[0].decode()) if len(words) > 1 else None
    except (InputError, UnicodeDecodeError):
        role = None
    caller = services.secrets.find(words[-1], role=role)
    if caller is None:
        conversation.failed()
        whose = f"of {role}" if role else "that the server knows"
        raise PermissionDenied(f"this is no secret {whose}; you are still {conversation.caller}")
    conversation.caller = caller


def _hello(services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    protocol, words, name = _read_hello(command, conversation)
    if words:
        _log_in(services, conversation, words)
    if name is not None:
        conversation.name = name
    conversation.protocol = protocol
    facts: dict[str, Reply] = {
        "server": "workloadmanager",
        "version": services.version,
        "proto": protocol,
        "id": conversation.number,
        "mode": "standalone",
        "role": "master",
        "modules": [],
    }
    return reply(facts, protocol)


def _read_hello(command: list[bytes], conversation: Conversation) -> tuple[int, list[bytes], str | None]:
    """Return the protocol, the words of the login and the name of the connection; nothing is changed yet."""
    protocol, words, name = conversation.protocol, list[bytes](), None
    options = iter(command[1:])
    version = next(options, None)
    if version is not None:
        if version not in _PROTOCOLS:
            raise InputError("the server speaks version 2 and 3 of the Redis protocol: HELLO 2, or HELLO 3")
        protocol = int(version)
    for option in options:
        values = {b"auth": 2, b"setname": 1}.get(option.lower(), 0)
        given = [word for _, word in zip(range(values), options, strict=False)]
        if not values or len(given) < values:
            raise InputError("HELLO takes a version, then AUTH with a name and a secret, and SETNAME with a name")
        if values == 2:
            words = given
        else:
            name = _client_name(given[0])
    return protocol, words, name


def _client(_services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    word = command[1].lower() if len(command) > 1 else b""
    if word in _TOLERATED:
        return OK
    if word == b"setname" and len(command) == 3:
        conversation.name = _client_name(command[2])
        return OK
    if word == b"getname":
        return reply(conversation.name or None, conversation.protocol)
    if word == b"id":
        return integer(conversation.number)
    if word in (b"info", b"list"):
        facts = f"id={conversation.number} addr={conversation.host} name={conversation.name} user={conversation.caller}"
        return verbatim(f"{facts} resp={conversation.protocol}\n", conversation.protocol)
    raise InputError("CLIENT takes SETNAME with a name, GETNAME, ID, INFO, LIST and SETINFO here")


def _command(_services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    """Describe no commands: the calls describe themselves, in ``system.api_meta``."""
    word = command[1].lower() if len(command) > 1 else b""
    if word == b"count":
        return integer(0)
    return reply({} if word == b"docs" else [], conversation.protocol)


def _config(_services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    if len(command) > 1 and command[1].lower() == b"get":
        # Tools want a value for each name that they ask for, also where there is none.
        return reply({in_line(word.decode("ascii", "replace")): "" for word in command[2:]}, conversation.protocol)
    raise InputError("the server is configured where it is started; CONFIG takes GET alone, and has nothing to show")


def _info(services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    return verbatim(info_text(services, conversation.caller, command[1:]), conversation.protocol)


def _select(_services: Services, _conversation: Conversation, command: list[bytes]) -> bytes:
    _refuse_more(command, 1, least=1)
    if command[1] != b"0":
        raise InputError("there is one database here, SELECT 0")
    return OK


def _quit(_services: Services, conversation: Conversation, _command: list[bytes]) -> bytes:
    conversation.closing = True
    return OK


def _reset(_services: Services, conversation: Conversation, command: list[bytes]) -> bytes:
    _refuse_more(command, 0)
    conversation.reset()
    return simple("RESET")


def _client_name(word: bytes) -> str:
    """Return what a client calls its connection.

    Raises:
        InputError: it could not be shown in one word.
    """
    try:
        name = word.decode("ascii")
    except UnicodeDecodeError:
        name = " "
    if len(name) > _LONGEST_CLIENT_NAME or not name.isprintable() or " " in name:
        raise InputError(f"the name of a client is one word in ASCII of at most {_LONGEST_CLIENT_NAME} characters")
    return name


def _refuse_more(command: list[bytes], most: int, *, least: int = 0) -> None:
    """Refuse a command that has not as many words behind it as it takes."""
    if not least <= len(command) - 1 <= most:
        wanted = f"{least} to {most}" if least != most else str(most)
        name = in_line(command[0].decode("ascii", "replace")).upper()
        raise InputError(f"{name} takes {wanted} word{'' if wanted == '1' else 's'} behind it, not {len(command) - 1}")


COMMANDS: Mapping[bytes, Command] = {
    b"ping": _ping,
    b"system.ping": _ping,
    b"echo": _echo,
    b"auth": _auth,
    b"hello": _hello,
    b"client": _client,
    b"command": _command,
    b"config": _config,
    b"info": _info,
    b"select": _select,
    b"quit": _quit,
    b"reset": _reset,
}
"""The commands by their names in small letters."""
