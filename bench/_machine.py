"""What a run depends on beside the code: the machine, what is installed on it, and how the run was asked for."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

__all__ = ["Conditions", "Machine", "describe"]

_LIBRARIES = ("workloadmanager", "pykka", "lmdb", "msgspec", "msgpack", "pynacl", "hiredis", "psycopg")
_PROGRAMS = {"PostgreSQL": "psql", "Redis": "redis-server"}
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_MOUNTS = Path("/proc/self/mounts")
_MEMORY = Path("/proc/meminfo")
_KIB_IN_GIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine of a run, in nothing that names it.

    Attributes:
        cores: how many this process may use.
        memory: GiB, 0 where the system does not say.
        system: the kernel and its version.
        filesystem: that of the stores; empty where the system does not say.
        python: the interpreter and its version.
        versions: the version of each library and program that is measured.
    """

    cores: int
    memory: int
    system: str
    filesystem: str
    python: str
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the results of a run depend on.

    Attributes:
        date: when it began, with its zone.
        machine: where it ran.
        documents: how many reservations most benchmarks had stored.
        document_bytes: their size on average; 0 where no benchmark stored any.
        rounds: how many rounds each benchmark had.
        share: how large the samples were, 1 for their own size.
    """

    date: datetime
    machine: Machine
    documents: int
    document_bytes: int
    rounds: int
    share: float


def describe(folder: Path) -> Machine:
    """Describe this machine.

    Arguments:
        folder: one on the disk that is measured.
    """
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory=_memory(),
        system=f"{platform.system()} {platform.release()}",
        filesystem=_filesystem(folder),
        python=f"{platform.python_implementation()} {platform.python_version()}",
        versions=_libraries() | {"sqlite": sqlite3.sqlite_version} | _programs(),
    )


def _libraries() -> dict[str, str]:
    installed = {}
    for name in _LIBRARIES:
        try:
            installed[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # one of an extra that is not installed is not measured
            continue
    return installed


def _programs() -> dict[str, str]:
    found = {}
    for name, program in _PROGRAMS.items():
        path = shutil.which(program)
        if path is None:
            continue
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a known one
        version = _VERSION.search(said.stdout)
        if version is not None:
            found[name] = version.group()
    return found


def _memory() -> int:
    if not _MEMORY.is_file():
        return 0
    (kib,) = re.findall(r"^MemTotal:\s+(\d+) kB", _MEMORY.read_text(encoding="ascii"), re.MULTILINE)
    return round(int(kib) / _KIB_IN_GIB)


def _filesystem(folder: Path) -> str:
    """Return the kind of the filesystem that a folder is on: that of the longest mount point above it."""
    if not _MOUNTS.is_file():
        return ""
    mounts = [line.split()[1:3] for line in _MOUNTS.read_text(encoding="utf-8").splitlines()]
    above = [(point, kind) for point, kind in mounts if folder.resolve().is_relative_to(point)]
    return max(above, key=lambda mount: len(mount[0]), default=("", ""))[1]
