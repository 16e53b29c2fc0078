"""From what a manifest says to what it means: every mistake of the file is reported at once."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import Version

from ..errors import Problem, SchemaError
from ._manifest import MANIFEST, Manifest, RawManifest, Setting
from ._near_miss import near_miss
from ._words import in_line, shown

__all__ = ["read_manifest", "validate"]

_KEYS: Mapping[str, tuple[str, ...]] = {
    "source": ("name", "threebot", "version", "description"),
    "actor": ("namespace",),  # original manifests have it; calls are found by their names here
    "bcdbs": ("name", "namespace", "type", "instance"),
    "models": ("folder",),
    "actors": ("folder", "calls"),
    "requires": ("python", "packages"),
    "settings": (),
}
"""The tables of a manifest and their keys; the keys of the settings are the package's own."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_CALL = re.compile(r"(?P<module>[A-Za-z_]\w*(\.[A-Za-z_]\w*)*):(?P<name>[A-Za-z_]\w*)")
_TAKEN = ("add", "list", "start", "stop")
"""What `threebot.package` has under these names; a package of that name could not be reached."""

_NAME_RULE = "lower-case letters, digits and _, beginning with a letter"


def read_manifest(root: Path) -> Manifest:
    """Read and check the manifest of the package in a folder.

    Raises:
        SchemaError: every mistake of the file, each with file, line and path.
    """
    return validate(RawManifest.read(root / MANIFEST), root)


def validate(raw: RawManifest, root: Path) -> Manifest:
    """Check a manifest as a whole.

    Arguments:
        raw: what the file says.
        root: the package's folder, which no path of the manifest may leave.

    Raises:
        SchemaError: every mistake of the file, each with file, line and path.
    """
    reading = _Reading(raw, root.resolve())
    manifest = reading.manifest()
    if reading.problems:
        raise SchemaError.of(reading.problems)
    return manifest


