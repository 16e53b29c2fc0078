"""The 3Bot-style host: manifest and loader, phonebook and directory, supervision, shell, command line.

``docs/embedding.md`` shows how a program uses it, ``docs/operating.md`` how it is run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._context import PackageContext
    from ._handle import WorkloadManager
    from ._host import default_path, start
    from ._package import J, Package, Packages, j, package
    from ._records import PackageRecord, PackageStatus, Stage
    from .directory import Directory
    from .phonebook import Phonebook

__all__ = [
    "Directory",
    "J",
    "Package",
    "PackageContext",
    "PackageRecord",
    "PackageStatus",
    "Packages",
    "Phonebook",
    "Stage",
    "WorkloadManager",
    "default_path",
    "j",
    "package",
    "start",
]

_HOMES = {
    **dict.fromkeys(("default_path", "start"), "._host"),
    **dict.fromkeys(("J", "Package", "Packages", "j", "package"), "._package"),
    **dict.fromkeys(("PackageRecord", "PackageStatus", "Stage"), "._records"),
    "Directory": ".directory",
    "PackageContext": "._context",
    "Phonebook": ".phonebook",
    "WorkloadManager": "._handle",
}


def __getattr__(name: str) -> object:
    """Import what a public name stands for when it is first used: the command line shows its help without a host."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals().setdefault(name, getattr(import_module(_HOMES[name], __name__), name))


def __dir__() -> list[str]:
    """Return the names of the module, also of what was not imported yet."""
    return sorted({*globals(), *__all__})
