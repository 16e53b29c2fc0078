"""TLS: the server's certificate, and connections that are let in when they are encrypted."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from pathlib import Path
from typing import cast

from ...errors import InputError
from .._words import shown
from ._address import Address
from ._connection import Connection, file_number
from ._connections import Connections
from ._options import Gedis

__all__ = ["Handshake", "server_context"]

logger = logging.getLogger(__name__)


def server_context(options: Gedis) -> ssl.SSLContext | None:
    """Return what encrypts the connections of the addresses with ``tls://``; None where there is no such address.

    TLS 1.2 is the oldest version that is spoken. A key that is encrypted itself is refused: nobody is there to
    type in its passphrase.

    Raises:
        InputError: the certificate or its key cannot be read, or the two do not belong together.
    """
    if options.tls_certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate = Path(options.tls_certificate)
    key = Path(options.tls_key) if options.tls_key is not None else certificate
    _check_file(certificate, "certificate", "gedis.tls_certificate")
    _check_file(key, "key", "gedis.tls_key")
    try:
        context.load_cert_chain(certificate, key, password=lambda: b"")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise InputError(
            f"{shown(str(certificate))} is no certificate in PEM form with the key of {shown(str(key))}, or the key "
            "is encrypted; give both as PEM files, the key without a passphrase",
            path="gedis.tls_certificate",
        ) from error
    return context


def _check_file(file: Path, what: str, path: str) -> None:
    try:
        with file.open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise InputError(
            f"the {what} {shown(str(file))} cannot be read: {reason or 'it has no such name'}", path=path
        ) from error


class Handshake(asyncio.Protocol):
    """A connection that is let in as soon as it is encrypted. It counts as a connection meanwhile.

    Arguments:
        connections: all of the server.
        address: the one that it came in by.
        context: what encrypts.
    """

    _transport: asyncio.Transport
    _task: asyncio.Task[None]

    def __init__(self, connections: Connections, address: Address, context: ssl.SSLContext) -> None:
        self._connections = connections
        self._address = address
        self._context = context
        self._early = b""
        self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, or close where there are too many: before it is encrypted nothing can be said to it."""
        self._transport = cast("asyncio.Transport", transport)
        if self._connections.arrive(self):
            self._task = asyncio.get_running_loop().create_task(self._encrypt())
        else:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Keep what arrives encrypted before the connection has taken over."""
        self._early += data

    def eof_received(self) -> bool:
        """Remember that nothing more comes."""
        self._has_ended = True
        return False

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 - asyncio tells why; nobody was let in
        """Remember that the other side is gone."""
        self._has_ended = True

    def sweep(self, now: float) -> None:
        """Leave it to the time limit of the handshake."""

    def finish(self) -> None:
        """Give up: nothing is in flight yet."""
        self._task.cancel()

    def abort(self) -> None:
        """Close at once."""
        self._task.cancel()
        self._transport.abort()

    def file_number(self) -> int:
        """Return the number of its socket."""
        return file_number(self._transport)

    async def _encrypt(self) -> None:
        encrypted: asyncio.Transport | None = None
        try:
            with contextlib.suppress(OSError, ssl.SSLError):
                encrypted = await asyncio.get_running_loop().start_tls(
                    self._transport,
                    self,
                    self._context,
                    server_side=True,
                    ssl_handshake_timeout=self._connections.limits.request_seconds,
                )
        finally:
            self._connections.leave(self)
        if encrypted is None or self._has_ended or encrypted.is_closing():
            logger.info("a connection to %s was not encrypted, and is closed", self._address)
            self._transport.abort()
            return
        connection = Connection(self._connections, self._address)
        encrypted.set_protocol(connection)
        connection.connection_made(encrypted)
        if self._early:
            connection.data_received(self._early)
