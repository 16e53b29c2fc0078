"""What the blocking and the awaiting connections share: how redis-py is told to connect, and what its errors mean."""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import redis.exceptions

from ...errors import PermissionDenied
from .._words import in_line
from ..gedis._address import Address
from ._login import Credentials
from ._retrying import Lost, Request
from ._wire import read_error

__all__ = ["Link", "raise_lost"]


@dataclass(frozen=True, slots=True)
class Link:
    """Where a client connects, and as whom.

    Attributes:
        address: the server.
        credentials: who the client is.
        certificate_authority: the file of the certificates that the server's is verified with; the system's if None.
    """

    address: Address
    credentials: Credentials
    certificate_authority: Path | None

    @property
    def place(self) -> str:
        """The server, for messages."""
        return str(self.address)

    @property
    def options(self) -> dict[str, Any]:
        """What a connection of redis-py is made with, blocking or not."""
        secret, role = self.credentials.secret, self.credentials.role
        options: dict[str, Any] = {"protocol": 2}
        if secret:
            options |= {"password": secret, "username": role or None}
        if self.address.scheme == "unix":
            return options | {"path": self.address.path}
        options |= {"host": self.address.host, "port": self.address.port, "socket_keepalive": True}
        if self.address.scheme == "tls":
            authority = self.certificate_authority
            options |= {"ssl_check_hostname": True, "ssl_ca_certs": str(authority) if authority else None}
        return options


def raise_lost(error: Exception, link: Link, request: Request, *, sent: bool) -> NoReturn:
    """Raise what an error of redis-py or of the socket means for a request.

    Raises:
        Lost: no reply came.
        WorkloadManagerError: the server refused.
    """
    if isinstance(error, redis.exceptions.AuthenticationError):
        raise PermissionDenied(f"{link.place} refuses to log in: {in_line(str(error))}", call=request.call) from error
    if isinstance(error, redis.exceptions.ResponseError):
        raise read_error(str(error), call=request.call, place=link.place) from error
    if isinstance(error, redis.exceptions.InvalidResponse):
        reason = "what answers there does not speak the protocol of Redis"
        raise Lost(reason, sent=sent, hopeless=True) from error
    causes = list(_causes(error))
    untrusted = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        reason = (
            f"its certificate does not verify ({untrusted.verify_message}); "
            "certificate_authority names the file of the one who signed it"
        )
        raise Lost(reason, sent=sent, hopeless=True) from error
    system = next((cause for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    raise Lost(_words(system) if system is not None else in_line(str(error)), sent=sent) from error


def _words(error: OSError) -> str:
    """Return what the system calls an error; asyncio writes the address instead, which is named already."""
    if isinstance(error, socket.gaierror | ssl.SSLError) or not error.errno:
        return in_line(str(error.strerror))
    return os.strerror(error.errno)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those that led to it."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__
