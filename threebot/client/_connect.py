"""`connect`: the way to a workload manager that runs somewhere else."""

from __future__ import annotations

import importlib.util
import threading
from pathlib import Path

from ... import signing
from ...errors import InputError
from .._words import shown
from ..gedis._address import parse_address
from ._checks import is_number, is_whole
from ._client import Client
from ._login import Credentials

__all__ = ["connect"]


def connect(
    address: str,
    *,
    secret: str | None = None,
    role: str | None = None,
    key: signing.Key | None = None,
    timeout: float = 60.0,
    attempts: int = 5,
    certificate_authority: str | Path | None = None,
) -> Client:
    """Return a client of a workload manager that runs somewhere else.

    Nothing is sent before the first call, so a program may start before the server does.

    Arguments:
        address: ``tcp://host:8901``, ``tls://host:8901`` or ``unix:///run/workloadmanager.sock``; the secret may
            stand in it, as ``tcp://SECRET@host:8901``.
        secret: logs in with a secret that the server knows.
        role: who logs in: ``operator``, ``node:<node id>`` or ``user:<threebot id>``; needed with a key.
        key: logs in by signing a challenge, so that no secret is shared.
        timeout: how many seconds a call has, with everything that is tried again.
        attempts: how often a request is tried at most, before and between which the client waits longer and longer.
        certificate_authority: the file of the certificates that the server's is verified with over ``tls://``;
            the system's by default.

    Returns:
        The client.

    Raises:
        InputError: an argument does not fit, the arguments do not go together, or redis-py is not installed.
    """
    if importlib.util.find_spec("redis") is None:
        raise InputError("a client needs redis-py, which is not installed: pip install 'workloadmanager[gedis]'")
    if not is_number(timeout) or not 0 < timeout <= threading.TIMEOUT_MAX:
        raise InputError(f"give the seconds that a call has, more than 0, not {shown(timeout)}", path="timeout")
    if not is_whole(attempts) or attempts < 1:
        raise InputError(f"give how often a request is tried, 1 or more, not {shown(attempts)}", path="attempts")
    where = parse_address(address, path="address")
    if where.scheme != "unix" and not where.port:
        raise InputError("nobody listens at port 0; give the port that the server has got", path="address")
    authority = None if certificate_authority is None else Path(certificate_authority)
    if authority is not None and where.scheme != "tls":
        raise InputError("certificates are verified over tls:// addresses alone", path="certificate_authority")
    if authority is not None and not authority.is_file():
        raise InputError(f"there is no file {shown(str(authority))}", path="certificate_authority")
    credentials = Credentials.of(where, secret=secret, role=role, key=key)
    from ._links import Link

    return Client(Link(where, credentials, authority), timeout=float(timeout), attempts=attempts)
