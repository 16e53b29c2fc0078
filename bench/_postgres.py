"""A peer that is a server: PostgreSQL, started for the run on a database of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from _rounds import PeerMissing

__all__ = ["Postgres", "postgres"]

_PROGRAMS = Path("/usr/lib/postgresql")
_USER = "postgres"
_OPTIONS = "-c listen_addresses= -c max_connections=100 -c shared_buffers=512MB -c max_wal_size=4GB"


@dataclass(frozen=True, slots=True)
class Postgres:
    """A server that runs, every commit of which is on the disk before it is answered.

    Attributes:
        folder: where it is; its socket too.
        binaries: the folder of its programs.
    """

    folder: Path
    binaries: Path

    @property
    def address(self) -> str:
        """The words with which libpq, and so psycopg, reaches its one database."""
        return f"host={self.folder} user={_USER} dbname={_USER}"

    def run(self, program: str, *arguments: str) -> str:
        """Run one of its programs as the user that owns it, and return what that prints.

        Raises:
            RuntimeError: the program failed; the message is its own.
        """
        done = subprocess.run(  # noqa: S603 - its arguments are ours
            [str(self.binaries / program), *arguments],
            user=_owner(),
            cwd=self.folder,
            env={"PGHOST": str(self.folder), "PATH": os.defpath, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")
        return done.stdout

    def execute(self, statements: Sequence[str]) -> str:
        """Run statements, each in a transaction of its own, and return the rows of the last, one a line."""
        commands = [word for statement in statements for word in ("-c", statement)]
        return self.run("psql", "-qAtX", "-U", _USER, *commands, _USER)


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    """Start PostgreSQL on a new database, for a ``with`` block.

    Arguments:
        folder: an empty folder on the disk that is to be measured; where root measures, everybody may pass
            through those above it, because PostgreSQL runs as a user of its own.

    Raises:
        PeerMissing: it is not installed.
        RuntimeError: it does not start.
    """
    server = Postgres(folder, _binaries())
    owner = _owner()
    if owner is not None:
        shutil.chown(folder, owner)
    data = str(folder / "data")
    server.run("initdb", "-D", data, "-A", "trust", "-U", _USER)
    options = f"{_OPTIONS} -c unix_socket_directories={folder}"
    server.run("pg_ctl", "start", "-w", "-D", data, "-o", options, "-l", str(folder / "log"))
    try:
        yield server
    finally:
        server.run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)


def _owner() -> str | None:
    """Return the user that it runs as: it refuses to be root's."""
    return _USER if os.geteuid() == 0 else None


def _binaries() -> Path:
    """Return the folder of PostgreSQL's programs, the newest that is installed.

    Raises:
        PeerMissing: there is none.
    """
    found = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise PeerMissing("PostgreSQL is not installed; on Debian it is in the package postgresql")
    if os.geteuid() == 0:
        pwd.getpwnam(_USER)  # Debian's package makes it
    return found[-1].parent
