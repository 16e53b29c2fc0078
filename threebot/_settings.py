"""The operator's settings: the manifest's defaults, and what is given to `start` on top of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from ..errors import InputError, Problem
from ..rules import Settings
from ._manifest import Setting
from ._near_miss import near_miss

__all__ = ["read_settings"]


def read_settings(defaults: Mapping[str, Setting], given: Mapping[str, object], others: Iterable[str] = ()) -> Settings:
    """Make the settings of the rules.

    Arguments:
        defaults: the settings of the manifest.
        given: what the operator sets instead.
        others: further names that somebody may have meant.

    Raises:
        InputError: a setting is unknown, or its value does not fit; all mistakes at once.
    """
    known = [field.name for field in fields(Settings)]
    wanted: dict[str, Any] = {**defaults, **given}
    problems = [
        Problem(f"there is no setting of this name{near_miss(name, [*known, *others])}", path=name)
        for name in wanted
        if name not in known
    ]
    try:
        settings = Settings(**{name: value for name, value in wanted.items() if name in known})
    except InputError as error:
        problems += error.errors
    if problems:
        raise InputError.of(problems)
    return settings
