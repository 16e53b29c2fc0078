"""The server of the demo: ``workloadmanager serve`` in a process that may be stopped, killed and started again."""

from __future__ import annotations

import random
import signal
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from ._child import Child
from ._stage import Fault

__all__ = ["Server", "free_port"]

_PORTS = range(20_000, 32_768)
"""Ports that no system gives away by itself: one of these is still free when the server is started again."""

_TRIED = 100


class _Address(msgspec.Struct):
    address: str
    open: bool


class _Ready(msgspec.Struct):
    addresses: list[_Address]


class _Checked(msgspec.Struct):
    problems: list[str]


class Server:
    """A server that only those use who log in, on this machine, at one address for the whole story.

    Arguments:
        command: the command line.
        folder: where it keeps its store and its secrets.
        secret: what the operator logs in with.
        patience: how many seconds to wait for it, each time.
        keep: is given each process when it has just been started, and ends it at last.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        secret: str,
        patience: float,
        keep: Callable[[Callable[[], Child]], Child],
    ) -> None:
        self._command = command
        self._folder = folder
        self._patience = patience
        self._keep = keep
        self._child: Child | None = None
        self.address = f"tcp://127.0.0.1:{free_port()}"
        secrets = folder / "secrets.toml"
        secrets.touch(mode=0o600)
        secrets.write_text(f'operator = "{secret}"\n', encoding="ascii")
        self._secrets = secrets

    @property
    def number(self) -> int:
        """The id of its process.

        Raises:
            Fault: it does not run.
        """
        return self._running().number

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            Fault: it does not answer, or not where it should, or lets everybody in.
        """
        options = ("serve", "--listen", self.address, "--closed", "--secrets", str(self._secrets), "--json")
        self._child = self._run("the server", *options)
        ready = self._child.hear(_Ready, within=self._patience)
        found = [(each.address, each.open) for each in ready.addresses]
        if found != [(self.address, False)]:
            raise Fault(f"the server should listen at {self.address}, closed, and says {found}")

    def stop(self) -> int:
        """Let it stop in order, and return its exit status.

        Raises:
            Fault: it does not end.
        """
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End it on the spot, and return its exit status.

        Raises:
            Fault: it does not end.
        """
        return self._end(signal.SIGKILL)

    def check_store(self) -> list[str]:
        """Return what ``workloadmanager bcdb check`` finds in the store; nothing if it is sound.

        Raises:
            Fault: it does not answer.
        """
        child = self._run("the check of the store", "bcdb", "check", "--json")
        problems = child.hear(_Checked, within=self._patience).problems
        status = child.wait(within=self._patience)
        return problems or ([f"the check ended with status {status}"] if status else [])

    def _run(self, name: str, *options: str) -> Child:
        command = (*self._command, *options, "--store", str(self._folder / "bcdb"))
        return self._keep(lambda: Child(name, command, log=self._folder / "server.log"))

    def _running(self) -> Child:
        if self._child is None:
            raise Fault("the server does not run")
        return self._child

    def _end(self, number: signal.Signals) -> int:
        child = self._running()
        self._child = None
        child.send(number)
        return child.wait(within=self._patience)


def free_port() -> int:
    """Return a port that nobody listens at.

    Raises:
        Fault: none was found.
    """
    for port in random.sample(_PORTS, _TRIED):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise Fault(f"no port of {_PORTS.start} to {_PORTS.stop - 1} seems to be free on this machine")
