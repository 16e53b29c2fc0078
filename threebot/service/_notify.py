"""Telling the service manager how it goes: systemd's notification protocol, one datagram for each state."""

from __future__ import annotations

import logging
import os
import socket

__all__ = ["SOCKET", "notify"]

SOCKET = "NOTIFY_SOCKET"
"""The variable in which a service manager names its socket; a name that begins with ``@`` is an abstract one."""

logger = logging.getLogger(__name__)


def notify(*states: str) -> bool:
    """Send states to the service manager, as ``READY=1``; without one nothing happens.

    A manager that does not listen is no reason to end: it is logged, and the service goes on.

    Arguments:
        states: assignments, each on a line of the message.

    Returns:
        Whether it was sent.
    """
    address = os.environ.get(SOCKET, "")
    if not address.startswith(("/", "@")):
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(f"\0{address[1:]}" if address.startswith("@") else address)
            channel.sendall("\n".join(states).encode())
    except OSError as error:
        logger.warning("the service manager at %s was not told %s: %s", address, states[0], error.strerror)
        return False
    return True
