"""The peer of the server: redis-server, started for the run on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from _load import Address, command, replies_to

__all__ = ["redis_server"]

_PATIENCE = 10.0
_PROGRAM = "redis-server"
_IN_MEMORY = ("--save", "", "--appendonly", "no")


@contextmanager
def redis_server(folder: Path) -> Iterator[Address]:
    """Start redis-server, which keeps everything in memory alone, for a ``with`` block, and yield its address.

    Arguments:
        folder: where it may write.

    Raises:
        RuntimeError: it is not installed, or does not answer.
    """
    program = shutil.which(_PROGRAM)
    if program is None:
        raise RuntimeError(f"{_PROGRAM} is not installed; on Debian it is in the package {_PROGRAM}")
    address = ("127.0.0.1", _free_port())
    options = [
        "--save",
        "",
        "--appendonly",
        "no",
        "--bind",
        address[0],
        "--port",
        str(address[1]),
        "--dir",
        str(folder),
    ]
    with subprocess.Popen([program, *options], stdout=subprocess.DEVNULL) as process:  # noqa: S603 - its arguments are ours
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
