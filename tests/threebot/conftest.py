"""What the tests of the host share: folders of packages, and keys as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from workloadmanager.signing import Key

WritePackage = Callable[..., Path]

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


@pytest.fixture
def new_key(key: Callable[[int], Key]) -> Callable[[int], str]:
    """Make the public key of a numbered key pair, as hex text."""
    return lambda number: key(number).public_key
