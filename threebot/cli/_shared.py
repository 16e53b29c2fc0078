"""The options that commands share; each may stand before the noun, before the verb, or behind it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from ...errors import InputError, Problem

__all__ = [
    "CONNECT",
    "EVERYWHERE",
    "JSON",
    "KEYS",
    "LOGIN",
    "MANAGER",
    "PARAMETERS",
    "ROLE",
    "SETTINGS",
    "STORE",
    "Common",
]

STORE, SETTINGS, KEYS, JSON = "store", "settings", "keys", "as_json"
CONNECT, ROLE, LOGIN = "connect", "role", "login"
REMOTE = (CONNECT, ROLE, LOGIN)
"""The options that lead to a workload manager in another process."""

EVERYWHERE = (STORE, SETTINGS, KEYS, JSON, *REMOTE)
"""All of them: they may stand before the noun."""

MANAGER = EVERYWHERE
"""The options of a command that asks a workload manager: one that it starts on a store, or one that runs already."""

NO_TEXTS = frozenset({"path", "phonebook", "directory", "clock", "packages", "gedis"})
"""What `workloadmanager.start` takes beside the settings, and a command line cannot give in their place."""

PANEL = "Shared options"


@dataclass(frozen=True, slots=True)
class Common:
    """The values of the shared options.

    Attributes:
        store: the folder of the store, or ``:memory:``; None is the user's own store.
        settings: settings of the workload manager, each as ``name=value``.
        keys: the folder of the key files; None is the user's own.
        as_json: write JSON.
        connect: the address of a workload manager that runs already.
        role: the role to log in with there.
        login: the name of the key to log in with there.
        said: which of them stand on the command line.
    """

    store: str | None = None
    settings: tuple[str, ...] = ()
    keys: str | None = None
    as_json: bool = False
    connect: str | None = None
    role: str | None = None
    login: str | None = None
    said: frozenset[str] = frozenset()

    @classmethod
    def of_environment(cls) -> Common:
        """Return the values that the environment gives."""
        named: dict[str, Any] = {
            name: os.environ.get(f"WORKLOADMANAGER_{name.upper()}") or None for name in (STORE, KEYS, *REMOTE)
        }
        return cls(**named)

    @property
    def server(self) -> str | None:
        """The address of the workload manager to ask; None where one is started on the store.

        What stands on the command line wins over what the environment says.
        """
        return None if STORE in self.said and CONNECT not in self.said else self.connect

    @property
    def contradiction(self) -> str:
        """What cannot go together, in a sentence; empty where everything does."""
        if {STORE, CONNECT} <= self.said:
            return "--store opens a store here, --connect asks a server; give one of them"
        if self.store and self.connect and not {STORE, CONNECT} & self.said:
            return "WORKLOADMANAGER_STORE and WORKLOADMANAGER_CONNECT are both set; say --store or --connect"
        if self.server and SETTINGS in self.said:
            return "--set is for what is started here; with --connect the settings are those of the server"
        if not self.server and (alone := {ROLE, LOGIN} & self.said):
            return f"--{min(alone)} is for logging in at a server; give its address with --connect"
        return ""

    def with_options(self, options: Mapping[str, Any]) -> Common:
        """Return these values with those on top that stand further right on the command line."""
        given = {name: value for name, value in options.items() if value not in (None, False, [], ())}
        if SETTINGS in given:
            given[SETTINGS] = (*self.settings, *given[SETTINGS])
        return replace(self, **given, said=self.said | given.keys())

    def read_settings(self) -> dict[str, Any]:
        """Return the settings by their names, as `workloadmanager.start` takes them.

        Raises:
            InputError: one is not of the form ``name=value``; all mistakes at once.
        """
        pairs = [text.partition("=") for text in self.settings]
        problems = [
            Problem(f"{name!r} is no setting with a value; give NAME=VALUE", path="--set")
            for name, equals, _ in pairs
            if not (name and equals)
        ]
        problems += [
            Problem(f"{name} is no setting, and no text can stand for it", path="--set")
            for name, _, _ in pairs
            if name in NO_TEXTS
        ]
        if problems:
            raise InputError.of(problems)
        return {name: _read_value(value) for name, _, value in pairs}


def _read_value(text: str) -> bool | int | str:
    """Return the value of a setting: true or false, a whole number, or a text."""
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    return int(text) if text.isdecimal() else text


def _option(name: str, annotation: object, *, default: object = None) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


PARAMETERS: Mapping[str, inspect.Parameter] = {
    STORE: _option(
        STORE,
        Annotated[
            str | None,
            typer.Option(
                "--store",
                metavar="PATH",
                help="The folder of the store, else WORKLOADMANAGER_STORE, else the user's own.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
    SETTINGS: _option(
        SETTINGS,
        Annotated[
            list[str] | None,
            typer.Option(
                "--set",
                metavar="NAME=VALUE",
                help="A setting of the workload manager, as unknown_nodes=declared; may be given again.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
    KEYS: _option(
        KEYS,
        Annotated[
            str | None,
            typer.Option(
                "--keys",
                metavar="DIR",
                help="The folder of the key files, else WORKLOADMANAGER_KEYS, else the user's own.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
    JSON: _option(
        JSON,
        Annotated[bool, typer.Option("--json", help="Write one JSON document, for programs.", rich_help_panel=PANEL)],
        default=False,
    ),
    CONNECT: _option(
        CONNECT,
        Annotated[
            str | None,
            typer.Option(
                "--connect",
                metavar="ADDRESS",
                help="Ask the server at this address, as tcp://127.0.0.1:8901, else WORKLOADMANAGER_CONNECT; "
                "a secret to log in with is taken from WORKLOADMANAGER_SECRET.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
    ROLE: _option(
        ROLE,
        Annotated[
            str | None,
            typer.Option(
                "--role",
                metavar="ROLE",
                help="Log in there as operator, node:NODE_ID or user:TID, else WORKLOADMANAGER_ROLE.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
    LOGIN: _option(
        LOGIN,
        Annotated[
            str | None,
            typer.Option(
                "--login",
                metavar="KEY",
                help="Log in there with this key of yours, else WORKLOADMANAGER_LOGIN.",
                rich_help_panel=PANEL,
            ),
        ],
    ),
}
"""The shared options as typer reads them from a signature, by the name of their field in `Common`."""
