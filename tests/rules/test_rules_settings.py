"""The operator's settings."""

from __future__ import annotations

from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.rules import Settings


def test_the_defaults_are_the_documented_ones() -> None:
    """Ten years, 512 workloads, 128 signers, 256 entries of 16 KiB, 1 MiB; strict everywhere."""
    settings = Settings()
    assert settings.maximum_duration == 315_360_000
    assert (settings.maximum_workloads, settings.maximum_signers) == (512, 128)
    assert (settings.maximum_environment_entries, settings.maximum_environment_bytes) == (256, 16_384)
    assert settings.maximum_document_bytes == 1_048_576
    assert (settings.unknown_nodes, settings.unbound_signatures) == ("refuse", "single-use")
    assert settings.unsigned_results is False


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("maximum_duration", 0, "0 is not a whole number of 1 or more"),
        ("maximum_workloads", -1, "-1 is not a whole number of 1 or more"),
        ("maximum_signers", True, "True is not a whole number of 1 or more"),
        ("maximum_document_bytes", "1", "'1' is not a whole number of 1 or more"),
        ("maximum_environment_bytes", 1.5, "1.5 is not a whole number of 1 or more"),
        ("unknown_nodes", "ignore", "'ignore' is not one of refuse, declared"),
        ("unbound_signatures", "", "'' is not one of single-use, refuse"),
        ("unsigned_results", "yes", "'yes' is not true or false"),
    ],
)
def test_a_setting_out_of_range_is_refused(name: str, value: Any, message: str) -> None:
    """With its name as the path."""
    with pytest.raises(InputError) as found:
        Settings(**{name: value})
    assert (found.value.path, found.value.message) == (name, message)


def test_all_mistakes_are_told_at_once() -> None:
    """Three settings, three problems."""
    wrong: dict[str, Any] = {"maximum_signers": 0, "unknown_nodes": "x", "unsigned_results": None}
    with pytest.raises(InputError) as found:
        Settings(**wrong)
    assert [problem.path for problem in found.value.errors] == list(wrong)
