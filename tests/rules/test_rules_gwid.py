"""The global workload id."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workloadmanager.errors import InputError
from workloadmanager.rules import format_gwid, parse_gwid

IDS = st.integers(1, 2**63 - 1)
unhurried = settings(deadline=None)


@unhurried
@given(reservation_id=IDS, workload_id=IDS)
def test_what_is_written_is_read(reservation_id: int, workload_id: int) -> None:
    """Both numbers come back."""
    assert parse_gwid(format_gwid(reservation_id, workload_id)) == (reservation_id, workload_id)


@unhurried
@given(text=st.text(alphabet="0123456789-+ .", max_size=8))
def test_each_workload_has_one_spelling(text: str) -> None:
    """What is read is written the same way."""
    try:
        gwid = parse_gwid(text)
    except InputError:
        return
    assert format_gwid(*gwid) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "12",
        "12-",
        "-3",
        "0-1",
        "1-0",
        "01-1",
        "1-01",
        " 1-1",
        "1-1\n",
        "1-1-1",
        "a-b",
        "1--1",
        "+1-1",
        "\uff11-\uff11",
    ],
)
def test_everything_else_is_refused(text: str) -> None:
    """With the field it came in."""
    with pytest.raises(InputError, match="is no global workload id") as found:
        parse_gwid(text, path="global_workload_id")
    assert found.value.path == "global_workload_id"


@pytest.mark.parametrize("text", [f"1-{2**63}", f"{2**63}-1"])
def test_an_id_that_no_store_can_keep_is_refused(text: str) -> None:
    """One more than the highest."""
    with pytest.raises(InputError):
        parse_gwid(text)


def test_junk_is_not_repeated_whole() -> None:
    """A megabyte of it makes a short message."""
    with pytest.raises(InputError) as found:
        parse_gwid("x" * 1_000_000)
    assert len(found.value.message) < 200
