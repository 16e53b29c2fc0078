"""What a command works with: its output, and what the shared options open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, NotFound
from ._output import Output
from ._shared import Common

if TYPE_CHECKING:
    from ...bcdb import Store
    from ...signing import Key
    from .. import WorkloadManager
    from ._keyring import Keyring

__all__ = ["Session"]

MEMORY = ":memory:"


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
        """Start the workload manager on the store for a ``with`` block, and stop it afterwards.

        Raises:
            WorkloadManagerError: whatever `workloadmanager.start` raises.
        """
        from .. import start

        with start(path=self.common.store, **self.common.read_settings()) as manager:
            yield manager

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
