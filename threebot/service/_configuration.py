"""What the service is told: its configuration file, and what the command line says instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...errors import Problem
from .._near_miss import near_miss
from .._words import shown
from ._file import Toml, read_bytes
from ._logs import FORMATS, LEVELS

__all__ = ["ADDRESS", "Configuration", "read_configuration"]

ADDRESS = "tcp://127.0.0.1:8901"
"""Where the service listens if nothing is said: on this machine alone, at the port that nodes of the time know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """Everything that a service is told.

    Attributes:
        store: the folder of the store, or ``:memory:``; None is the user's own.
        listen: the addresses.
        insecure: whether every address is open to sessions that did not log in.
        closed: whether none is.
        tls_certificate: the file of the certificate, for addresses that begin with ``tls://``.
        tls_key: the file of its key.
        secrets: the file of the secrets.
        log_format: ``text`` or ``json``.
        log_level: ``debug``, ``info``, ``warning`` or ``error``.
        limits: what the server bears, by the names of its limits.
        settings: the operator's settings, as in package.toml.
        packages: the folders of further packages.
        places: where in a file a value stands, by the name of its field, or ``limits.<name>`` and ``settings.<name>``.
    """

    store: str | None = None
    listen: tuple[str, ...] = (ADDRESS,)
    insecure: bool = False
    closed: bool = False
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    secrets: Path | None = None
    log_format: str = "text"
    log_level: str = "info"
    limits: Mapping[str, object] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)
    packages: tuple[Path, ...] = ()
    places: Mapping[str, Problem] = field(default_factory=dict, repr=False)

    def with_options(self, options: Mapping[str, Any]) -> Configuration:
        """Return this configuration with what the command line says instead.

        Arguments:
            options: by the names of the fields; what is None, False or an empty tuple was not said. The settings
                join those that are there, and one of insecure and closed takes the place of the other.
        """
        said = {name: value for name, value in options.items() if value not in (None, False, ())}
        settings = said.pop("settings", {})
        if said.get("insecure") or said.get("closed"):
            said = {"insecure": False, "closed": False, **said}
        elsewhere = {*said, *(f"settings.{name}" for name in settings)}
        places = {name: place for name, place in self.places.items() if name not in elsewhere}
        return replace(self, **said, settings={**self.settings, **settings}, places=places)

    def placed(self, problem: Problem, name: str, option: str = "") -> Problem:
        """Return a mistake in a value with the place where the operator wrote the value.

        Arguments:
            problem: what is wrong; of its path, what follows the first word is kept.
            name: the name of the value in `places`.
            option: what it is called on the command line.
        """
        rest = problem.path[len(_head(problem.path)) :]
        place = self.places.get(name)
        if place is None:
            return Problem(problem.message, f"{option or name}{rest}")
        return Problem(problem.message, f"{place.path}{rest}", place.source, place.line)


def _head(path: str) -> str:
    return path.partition("[")[0].partition(".")[0]


def read_configuration(file: Path) -> tuple[Configuration, list[Problem]]:
    """Read a configuration file.

    Arguments:
        file: where it is; relative paths in it are counted from its folder.

    Returns:
        What could be read of it, and every mistake, so that whoever checks the rest can report all at once.

    Raises:
        InputError: there is no such file, or it is no TOML.
    """
    toml = Toml.parse(read_bytes(file, "configuration"), source=str(file))
    reading = _Reading(toml, file.absolute().parent)
    found = reading.values()
    return Configuration(**found, places=reading.places), reading.problems


class _Reading:
    """One pass over a configuration file: what does not fit is left out, and noted."""

    def __init__(self, toml: Toml, folder: Path) -> None:
        self.problems: list[Problem] = []
        self.places: dict[str, Problem] = {}
        self._toml = toml
        self._folder = folder
        self._known: Mapping[str, Mapping[str, Callable[[object], Any]]] = {
            "serve": {
                "listen": self._addresses,
                "insecure": _flag,
                "closed": _flag,
                "tls_certificate": self._path,
                "tls_key": self._path,
                "secrets": self._path,
                "log_format": _one_of(FORMATS),
                "log_level": _one_of(LEVELS),
            },
            "packages": {"folders": self._paths},
        }

    def values(self) -> dict[str, Any]:
        """Return the fields of a configuration that the file gives."""
        found: dict[str, Any] = {}
        tables = ("serve", "limits", "settings", "packages")
        for name, value in self._toml.tables.items():
            if name == "store":
                found.update(self._read("store", "store", value, self._store))
            elif name not in tables:
                self._refuse(f"a configuration has nothing of this name{near_miss(name, ('store', *tables))}", name)
            elif not isinstance(value, dict):
                self._refuse(f"this is a table: write [{name}] on a line of its own, and its keys below it", name)
            elif name in self._known:
                found.update(self._table(name, value))
            else:
                found[name] = dict(self._plain(name, value))
        return found

    def _table(self, table: str, values: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
        known = self._known[table]
        for key, value in values.items():
            path = f"{table}.{key}"
            if key not in known:
                self._refuse(f"there is no such key in [{table}]{near_miss(key, known)}", path)
            else:
                yield from self._read("packages" if table == "packages" else key, path, value, known[key])

    def _plain(self, table: str, values: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """Yield limits or settings, whose names and ranges others know."""
        for key, value in values.items():
            path = f"{table}.{key}"
            if isinstance(value, str | int | float):
                self.places[path] = self._toml.problem("", path)
                yield key, value
            else:
                self._refuse(f"this is a number, a text, true or false, not {shown(value)}", path)

    def _read(self, name: str, path: str, value: object, read: Callable[[object], Any]) -> Iterator[tuple[str, Any]]:
        try:
            found = read(value)
        except ValueError as error:
            self._refuse(str(error), path)
            return
        self.places[name] = self._toml.problem("", path)
        yield name, found

    def _refuse(self, message: str, path: str) -> None:
        self.problems.append(self._toml.problem(message, path))

    def _store(self, value: object) -> str:
        return text if (text := _text(value)) == ":memory:" else str(self._path(value))

    def _path(self, value: object) -> Path:
        try:
            return self._folder / Path(_text(value)).expanduser()
        except RuntimeError as error:
            raise ValueError("there is no home of the user that this begins with") from error

    def _paths(self, value: object) -> tuple[Path, ...]:
        return tuple(self._path(each) for each in _list(value))

    def _addresses(self, value: object) -> tuple[str, ...]:
        if value == []:
            raise ValueError("without an address nobody reaches the service; leave the key out for the usual one")
        return tuple(_text(each) for each in ([value] if isinstance(value, str) else _list(value)))


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"this is a text in quotes that is not empty, not {shown(value)}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"this is true or false, without quotes, not {shown(value)}")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise ValueError(f'this is a list of texts, as ["…", "…"], not {shown(value)}')
    return value


def _one_of(words: Sequence[str]) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value not in words:
            near = near_miss(value, words) if isinstance(value, str) else ""
            raise ValueError(f"this is one of {', '.join(words)}, not {shown(value)}{near}")
        return str(value)

    return read
