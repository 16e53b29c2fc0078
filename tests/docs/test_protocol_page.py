"""docs/gedis.md is held to the server: its names, its session commands, its errors and its limits."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from typing import Any

import pytest

from workloadmanager.actors import CALLS
from workloadmanager.errors import InputError, Problem
from workloadmanager.threebot import directory, phonebook
from workloadmanager.threebot.gedis import Limits

# What is behind the doorway: the tables from which the server answers.
from workloadmanager.threebot.gedis._commands import COMMANDS
from workloadmanager.threebot.gedis._formats import Format
from workloadmanager.threebot.gedis._names import Names
from workloadmanager.threebot.gedis._own_calls import OWN_CALLS
from workloadmanager.threebot.gedis._replies import error_line

from .pages import PAGES, REPOSITORY

PAGE = (REPOSITORY / "docs" / "gedis.md").read_text(encoding="utf-8")
ROUTES = Names(workloads=CALLS, directory=directory.CALLS, phonebook=phonebook.CALLS).routes
PREFIXES = sorted({name.rpartition(".")[0] for route in ROUTES for name in route.names})


def rows(section: str) -> str:
    """The rows of the tables of a section."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    assert text, f"docs/gedis.md has no section {section}"
    return "\n".join(line for line in text.splitlines() if line.startswith("|"))


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_prefix_of_a_name_is_documented(prefix: str) -> None:
    """Those of today and the older ones."""
    assert f"`{prefix}.<call>`" in rows("Names")


@pytest.mark.parametrize("command", [name.decode() for name in (*COMMANDS, *OWN_CALLS)])
def test_every_session_command_is_documented(command: str) -> None:
    """A Redis command in capitals, a call as it is."""
    shown = command if "." in command else command.upper()
    assert re.search(rf"`{re.escape(shown)}[ `]", rows("Session commands"))


@pytest.mark.parametrize("form", Format)
def test_every_format_is_documented(form: Format) -> None:
    """As it is written in a command."""
    assert re.search(rf"`(config_format )?{form}`", rows("Formats"))


def test_every_field_of_an_error_is_documented() -> None:
    """An error with everything that there may be has no field that the page does not explain."""
    error = InputError.of([Problem("is wrong", path="size"), Problem("is missing", path="node_id")])
    error.path = "size"
    facts: dict[str, Any] = json.loads(error_line(error, "reservation_list").removeprefix(b"-ERR "))
    assert [name for name in facts if f"`{name}`" not in rows("Errors")] == []
    assert set(facts) == set(re.findall(r"`(\w+)`", rows("Errors").partition("`errors`")[0])) | {"errors", "level"}


def test_the_table_of_limits_is_that_of_the_server() -> None:
    """Nothing is in it that is no limit, and no other page has one."""
    table = re.compile(r"^\| `(?P<name>\w+)` \| \d+ \|", re.MULTILINE)
    named = [field.name for field in fields(Limits)]
    assert sorted(table.findall(rows("Limits"))) == sorted(named)
    elsewhere = [page for page in PAGES if page.name != "gedis.md"]
    found = {page.name: set(table.findall(page.read_text(encoding="utf-8"))) & set(named) for page in elsewhere}
    assert {name for name, limits in found.items() if limits} == set()


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda limit: limit.name)
def test_every_limit_is_documented_with_its_default(limit: Any) -> None:
    """And what happens to who is above it."""
    assert re.search(rf"^\| `{limit.name}` \| {limit.default} \| \w.+ \|$", rows("Limits"), re.MULTILINE)
