"""Logging in: by a secret or by a key, on each connection that is made; and nothing secret is ever shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError, PermissionDenied, Unavailable, WorkloadManagerError
from workloadmanager.threebot.client import Client, connect
from workloadmanager.threebot.gedis import Gedis

SECRET = "a.secret-of~the_operator"  # noqa: S105 - known to these tests alone
FARMERS_SECRET = "the-secret-of-the-farmer"  # noqa: S105 - as above
GUESSED = "guessed"
CERTIFICATE = Path(__file__).with_name("tls_certificate.pem")


@pytest.fixture
def closed(open_grid: Any) -> Iterator[Any]:
    """A grid whose server is closed, and knows the secret of the operator."""
    options = Gedis(listen="tcp://127.0.0.1:0", closed=True, secrets={"operator": SECRET, "user:2": FARMERS_SECRET})
    with open_grid(gedis=options) as grid:
        yield grid


def address_of(grid: Any) -> str:
    """Where the server of a grid listens."""
    return str(grid.manager.addresses[0])


def roles(client: Client) -> set[str]:
    """Whom the server takes a client for, on a blocking connection and on an awaiting one."""

    async def awaited() -> str:
        return str((await client.acall("auth.whoami"))["role"])

    with client:
        return {client.role, asyncio.run(awaited())}


def test_nobody_is_a_stranger_at_a_closed_server(closed: Any) -> None:
    """What needs a login says so."""
    with connect(address_of(closed)) as client:
        with pytest.raises(PermissionDenied, match="log in"):
            client.reservation_list()
        assert client.role == "stranger"


def test_a_secret_logs_in(closed: Any) -> None:
    """As an argument, in the address, and with the role whose it is."""
    address = address_of(closed)
    assert roles(connect(address, secret=SECRET)) == {"operator"}
    assert roles(connect(address.replace("//", "//a.secret%2Dof%7Ethe_operator@"))) == {"operator"}
    assert roles(connect(address, secret=FARMERS_SECRET, role="user:2")) == {"user:2"}


def test_a_wrong_secret_is_refused_and_not_tried_again(closed: Any) -> None:
    """With the first call, in words that do not repeat it."""
    with connect(address_of(closed), secret=GUESSED) as client:
        with pytest.raises(PermissionDenied) as raised:
            client.reservation_list()
        with pytest.raises(PermissionDenied):
            asyncio.run(client.acall("reservation_list"))
    assert GUESSED not in str(raised.value)


def test_a_key_logs_in(closed: Any) -> None:
    """A node by the key that its id is, a user by the key in the phonebook; no secret is shared."""
    address = address_of(closed)
    node = f"node:{closed.node.node_id}"
    assert roles(connect(address, role=node, key=closed.node)) == {node}
    assert roles(connect(address, role="user:1", key=closed.customer)) == {"user:1"}


def test_the_key_of_somebody_else_is_refused(closed: Any) -> None:
    """And so is a role whose key nobody knows."""
    address = address_of(closed)
    for role in (f"node:{closed.node.node_id}", "user:1", "user:99", "operator"):
        with connect(address, role=role, key=closed.other) as client, pytest.raises(WorkloadManagerError) as raised:
            client.reservation_list()
        assert not isinstance(raised.value, Unavailable)


def test_each_new_connection_logs_in(closed: Any, line_to: Any) -> None:
    """Also one that is made in the place of a connection that broke."""
    line = line_to(address_of(closed))
    with connect(line.address, role="user:1", key=closed.customer) as client:
        client.reservation_list()
        line.lose("reply", b"reservation_list")
        client.reservation_list()
        assert (client.role, line.connections) == ("user:1", 2)


def test_nothing_secret_is_shown(closed: Any) -> None:
    """Not by the client, and not by what it is made of."""
    address = address_of(closed)
    with connect(address, secret=SECRET) as client:
        client.reservation_list()
        assert repr(client) == f"<Client of {address} as the one whose secret it has>"
        assert SECRET not in repr(vars(client))
    with connect(address, role="user:1", key=closed.customer) as client:
        assert repr(client) == f"<Client of {address} as user:1>"
        assert closed.customer.seed_hex() not in repr(vars(client))


@pytest.fixture
def encrypted(open_grid: Any) -> Iterator[str]:
    """The address of a server with a certificate for the name localhost."""
    options = Gedis(listen="tls://127.0.0.1:0", tls_certificate=CERTIFICATE)
    with open_grid(gedis=options) as grid:
        yield address_of(grid).replace("127.0.0.1", "localhost")


def test_a_certificate_is_verified(encrypted: str) -> None:
    """With the file that is named, blocking and awaiting."""
    with connect(encrypted, certificate_authority=CERTIFICATE, timeout=20) as client:
        assert client.reservation_list().reservations == []
        assert asyncio.run(client.acall("reservation_list")).reservations == []


@pytest.mark.parametrize("options", [{}, {"certificate_authority": CERTIFICATE}])
def test_a_certificate_that_does_not_verify_ends_the_attempts(encrypted: str, options: dict[str, Any]) -> None:
    """Nobody known signed it, or it is for another name than that of the address; the message says what to do."""
    address = encrypted.replace("localhost", "127.0.0.1") if options else encrypted
    with connect(address, attempts=1000, **options) as client:
        with pytest.raises(Unavailable, match=r"does not verify.*certificate_authority"):
            client.reservation_list()
        with pytest.raises(Unavailable, match=r"does not verify.*certificate_authority"):
            asyncio.run(client.acall("reservation_list"))


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:0", "tls://localhost:0"])
def test_nobody_can_be_connected_to_at_port_0(address: str) -> None:
    """It is for a server that takes whatever port is free."""
    with pytest.raises(InputError, match="nobody listens at port 0"):
        connect(address)