class _Reading:
    """One pass over a manifest: each method returns what it reads, or a stand-in and a problem."""

    def __init__(self, raw: RawManifest, root: Path) -> None:
        self.problems: list[Problem] = []
        self._raw = raw
        self._root = root
        for name in raw.tables:
            if name not in _KEYS:
                self._refuse(f"a manifest has no table [{name}]{near_miss(name, _KEYS)}", name)

    def manifest(self) -> Manifest:
        source = self._table("source")
        actors = self._table("actors")
        requires = self._table("requires")
        calls = self._calls(actors)
        folder = self._folder("actors", actors)
        if "calls" in actors and "folder" in actors:
            self._refuse("give a folder, or name the calls one by one, not both", "actors.calls")
        return Manifest(
            name=self._matching(source, "name", _is_free, f"{_NAME_RULE}, and no word of Python or of the shell"),
            threebot=self._matching(source, "threebot", _is_text, "a text that is not empty"),
            version=self._matching(source, "version", _is_version, 'a version, as "1.0.0"'),
            description=self._text(source, "source", "description"),
            root=self._root,
            collections=tuple(self._collections()),
            models=self._folder("models", self._table("models")),
            actors=None if "calls" in actors else folder,
            calls=calls,
            python=tuple(self._requirements(requires, "python")),
            packages=tuple(self._requirements(requires, "packages")),
            settings=dict(self._settings()),
        )

    def _refuse(self, message: str, path: str) -> None:
        self.problems.append(self._raw.problem(message, path))

    def _table(self, name: str) -> dict[str, Any]:
        """Return a table, empty where there is none, and refuse its unknown keys."""
        table = self._raw.tables.get(name, {})
        if not isinstance(table, dict):
            self._refuse(f"this is a table: write [{name}] on a line of its own, and its keys below it", name)
            return {}
        self._known_keys(table, name, _KEYS[name])
        return table

    def _known_keys(self, table: Mapping[str, Any], path: str, known: tuple[str, ...]) -> None:
        for key in table:
            if known and key not in known:
                self._refuse(f"unknown key{near_miss(key, known)}", f"{path}.{key}")

    def _text(self, table: Mapping[str, Any], path: str, key: str) -> str:
        """Return a text of a table, empty where there is none."""
        value = table.get(key, "")
        if isinstance(value, str):
            return value
        self._refuse(f"this has to be a text, not {shown(value)}", f"{path}.{key}")
        return ""

    def _matching(self, source: Mapping[str, Any], key: str, rule: Callable[[str], bool], words: str) -> str:
        """Return a text of [source] that has to be there and to follow a rule, said in words."""
        if key not in source:
            self._refuse(f"{key} is missing; give {words}", f"source.{key}")
            return ""
        value = source[key]
        if not isinstance(value, str) or not rule(value):
            self._refuse(f"{shown(value)} does not do: give {words}", f"source.{key}")
            return ""
        return value

    def _collections(self) -> Iterator[str]:
        """Yield the names of the bcdb tables; where the original says where to keep them, one store has them all."""
        tables = self._raw.tables.get("bcdbs", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._refuse("write each bcdb as a table of its own: [[bcdbs]]", "bcdbs")
            return
        seen: set[str] = set()
        for position, table in enumerate(tables):
            path = f"bcdbs[{position}]"
            self._known_keys(table, path, _KEYS["bcdbs"])
            name = self._text(table, path, "name") or self._text(table, path, "namespace")
            if not 1 <= len(name.encode()) <= 64:
                self._refuse("give the bcdb a name of 1 to 64 bytes", path)
            elif name in seen:
                self._refuse(f'there is a bcdb "{name}" already', f"{path}.name")
            else:
                seen.add(name)
                yield name

    def _folder(self, path: str, table: Mapping[str, Any]) -> Path | None:
        """Return a folder of the package: the one that is named, or the one of the table's name if it is there."""
        named = self._text(table, path, "folder")
        name = named or path
        try:
            folder = (self._root / name).resolve()
            there = folder.is_dir()
        except (OSError, ValueError):  # a name that no file system takes
            folder, there = self._root, False
        if not folder.is_relative_to(self._root):
            self._refuse(f'"{in_line(name)}" leads out of the package; name a folder inside it', f"{path}.folder")
        elif named and not there:
            self._refuse(f'there is no folder "{in_line(name)}" in the package', f"{path}.folder")
        return folder if there else None

    def _calls(self, actors: Mapping[str, Any]) -> dict[str, str]:
        calls = actors.get("calls", {})
        if not isinstance(calls, dict):
            self._refuse('this is a table of calls: name = "module:Class"', "actors.calls")
            return {}
        for name, target in calls.items():
            if not _is_name(name):
                self._refuse(f"a call's name is made of {_NAME_RULE}", f"actors.calls.{name}")
            if not isinstance(target, str) or not _CALL.fullmatch(target):
                self._refuse(f'{shown(target)} is no actor: write "module:Class"', f"actors.calls.{name}")
        return calls

    def _requirements(self, requires: Mapping[str, Any], key: str) -> Iterator[Requirement]:
        path = f"requires.{key}"
        wanted = requires.get(key, [])
        if not isinstance(wanted, list):
            self._refuse('this has to be a list of texts, as ["name >= 1.0"]', path)
            return
        for position, text in enumerate(wanted):
            place = f"{path}[{position}]"
            try:
                requirement = Requirement(text)
            except (InvalidRequirement, TypeError):
                self._refuse(f'{shown(text)} is no requirement: write a name and versions, as "name >= 1.0"', place)
                continue
            if key == "packages" and (requirement.marker or requirement.extras or requirement.url):
                self._refuse(f'{shown(text)} says more than a name and versions, as "name >= 1.0"', place)
            yield requirement

    def _settings(self) -> Iterator[tuple[str, Setting]]:
        for key, value in self._table("settings").items():
            if isinstance(value, str | int | float | bool):
                yield key, value
            else:
                self._refuse("a setting is a text, a number, true or false", f"settings.{key}")


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def _is_free(text: str) -> bool:
    return _is_name(text) and not keyword.iskeyword(text) and text not in _TAKEN


def _is_text(text: str) -> bool:
    return text.strip() != ""


def _is_version(text: str) -> bool:
    try:
        Version(text)
    except ValueError:  # it is no version, or has a number of more digits than Python reads
        return False
    return True
