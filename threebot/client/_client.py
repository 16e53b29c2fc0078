"""The client: the calls of a workload manager that runs somewhere else, as methods."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from ...actors import call_of
from ...errors import NotFound, Unavailable
from ...schema import Registry
from .._call_methods import call_method
from .._near_miss import near_miss
from ._catalogue import ALL_CALLS, Entry, catalogue
from ._conversation import Conversation, converse
from ._people import Directory, Phonebook
from ._retrying import Request, is_repeatable
from ._wire import HEADER, encode_arguments, read_json

if TYPE_CHECKING:
    from ._awaiting import AwaitingConnections
    from ._blocking import BlockingConnections
    from ._links import Link

__all__ = ["Client"]

_FACTS = ("server", "version", "proto", "id")


class Client:
    """A workload manager that runs somewhere else, made by `connect`.

    It has what the handle of `start` has for making calls: every documented call as a method that takes its
    arguments by name, `acall` for coroutines, `phonebook` and `directory`. Replies are objects of the same
    schemas, and the errors are the same. It may be used by several threads and loops at once, and it closes
    with its ``with`` block (``docs/client.md``).
    """

    def __init__(self, link: Link, *, timeout: float, attempts: int) -> None:
        from ._awaiting import AwaitingConnections
        from ._blocking import BlockingConnections

        self._link = link
        self._timeout = timeout
        self._known = catalogue()
        self._blocking: BlockingConnections = BlockingConnections(link, timeout=timeout, attempts=attempts)
        self._awaiting: dict[asyncio.AbstractEventLoop, AwaitingConnections] = {}
        self._make_awaiting = partial(AwaitingConnections, link, timeout=timeout, attempts=attempts)
        self._open = True

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    async def __aenter__(self) -> Self:
        """Return the client itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close."""
        await self.aclose()

    def __repr__(self) -> str:
        """Say where it leads and who it is; never a secret."""
        return f"<Client of {self._link.place} as {self._link.credentials}{'' if self._open else ', closed'}>"

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - it never returns; the calls are set on the class
        """Name the near miss of a call that is not there."""
        public = [each for each in dir(self) if not each.startswith("_")]
        raise AttributeError(f'there is no call "{name}"{near_miss(name, public)}')

    @property
    def phonebook(self) -> Phonebook:
        """Who is who, by calls of the server."""
        return Phonebook(self)

    @property
    def directory(self) -> Directory:
        """Farms and nodes, by calls of the server."""
        return Directory(self)

    @property
    def registry(self) -> Registry:
        """The schemas of the models, and of the calls of this package."""
        return self._known.registry

    @property
    def role(self) -> str:
        """Who the server takes this client for: ``operator``, ``node:…``, ``user:…``, ``guest`` or ``stranger``."""
        return str(self._raw("auth.whoami").get("role", ""))

    @property
    def server(self) -> dict[str, Any]:
        """What the server says of itself (``server`` and ``version``) and of the connection (``proto`` and ``id``)."""
        facts = _facts(self._ask_once(Request("server", (b"HELLO",), repeatable=True)))
        return {name: facts[name] for name in _FACTS if name in facts}

    def call(self, name: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - arguments and reply are the call's own
        """Make a call by its name.

        Arguments:
            name: a call of this package, as ``reservation_get``; or the whole name of a call of another package
                on the server, as ``author.package.call``, whose reply is plain data.
            arguments: its arguments.

        Returns:
            The reply of the call.

        Raises:
            NotFound: there is no such call.
            Unavailable: the server was not reached, or did not answer in time; the message says whether the call
                may have been carried out.
            WorkloadManagerError: the call refused.
        """
        if "." in name:
            return self._raw(name, arguments)
        entry = self._entry(name)
        deadline = time.monotonic() + self._timeout
        conversation = self._converse(entry, arguments)
        try:
            request = next(conversation)
            while True:
                request = conversation.send(self._ask(self._request(entry, request), deadline))
        except StopIteration as end:
            return end.value

    async def acall(self, name: str, /, **arguments: Any) -> Any:  # noqa: ANN401 - as above
        """Make a call from a coroutine; its loop goes on meanwhile.

        Each loop has connections of its own, which close when it ends.

        Arguments, reply and errors are those of `call`.
        """
        deadline = asyncio.get_running_loop().time() + self._timeout
        connections = self._connections()
        if "." in name:
            return read_json(await connections.ask(_raw_request(name, arguments), deadline), self._link.place)
        entry = self._entry(name)
        conversation = self._converse(entry, arguments)
        try:
            request = next(conversation)
            while True:
                request = conversation.send(await connections.ask(self._request(entry, request), deadline))
        except StopIteration as end:
            return end.value

    def close(self) -> None:
        """Close; calls are refused from now on. Closing twice is no error."""
        self._open = False
        self._blocking.close()
        for loop, connections in list(self._awaiting.items()):
            if loop.is_running():
                asyncio.run_coroutine_threadsafe(connections.close(), loop)

    async def aclose(self) -> None:
        """Close from a coroutine, and wait until the connections of its loop are closed."""
        connections = self._awaiting.pop(asyncio.get_running_loop(), None)
        self.close()
        if connections is not None:
            await connections.close()

    def _entry(self, name: str) -> Entry:
        try:
            return self._known.entries[name]
        except KeyError:
            raise NotFound(f'there is no call "{name}"{near_miss(name, self._known.entries)}') from None

    def _converse(self, entry: Entry, arguments: Mapping[str, Any]) -> Conversation:
        return converse(entry, arguments, self._known, self._link.place)

    def _request(self, entry: Entry, arguments: Mapping[str, Any]) -> Request:
        command = (entry.command.encode(), encode_arguments(entry.name, arguments), HEADER)
        return Request(entry.name, command, is_repeatable(entry.name, arguments))

    def _raw(self, name: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Make a call whose reply no schema here describes."""
        return read_json(self._ask_once(_raw_request(name, arguments or {})), self._link.place)

    def _ask_once(self, request: Request) -> Any:  # noqa: ANN401 - whatever the server answers
        return self._ask(request, time.monotonic() + self._timeout)

    def _ask(self, request: Request, deadline: float) -> Any:  # noqa: ANN401 - as above
        if not self._open:
            raise self._closed(request.call)
        return self._blocking.ask(request, deadline)

    def _connections(self) -> AwaitingConnections:
        """Return the connections of the loop that runs."""
        if not self._open:
            raise self._closed("")
        loop = asyncio.get_running_loop()
        if loop not in self._awaiting:
            self._awaiting = {one: used for one, used in self._awaiting.items() if not one.is_closed()}
            self._awaiting[loop] = self._make_awaiting()
        return self._awaiting[loop]

    def _closed(self, call: str) -> Unavailable:
        return Unavailable(f"the client of {self._link.place} is closed; connect again", call=call)


def _raw_request(name: str, arguments: Mapping[str, Any]) -> Request:
    command = (name.encode(), encode_arguments(name, arguments), b'{"content_type":"json","response_type":"json"}')
    return Request(name, command, repeatable=name in ("auth.whoami", "system.ping", "system.api_meta"))


def _facts(reply: object) -> dict[str, Any]:
    """Return a list of names and values, as the second version of the protocol has a mapping, as a mapping."""
    parts = reply if isinstance(reply, list) else []
    words = [part.decode(errors="replace") if isinstance(part, bytes) else part for part in parts]
    return dict(zip(words[::2], words[1::2], strict=False))


def _make(client: Client, name: str, arguments: Mapping[str, Any]) -> object:
    return client.call(name, **arguments)


for _name, _actor_class in ALL_CALLS.items():
    for _alias in (_name, *call_of(_actor_class).aliases):
        setattr(Client, _alias, call_method(Client, _alias, _actor_class, _make, called="client"))
