"""A peer that is a server: redis-server, started for the run on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _callers import one_core
from _load import Address, command, replies_to
from _rounds import PeerMissing

__all__ = ["redis_server"]

_PATIENCE = 10.0
_PROGRAM = "redis-server"
_IN_MEMORY = ("--appendonly", "no")
_ON_DISK = ("--appendonly", "yes", "--appendfsync", "always")


@contextmanager
def redis_server(folder: Path, *, durable: bool = False) -> Iterator[Address]:
    """Start redis-server for a ``with`` block, on a core that the load is not on, and yield its address.

    Arguments:
        folder: where it may write.
        durable: whether what it has answered is on the disk; otherwise it keeps everything in memory alone.

    Raises:
        PeerMissing: it is not installed.
        RuntimeError: it does not answer.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise PeerMissing(f"{_PROGRAM} is not installed; on Debian it is in the package {_PROGRAM}")
    host, port = address = ("127.0.0.1", _free_port())
    where = ("--bind", host, "--port", str(port), "--dir", str(folder), "--save", "")
    options = [*where, *(_ON_DISK if durable else _IN_MEMORY)]
    with one_core(last=True):
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603 - its arguments are ours
    with process:
        try:
            _await(address, process)
            yield address
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await(address: Address, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            replies_to(address, [command("PING")])
        except (OSError, RuntimeError):
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"{_PROGRAM} did not start")
