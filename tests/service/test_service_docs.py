"""docs/operating.md and the examples are held to what the service reads."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.threebot.gedis import Limits
from workloadmanager.threebot.service import Configuration, check, read_configuration


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    """The page for operators."""
    return (repository / "docs" / "operating.md").read_text(encoding="utf-8")


def uncommented(text: str) -> str:
    """The example with the keys that it only shows."""
    return re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_the_example_of_a_configuration_passes_the_check(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As it is, for whoever starts with a copy."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    configuration, problems = read_configuration(repository / "examples" / "serve.toml")
    check(configuration, problems)


def test_the_example_shows_keys_that_are_read(repository: Path, write: Any) -> None:
    """Also those that it has as comments."""
    text = (repository / "examples" / "serve.toml").read_text(encoding="utf-8")
    configuration, problems = read_configuration(write("serve.toml", uncommented(text)))
    assert problems == []
    assert configuration.secrets is not None
    assert configuration.store == "/var/lib/workloadmanager/bcdb"


@pytest.mark.parametrize("name", [field.name for field in fields(Configuration) if field.name != "places"])
def test_a_key_of_the_configuration_file_is_documented(page: str, name: str) -> None:
    """In the table of its section."""
    section = page.partition("### The configuration file")[2].partition("###")[0]
    rows = "".join(line for line in section.splitlines() if line.startswith("|"))
    assert f"`{name}`" in rows or f"`[{name}]`" in rows


def test_the_lines_of_the_unit_on_the_page_are_those_of_the_unit(repository: Path, page: str) -> None:
    """Whoever reads the page sees what runs."""
    unit = (repository / "examples" / "workloadmanager.service").read_text(encoding="utf-8").splitlines()
    shown = page.partition("```ini\n")[2].partition("```")[0].splitlines()
    assert len(shown) > 5
    assert [line for line in shown if line not in unit] == []


def test_the_unit_lets_as_many_connections_in_as_there_may_be(repository: Path) -> None:
    """The system's limit is above the service's own."""
    unit = (repository / "examples" / "workloadmanager.service").read_text(encoding="utf-8")
    (allowed,) = re.findall(r"^LimitNOFILE=(\d+)$", unit, re.MULTILINE)
    assert int(allowed) > Limits().maximum_connections
