"""Where packages are found: in the entry-point group ``threebot.packages``, and by path."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from ..errors import InputError, SchemaError
from ._records import Records, Stage
from ._words import error_words, in_line, shown

__all__ = ["GROUP", "OWN", "Source", "discover", "folder_at"]

GROUP = "threebot.packages"
"""The entry-point group of 3Bot packages: ``name = import_name``, with package.toml in that folder."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place where a package was found.

    Attributes:
        name: what it is called there, which is used until its manifest was read.
        root: its folder.
        module: its import name, where it is installed; empty for a package that was given by path.
    """

    name: str
    root: Path
    module: str = ""


OWN = Source("workloadmanager", Path(__file__).resolve().parent.parent, __name__.partition(".")[0])
"""This package itself, which needs no entry point to be found."""


def discover(paths: Iterable[str | Path], records: Records) -> list[Source]:
    """Find the other packages: the installed ones in the order of their names, and those that were given by path.

    Arguments:
        paths: the folders of packages that are not installed.
        records: gets a record of each entry point that leads nowhere.
    """
    installed = sorted(entry_points(group=GROUP), key=lambda entry: entry.name)
    found = [*_located(installed, records), *_given(paths, records)]
    return [source for source in found if source.root != OWN.root]


def folder_at(path: str | Path) -> Path:
    """Return where the folder of a package is; a leading ``~`` is the user's home.

    Raises:
        InputError: no folder can have this path.
    """
    try:
        return Path(path).expanduser().resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"there can be no folder {shown(str(path))}: {in_line(str(error))}", path="path") from error


def _given(paths: Iterable[str | Path], records: Records) -> Iterator[Source]:
    """Yield the folders that were given by path, each once."""
    roots: set[Path] = set()
    for path in paths:
        try:
            root = folder_at(path)
        except InputError as error:
            records.fail(str(path), Path(path), Stage.MANIFEST, error)
            continue
        if root not in roots:
            roots.add(root)
            yield Source(root.name, root)


def _located(entries: Iterable[EntryPoint], records: Records) -> Iterator[Source]:
    """Yield the folder of each entry point, without importing its package: no code runs before its manifest is read."""
    for entry in entries:
        try:
            spec = importlib.util.find_spec(entry.module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a dotted name imports its parents, which may raise anything
            problem = f'the entry point "{entry.value}" can not be followed: {error_words(error)}'
            records.fail(entry.name, Path(entry.value), Stage.MANIFEST, SchemaError(problem))
            continue
        if spec is None or not spec.submodule_search_locations:
            problem = (
                f'the entry point leads to "{entry.value}", which is no importable folder; install the package again'
            )
            records.fail(entry.name, Path(entry.value), Stage.MANIFEST, SchemaError(problem))
        else:
            yield Source(entry.name, Path(spec.submodule_search_locations[0]).resolve(), entry.module)
