"""The handle: calls as methods, references to the actors, an answer in time or an error that says what is known."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pykka
import pytest

from workloadmanager.actors import CALLS, Actor, ActorStopped
from workloadmanager.errors import InputError, NotFound, Overloaded, Unavailable
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot._calls import Calls  # what the methods of the handle are made of
from workloadmanager.threebot._host import Options, run  # with pauses that no test waits for
from workloadmanager.threebot._supervisor import Pauses
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

Start = Callable[..., WorkloadManager]
WritePackage = Callable[..., Path]
Gate = tuple[threading.Event, threading.Event]

GATED = """\
import pykka

class GatedCall(pykka.ThreadingActor):
    def __init__(self, context):
        super().__init__()

    def on_receive(self, message):
        if "die" in message:
            raise SystemExit(message["die"])
        entered, opened = message["gate"]
        entered.set()
        opened.wait(30)
        return "through"
"""


@pytest.fixture
def gated(write_package: WritePackage) -> Path:
    """A package with a call that waits until its gate is opened, and dies when it is told to."""
    return write_package("gated", {"actors/gated_call.py": GATED})


@pytest.fixture
def gate() -> Gate:
    """Set by the actor when it waits; set by the test to let it go on."""
    return threading.Event(), threading.Event()


@pytest.mark.parametrize("name", [*CALLS, "reservations_list"])
def test_every_documented_call_is_a_method_with_its_signature_and_its_text(start: Start, name: str) -> None:
    """Help, completion and type checkers see what the actor declares."""
    manager = start()
    signature = inspect.signature(getattr(manager, name))
    assert all(one.kind is one.KEYWORD_ONLY for one in signature.parameters.values())
    assert name in dir(manager)
    assert "```in" in (inspect.getdoc(getattr(WorkloadManager, name)) or "")
    assert getattr(manager, name).__name__ == name


def test_a_signature_says_what_is_needed_and_what_may_be_left_out() -> None:
    """It is the one that the actor has."""
    signature = inspect.signature(WorkloadManager.sign_provision)  # type: ignore[attr-defined]  # set from CALLS
    assert list(signature.parameters) == ["self", "reservation_id", "tid", "signature"]
    assert {one.default for one in signature.parameters.values()} == {inspect.Parameter.empty}


def test_a_signature_shows_types_and_not_their_text() -> None:
    """A prompt shows ``node_id: str = ''``, and not ``node_id: 'str' = ''``."""
    signature = inspect.signature(WorkloadManager.reservation_list)  # type: ignore[attr-defined]  # as above
    assert str(signature.parameters["node_id"]) == "node_id: str = ''"
    assert str(signature.parameters["customer_tid"]) == "customer_tid: int | None = None"


def test_arguments_by_position_are_refused_with_an_example(start: Start) -> None:
    """The message shows how to write it."""
    with pytest.raises(InputError, match=r"by name: wm\.reservation_get\(reservation_id=…\)"):
        start().reservation_get(1)


def test_an_unknown_call_is_an_attribute_error_with_a_near_miss(start: Start) -> None:
    """And not one that completion trips over."""
    manager = start()
    with pytest.raises(AttributeError, match='did you mean "reservation_get"'):
        manager.reservation_gett(reservation_id=1)
    assert not hasattr(manager, "_repr_html_")


def test_errors_of_a_call_come_as_they_are(start: Start) -> None:
    """With kind, path and call."""
    with pytest.raises(NotFound) as refusal:
        start().reservation_get(reservation_id=5)
    assert (refusal.value.kind, refusal.value.path, refusal.value.call) == (
        "not_found",
        "reservation_id",
        "reservation_get",
    )


def test_the_actors_are_those_of_pykka(start: Start) -> None:
    """Ask the reference, a proxy, or the registry by the class name: it is one actor."""
    manager = start()
    actor_ref = manager.actors["reservation_list"]
    assert pykka.ActorRegistry.get_by_class_name("ReservationList") == [actor_ref]
    assert actor_ref.ask({"epoch": 0}, block=True).reservations == []
    assert actor_ref.proxy().reservation_list(epoch=0).get().reservations == []
    assert manager.actors["reservations_list"] == actor_ref
    assert set(manager.actors) == {*CALLS, *DIRECTORY_CALLS, *PHONEBOOK_CALLS}


def test_an_actor_that_dies_is_replaced_and_its_callers_are_told(gated: Path) -> None:
    """Of `sys.exit` it dies alone: while it is away a call is Unavailable, then the name leads to the new one."""
    manager = run(Options(path=":memory:", packages=[gated], pauses=Pauses(first=0, most=0)))
    with manager:
        first = manager.actors["gated_call"]
        with pytest.raises(Unavailable, match="ended by this message"):
            manager.gated_call(die=1)
        _ask_until_it_is_back(manager)
        assert manager.actors["gated_call"] != first
        assert {name: count for name, count in manager.restarts.items() if count} == {"gated_call": 1}
        with pytest.raises(pykka.ActorDeadError):
            first.ask({}, timeout=10)


def test_a_call_to_an_actor_that_is_away_is_unavailable(start: Start, gated: Path) -> None:
    """It says that it comes back by itself; with the usual pause it is away for a second."""
    manager = start(packages=[gated])
    manager.actors["gated_call"].stop()
    with pytest.raises(Unavailable, match="started again by itself") as refusal:
        manager.gated_call()
    assert refusal.value.call == "gated_call"


def test_callers_that_wait_when_an_actor_of_the_package_dies_are_told(start: Start) -> None:
    """The base of the calls answers whoever is left in the inbox."""
    manager = start()
    actor_ref = manager.actors["reservation_list"]
    actor_ref.stop()
    with pytest.raises(ActorStopped):
        actor_ref.ask({})
    with pytest.raises(Unavailable, match="started again by itself"):
        manager.reservation_list()


def test_an_answer_that_does_not_come_in_time_is_unavailable_with_an_unknown_outcome(
    start: Start, gated: Path, gate: Gate
) -> None:
    """The caller learns that the call may have been carried out."""
    manager = start(packages=[gated], timeout=0.01)
    with pytest.raises(Unavailable, match="not known whether the call was carried out") as refusal:
        manager.gated_call(gate=gate)
    assert refusal.value.call == "gated_call"
    gate[1].set()


def test_packages_ask_each_other_through_their_context(start: Start, repository: Path) -> None:
    """The example package asks for reservations, and keeps documents in a collection of its own."""
    manager = start(packages=[repository / "examples" / "sibling_package"])
    snapshot = manager.snapshot_take(node_id="node-1")
    assert (snapshot.id, snapshot.node_id, snapshot.waiting, snapshot.running) == (1, "node-1", 0, 0)
    assert manager.snapshot_take().id == 2
    with manager.store.read() as reader:
        assert [key for key, _ in reader.documents("gridreport_snapshot")] == [1, 2]
        assert list(reader.lookup("gridreport_snapshot", "node_id", "node-1")) == [1]
    with pytest.raises(InputError, match="did you mean 'node_id'"):
        manager.snapshot_take(node="node-1")


def test_a_packages_calls_are_declared_under_its_own_name(start: Start, repository: Path) -> None:
    """The urls of its schemas carry its author and name, not those of the host."""
    manager = start(packages=[repository / "examples" / "sibling_package"])
    urls = [url for url in manager.registry.urls() if "snapshot_take" in url]
    assert urls == ["actors.tfgrid.gridreport.snapshot_take.in"]


def test_a_call_that_nobody_has_is_not_found_with_a_near_miss(start: Start) -> None:
    """By name, as asyncio hosts and other packages make it."""
    with pytest.raises(NotFound, match='no call "reservation_lst"; did you mean "reservation_list"'):
        asyncio.run(start().acall("reservation_lst"))


def test_a_coroutine_is_answered_and_refused_as_everybody_else(start: Start) -> None:
    """The same replies, and the same errors."""
    manager = start()
    assert asyncio.run(manager.acall("reservation_list", epoch=0)).reservations == []
    with pytest.raises(NotFound):
        asyncio.run(manager.acall("reservation_get", reservation_id=5))


def test_the_loop_goes_on_while_a_call_is_under_way(start: Start, gated: Path, gate: Gate) -> None:
    """The loop itself opens the gate that the call waits for; a loop that stood still never would."""
    manager = start(packages=[gated])
    entered, opened = gate

    async def host() -> Any:
        call = asyncio.ensure_future(manager.acall("gated_call", gate=gate))
        while not entered.is_set():
            await asyncio.sleep(0)
        for _ in range(100):
            await asyncio.sleep(0)
        assert not call.done()
        opened.set()
        return await call

    assert asyncio.run(host()) == "through"


def test_many_coroutines_ask_at_once(start: Start) -> None:
    """Each gets its own reply."""
    manager = start()

    async def host() -> list[Any]:
        return await asyncio.gather(*(manager.acall("reservation_list", cursor=number) for number in range(200)))

    assert [reply.reservations for reply in asyncio.run(host())] == [[]] * 200


def test_a_coroutine_is_told_of_a_timeout_and_of_an_actor_that_is_away(start: Start, gated: Path, gate: Gate) -> None:
    """As a thread is."""
    manager = start(packages=[gated], timeout=0.01)
    with pytest.raises(Unavailable, match="not known whether"):
        asyncio.run(manager.acall("gated_call", gate=gate))
    gate[1].set()
    manager.actors["gated_call"].stop()
    with pytest.raises(Unavailable, match="started again by itself"):
        asyncio.run(manager.acall("gated_call"))
    manager.stop()
    with pytest.raises(Unavailable, match="start it again"):
        asyncio.run(manager.acall("reservation_list"))


def test_a_handle_reads_as_a_line(start: Start, gated: Path) -> None:
    """Where the store is, and what runs."""
    assert repr(start(packages=[gated])) == "<WorkloadManager on :memory:, 31 calls of workloadmanager, gated>"


def _ask_until_it_is_back(manager: WorkloadManager) -> None:
    """Ask until the actor that took the place answers; each try that comes too early is refused, not lost."""
    gate = threading.Event(), threading.Event()
    gate[1].set()
    while True:
        try:
            assert manager.gated_call(gate=gate) == "through"
        except Unavailable:
            continue
        return


class Full(Actor):
    """Lets no message wait."""

    _inbox_limit = 0


def test_a_full_inbox_names_the_call() -> None:
    """As every other error of a call does, also from a coroutine."""
    calls = Calls({"full": Full.start()}, timeout=10)
    with pytest.raises(Overloaded) as refusal:
        calls.ask("full", {})
    assert refusal.value.call == "full"
    with pytest.raises(Overloaded) as refusal:
        asyncio.run(calls.ask_async("full", {}))
    assert refusal.value.call == "full"
    pykka.ActorRegistry.stop_all(timeout=10)


class Prompt(Actor):
    """Answers at once."""

    def on_receive(self, message: object) -> object:
        """Return the message."""
        return message


def test_a_coroutine_that_was_answered_leaves_no_timer_behind() -> None:
    """However long it might have waited."""
    calls = Calls({"prompt": Prompt.start()}, timeout=10_000)

    async def ask() -> list[asyncio.TimerHandle]:
        assert await calls.ask_async("prompt", {"a": 1}) == {"a": 1}
        scheduled: list[asyncio.TimerHandle] = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
        return [each for each in scheduled if not each.cancelled()]

    assert asyncio.run(ask()) == []
    pykka.ActorRegistry.stop_all(timeout=10)
