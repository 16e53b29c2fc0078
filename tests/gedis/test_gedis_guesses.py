"""A guess at what was meant by a name that no command has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workloadmanager.threebot.gedis._guesses import Guesses

from .talking import GET, LIST, REGISTER, Talk

WORKLOADS = GET.removesuffix("reservation_get")


@pytest.fixture(scope="module")
def guesses() -> Guesses:
    """Guesses at the commands of a server."""
    services = Talk().services
    assert services is not None
    return services.names._guesses


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (GET[:-1], GET),
        (GET + "t", GET),
        (GET.upper().replace("GET", "GTE"), GET),
        (LIST.replace("_", ""), LIST),
        (REGISTER.replace("reservation_register", "esservation_egistre"), REGISTER),
        ("tfgrid.workloads.reservation_get", GET),
        ("reservation_get", GET),
        ("reservation_lst", LIST),
        ("default.workload_manager.sign_provisoin", "default.workload_manager.sign_provision"),
        ("tfgrid.directory.node.get", "tfgrid.directory.nodes.get"),
        ("tfgrid.directory.farm.get", "tfgrid.directory.farms.get"),
        ("tfgrid.phonebook.user.regster", "tfgrid.phonebook.users.register"),
        ("nodes.add", "tfgrid.directory.nodes.add"),
        ("pong", "ping"),
        ("ehco", "echo"),
        ("auth.challange", "auth.challenge"),
        ("sistem.api_mate", "system.api_meta"),
        ("give_me_everything", ""),
        ("get", ""),
        ("register", ""),
        ("x", ""),
        ("", ""),
        (".", ""),
        ("keys", ""),
        (WORKLOADS + "x" * 1000, ""),
        (WORKLOADS + "reservation_get" * 3, ""),
        ("a." * 60 + "reservation_get", ""),
    ],
)
def test_the_nearest_command_is_meant(guesses: Guesses, name: str, meant: str) -> None:
    """Its last word is like that of the name, and so is its beginning; of several that would fit, none."""
    assert guesses.near(name) == meant
    assert guesses.near(name) == meant


@given(st.text(max_size=60))
def test_any_text_may_be_asked_for(name: str) -> None:
    """There is a guess, or there is none."""
    assert Guesses({"ping": 1, "system.ping": 2}).near(name) in ("", "ping", "system.ping")


def test_guesses_are_remembered_but_not_without_end(guesses: Guesses) -> None:
    """Whoever makes up names takes no memory."""
    for number in range(1000):
        guesses.near(f"ping{number}")
    assert len(guesses._remembered) == 256
