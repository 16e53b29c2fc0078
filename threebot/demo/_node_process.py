"""A node of the demo as the demo sees it: its process, its files, and what it says."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from signal import Signals

from ._child import Child
from ._parties import Node
from ._stage import Fault
from ._talk import GO, Said, Word

__all__ = ["NodeProcess"]


class NodeProcess:
    """A node in a process of its own, with its key, its journal and its log in a folder of its own.

    Arguments:
        node: who it is.
        command: the program of the node.
        folder: where the node's folder is made.
        patience: how many seconds to wait for it, each time.
        keep: is given each process when it has just been started, and ends it at last.
    """

    def __init__(
        self,
        node: Node,
        command: Sequence[str],
        folder: Path,
        *,
        patience: float,
        keep: Callable[[Callable[[], Child]], Child],
    ) -> None:
        self._node = node
        self._command = command
        self._patience = patience
        self._keep = keep
        self._folder = folder / node.name.replace(" ", "-")
        self._folder.mkdir(mode=0o700)
        key = self._folder / "key"
        key.touch(mode=0o600)
        key.write_text(node.key.seed_hex(), encoding="ascii")
        self._child: Child | None = None
        self._question: Said | None = None

    def start(self, address: str, farm_id: int) -> int:
        """Start it, and return the id of its process."""
        folder = self._folder
        files = ("--key", str(folder / "key"), "--journal", str(folder / "journal"), "--log", str(folder / "log"))
        command = (*self._command, address, "--farm", str(farm_id), *files)
        child = self._child = self._keep(lambda: Child(self._node.name, command, log=folder / "stderr"))
        self._question = None
        return child.number

    def wait_until_joined(self) -> None:
        """Wait until it is in the directory.

        Raises:
            Fault: it does not join.
        """
        self._expect(Word.joined)

    def question(self) -> Said:
        """Return what it asks for; the same until it is answered.

        Raises:
            Fault: it asks for nothing in time.
        """
        return self._question or self._expect(Word.asks)

    def answer(self, answer: str = GO) -> None:
        """Answer its question, and let it go on."""
        self.question()
        self._question = None
        self._running().say(answer)

    def hear(self) -> Said:
        """Return what it says next, but for its polls.

        Raises:
            Fault: it says nothing in time, or has ended.
        """
        deadline = time.monotonic() + self._patience
        while True:
            said = self._running().hear(Said, within=max(0.0, deadline - time.monotonic()))
            if said.word is Word.asks:
                self._question = said
            if said.word is not Word.polled:
                return said

    def poll(self) -> Said:
        """Return its next poll that begins from now on.

        Raises:
            Fault: it has something to do.
        """
        child = self._running()
        # Those that it told before, and one that may have been on its way.
        for _ in range(child.backlog + 2):
            said = child.hear(Said, within=self._patience)
            if said.word is not Word.polled:
                raise Fault(f"{self._node.name} should have nothing to do, and says {said.written()}")
        return said

    def cut(self) -> int:
        """End it on the spot, as when its power is cut, and return the exit status."""
        child = self._running()
        child.send(Signals.SIGKILL)
        self._child = None
        return child.wait(within=self._patience)

    def stop(self) -> tuple[str, ...]:
        """Let it stop in order, and return the workloads that still run on it.

        Raises:
            Fault: it does not, or has more to do.
        """
        child = self._running()
        child.hang_up()
        said = self._expect(Word.ended)
        self._child = None
        status = child.wait(within=self._patience)
        if status:
            raise Fault(f"{self._node.name} should end with status 0, and ends with {status}")
        return said.running

    def deeds(self) -> list[str]:
        """Return what it has done by its own log, each as ``deploy 1-3``."""
        log = self._folder / "log"
        return log.read_text(encoding="ascii").splitlines() if log.exists() else []

    def _expect(self, word: Word) -> Said:
        said = self.hear()
        if said.word is not word:
            raise Fault(f"{self._node.name} says {said.written()}, where it should say that it {word}")
        return said

    def _running(self) -> Child:
        if self._child is None:
            raise Fault(f"{self._node.name} does not run")
        return self._child
