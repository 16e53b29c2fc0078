"""Model files that a process has read before: read once, and nothing of it is shared that could be changed."""

from __future__ import annotations

import gc
import types
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import SchemaError
from workloadmanager.models import FOLDER
from workloadmanager.schema import Kind, Registry

MODEL = """# A machine.
["some.machine.1"]
name  = "(S)"             # what it is called
tags  = "['a', 'b'] (LS)" # what it is good for
parts = "(LO) !some.part.1"

["some.part.1"]
size = '3 (I)'
"""
SOURCE = "machine.toml"


def loaded(text: str = MODEL, source: str = SOURCE) -> Registry:
    """A registry of its own with one text."""
    registry = Registry()
    registry.add_text(text, source=source)
    return registry


def everything_in(registry: Registry) -> dict[int, Any]:
    """Return what a registry leads to, by identity; types, modules and functions are the program and not its data."""
    found: dict[int, Any] = {}
    waiting: list[Any] = [registry]
    while waiting:
        one = waiting.pop()
        if id(one) in found or isinstance(one, type | types.ModuleType | types.FunctionType | types.BuiltinMethodType):
            continue
        found[id(one)] = one
        waiting += gc.get_referents(one)
    return found


def test_two_registries_of_the_same_files_share_nothing_that_can_be_changed() -> None:
    """Only texts, numbers and the types of the language itself, which have no state."""
    first, second = Registry(), Registry()
    for registry in (first, second):
        registry.add_folder(FOLDER)
        for schema in registry:
            schema.new()
    one, other = everything_in(first), everything_in(second)
    shared = [one[key] for key in one.keys() & other.keys()]
    assert len(one) > 1000
    assert [each for each in shared if not isinstance(each, str | bytes | int | float | Kind | None)] == []
    assert all(
        not isinstance(value, list | dict | set) for each in shared for value in getattr(each, "__dict__", {}).values()
    )


def test_a_change_to_what_one_registry_made_is_not_seen_in_another() -> None:
    """Neither in a schema, nor in a default, nor in an object."""
    first, second = loaded(), loaded()
    schema = first.get("some.machine.1")
    schema.directives["author"] = "somebody"
    schema.properties[1].default.append("c")
    schema.new().tags.append("d")
    untouched = second.get("some.machine.1")
    assert (untouched.directives, untouched.new().tags) == ({}, ["a", "b"])
    assert loaded().get("some.machine.1").new().tags == ["a", "b"]


def test_a_file_that_is_read_again_says_the_same() -> None:
    """Identity, help and lines included."""
    first, second = loaded(), loaded()
    for one, other in zip(first, second, strict=True):
        assert one is not other
        assert one.type is not other.type
        assert (one.url, one.md5, one.help, one.line, one.source) == (
            other.url,
            other.md5,
            other.help,
            other.line,
            other.source,
        )
        assert [(each.name, each.help, each.line) for each in one.properties] == [
            (each.name, each.help, each.line) for each in other.properties
        ]


def test_a_file_that_was_changed_meanwhile_is_read_anew(tmp_path: Path) -> None:
    """It is its text that counts and not its name."""
    file = tmp_path / SOURCE
    sizes = []
    for text in (MODEL, MODEL.replace("'3 (I)'", "'4 (I)'"), MODEL):
        file.write_text(text, encoding="utf-8")
        registry = Registry()
        registry.add_folder(tmp_path)
        sizes.append(registry.get("some.part.1").new().size)
    assert sizes == [3, 4, 3]


def test_the_same_text_under_another_name_has_that_name() -> None:
    """Messages say where a schema stands."""
    sources = [loaded(source=source).get("some.part.1").source for source in (SOURCE, "other.toml", SOURCE)]
    assert sources == [SOURCE, "other.toml", SOURCE]


@pytest.mark.parametrize(
    "text", ["[", '[" "]', '["some.url.1"]\na = 1\nb = "(Q)"'], ids=["no toml", "no url", "values"]
)
def test_mistakes_are_told_each_time(text: str) -> None:
    """All of them, with file and line."""
    told = []
    for _ in range(2):
        with pytest.raises(SchemaError) as caught:
            loaded(text)
        told.append(caught.value.errors)
    assert told[0] == told[1]
    assert all(problem.place.startswith(SOURCE) for problem in told[0])


def test_a_very_large_text_is_read_as_well() -> None:
    """It is only not remembered."""
    text = MODEL + "# a comment of many lines\n" * 5000
    assert [loaded(text).get("some.part.1").new().size for _ in range(2)] == [3, 3]
