"""What the tests of the host share: folders of packages, keys, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

import workloadmanager
from workloadmanager.threebot import WorkloadManager

WritePackage = Callable[..., Path]
Start = Callable[..., WorkloadManager]

MANIFEST = """\
[source]
name = "{name}"
threebot = "tfgrid"
version = "1.0.0"
"""


@pytest.fixture
def write_package(tmp_path: Path) -> WritePackage:
    """Write the folder of a package: ``write_package("visits", {"actors/visit.py": "…"}, manifest="…")``."""

    def write(name: str, files: Mapping[str, str] | None = None, *, manifest: str = "", more: str = "") -> Path:
        root = tmp_path / "packages" / name
        texts = {"package.toml": manifest or MANIFEST.format(name=name) + more, **(files or {})}
        for path, text in texts.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return root

    return write


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: int = 1_600_000_000) -> None:
        self.now = now

    def __call__(self) -> int:
        """Return the second at which it stands."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at a second of the year 2020."""
    return Clock()


@pytest.fixture(params=["memory", "lmdb"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store is: in memory, and in a folder."""
    return ":memory:" if request.param == "memory" else str(tmp_path / "store")


@pytest.fixture
def start(clock: Clock) -> Iterator[Start]:
    """Start workload managers that stop with the test: ``start(path)``, in memory by default."""
    handles: list[WorkloadManager] = []

    def start_one(path: str | Path = ":memory:", **options: Any) -> WorkloadManager:
        handles.append(workloadmanager.start(path, **{"clock": clock, **options}))
        return handles[-1]

    yield start_one
    for handle in reversed(handles):
        handle.stop()


@pytest.fixture
def new_key() -> Callable[[int], str]:
    """Make the public key of a numbered key pair, as hex text."""
    return lambda number: SigningKey(number.to_bytes(32)).verify_key.encode().hex()
