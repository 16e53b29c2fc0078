"""Sockets that listen: one for each address, all of them or none."""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import socket
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...errors import Conflict, InputError, Unavailable, WorkloadManagerError
from ._address import Address

__all__ = ["BACKLOG", "Listener", "bind_tcp", "listen"]

logger = logging.getLogger(__name__)

BACKLOG = 512
"""The connections that may wait to be let in; the system has a limit of its own as well."""
_ONLY_OWNER = 0o600
_PATIENCE = 1.0
"""The seconds that a server which is so busy that it lets nobody in has to be found alive."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that listens.

    Attributes:
        address: where it does: an IP address and the port that it has got, or a path.
        socket: the socket.
        inode: device and number of the file of a unix socket, by which its own is known; None for the others.
    """

    address: Address
    socket: socket.socket
    inode: tuple[int, int] | None = None

    def close(self) -> None:
        """Stop listening; the file of a unix socket is removed, where it is still the same."""
        self.socket.close()
        if self.inode is not None:
            with contextlib.suppress(OSError):
                found = os.stat(self.address.path)  # noqa: PTH116 - beside unlink below, on a text
                if (found.st_dev, found.st_ino) == self.inode:
                    os.unlink(self.address.path)  # noqa: PTH108 - as above


def listen(addresses: Iterable[Address]) -> list[Listener]:
    """Listen at every address; where one cannot be had, at none.

    A name may stand for several IP addresses: all of them are listened at, at one port. The file of a unix
    socket is for its owner alone; one that a server left behind which is gone is replaced.

    Arguments:
        addresses: where to listen; port 0 is one that is free.

    Raises:
        InputError: a name is not known, or a path cannot be that of a socket.
        Conflict: something else listens there.
        Unavailable: the system does not allow it; the sentence says what to do.
    """
    listeners: list[Listener] = []
    try:
        for address in addresses:
            if address.scheme == "unix":
                listeners.append(_listen_unix(address))
            else:
                listeners.extend(bind_tcp(address))
        for listener in listeners:
            with _explained(listener.address):
                listener.socket.listen(BACKLOG)
    except BaseException:
        for listener in listeners:
            listener.close()
        raise
    return listeners


def bind_tcp(address: Address, *, port: int | None = None) -> list[Listener]:
    """Bind a socket for each IP address that a host stands for; none of them listens yet.

    Arguments:
        address: the host, and the port.
        port: another port; 0 is one that is free.

    Raises:
        WorkloadManagerError: what `listen` says of an address that cannot be had.
    """
    bound: list[Listener] = []
    missing: OSError | None = None
    wanted = address.port if port is None else port
    try:
        for family, place in _resolve(address):
            same = wanted or (bound[0].address.port if bound else 0)
            try:
                bound.append(_bind_tcp(replace(address, port=same), family, place))
            except OSError as error:
                # A machine without IPv6 may still know a name by an IPv6 address as well.
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
                missing = error
        if missing is not None and not bound:
            raise missing
    except BaseException as error:
        for listener in bound:
            listener.close()
        if isinstance(error, OSError):
            raise _refusal(address, error) from error
        raise
    return bound


def _resolve(address: Address) -> list[tuple[socket.AddressFamily, tuple[Any, ...]]]:
    """Return the families and places of the IP addresses that a host stands for, each once."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"the host of {address} is not known on this machine; give an IP address", path="gedis"
        ) from error
    return list({(family, place): None for family, _, _, _, place in found})


def _bind_tcp(address: Address, family: socket.AddressFamily, place: tuple[Any, ...]) -> Listener:
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            # IPv4 has a socket of its own: what listens at [::] would else take its port as well.
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        bound.bind((place[0], address.port, *place[2:]))
        host, port = bound.getsockname()[:2]
    except BaseException:
        bound.close()
        raise
    return Listener(replace(address, host=host, port=port), bound)


def _listen_unix(address: Address) -> Listener:
    """Bind a unix socket for its owner alone."""
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with _explained(address):
            _remove_stale(address)
            bound.bind(address.path)
            # Nobody can connect before it listens, which is after this; a umask would be that of all threads.
            os.chmod(address.path, _ONLY_OWNER)  # noqa: PTH101 - the path is a text, as the socket takes it
            made = os.lstat(address.path)
    except BaseException:
        bound.close()
        raise
    return Listener(address, bound, (made.st_dev, made.st_ino))


def _remove_stale(address: Address) -> None:
    """Remove the file of a server that is gone; anything else is left alone.

    Raises:
        Conflict: a server listens there, or the file is no socket.
    """
    path = Path(address.path)
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise Conflict(
            f"{address.path} is there already, and is no socket; remove it, or choose another path", path="gedis"
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(_PATIENCE)
        refused = trial.connect_ex(address.path)
    if refused != errno.ECONNREFUSED:
        raise _taken(address)
    path.unlink(missing_ok=True)
    logger.info("the socket %s was left behind by a server that is gone, and is replaced", address.path)


@contextlib.contextmanager
def _explained(address: Address) -> Iterator[None]:
    """Say what the system refuses in words that help."""
    try:
        yield
    except OSError as error:
        raise _refusal(address, error) from error


def _refusal(address: Address, error: OSError) -> WorkloadManagerError:
    if error.errno == errno.EADDRINUSE:
        return _taken(address)
    if error.errno in (errno.EACCES, errno.EPERM):
        hint = "its folder is not yours" if address.scheme == "unix" else "ports below 1024 need a privilege"
        return Unavailable(f"to listen at {address} is not permitted: {hint}; choose another", path="gedis")
    if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
        return InputError(f"this machine has no such address as that of {address}", path="gedis")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return InputError(f"there is no folder for the socket of {address}; make it first", path="gedis")
    return Unavailable(f"{address} cannot be listened at: {error.strerror or 'the system refuses it'}", path="gedis")


def _taken(address: Address) -> Conflict:
    return Conflict(f"something else listens at {address} already; stop it, or choose another address", path="gedis")
