"""What the tests of the server share: a package whose call answers when it is let, and a client of raw bytes."""

from __future__ import annotations

import contextlib
import json
import logging
import queue
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hiredis

from workloadmanager.threebot import WorkloadManager

MANIFEST = '[source]\nname = "gates"\nthreebot = "test"\nversion = "1.0.0"\n'

ACTOR = '''
import queue
import threading

from workloadmanager.actors import Access, CallActor


class {title}(CallActor):
    """Answer with a word, so many times; one that begins with "wait" is answered when the gate is opened.

    ```in
    word = (S)
    times = (I)
    ```

    ```out
    word = (S)
    ```
    """

    _access = Access.session

    def __init__(self, context):
        super().__init__(context)
        type(self)._entered = queue.SimpleQueue()
        type(self)._gate = threading.Event()

    def {name}(self, *, word: str, times: int = 1) -> object:
        """Answer."""
        self._entered.put(word)
        if word.startswith("wait"):
            assert self._gate.wait(30)
        if word == "die":
            raise SystemExit("of old age")
        return self._output.type(word=word * times)
'''

NAMES = ("hold", "pass_on")
HOLD, PASS_ON = "test.gates.hold", "test.gates.pass_on"


def write_gates(folder: Path) -> Path:
    """Write a package with two calls that answer when they are let, and return its folder."""
    actors = folder / "gates" / "actors"
    actors.mkdir(parents=True)
    (folder / "gates" / "package.toml").write_text(MANIFEST, encoding="utf-8")
    for name in NAMES:
        text = ACTOR.format(name=name, title=name.title().replace("_", ""))
        (actors / f"{name}.py").write_text(text, encoding="utf-8")
    return folder / "gates"


class Gate:
    """The gate of one of the calls, as the test sees it."""

    def __init__(self, manager: WorkloadManager, name: str = "hold") -> None:
        self._actor_class: Any = manager.actors[name].actor_class

    def entered(self) -> str:
        """Wait until the actor has a message at hand, and return its word."""
        word: str = self._actor_class._entered.get(timeout=30)
        return word

    def nobody(self) -> bool:
        """Whether the actor has no message at hand that was not seen yet."""
        is_empty: bool = self._actor_class._entered.empty()
        return is_empty

    def count(self) -> int:
        """Return how many messages the actor began that were not seen yet."""
        number: int = self._actor_class._entered.qsize()
        return number

    def open(self) -> None:
        """Let all through, now and later."""
        self._actor_class._gate.set()


class Clock:
    """Seconds that stand still until they are moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def command(*words: str | bytes) -> bytes:
    """Return a command as clients send it."""
    parts = [word.encode() if isinstance(word, str) else word for word in words]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


def say(word: str, times: int = 1, *, name: str = HOLD) -> bytes:
    """Return the command for one of the calls of the package."""
    return command(name, json.dumps({"word": word, "times": times}))


def word_of(reply: object) -> str:
    """Return the word of a reply; its first letters, where it is long."""
    assert isinstance(reply, bytes), reply
    return str(json.loads(reply)["word"])[:20]


class Client:
    """A client that sends bytes and reads replies, at any kind of address."""

    def __init__(self, address: str, *, receive_buffer: int = 0) -> None:
        scheme, _, place = address.partition("://")
        if scheme == "unix":
            self.socket = socket.socket(socket.AF_UNIX)
        else:
            self.socket = socket.socket(socket.AF_INET6 if "[" in place else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(30)
        host, _, port = place.rpartition(":")
        try:
            self.socket.connect(place if scheme == "unix" else (host.strip("[]"), int(port)))
        except OSError:
            self.socket.close()
            raise
        self._reader = hiredis.Reader()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def reply(self) -> Any:
        """Return the next reply: bytes, an integer, None, or an error as an object."""
        while (reply := self._reader.gets()) is False:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError("the server closed the connection")
            self._reader.feed(data)
        return reply

    def ask(self, data: bytes) -> Any:
        """Send a command and return its reply."""
        self.send(data)
        return self.reply()

    def error(self) -> dict[str, Any]:
        """Return what the next reply, which is an error, has to say."""
        reply = self.reply()
        assert isinstance(reply, hiredis.ReplyError), reply
        facts: dict[str, Any] = json.loads(str(reply).removeprefix("ERR "))
        return facts

    def is_closed(self) -> bool:
        """Whether the server closes, without a word more."""
        try:
            self.reply()
        except EOFError:
            return True
        except ConnectionError:
            return True
        return False

    def close(self) -> None:
        """Close."""
        self.socket.close()


class Logged(logging.Handler):
    """Collects what a logger says, for who waits for it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._records: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.lines: list[str] = []
        self.levels: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        line = record.getMessage()
        self.lines.append(line)
        self.levels[line] = record.levelno
        self._records.put(line)

    def wait_for(self, words: str, *, seconds: float = 30) -> bool:
        """Wait for a line with some words; False where none comes within the seconds."""
        with contextlib.suppress(queue.Empty):
            while words not in self._records.get(timeout=seconds):
                pass
            return True
        return False


@contextlib.contextmanager
def logged() -> Iterator[Logged]:
    """Collect what the server logs, for a ``with`` block."""
    logger = logging.getLogger("workloadmanager.threebot.gedis")
    handler = Logged()
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def server_threads() -> list[threading.Thread]:
    """Return the threads of servers that run."""
    return [thread for thread in threading.enumerate() if thread.name == "Gedis"]
