"""What the golden exchanges share: a grid that real clients talk to, and each of the clients.

The tests of a file share a server, as nodes do: each has a farm and nodes of its own, and comes after all that the
one before left has expired. What lists everything, or wants other options, opens a server of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pykka
import pytest

from workloadmanager.threebot.gedis import Gedis

from .clients import Client
from .epochs import CLIENTS, Epoch, connecting
from .grid import Clock, Grid, Server

LATER = 7200
"""Seconds after which reservations of an hour have expired, and polls are forgotten."""


@pytest.fixture(autouse=True)
def _no_actor_is_left_behind() -> Iterator[None]:
    """A test stops what it starts, and leaves the actors of the shared server as they are: none has failed."""
    before = pykka.ActorRegistry.get_all()
    yield
    after = pykka.ActorRegistry.get_all()
    left = [reference for reference in after if reference not in before]
    for reference in left:
        reference.stop()
    assert not left, f"still running: {', '.join(map(str, left))}"
    assert len(after) == len(before), "an actor of the shared server is gone"


@pytest.fixture(scope="module")
def clock() -> Clock:
    """A clock that begins at a second of March 2020."""
    return Clock()


@pytest.fixture(scope="module")
def server(clock: Clock) -> Iterator[Server]:
    """An open server on a loopback address, where nobody has to log in, for all tests of a file."""
    server = Server(clock)
    yield server
    server.close()


@pytest.fixture
def open_grid(clock: Clock) -> Iterator[Callable[..., Grid]]:
    """Open grids with servers of their own that close with the test: ``open_grid(Gedis(…))``."""
    with ExitStack() as grids:

        def open_one(gedis: Gedis | None = None) -> Grid:
            grid = Grid(clock, gedis)
            grids.callback(grid.close)
            return grid

        yield open_one


@pytest.fixture
def fresh_grid(open_grid: Callable[..., Grid]) -> Grid:
    """A grid that is alone at its server, where nothing was before."""
    return open_grid()


@pytest.fixture
def grid(clock: Clock, server: Server) -> Iterator[Grid]:
    """A grid of the test's own behind the shared server, whose store agrees with itself after it."""
    clock.now += LATER
    grid = Grid(clock, server=server)
    yield grid
    grid.close()
    assert server.manager.store.check() == []


@pytest.fixture(params=CLIENTS, ids=connecting)
def epoch(request: pytest.FixtureRequest) -> Epoch:
    """Each of the five clients, with a connection for each call and with connections that it keeps."""
    epoch: Epoch = request.param
    return epoch


@pytest.fixture(params=[client for client in CLIENTS if client.pooled], ids=connecting)
def pooled(request: pytest.FixtureRequest) -> Epoch:
    """Each of the clients with connections that it keeps."""
    epoch: Epoch = request.param
    return epoch


@pytest.fixture(params=[client for client in CLIENTS if not client.pooled], ids=connecting)
def short(request: pytest.FixtureRequest) -> Epoch:
    """Each of the clients with a connection for each call."""
    epoch: Epoch = request.param
    return epoch


@pytest.fixture
def client(grid: Grid, epoch: Epoch) -> Client:
    """A client of each epoch."""
    return grid.client(epoch)
