"""The options that commands share; each may stand before the noun, before the verb, or behind it."""

from __future__ import annotations

import inspect
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from ...errors import InputError, Problem

__all__ = ["JSON", "KEYS", "MANAGER", "PARAMETERS", "SETTINGS", "STORE", "Common"]

STORE, SETTINGS, KEYS, JSON = "store", "settings", "keys", "as_json"
MANAGER = (STORE, SETTINGS, JSON)
"""The options of a command that starts the workload manager."""

PANEL = "Shared options"


@dataclass(frozen=True, slots=True)
class Common:
    """The values of the shared options.

    Attributes:
        store: the folder of the store, or ``:memory:``; None is the user's own store.
        settings: settings of the workload manager, each as ``name=value``.
        keys: the folder of the key files; None is the user's own.
        as_json: write JSON.
    """

    store: str | None = None
    settings: tuple[str, ...] = ()
    keys: str | None = None
    as_json: bool = False

    @classmethod
    def of_environment(cls) -> Common:
        """Return the values that the environment gives."""
        store, keys = (os.environ.get(f"WORKLOADMANAGER_{name}") or None for name in ("STORE", "KEYS"))
        return cls(store=store, keys=keys)

    def with_options(self, options: Mapping[str, Any]) -> Common:
        """Return these values with those on top that stand further right on the command line."""
        given = {name: value for name, value in options.items() if value not in (None, False, [], ())}
        if SETTINGS in given:
            given[SETTINGS] = (*self.settings, *given[SETTINGS])
        return replace(self, **given)

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
}
"""The shared options as typer reads them from a signature, by the name of their field in `Common`."""
