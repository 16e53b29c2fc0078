"""One connection without its socket: commands in, replies or questions to actors out."""

from __future__ import annotations

import logging
import traceback

import pykka

from ...actors import Caller, Request, check_access
from ...errors import Internal, PermissionDenied, Unavailable, WorkloadManagerError
from .._words import in_line
from ._arguments import read_payload
from ._ask import Ask
from ._commands import COMMANDS
from ._configure import CONFIGURE, configure
from ._conversation import Conversation
from ._manners import MANNERS
from ._names import Route
from ._own_calls import OWN_CALLS
from ._replies import error_line
from ._services import Services

__all__ = ["OTHER_NAMES", "Ask", "Session"]

logger = logging.getLogger(__name__)

_LONGEST_NAME = 255
OTHER_NAMES = tuple(name.decode() for name in (*COMMANDS, *OWN_CALLS))
"""The names of the commands that the session answers itself."""
_LATE = (
    "no answer came in time, and it is not known whether the call was carried out; "
    "look at what is stored before you try again"
)
_DOWN = "its actor does not run just now, and is started again by itself; try again after a moment"


class Session:
    """What a connection is to the calls: who speaks, in which form, and what the next command means.

    Arguments:
        services: what all sessions of the server share.
        peer: the address of the other side: ``host:port``, or any text without a colon for a unix socket.
        is_open: whether sessions may make calls without logging in.
    """

    __slots__ = ("_conversation", "_names", "_services")

    def __init__(self, services: Services, *, peer: str, is_open: bool) -> None:
        self._services = services
        self._names = services.names
        host = peer.rpartition(":")[0] or peer
        self._conversation = Conversation(next(services.numbers), host, is_open)

    @property
    def caller(self) -> Caller:
        """Who makes the calls."""
        return self._conversation.caller

    @property
    def closing(self) -> bool:
        """Whether the connection is to be closed when what was answered is out."""
        return self._conversation.closing

    def handle(self, command: list[bytes]) -> bytes | Ask:
        """Answer a command, or say which actor does. Mistakes are answers too: nothing is raised."""
        name = command[0]
        route = self._names.find(name)
        try:
            return self._answer(command) if route is None else self._ask(route, command)
        except WorkloadManagerError as error:
            return error_line(error, route.call.name if route else _shown(name))
        except Exception as error:  # noqa: BLE001 - the border to whatever a client sends
            return self._internal(error, route.call.name if route else _shown(name))

    def refusal(self, error: BaseException, ask: Ask | None = None) -> bytes:
        """Return the reply for an error.

        Arguments:
            error: what an actor answered with, what finding or asking it raised, or a fault of the frames.
            ask: what was asked.
        """
        call = ask.call if ask else ""
        if isinstance(error, pykka.ActorDeadError | KeyError):
            return error_line(Unavailable(_DOWN), call)
        if isinstance(error, TimeoutError | pykka.Timeout):
            return error_line(Unavailable(_LATE), call)
        if not isinstance(error, WorkloadManagerError):
            return self._internal(error, call)
        if ask is not None and ask.name == self._services.login and isinstance(error, PermissionDenied):
            self._conversation.failed()
        return error_line(error, call)

    def _ask(self, route: Route, command: list[bytes]) -> Ask:
        conversation = self._conversation
        payload = read_payload(command, conversation.content, conversation.response)
        if payload.size:  # who may not make the call is refused before others wait for it
            check_access(route.call, conversation.caller)
        manner = MANNERS.get(route.name)
        if manner is None:
            request = Request(payload.arguments, conversation.caller, takes_stored=True)
        else:
            request = manner(self._services, conversation, payload)
        varies = route.is_list or (route.has_history and (payload.size > 0 or "history" in payload.arguments))
        return Ask(route.name, request, payload.encode, route.name, size=payload.size, varies=varies)

    def _answer(self, command: list[bytes]) -> bytes | Ask:
        """Answer a command that goes to no actor of a call."""
        services, conversation = self._services, self._conversation
        name = command[0].lower() if len(command[0]) <= _LONGEST_NAME else b""
        answer = COMMANDS.get(name)
        if answer is not None:
            return answer(services, conversation, command)
        own_call = OWN_CALLS.get(name)
        if own_call is not None:
            payload = read_payload(command, conversation.content, conversation.response)
            return own_call.answer(services, conversation, payload)
        if name.startswith(CONFIGURE):
            return configure(conversation, command)
        raise services.names.unknown(command[0])

    def _internal(self, error: BaseException, call: str) -> bytes:
        """Answer what was not expected, and log where it happened; its words may hold what a client sent."""
        frames = "".join(traceback.format_tb(error.__traceback__)).rstrip()
        logger.error("a command failed with %s in %s\n%s", type(error).__name__, call or "a connection", frames)
        message = "a fault in the package, not in what was sent; the log of the host has the details"
        return error_line(Internal(message), call)


def _shown(name: bytes) -> str:
    """Return the name of a command as errors and logs show it."""
    return in_line(name[:_LONGEST_NAME].decode("ascii", "replace")).lower()
