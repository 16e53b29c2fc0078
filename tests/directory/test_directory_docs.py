"""The page of the directory and the phonebook has every call with each of its arguments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workloadmanager.actors import call_of
from workloadmanager.threebot import directory, phonebook

CALLS = {**directory.CALLS, **phonebook.CALLS}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_is_documented(repository: Path, name: str) -> None:
    """docs/directory.md has a section for the call that names its arguments."""
    text = (repository / "docs" / "directory.md").read_text(encoding="utf-8")
    section = re.search(rf"^### `{name}`$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/directory.md has no section {name}"
    call = call_of(CALLS[name])
    assert [each for each in (*call.required, *call.optional) if f"`{each}`" not in section[1]] == []
