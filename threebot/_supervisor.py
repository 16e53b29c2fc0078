"""Supervision: an actor that dies is started again, after a pause that grows while it keeps dying."""

from __future__ import annotations

import contextlib
import heapq
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pykka
from pykka.messages import ProxyGetAttr

from ..errors import Unavailable, WorkloadManagerError
from ._watched import ActorClass, ActorRef, watched
from ._words import error_words

__all__ = ["Pauses", "Supervisor"]

logger = logging.getLogger(__name__)

_A_MOMENT = 0.1
"""The seconds in which an actor that has nothing to do stops, however many before it did not."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before an actor is started again: 1, 2, 4 … 60 seconds.

    Attributes:
        first: seconds before the first start.
        most: seconds that are never exceeded.
        stable: an actor that ran for this many seconds begins with the first pause again.
    """

    first: float = 1.0
    most: float = 60.0
    stable: float = 300.0

    def after(self, previous: float, lived: float) -> float:
        """Return the next pause.

        Arguments:
            previous: the pause before the actor was last started, in seconds; 0 before the first.
            lived: how many seconds it ran since.
        """
        if previous == 0 or lived >= self.stable:
            return self.first
        return min(previous * 2, self.most)


@dataclass(slots=True)
class _Post:
    """The place of one actor: whoever fills it changes, the place stays."""

    name: str
    actor_class: ActorClass
    arguments: tuple[object, ...]
    actor_ref: ActorRef
    since: float
    pause: float = 0.0
    restarts: int = 0
    ended: bool = False
    stopped: bool = False


