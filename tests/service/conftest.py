"""What the tests of the service share: files that an operator writes, and a certificate with its key."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workloadmanager.threebot.service import new_secret

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file that only its owner can read, and return where it is."""

    def write(name: str, text: str, *, mode: int = 0o600) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return path

    return write


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A folder with ``server.pem`` and ``server.key``, which belong together, and two keys that do not do."""
    made = Path(__file__).parents[1] / "gedis" / "certificates"
    folder = tmp_path / "certificate"
    folder.mkdir()
    names = {"certificate.pem": "server.pem", "key.pem": "server.key", "other_key.pem": "other.key"}
    for name, wanted in {**names, "locked_key.pem": "locked.key"}.items():
        shutil.copy(made / name, folder / wanted)
    return folder


@pytest.fixture
def secret() -> str:
    """A secret that does."""
    return new_secret()
