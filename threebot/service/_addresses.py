"""What can be known of an address before a server listens there: nothing is started, and nothing is left behind."""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import Conflict, WorkloadManagerError
from ..gedis import Address
from ..gedis._listen import bind_tcp

__all__ = ["mistake_in"]


def mistake_in(address: Address) -> str:
    """Say why a server could not listen at an address; empty where nothing is known against it.

    A host has to be known, and to be one of this machine's: a socket is bound to it, at a port that is free, and
    closed again. Whether something else has the port itself is not looked at. A unix socket needs a folder that
    can be written to, and a name that is free or that of a socket.
    """
    if address.scheme == "unix":
        return _mistake_in_path(Path(address.path))
    try:
        bound = bind_tcp(address, port=0)
    except Conflict:  # the port that was free at one IP address of the host is taken at another one
        return ""
    except WorkloadManagerError as error:
        return error.message
    for each in bound:
        each.close()
    return ""


def _mistake_in_path(path: Path) -> str:
    folder = path.parent
    try:
        if not folder.exists():
            return f"there is no folder {folder} for the socket; make it first"
        if not folder.is_dir():
            return f"{folder} is a file, and a socket needs a folder"
        if not os.access(folder, os.W_OK | os.X_OK):
            return f"the folder {folder} cannot be written to"
        if path.exists() and not path.is_socket():
            return f"{path} is there already, and is no socket; remove it, or choose another path"
    except OSError as error:
        return f"{path} cannot be reached: {error.strerror}"
    return ""
