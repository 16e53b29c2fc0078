"""The sweep: deadlines pass at their time, whatever the clock does; no test waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from math import inf
from typing import Any

import pykka
import pytest

from workloadmanager.bcdb import Filter
from workloadmanager.rules import NextAction
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot._sweep import LONGEST, SHORTEST, Alarm, Sweep, _Inbox  # the host's own; it has no doorway

Start = Callable[..., WorkloadManager]
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


@pytest.fixture
def manager(start: Start) -> WorkloadManager:
    """A workload manager with a customer, a farm and a node."""
    return _furnish(start())


@pytest.fixture
def sweep(manager: WorkloadManager) -> Iterator[pykka.ActorRef[Sweep]]:
    """The sweep of that workload manager, whose store is sound at the end; asked anything, it looks at once."""
    (actor_ref,) = pykka.ActorRegistry.get_by_class(Sweep)
    yield actor_ref
    if manager.running:
        assert manager.store.check() == []


def test_a_deadline_passes_at_its_second_and_not_before(
    manager: WorkloadManager, sweep: pykka.ActorRef[Sweep], clock: Any
) -> None:
    """The second before nothing moves, at the second it does, and afterwards there is nothing more to do."""
    _register(manager, clock.now + 30)
    clock.now += 29
    assert (sweep.ask("look"), _invalid(manager)) == (0, [])
    clock.now += 1
    assert (sweep.ask("look"), _invalid(manager)) == (1, [1])
    assert sweep.ask("look") == 0


@pytest.mark.parametrize(
    ("ahead", "patience"), [(30, 30), (1, SHORTEST), (60, LONGEST), (10_000, LONGEST)], ids=lambda value: f"{value:g}"
)
def test_it_sleeps_until_the_next_deadline_but_never_for_long(
    manager: WorkloadManager, sweep: pykka.ActorRef[Sweep], clock: Any, ahead: int, patience: float
) -> None:
    """At most a minute, because the clock may be put forward meanwhile; at least a second, never in circles."""
    _register(manager, clock.now + ahead)
    sweep.ask("look")
    assert _patience(sweep) == patience


def test_without_a_deadline_it_looks_once_a_minute(sweep: pykka.ActorRef[Sweep]) -> None:
    """Another process on the same store may have brought one."""
    sweep.ask("look")
    assert _patience(sweep) == LONGEST


def test_a_clock_that_is_put_back_delays_and_one_that_is_put_forward_catches_up(
    manager: WorkloadManager, sweep: pykka.ActorRef[Sweep], clock: Any
) -> None:
    """Nothing is lost and nothing happens twice."""
    _register(manager, clock.now + 30)
    clock.now -= 10_000
    assert (sweep.ask("look"), _patience(sweep)) == (0, LONGEST)
    clock.now += 1_000_000
    assert (sweep.ask("look"), _invalid(manager)) == (1, [1])


def test_many_that_are_due_move_together(manager: WorkloadManager, sweep: pykka.ActorRef[Sweep], clock: Any) -> None:
    """As after a night without power."""
    for number in range(5):
        _register(manager, clock.now + 30 + number)
    clock.now += 32
    assert (sweep.ask("look"), _invalid(manager)) == (3, [1, 2, 3])


def test_what_became_due_while_nothing_ran_passes_at_the_start(start: Start, clock: Any, tmp_path: Any) -> None:
    """Before any call is offered."""
    manager = _furnish(start(tmp_path / "store"))
    _register(manager, clock.now + 30)
    manager.stop()
    clock.now += 30
    assert _invalid(start(tmp_path / "store")) == [1]


def test_a_registration_wakes_it(start: Start, clock: Any) -> None:
    """Its own clock is ahead here, so that what wakes it is due for it: nobody asked it, and it has moved."""

    def ahead() -> int:
        return int(clock()) + (100 if threading.current_thread().name.startswith("Sweep") else 0)

    manager = _furnish(start(clock=ahead))
    (sweep,) = pykka.ActorRegistry.get_by_class(Sweep)
    _register(manager, clock.now + 30)
    assert (sweep.ask("look"), _invalid(manager)) == (0, [1])


def test_a_store_that_does_not_answer_is_tried_again_later(
    manager: WorkloadManager, sweep: pykka.ActorRef[Sweep], caplog: pytest.LogCaptureFixture
) -> None:
    """It does not die of it, and says so once for each try."""
    manager.store.close()
    assert (sweep.ask("look"), _patience(sweep)) == (0, LONGEST)
    assert "tried again in 60 s: this store is closed" in caplog.text
    manager.stop()


def test_an_inbox_hands_out_a_tick_when_its_time_is_over() -> None:
    """An envelope that nobody waits for."""
    inbox = _Inbox()
    inbox.patience = 0
    envelope = inbox.get()
    assert (envelope.message, envelope.reply_to) == (None, None)


@pytest.mark.parametrize(("planned", "deadline", "wakes"), [(inf, 50, 1), (60, 50, 1), (50, 50, 0), (40, 50, 0)])
def test_only_what_comes_up_earlier_wakes_it(planned: float, deadline: int, wakes: int) -> None:
    """And everything does while it looks, which it may have looked past."""
    woken: list[int] = []
    Alarm(lambda: woken.append(1), planned).note(deadline)
    assert len(woken) == wakes


def test_it_is_waked_once_until_it_looks() -> None:
    """However many deadlines come up meanwhile: its inbox does not grow with the load."""
    woken: list[int] = []
    alarm = Alarm(lambda: woken.append(1), 60)
    for deadline in (50, 40, 30):
        alarm.note(deadline)
    assert len(woken) == 1
    alarm.looking()
    alarm.note(90)
    assert len(woken) == 2


def _furnish(manager: WorkloadManager) -> WorkloadManager:
    manager.phonebook.add(name="jane", public_key=KEY)
    manager.directory.add_farm(name="farm", farmer_tid=1)
    manager.directory.add_node(node_id="node-1", farm_id=1)
    return manager


def _register(manager: WorkloadManager, deadline: int) -> None:
    """Register a reservation that has to be signed and paid until a second."""
    data = {
        "volumes": [{"workload_id": 1, "node_id": "node-1", "size": 1}],
        "expiration_provisioning": deadline,
        "expiration_reservation": deadline + 100_000,
    }
    manager.reservation_register(reservation={"customer_tid": 1, "data_reservation": data})


def _invalid(manager: WorkloadManager) -> list[int]:
    """Return the ids of the reservations that are stored as invalid; a list would have applied deadlines itself."""
    with manager.store.read() as reader:
        return list(reader.find_ids(Filter(states=(int(NextAction.invalid),))))


def _patience(sweep: pykka.ActorRef[Sweep]) -> float:
    assert isinstance(sweep.actor_inbox, _Inbox)
    return sweep.actor_inbox.patience
