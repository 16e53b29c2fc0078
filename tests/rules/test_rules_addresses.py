"""Ranges and addresses as numbers come to what the standard library says of the same texts."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.rules._addresses import Address, Range, read_address, read_range

PARTS = st.one_of(
    st.integers(0, 300).map(str),
    st.integers(0, 0xFFFFF).map("{:x}".format),
    st.sampled_from(["", "0", "00", "01", "255", "256", "::", "%1", "%eth0", "-1", " 1", "１"]),  # noqa: RUF001
)
ADDRESSES = st.one_of(
    st.ip_addresses().map(str),
    st.builds("{}%{}".format, st.ip_addresses(v=6), st.sampled_from(["1", "eth0", ""])),
    st.lists(PARTS, min_size=1, max_size=9).map(".".join),
    st.lists(PARTS, min_size=1, max_size=9).map(":".join),
)
LENGTHS = st.one_of(st.integers(-1, 130).map(str), st.sampled_from(["", "08", "255.255.0.0", "²", "0" * 80 + "8"]))
RANGES = st.one_of(ADDRESSES, st.builds("{}/{}".format, ADDRESSES, LENGTHS))


def network_of(text: str) -> Any:
    """What the standard library says of a range; one without a length of digits is none."""
    length = text.partition("/")[2]
    if "%" in text or not (length.isascii() and length.isdigit()):
        return None
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def address_of(text: str) -> Any:
    """What the standard library says of an address."""
    try:
        return ip_address(text)
    except ValueError:
        return None


@given(RANGES)
def test_a_range_is_what_the_standard_library_reads(text: str) -> None:
    """It has the same version, first and last address and text, or is none for both."""
    found, expected = read_range(text), network_of(text)
    if expected is None:
        assert found is None
    else:
        ends = (int(expected.network_address), int(expected.broadcast_address))
        assert found == Range(expected.version, *ends)
        assert str(found) == str(expected)


@given(ADDRESSES)
def test_an_address_is_what_the_standard_library_reads(text: str) -> None:
    """It has the same version, number, zone and text, or is none for both."""
    found, expected = read_address(text), address_of(text)
    if expected is None:
        assert found is None
    else:
        assert found == Address(expected.version, int(expected), getattr(expected, "scope_id", None) or "")
        assert str(found) == str(expected)


@given(st.ip_addresses().map(str), RANGES, RANGES)
def test_what_is_inside_is_what_the_standard_library_has_inside(text: str, one: str, other: str) -> None:
    """Addresses in ranges, and ranges in ranges of the same version."""
    address, first, second = read_address(text), read_range(one), read_range(other)
    if address is None or first is None or second is None:
        return
    assert first.has(address) == (address_of(text) in network_of(one))
    if first.version == second.version:
        assert first.is_inside(second) == network_of(one).subnet_of(network_of(other))
    else:
        assert not first.is_inside(second)


@pytest.mark.parametrize("text", ["fe80::1%" + "x" * 100, "10.0.0.0/" + "0" * 100 + "8", "1" * 100])
def test_a_text_that_is_too_long_to_be_kept_reads_the_same(text: str) -> None:
    """Its length decides only whether what it says is kept."""
    address, reach = address_of(text), network_of(text)
    assert (read_address(text) is None) == (address is None)
    assert str(read_range(text)) == str(reach)
