"""Where two documents differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workloadmanager.rules import same_data


def test_a_document_is_the_same_as_itself_read_again(grid: Any) -> None:
    """Two objects, one content."""
    assert same_data(grid.reservation().data_reservation, grid.reservation().data_reservation) is None


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("description", "another"),
        ("expiration_reservation", 5),
        ("signing_request_provision.signers[1]", 9),
        ("containers[0].capacity.cpu", 2),
        ("containers[0].interactive", False),
        ("networks[0].network_resources[1].peers[0].allowed_iprange[0]", "10.0.0.0/8"),
        ("kubernetes[1].size", 9),
    ],
)
def test_the_first_field_that_differs_is_named(
    grid: Any, place: Callable[[Any, str, Any], None], path: str, value: Any
) -> None:
    """With its whole path."""
    changed = grid.reservation().data_reservation
    place(changed, path, value)
    assert same_data(grid.reservation().data_reservation, changed) == path


@pytest.mark.parametrize(
    ("left", "right", "path"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, None),
        ({"a": 1}, {"a": 1, "b": 2}, "b"),
        ({"a": 1, "b": 2}, {"a": 1}, "b"),
        ([1, 2], [1, 2, 3], "[2]"),
        ([1, 2, 3], [1, 2], "[2]"),
        ([1, 2], (1, 2), None),
        ({"a": {"b": [0, {"c": "x"}]}}, {"a": {"b": [0, {"c": "y"}]}}, "a.b[1].c"),
        (1, True, ""),
        (1, 1.0, ""),
        ("1", 1, ""),
        ("ab", "ac", ""),
        (None, None, None),
        ([], {}, ""),
    ],
)
def test_plain_data_is_compared_part_by_part(left: Any, right: Any, path: str | None) -> None:
    """Keys in any order, lists in theirs, types strictly."""
    assert same_data(left, right) == path
