"""The 3Bot-style host: manifest and loader, phonebook and directory, supervision, shell, command line.

``docs/embedding.md`` shows how a program uses it, ``docs/operating.md`` how it is run.
"""

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
