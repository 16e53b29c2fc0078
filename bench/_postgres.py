"""The peer of durable registrations: PostgreSQL, started for the run, and pgbench, which comes with it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from _rounds import Work

__all__ = ["Pgbench", "postgres"]

_PROGRAMS = Path("/usr/lib/postgresql")
_USER = "postgres"
_OPTIONS = "-c listen_addresses= -c max_connections=50 -c shared_buffers=256MB -c max_wal_size=4GB"

_TABLES = """
CREATE TABLE reservations (id bigserial PRIMARY KEY, state smallint, epoch bigint, body bytea);
CREATE INDEX states ON reservations (state, id);
CREATE INDEX epochs ON reservations (epoch, id);
CREATE TABLE nodes (node_id text, id bigint, PRIMARY KEY (node_id, id));
"""
_REGISTER = """
\\set node random(1, {nodes})
WITH stored AS (
    INSERT INTO reservations (state, epoch, body)
    VALUES (2, extract(epoch FROM now())::bigint, '\\x{body}') RETURNING id
)
INSERT INTO nodes
SELECT 'a base58 text as long as a node id is, and ' || number, id
FROM stored, unnest(ARRAY[:node, :node + {nodes}, :node + 2 * {nodes}, :node + 3 * {nodes}]) AS number;
"""
_NODES_OF_EACH = 4


class Pgbench:
    """A database with the tables of the benchmark, and pgbench on it.

    Arguments:
        run: runs one of PostgreSQL's programs on the database.
        script: the file with what pgbench does again and again.
    """

    def __init__(self, run: Callable[[Sequence[str]], str], script: Path) -> None:
        self._run = run
        self._script = script

    def registering(self, *, connections: int) -> Work:
        """Return the work of storing reservations durably, each in a transaction of its own.

        The time in which pgbench connects is measured as well; with some seconds of work it does not count.
        """

        def work(operations: int) -> Callable[[], object]:
            each = max(1, operations // connections)
            options = ["-n", "-M", "prepared", "-c", str(connections), "-j", "2", "-t", str(each)]
            return lambda: self._run(["pgbench", *options, "-f", str(self._script), _USER])

        return work

    def count(self) -> int:
        """Return how many reservations there are."""
        return int(self._run(["psql", "-Atc", "SELECT count(*) FROM reservations", _USER]))


@contextmanager
def postgres(folder: Path, body: bytes, *, nodes: int) -> Iterator[Pgbench]:
    """Start PostgreSQL on a new database, for a ``with`` block; every commit is on the disk before it is answered.

    Arguments:
        folder: an empty folder on the disk that is to be measured; where root measures, everybody may pass
            through those above it, because PostgreSQL runs as a user of its own.
        body: the document that each registration stores.
        nodes: of how many nodes each registration has four.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    binaries = _binaries()
    owner = _USER if os.geteuid() == 0 else None  # which it refuses to run as
    if owner is not None:
        shutil.chown(folder, owner)

    def run(arguments: Sequence[str]) -> str:
        program, *rest = arguments
        done = subprocess.run(  # noqa: S603 - its arguments are ours
            [str(binaries / program), *rest],
            user=owner,
            cwd=folder,
            env={"PGHOST": str(folder), "PATH": os.defpath, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.strip()}")
        return done.stdout

    data, script = folder / "data", folder / "register.sql"
    run(["initdb", "-D", str(data), "-A", "trust", "-U", _USER])
    options = f"{_OPTIONS} -c unix_socket_directories={folder}"
    run(["pg_ctl", "start", "-w", "-D", str(data), "-o", options, "-l", str(folder / "log")])
    try:
        run(["psql", "-q", "-U", _USER, "-c", _TABLES, _USER])
        script.write_text(_REGISTER.format(body=body.hex(), nodes=nodes // _NODES_OF_EACH), encoding="utf-8")
        yield Pgbench(run, script)
    finally:
        run(["pg_ctl", "stop", "-w", "-m", "fast", "-D", str(data)])


def _binaries() -> Path:
    """Return the folder of PostgreSQL's programs, the newest that is installed.

    Raises:
        RuntimeError: there is none.
    """
    found = sorted(_PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found:
        raise RuntimeError("PostgreSQL is not installed; on Debian it is in the package postgresql")
    if os.geteuid() == 0:
        pwd.getpwnam(_USER)  # Debian's package makes it
    return found[-1].parent
