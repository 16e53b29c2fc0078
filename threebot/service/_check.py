"""Everything that can be known to be wrong before a service starts: every mistake at once, nothing opened or made."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path

from ...errors import InputError, Problem
from .._discovery import OWN, folder_at
from .._host import default_path
from .._manifest_checks import read_manifest
from .._near_miss import near_miss
from .._settings import read_settings
from ..gedis import Gedis, Limits
from ._addresses import mistake_in
from ._configuration import Configuration
from ._secrets import SecretsFile, read_secrets

__all__ = ["Checked", "check"]

MEMORY = ":memory:"
OPTIONS: Mapping[str, str] = {
    "listen": "--listen",
    "insecure": "--insecure",
    "tls_certificate": "--tls-certificate",
    "tls_key": "--tls-key",
    "secrets": "--secrets",
    "store": "--store",
}
"""What the values are called on the command line."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A configuration that a start would take.

    Attributes:
        configuration: as it was given.
        gedis: what the server is told.
    """

    configuration: Configuration
    gedis: Gedis


def check(configuration: Configuration, found: list[Problem] | None = None) -> Checked:
    """Look at everything that a start reads: addresses, certificate and key, secrets, settings, packages, store.

    Nothing is started, and nothing is made. What only the start can tell, as a port that
    another process has, is not known here.

    Arguments:
        configuration: what the service is told.
        found: mistakes that are known already.

    Raises:
        InputError: every mistake.
    """
    checking = _Checking(configuration, list(found or ()))
    gedis = checking.gedis()
    checking.settings()
    checking.packages()
    checking.store()
    if checking.problems or gedis is None:
        raise InputError.of(checking.problems)
    return Checked(configuration, gedis)


class _Checking:
    """One pass over a configuration."""

    def __init__(self, configuration: Configuration, problems: list[Problem]) -> None:
        self.problems = problems
        self._given = configuration

    def gedis(self) -> Gedis | None:
        """Return what the server is told; None where that does not do."""
        given = self._given
        limits, secrets = self._limits(), self._secrets()
        try:
            gedis = Gedis(
                listen=given.listen,
                insecure=given.insecure,
                closed=given.closed,
                secrets=secrets.secrets,
                operator_keys=secrets.operator_keys,
                tls_certificate=given.tls_certificate,
                tls_key=given.tls_key,
                limits=limits,
            )
        except InputError as error:
            for problem in error.errors:
                path = problem.path.removeprefix("gedis").removeprefix(".") or "insecure"
                self._note(Problem(problem.message, path), path.partition("[")[0])
            return None
        for position, address in enumerate(gedis.addresses):
            if message := mistake_in(address):
                self._note(Problem(message, f"listen[{position}]"), "listen")
        self._tls(gedis)
        return gedis

    def settings(self) -> None:
        """Check the operator's settings."""
        given = self._given.settings
        try:
            read_settings(read_manifest(OWN.root).settings, given)
        except InputError as error:
            for problem in error.errors:
                self._note(problem, f"settings.{problem.path}", f"--set {problem.path}")

    def packages(self) -> None:
        """Check the manifests of further packages; their code is not run."""
        for position, folder in enumerate(self._given.packages):
            try:
                read_manifest(folder_at(folder))
            except InputError as error:
                place = Problem("", f"packages[{position}]")
                problems = error.errors or (Problem(error.message),)
                self.problems += [each if each.source else self._given.placed(place, "packages") for each in problems]

    def store(self) -> None:
        """Check that the folder of the store is there, or can be made."""
        place = self._given.store
        if place == MEMORY:
            return
        if place == "":
            self._note(Problem(f"a store needs a path: a folder, or {MEMORY}", "store"), "store")
            return
        try:
            folder = default_path() if place is None else folder_at(place)
            message = _unreachable(folder)
        except InputError as error:
            message = error.message
        except OSError as error:
            message = f"{place or default_path()} cannot be reached: {error.strerror}"
        if message:
            self._note(Problem(message, "store"), "store")

    def _note(self, problem: Problem, name: str, option: str = "") -> None:
        self.problems.append(self._given.placed(problem, name, option or OPTIONS.get(name, "")))

    def _tls(self, gedis: Gedis) -> None:
        """Check that certificate and key can be read, and belong together."""
        if find_spec("hiredis") is None:
            self.problems.append(Problem("a server needs hiredis: pip install 'workloadmanager[gedis]'"))
            return
        from ..gedis._tls import server_context

        try:
            server_context(gedis)
        except InputError as error:
            name = error.path.removeprefix("gedis.")
            self._note(Problem(error.message, name), name)

    def _secrets(self) -> SecretsFile:
        file = self._given.secrets
        if file is None:
            return SecretsFile()
        try:
            return read_secrets(file)
        except InputError as error:
            self.problems += error.errors
        return SecretsFile()

    def _limits(self) -> Limits:
        given = self._given.limits
        known = [field.name for field in fields(Limits)]
        for name in given:
            if name not in known:
                problem = Problem(f"there is no limit of this name{near_miss(name, known)}", name)
                self._note(problem, f"limits.{name}")
        try:
            return Limits(**{name: value for name, value in given.items() if name in known})  # type: ignore[arg-type]  # it checks them
        except InputError as error:
            for problem in error.errors:
                self._note(problem, f"limits.{problem.path}")
        return Limits()


def _unreachable(folder: Path) -> str:
    """Say why a store cannot be opened or made in a folder; empty where it can."""
    if folder.exists():
        if not folder.is_dir():
            return f"{folder} is a file; name the folder that holds the store, or a new one"
        return "" if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else f"the folder {folder} cannot be written to"
    above = next((each for each in folder.parents if each.exists()), folder.parent)
    if not above.is_dir():
        return f"{above} is a file; no folder can be made in it"
    if os.access(above, os.W_OK | os.X_OK):
        return ""
    return f"the folder {folder} is not there, and cannot be made, as {above} cannot be written to"
