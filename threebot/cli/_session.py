"""What a command works with: its output, and what the shared options open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ...errors import InputError, NotFound, PermissionDenied
from ._output import Output
from ._shared import Common

if TYPE_CHECKING:
    from ...bcdb import Store
    from ...signing import Key
    from .. import WorkloadManager
    from ..client import Client
    from ._keyring import Keyring

__all__ = ["Session"]

MEMORY = ":memory:"
SECRET = "WORKLOADMANAGER_SECRET"  # noqa: S105 - the name of the variable
"""Where the secret for a server is, if it is not in the address; never an argument, which others could see."""

TYPED = {
    "AUTH with a secret, or auth.challenge with a key": f"--role with --login, or a secret in {SECRET}",
    "log in with auth.challenge, and sign it with a key": "log in with --role and --login",
}
"""How to log in at a server: as its refusals say it, and as it is typed here."""


class Session:
    """One run of a command.

    Arguments:
        common: the shared options.
    """

    def __init__(self, common: Common) -> None:
        self.common = common
        self.output = Output(as_json=common.as_json)

    @contextmanager
    def manager(self) -> Iterator[WorkloadManager]:
        """Start the workload manager on the store for a ``with`` block, and stop it afterwards; or connect to a server.

        A client has the methods of the handle, so that commands do not ask which of the two it is.

        Raises:
            WorkloadManagerError: whatever `workloadmanager.start` or `workloadmanager.connect` raises.
        """
        if self.common.server is not None:
            with self._client(self.common.server) as client, _in_words_of_the_terminal():
                yield cast("WorkloadManager", client)
            return
        from .. import start

        with start(path=self.common.store, **self.common.read_settings()) as manager:
            yield manager

    def _client(self, address: str) -> Client:
        """Return a client that logs in as the options, the address or the environment say.

        Raises:
            InputError: a key is to log in, and nothing says as whom.
        """
        from ..client import connect
        from ..gedis import parse_address

        common, named = self.common, parse_address(address, path="--connect")
        if common.login and not (common.role or named.role):
            raise InputError("say whose key it is: operator, node:NODE_ID or user:TID", path="--role")
        key = self.key(common.login) if common.login else None
        secret = None if key is not None or named.secret else os.environ.get(SECRET) or None
        return connect(address, secret=secret, role=common.role, key=key)

    @contextmanager
    def store(self, *, new: bool = False) -> Iterator[Store]:
        """Open the store alone, without any actor, for a ``with`` block.

        Arguments:
            new: whether it may be made where there is none.

        Raises:
            NotFound: there is none, and none may be made.
            WorkloadManagerError: whatever opening refuses.
        """
        from ...bcdb import open_store
        from .. import default_path

        place = default_path() if self.common.store is None else self.common.store
        if place and not (new or place == MEMORY or Path(place).expanduser().exists()):
            raise NotFound(f"there is no store at {place}; name another one with --store")
        with open_store(place if place in ("", MEMORY) else Path(place).expanduser()) as store:
            yield store

    def keyring(self) -> Keyring:
        """Return the folder of the key files.

        Raises:
            InputError: an empty text was given for it, as by a variable that is not set.
        """
        from ._keyring import Keyring, default_folder

        if self.common.keys == "":
            raise InputError("the key files need a folder", path="--keys")
        return Keyring(Path(self.common.keys).expanduser() if self.common.keys else default_folder())

    def key(self, name: str) -> Key:
        """Return one of the user's keys; its passphrase is asked for where it has one."""
        from ._passphrase import ask

        return self.keyring().get(name).open(lambda: ask(name))


@contextmanager
def _in_words_of_the_terminal() -> Iterator[None]:
    """Let the refusals of a server say what to type here, for a ``with`` block."""
    try:
        yield
    except PermissionDenied as error:
        message = error.message
        for sent, typed in TYPED.items():
            message = message.replace(sent, typed)
        raise PermissionDenied(message, path=error.path, call=error.call, errors=error.errors) from error
