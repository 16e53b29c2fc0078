"""The registry of the shipped models, and a short way to a schema of a few lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.models import FOLDER
from workloadmanager.schema import Registry, Schema

NOW = 1_800_000_000  # 2027-01-15T08:00:00Z


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The shipped models, with a clock that stands still."""
    registry = Registry(clock=lambda: NOW)
    registry.add_folder(FOLDER)
    registry.resolve()
    return registry


@pytest.fixture(scope="session")
def reservation(registry: Registry) -> Schema:
    """The schema of a reservation."""
    return registry.get("tfgrid.workloads.reservation.1")


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """What the original engine made of its models and of a few small texts."""
    text = Path(__file__).with_name("golden.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.fixture(scope="session")
def schema_from() -> Callable[..., Schema]:
    """Make a schema of property lines in the text form."""

    def make(*lines: str, now: int | None = NOW) -> Schema:
        registry = Registry(clock=None if now is None else lambda: now)
        (schema,) = registry.add_text("\n".join(["@url = test.schema.1", *lines]))
        return schema

    return make


@pytest.fixture(scope="session")
def kept(schema_from: Callable[..., Schema]) -> Callable[..., Any]:
    """Return what a property of some type keeps of a value."""

    def keep(kind: str, value: object, **options: Any) -> Any:
        return schema_from(f"field = ({kind})", **options).convert({"field": value}).field

    return keep


@pytest.fixture(scope="session")
def refused(kept: Callable[..., Any]) -> Callable[..., str]:
    """Return the message with which a property of some type refuses a value."""

    def refuse(kind: str, value: object, **options: Any) -> str:
        with pytest.raises(InputError) as caught:
            kept(kind, value, **options)
        assert caught.value.path == "field"
        message: str = caught.value.message
        return message

    return refuse
