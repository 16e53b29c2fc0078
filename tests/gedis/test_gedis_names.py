"""Every name in use leads to its call, in whatever case it arrives."""

from __future__ import annotations

from collections.abc import Callable

import pykka
import pytest

from workloadmanager.actors import CALLS, CallActor, call_of
from workloadmanager.threebot import directory, phonebook
from workloadmanager.threebot.gedis._names import Names

OLD_AND_NEW = ("tfgrid.workloads.workload_manager", "tfgrid.directory.workload_manager", "default.workload_manager")


class Greet(CallActor):
    """Greet somebody.

    ```in
    name = (S)   # whom
    ```

    ```out
    words = (S)
    ```
    """

    _aliases = ("hail",)

    def Greet_One(self, *, name: str) -> object:  # noqa: N802 - a name that somebody chose
        """Answer."""
        return name


class Plain(pykka.ThreadingActor):
    """An actor that declares nothing."""


@pytest.fixture(scope="module")
def names() -> Names:
    """The names of everything that there is, and of a package."""
    return Names(
        workloads=CALLS,
        directory=directory.CALLS,
        phonebook=phonebook.CALLS,
        packages=[("jane.greetings", {"Greet_One": Greet, "plain": Plain})],
    )


def found(names: Names, name: str) -> str:
    """Return the actor that a name leads to; empty where there is none."""
    route = names.find(name.encode())
    return route.name if route else ""


@pytest.mark.parametrize("prefix", OLD_AND_NEW)
@pytest.mark.parametrize("call", CALLS)
def test_each_call_has_the_name_of_today_and_the_two_older_ones(names: Names, prefix: str, call: str) -> None:
    """Nodes of five dates used three prefixes."""
    assert found(names, f"{prefix}.{call}") == call


@pytest.mark.parametrize("prefix", OLD_AND_NEW)
def test_an_alias_is_a_name_as_well(names: Names, prefix: str) -> None:
    """Clients knew the list in the plural."""
    assert found(names, f"{prefix}.reservations_list") == "reservation_list"


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("tfgrid.directory.nodes.add", "nodes_add"),
        ("tfgrid.directory.nodes.update_total_capacity", "nodes_update_total_capacity"),
        ("tfgrid.directory.nodes.publish_wg_ports", "nodes_publish_wg_ports"),
        ("tfgrid.directory.farms.register", "farms_register"),
        ("default.nodes.list", "nodes_list"),
        ("default.farms.get", "farms_get"),
        ("tfgrid.phonebook.users.register", "users_register"),
        ("tfgrid.phonebook.users.get", "users_get"),
    ],
)
def test_calls_of_the_directory_and_the_phonebook_are_methods_of_an_actor(names: Names, name: str, call: str) -> None:
    """The part before the first underscore is the actor."""
    assert found(names, name) == call


@pytest.mark.parametrize("name", ["default.users.get", "tfgrid.workloads.nodes.add", "tfgrid.directory.nodes_add"])
def test_names_that_nobody_used_lead_nowhere(names: Names, name: str) -> None:
    """The older prefix is that of nodes, farms and workloads alone."""
    assert found(names, name) == ""


@pytest.mark.parametrize("spell", [str.upper, str.title, str.swapcase])
def test_any_case_will_do(names: Names, spell: Callable[[str], str]) -> None:
    """The framework of the time made small letters of every name."""
    assert found(names, spell("tfgrid.workloads.workload_manager.reservation_get")) == "reservation_get"


def test_the_calls_of_a_package_have_its_author_and_its_name(names: Names) -> None:
    """So do their aliases; and case does not matter there either."""
    assert found(names, "jane.greetings.greet_one") == "Greet_One"
    assert found(names, "JANE.greetings.Greet_One") == "Greet_One"
    assert found(names, "jane.greetings.hail") == "Greet_One"


def test_an_actor_that_declares_nothing_is_not_on_the_wire(names: Names) -> None:
    """Nothing says what it takes, nor who may ask it."""
    assert found(names, "jane.greetings.plain") == ""


@pytest.mark.parametrize("name", [b"", b"\xff\xfe", b"A" * 100_000, "TFGRID.WÖRKLOADS".encode()])
def test_any_bytes_may_be_asked_for(names: Names, name: bytes) -> None:
    """What is no name is found nowhere."""
    assert names.find(name) is None


def test_spellings_are_remembered_but_not_without_end(names: Names) -> None:
    """Whoever tries all of them takes no memory."""
    name = "tfgrid.workloads.workload_manager.reservation_get"
    for number in range(2**13):
        spelled = "".join(letter.upper() if number >> place & 1 else letter for place, letter in enumerate(name))
        assert found(names, spelled) == "reservation_get"
    assert len(names._by_spelling) == 4096


def test_an_unknown_name_is_refused_with_a_near_miss(names: Names) -> None:
    """A typing mistake is seen at once."""
    error = names.unknown(b"tfgrid.workloads.workload_manager.reservation_gt")
    assert 'did you mean "tfgrid.workloads.workload_manager.reservation_get"?' in error.message


def test_an_unknown_name_is_shown_as_far_as_it_can_be(names: Names) -> None:
    """It is cut, and holds nothing that cannot be printed."""
    error = names.unknown(b"\x1b[2J\r\n\xff" + b"x" * 100_000)
    assert error.message.isprintable()
    assert len(error.message) < 500


def test_each_route_knows_what_its_actor_declares(names: Names) -> None:
    """The description of the calls is made of it."""
    route = names.find(b"tfgrid.workloads.workload_manager.reservation_get")
    assert route is not None
    assert route.call is call_of(CALLS["reservation_get"])
    assert route.names[0] == "tfgrid.workloads.workload_manager.reservation_get"
    assert route.namespace == "tfgrid.workloadmanager"
