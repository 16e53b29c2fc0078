"""Addresses: where a server listens and a client connects, as one text each (``docs/gedis.md``)."""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from ...errors import InputError
from .._words import shown

__all__ = ["DEFAULT_PORT", "Address", "Scheme", "parse_address"]

Scheme = Literal["tcp", "tls", "unix"]

DEFAULT_PORT = 8901
"""The port of the original server, which is meant where an address names none."""

_LONGEST_PATH = 107
"""The bytes that the path of a unix socket may have on Linux."""

_EXAMPLES = "tcp://127.0.0.1:8901, tcp://[::1]:8901, tls://grid.example:8901 or unix:///run/workloadmanager.sock"
_URL = re.compile(r"(?P<scheme>tcp|tls|unix)://(?:(?P<user>[^@/]*)@)?(?P<rest>.*)", re.DOTALL | re.IGNORECASE)
_HOST_AND_PORT = re.compile(r"(?:\[(?P<literal>[^\[\]]*)\]|(?P<name>[^\[\]:/]*))(?::(?P<port>[0-9]{1,5}))?/?")
_NAME = re.compile(
    r"(?=.{1,253}\Z)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?"
)


@dataclass(frozen=True, slots=True)
class Address:
    """One address; ``str()`` of it is the text that leads there, without what is secret.

    Attributes:
        scheme: ``tcp``, ``tls`` or ``unix``.
        host: the name or the IP address, without brackets; empty for a unix socket.
        port: the port; 0 stands for one that is free, and for a unix socket.
        path: the path of a unix socket; empty for the others.
        role: the role that the text names before the secret; empty where it names none.
        secret: what the text has before the ``@``; it is in no ``repr`` and no ``str``.
    """

    scheme: Scheme
    host: str = ""
    port: int = 0
    path: str = ""
    role: str = ""
    secret: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the address as a client is given it."""
        if self.scheme == "unix":
            return f"unix://{self.path}"
        host = f"[{self.host.replace('%', '%25')}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def is_local(self) -> bool:
        """Whether nobody from another machine comes this way: a unix socket, or a loopback address."""
        return self.scheme == "unix" or is_loopback(self.host)


def parse_address(text: str, *, path: str = "") -> Address:
    """Read an address.

    Arguments:
        text: ``tcp://host:port``, ``tls://host:port`` or ``unix:///path``. A host is a name, an IPv4 address,
            or an IPv6 address in brackets; without a port it is 8901. Before the host may be ``secret@`` or
            ``role:secret@``, with percent signs for what has a meaning in an address.
        path: how the text is called in an error.

    Raises:
        InputError: it is no address; the sentence shows what one looks like, and never the secret.
    """
    if not isinstance(text, str):
        raise InputError(f"give an address as a text such as {_EXAMPLES}, not {shown(text)}", path=path)
    found = _URL.fullmatch(text)
    if found is None:
        raise InputError(f"{_shown(text)} is no address: write {_EXAMPLES}", path=path)
    scheme, rest = found["scheme"].lower(), found["rest"]
    role, secret = _credentials(found["user"] or "")
    if scheme == "unix":
        return Address("unix", path=_socket_path(rest, path), role=role, secret=secret)
    host, port = _host_and_port(rest, path)
    return Address("tls" if scheme == "tls" else "tcp", host, port, role=role, secret=secret)


def is_loopback(host: str) -> bool:
    """Whether an IP address, as a socket has it, is reached from this machine alone; a name is not looked up."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _credentials(user: str) -> tuple[str, str]:
    role, colon, secret = user.partition(":")
    return (unquote(role), unquote(secret)) if colon else ("", unquote(role))


def _socket_path(rest: str, path: str) -> str:
    if not rest.startswith("/") or rest.endswith("/") or "\0" in rest:
        raise InputError(f"{_shown(rest)} is no path of a socket: write unix:///run/workloadmanager.sock", path=path)
    if len(os.fsencode(rest)) > _LONGEST_PATH:
        raise InputError(
            f"the path of a socket has at most {_LONGEST_PATH} bytes; choose one closer to the root", path=path
        )
    return rest


def _host_and_port(rest: str, path: str) -> tuple[str, int]:
    found = _HOST_AND_PORT.fullmatch(rest)
    if found is None:
        raise InputError(f"{_shown(rest)} is no host with a port: write {_EXAMPLES}", path=path)
    port = int(found["port"] or DEFAULT_PORT)
    if port > 65535:
        raise InputError(f"the port {port} is above 65535", path=path)
    literal, name = found["literal"], found["name"]
    if literal is not None:
        return _ipv6(unquote(literal), path), port
    if not name:
        raise InputError("the address names no host: 0.0.0.0 stands for all of IPv4, [::] for all of IPv6", path=path)
    if not _NAME.fullmatch(name):
        raise InputError(f"{_shown(name)} is no name of a host", path=path)
    return name, port


def _ipv6(literal: str, path: str) -> str:
    try:
        return str(ipaddress.IPv6Address(literal))
    except ValueError as error:
        raise InputError(f"{_shown(literal)} is no IPv6 address", path=path) from error


def _shown(text: str) -> str:
    """Return a text for an error: somebody may have put a secret before an ``@``, and it stays out of the logs."""
    before, at, behind = text.rpartition("@")
    return shown(f"…@{behind}" if at and before else text)
