"""What is said of the machine."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

Load = Callable[[str], Any]


def test_the_machine_is_described_and_not_named(load: Load, tmp_path: Path) -> None:
    """Nothing tells whose it is, or where on it the run was."""
    machine = load("_machine").describe(tmp_path)
    assert machine.cores >= 1
    assert machine.python == f"CPython {platform.python_version()}"
    assert {"workloadmanager", "pykka", "lmdb"} <= machine.versions.keys()
    assert machine.versions["sqlite"] == sqlite3.sqlite_version
    said = msgspec.json.encode(machine).decode()
    assert platform.node() not in said
    assert str(tmp_path) not in said
