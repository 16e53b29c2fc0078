"""The way from a caller to an actor: by name, with a time limit, and never without an answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pykka

from ..actors import Reply, ask_async, ask_into
from ..errors import NotFound, Overloaded, Unavailable
from ._near_miss import near_miss
from ._watched import ActorRef

__all__ = ["Actors", "Calls"]

_forks = 0
"""How many forks lie between the process that imported this and the one that runs."""


def _count_fork() -> None:
    global _forks  # it is the process's own; to ask the system who one is costs as much as all else in a look-up
    _forks += 1


os.register_at_fork(after_in_child=_count_fork)


class Actors(Mapping[str, ActorRef]):
    """The actors by the name of their call, as they are at each moment: one that died is replaced here.

    Arguments:
        supervised: the actors that are kept running.
        aliases: other names, each with the name of its call; they are found, and not listed.
    """

    def __init__(self, supervised: Mapping[str, ActorRef], aliases: Mapping[str, str]) -> None:
        self._supervised = supervised
        self._aliases = aliases

    def __getitem__(self, name: str) -> ActorRef:
        return self._supervised[self._aliases.get(name, name)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._supervised)

    def __len__(self) -> int:
        return len(self._supervised)

    def __repr__(self) -> str:
        return f"<actors: {', '.join(self)}>"


class Calls:
    """Asks actors by the name of their call.

    Arguments:
        actors: the actors that run.
        timeout: how many seconds to wait for an answer.

    Attributes:
        timeout: the same.
    """

    def __init__(self, actors: Mapping[str, ActorRef], timeout: float) -> None:
        self._actors = actors
        self.timeout = timeout
        self._open = True
        self._forks = _forks

    def close(self) -> None:
        """Refuse every call from now on."""
        self._open = False

    def ask(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the reply is the call's own
        """Ask an actor and wait for its reply.

        Raises:
            NotFound: no actor has this name.
            Unavailable: the actor does not run just now, or did not answer in time.
            WorkloadManagerError: the actor refused.
        """
        try:
            return self._find(name).ask(arguments, timeout=self.timeout)
        except pykka.Timeout as error:
            raise self.late(name) from error
        except (pykka.ActorDeadError, Overloaded) as error:
            raise self.told(name, error) from error

    async def ask_async(self, name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Do the same from a coroutine, without blocking its loop."""
        answer = ask_async(self._find(name), arguments)
        limit = answer.get_loop().call_later(self.timeout, self._give_up, answer, name)
        try:
            return await answer
        except (pykka.ActorDeadError, Overloaded) as error:
            raise self.told(name, error) from error
        finally:
            limit.cancel()

    def ask_into(self, name: str, message: object, reply: Reply) -> None:
        """Ask an actor without waiting: its answer is put into ``reply``, in whichever thread it comes up.

        An error that comes up there is what the actor answered; `told` says it in the words of this
        class. Nobody looks after the time either: `late` is what to say where no answer came in time.

        Raises:
            NotFound: no actor has this name.
            Unavailable: the actor does not run just now.
            Overloaded: too many messages wait for it already.
        """
        try:
            ask_into(self._find(name), message, reply)
        except (pykka.ActorDeadError, Overloaded) as error:
            raise self.told(name, error) from error

    def told(self, name: str, error: BaseException) -> BaseException:
        """Return an error with which an actor answered as the one who asked is told it."""
        if isinstance(error, pykka.ActorDeadError):
            return self._down(name)
        if isinstance(error, Overloaded):
            error.call = error.call or name  # raised by the inbox, which does not know whose it is
        return error

    def late(self, name: str) -> Unavailable:
        """Return what somebody is told whose answer did not come within the time."""
        message = (
            f"no answer came within {self.timeout:g} s, and it is not known whether the call was carried out; "
            "look at what is stored before you try again"
        )
        return Unavailable(message, call=name)

    def _give_up(self, answer: asyncio.Future[Any], name: str) -> None:
        if not answer.done():
            answer.set_exception(self.late(name))

    def _find(self, name: str) -> ActorRef:
        if not self._open:
            raise self._closed(name)
        if _forks != self._forks:
            raise Unavailable(
                "this handle came through a fork, and runs in the other process; start one here", call=name
            )
        try:
            return self._actors[name]
        except KeyError:
            raise NotFound(f'there is no call "{name}"{near_miss(name, self._actors)}') from None

    def _down(self, name: str) -> Unavailable:
        if not self._open:
            return self._closed(name)
        return Unavailable("its actor died and is started again by itself; try again after a moment", call=name)

    def _closed(self, name: str) -> Unavailable:
        return Unavailable("the workload manager is stopped; start it again", call=name)
