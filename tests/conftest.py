"""What every test shares: the repository's place, and a clean registry of actors after each test."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pykka
import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder of the checkout, whatever it is called."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def _no_actor_is_left_behind() -> Iterator[None]:
    """An actor that outlives its test is a fault of the test or of the stop that it tried."""
    yield
    left = [str(reference) for reference in pykka.ActorRegistry.get_all()]
    pykka.ActorRegistry.stop_all()
    assert not left, f"still running: {', '.join(left)}"


@pytest.fixture
def ctrl_c() -> Iterator[None]:
    """Programs that are started can be interrupted; those of a shell's background job would ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
