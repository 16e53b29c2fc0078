"""The manifest of a package, `package.toml`: read as text, then validated as a whole.

`RawManifest` is what the file says, `Manifest` is what it means; nothing outside this module and
`_manifest_checks` handles the raw tables. ``docs/embedding.md`` describes every key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import tomlkit
from packaging.requirements import Requirement
from tomlkit.exceptions import ParseError, TOMLKitError

from ..errors import Problem, SchemaError
from ._words import error_words

__all__ = ["MANIFEST", "Manifest", "RawManifest", "Setting"]

MANIFEST = "package.toml"
"""The name of the manifest's file, in the folder of its package."""

Setting: TypeAlias = str | int | float | bool
"""The value of one setting of an operator."""

_LARGEST = 2**18
_HEADER = re.compile(r"\s*(\[\[?)\s*+([^\[\]\s]++(?:\s++[^\[\]\s]++)*+)\s*+\]\]?\s*+(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*=""")


@dataclass(frozen=True, slots=True)
class RawManifest:
    """A manifest as it is written: its tables, not looked at yet.

    Attributes:
        source: the file, by the name that its mistakes are reported with.
        tables: the tables of the file as plain data.
        lines: the line of each table and key, by its path, counted from 1.
    """

    source: str
    tables: Mapping[str, Any]
    lines: Mapping[str, int]

    @classmethod
    def read(cls, file: Path) -> RawManifest:
        """Read the manifest's file.

        Raises:
            SchemaError: there is no such file, it can not be read, or it is not TOML; with file and line.
        """
        try:
            text = _text_of(file)
        except FileNotFoundError as error:
            problem = Problem(f"there is no {MANIFEST}; a package is a folder with one", source=str(file))
            raise SchemaError.of([problem]) from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problem = Problem("the manifest can not be read: it is no UTF-8 text", source=str(file), line=line)
            raise SchemaError.of([problem]) from error
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise SchemaError.of([Problem(f"the manifest can not be read: {reason}", source=str(file))]) from error
        return cls.parse(text, source=str(file))

    @classmethod
    def parse(cls, text: str, *, source: str) -> RawManifest:
        """Read a manifest from its text.

        Raises:
            SchemaError: the text is not TOML; with the line.
        """
        try:
            tables = tomlkit.parse(text).unwrap()
        except (TOMLKitError, ValueError) as error:
            line = error.line if isinstance(error, ParseError) else _line_of_repeated(text)
            words = re.sub(r" at line \d+ col \d+$", "", error_words(error).partition(": ")[2])
            raise SchemaError.of([Problem(f"this is not TOML: {words}", source=source, line=line)]) from error
        return cls(source, tables, _lines(text))

    def problem(self, message: str, path: str = "") -> Problem:
        """Return a mistake at a path of this file, with the line where that is known."""
        line = self.lines.get(path) or self.lines.get(re.sub(r"\[\d+\]$", "", path), 0)
        return Problem(message, path=path, source=self.source, line=line)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a package says of itself, checked.

    Attributes:
        name: the package's name, by which `package.<name>` finds it.
        threebot: the 3Bot that the package belongs to.
        version: its version.
        description: one line for people.
        root: its folder.
        collections: the bcdb collections that are its own.
        models: the folder of its models; None where it has none.
        actors: the folder of its actors; None where it has none, or names them one by one.
        calls: its actors by call name as ``module:Class``, where it names them one by one.
        python: the Python distributions that it needs.
        packages: the 3Bot packages that it needs, with their versions.
        settings: its settings with their defaults.
    """

    name: str
    threebot: str
    version: str
    root: Path
    description: str = ""
    collections: tuple[str, ...] = ()
    models: Path | None = None
    actors: Path | None = None
    calls: Mapping[str, str] = field(default_factory=dict)
    python: tuple[Requirement, ...] = ()
    packages: tuple[Requirement, ...] = ()
    settings: Mapping[str, Setting] = field(default_factory=dict)


def _text_of(file: Path) -> str:
    """Return the text of a file, which may begin with a byte order mark.

    Raises:
        OSError: there is no such file, or it can not be read.
        ValueError: it is no file that ends, or is larger than a manifest may be.
    """
    if file.exists() and not file.is_file():
        raise ValueError("it is no file")
    with file.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ValueError(f"it is larger than {_LARGEST} bytes")
    return data.decode("utf-8-sig")


def _lines(text: str) -> dict[str, int]:
    """Find the line of each table and key. tomlkit keeps the text of every item, but not where it stood."""
    lines: dict[str, int] = {}
    for path, number in _places(text):
        lines.setdefault(path, number)
    return lines


def _line_of_repeated(text: str) -> int:
    """Return the line of the first table or key that is written twice; 0 where it is not seen."""
    seen: set[str] = set()
    for path, number in _places(text):
        if path in seen:
            return number
        seen.add(path)
    return 0


def _places(text: str) -> Iterator[tuple[str, int]]:
    """Yield the path of each table and key with its line, as it is written."""
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = header[2].strip("\"'")
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}[{counts[table]}]"
            yield table, number
        elif key := _KEY.match(line):
            yield (f"{table}.{key[1]}" if table else key[1]), number
