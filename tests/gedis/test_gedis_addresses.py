"""Addresses: one text for where a server listens and a client connects."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.errors import InputError
from workloadmanager.threebot.gedis import DEFAULT_PORT, Address, parse_address

GOOD = [
    ("tcp://127.0.0.1:8901", Address("tcp", "127.0.0.1", 8901), "tcp://127.0.0.1:8901"),
    ("tcp://127.0.0.1", Address("tcp", "127.0.0.1", DEFAULT_PORT), "tcp://127.0.0.1:8901"),
    ("tcp://localhost:0", Address("tcp", "localhost", 0), "tcp://localhost:0"),
    ("TCP://Explorer.Grid.tf:1/", Address("tcp", "Explorer.Grid.tf", 1), "tcp://Explorer.Grid.tf:1"),
    ("tls://grid.example:8902", Address("tls", "grid.example", 8902), "tls://grid.example:8902"),
    ("tcp://[::1]:65535", Address("tcp", "::1", 65535), "tcp://[::1]:65535"),
    ("tcp://[0:0:0:0:0:0:0:1]", Address("tcp", "::1", DEFAULT_PORT), "tcp://[::1]:8901"),
    ("tcp://[fe80::1%25eth0]:1", Address("tcp", "fe80::1%eth0", 1), "tcp://[fe80::1%25eth0]:1"),
    ("unix:///run/wm.sock", Address("unix", path="/run/wm.sock"), "unix:///run/wm.sock"),
    ("unix:///run/a b?#é", Address("unix", path="/run/a b?#é"), "unix:///run/a b?#é"),
]


@pytest.mark.parametrize(("text", "address", "written"), GOOD, ids=[text for text, _, _ in GOOD])
def test_an_address_is_read_and_written(text: str, address: Address, written: str) -> None:
    """What it is written as is read as the same again."""
    assert parse_address(text) == address
    assert str(address) == written
    assert parse_address(written) == address


@pytest.mark.parametrize(
    ("text", "role", "secret"),
    [
        ("tcp://SECRET@host:1", "", "SECRET"),
        ("tcp://a%40b%3Ac@host:1", "", "a@b:c"),
        ("tcp://operator:S3cret@host:1", "operator", "S3cret"),
        ("tcp://node%3Aabc:S3cret@host:1", "node:abc", "S3cret"),
        ("unix://S3cret@/run/wm.sock", "", "S3cret"),
        ("tcp://@host:1", "", ""),
    ],
)
def test_a_secret_may_stand_before_the_host_and_is_never_shown(text: str, role: str, secret: str) -> None:
    """As nodes have it in their address; it is in no text that is made of the address."""
    address = parse_address(text)
    assert (address.role, address.secret) == (role, secret)
    assert not secret or secret not in f"{address} {address!r}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("127.0.0.1:8901", "is no address: write tcp://127.0.0.1:8901"),
        ("redis://host:1", "is no address"),
        ("", "is no address"),
        ("tcp:/host:1", "is no address"),
        ("tcp://", "names no host: 0.0.0.0 stands for all of IPv4"),
        ("tcp://:8901", "names no host"),
        ("tcp://*:8901", "is no name of a host"),
        ("tcp://a host:1", "is no name of a host"),
        ("tcp://-host:1", "is no name of a host"),
        ("tcp://host:port", "is no host with a port"),
        ("tcp://host:1/path", "is no host with a port"),
        ("tcp://host:1\n", "is no host with a port"),
        ("tcp://::1:8901", "is no host with a port"),
        ("tcp://[::1:8901", "is no host with a port"),
        ("tcp://[127.0.0.1]:1", "is no IPv6 address"),
        ("tcp://host:65536", "the port 65536 is above 65535"),
        ("tcp://host:٣", "is no host with a port"),
        ("unix://wm.sock", "is no path of a socket: write unix:///run"),
        ("unix:///", "is no path of a socket"),
        ("unix:///run/wm\0sock", "is no path of a socket"),
        (f"unix:///{'a' * 120}", "at most 107 bytes"),
        (8901, "give an address as a text"),
    ],
)
def test_what_is_no_address_is_refused_with_an_example(text: str, words: str) -> None:
    """The sentence says what to write instead."""
    with pytest.raises(InputError) as refusal:
        parse_address(text, path="listen")
    assert words in refusal.value.message
    assert refusal.value.path == "listen"


@pytest.mark.parametrize("text", ["tcp://S3cret@host:x", "udp://S3cret@host:1", "tcp://S3c@ret@host:x"])
def test_a_refusal_does_not_show_the_secret(text: str) -> None:
    """It may end in a log."""
    with pytest.raises(InputError) as refusal:
        parse_address(text)
    assert "S3c" not in str(refusal.value)


@given(st.text())
def test_any_text_is_an_address_or_an_input_error(text: str) -> None:
    """Nothing else comes out."""
    try:
        parse_address(f"tcp://{text}")
    except InputError:
        return


@pytest.mark.parametrize(
    ("text", "is_local"),
    [
        ("unix:///run/wm.sock", True),
        ("tcp://127.0.0.1:1", True),
        ("tcp://127.8.8.8:1", True),
        ("tcp://[::1]:1", True),
        ("tcp://[::ffff:127.0.0.1]:1", True),
        ("tcp://[::ffff:10.0.0.1]:1", False),
        ("tcp://0.0.0.0:1", False),
        ("tcp://[::]:1", False),
        ("tcp://10.0.0.1:1", False),
        ("tcp://localhost:1", False),  # a name says nothing; what is bound is an IP address
    ],
)
def test_an_address_is_local_where_nobody_comes_from_another_machine(text: str, is_local: bool) -> None:  # noqa: FBT001
    """That is where a server is open by default."""
    assert parse_address(text).is_local is is_local