class _Actors(Mapping[str, ActorRef]):
    """The actors by name, as they are at each moment; a name that begins with an underscore is not shown."""

    def __init__(self, posts: Mapping[str, _Post]) -> None:
        self._posts = posts

    def __getitem__(self, name: str) -> ActorRef:
        return self._posts[name].actor_ref

    def __iter__(self) -> Iterator[str]:
        return (name for name in list(self._posts) if not name.startswith("_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<actors: {', '.join(self)}>"


@dataclass(slots=True, eq=False, repr=False)
class Supervisor:
    """Starts actors, notices when one dies, and starts it again.

    It is a thread of its own and no actor, so that nothing that stops actors stops it unseen. An
    actor that was stopped from outside is started again as one that died is. When all of them were
    stopped, as `pykka.ActorRegistry.stop_all` does, somebody means it: ``all_stopped`` is called,
    and nothing is started again.

    Arguments:
        pauses: how long to wait before an actor is started again.
        all_stopped: is called, in the supervisor's thread, when every actor was asked to stop.
        patience: how many seconds an actor has to answer its first message, and those that are asked to stop
            have together.
        monotonic: seconds that never go back.
    """

    pauses: Pauses = Pauses()
    all_stopped: Callable[[], None] = lambda: None
    patience: float = 10.0
    monotonic: Callable[[], float] = time.monotonic
    actors: Mapping[str, ActorRef] = field(init=False)
    _posts: dict[str, _Post] = field(default_factory=dict, init=False)
    _events: queue.SimpleQueue[ActorRef | None] = field(default_factory=queue.SimpleQueue, init=False)
    _due: list[tuple[float, str]] = field(default_factory=list, init=False)
    _causes: dict[str, BaseException] = field(default_factory=dict, init=False)
    _stopping: bool = field(default=False, init=False)
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self.actors = _Actors(self._posts)
        self._thread = threading.Thread(target=self._run, name="Supervisor", daemon=True)
        self._thread.start()

    @property
    def restarts(self) -> dict[str, int]:
        """How often each actor was started again, by its name."""
        return {name: post.restarts for name, post in list(self._posts.items()) if not name.startswith("_")}

    def start(self, name: str, actor_class: ActorClass, *arguments: object) -> ActorRef:
        """Start an actor and keep it running from now on.

        Arguments:
            name: the name it is found by.
            actor_class: its class.
            arguments: what its constructor takes.

        Raises:
            Unavailable: it did not start, or does not answer; the message has the cause. Or all are being stopped.
        """
        if self._stopping:
            raise Unavailable("the workload manager is being stopped")
        actor_ref = self._launch(name, actor_class, arguments)
        self._posts[name] = _Post(name, actor_class, arguments, actor_ref, self.monotonic())
        if not actor_ref.is_alive():  # it died before it had its place, and its end went by unnoticed
            self._events.put(actor_ref)
        return actor_ref

    def tell(self, name: str) -> None:
        """Send an empty message to an actor; one that is being started again is left alone."""
        post = self._posts.get(name)
        if post is not None:
            with contextlib.suppress(pykka.ActorDeadError):
                post.actor_ref.tell(None)

    def stop_actors(self, names: Iterator[str] | list[str]) -> None:
        """Stop some actors for good, the last first; what does not stop in time is left behind and logged."""
        posts = [self._posts.pop(name) for name in names if name in self._posts]
        end = self.monotonic() + self.patience
        for post in reversed(posts):
            try:
                post.actor_ref.stop(timeout=max(end - self.monotonic(), _A_MOMENT))
            except pykka.Timeout:
                logger.warning("%s is busy and did not stop; its thread ends with the process", post.name)

    def stop(self) -> None:
        """Stop every actor, the last one first, and end; what does not stop in time is left behind and logged."""
        self._stopping = True
        self._events.put(None)
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self.stop_actors(list(self._posts))

    def _launch(self, name: str, actor_class: ActorClass, arguments: tuple[object, ...]) -> ActorRef:
        """Start an actor and ask it something before it is offered, so that a failing `on_start` is seen here."""
        actor_ref: ActorRef | None = None
        try:
            actor_ref = watched(actor_class, self._events.put, self._causes).start(*arguments)
            actor_ref.ask(ProxyGetAttr(attr_path=("actor_urn",)), timeout=self.patience)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever an actor's constructor or `on_start` raises
            cause = self._causes.pop(actor_ref.actor_urn, error) if actor_ref is not None else error
            if actor_ref is not None:
                actor_ref.stop(block=False)
            raise Unavailable(f'the actor "{name.lstrip("_")}" does not start: {error_words(cause)}') from cause
        return actor_ref

    def _run(self) -> None:
        """Wait for the end of an actor, or for the time to start one again, until there is nothing more to do."""
        while True:
            try:
                ended = self._events.get(timeout=self._pause())
            except queue.Empty:
                self._restart(heapq.heappop(self._due)[1])
                continue
            if ended is None:
                return
            self._mourn(ended)
            if self._posts and all(post.stopped for post in self._posts.values()):
                self.all_stopped()
                return

    def _pause(self) -> float | None:
        """Return the seconds until the next start is due; None where none is."""
        return max(self._due[0][0] - self.monotonic(), 0.0) if self._due else None

    def _mourn(self, ended: ActorRef) -> None:
        """Plan the next start of an actor that ended, if it is one of ours that is still wanted."""
        for post in list(self._posts.values()):
            if post.actor_ref.actor_urn == ended.actor_urn and not post.ended:
                cause = self._causes.pop(ended.actor_urn, None)
                post.ended, post.stopped = True, cause is None
                if cause is None:
                    self._plan(post, "was stopped", logging.INFO)
                else:
                    self._plan(post, f"died of {error_words(cause)}")

    def _plan(self, post: _Post, what: str, level: int = logging.WARNING) -> None:
        now = self.monotonic()
        post.pause = self.pauses.after(post.pause, now - post.since)
        logger.log(level, "the actor %s %s; it is started again in %g s", post.name, what, post.pause)
        heapq.heappush(self._due, (now + post.pause, post.name))

    def _restart(self, name: str) -> None:
        post = self._posts.get(name)
        if post is None:
            return
        post.since = self.monotonic()
        try:
            post.actor_ref = self._launch(name, post.actor_class, post.arguments)
        except WorkloadManagerError as error:
            self._plan(post, f"did not start again: {error}")
            return
        post.restarts += 1
        post.ended = post.stopped = False
        logger.info("the actor %s runs again, for the %d. time", name, post.restarts)
