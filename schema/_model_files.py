"""The files of a folder of models: which there are, and their texts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

from ..errors import Problem

__all__ = ["model_files", "not_writable", "read_model"]

_LARGEST = 2**20


def model_files(folder: Traversable | Path) -> Iterator[tuple[str, Traversable | Path]]:
    """Yield every ``*.toml`` of a folder and the folders in it, by its path from there, in the order of the names.

    Names with a leading ``_`` are skipped, and so is a folder that was there before: a link may lead back.
    """
    yield from _in_folder(folder, "", set())


def _in_folder(folder: Traversable | Path, prefix: str, seen: set[Path]) -> Iterator[tuple[str, Traversable | Path]]:
    if isinstance(folder, Path):
        real = folder.resolve()
        if real in seen:
            return
        seen.add(real)
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.startswith("_"):
            continue
        if entry.is_dir():
            yield from _in_folder(entry, f"{prefix}{entry.name}/", seen)
        elif entry.name.endswith(".toml"):
            yield f"{prefix}{entry.name}", entry


def read_model(file: Traversable | Path, name: str) -> str | Problem:
    """Return the text of a model file, or what keeps it from being read.

    Arguments:
        file: the file.
        name: its name, for messages.
    """
    if isinstance(file, Path) and file.exists() and not file.is_file():
        return Problem("is no file that can be read to its end", source=name)
    try:
        with file.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return Problem(f"is larger than {_LARGEST} bytes; make several files of it", source=name)
        return data.decode()
    except OSError as error:
        return Problem(f"cannot be read: {error.strerror}", source=name)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Problem("is no UTF-8 text", source=name, line=line)


def not_writable(text: str, source: str) -> Problem | None:
    """Return the mistake of a text with half a character, which has no identity; no file that was read has one."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        return Problem("holds half a character (a lone surrogate); write it as UTF-8", source=source, line=line)
    return None
