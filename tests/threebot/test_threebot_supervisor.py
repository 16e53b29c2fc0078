"""Supervision: who dies is started again, after a pause that grows, and nobody waits in silence."""

from __future__ import annotations

import itertools
import logging
import queue
import threading
from collections.abc import Iterator

import pykka
import pytest

from workloadmanager.errors import Unavailable
from workloadmanager.threebot._supervisor import Pauses, Supervisor  # it has no public name: hosts call start()

AT_ONCE = Pauses(first=0, most=0)
PATIENCE = 10  # seconds that nothing here comes near


class Told(logging.Handler):
    """Hears what the supervisor logs, so that a test waits for a restart and not for a while."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._messages: queue.SimpleQueue[str] = queue.SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self._messages.put(record.getMessage())

    def wait_for(self, words: str) -> None:
        """Wait until a message with these words was logged."""
        while words not in self._messages.get(timeout=PATIENCE):
            pass


class Mortal(pykka.ThreadingActor):
    """An actor that dies when it is told to."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def on_receive(self, message: object) -> object:
        """Answer, or die of what is told."""
        if message == "die":
            raise ValueError("something broke")
        return message


class Stillborn(pykka.ThreadingActor):
    """An actor that never starts."""

    def on_start(self) -> None:
        """Fail."""
        raise ValueError("no disk")


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    """A supervisor that starts again without a pause."""
    supervisor = Supervisor(AT_ONCE)
    yield supervisor
    supervisor.stop()


@pytest.fixture
def told() -> Iterator[Told]:
    """What the supervisor logs."""
    logger, handler = logging.getLogger("workloadmanager.threebot._supervisor"), Told()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_an_actor_that_dies_is_started_again(supervisor: Supervisor, told: Told) -> None:
    """The name leads to the new actor, which answers; the start is counted."""
    first = supervisor.start("mortal", Mortal, "m")
    first.tell("die")
    told.wait_for("mortal runs again")
    second = supervisor.actors["mortal"]
    assert second.ask("well?", timeout=PATIENCE) == "well?"
    assert (first.is_alive(), supervisor.restarts) == (False, {"mortal": 1})


def test_an_actor_that_is_stopped_from_outside_is_started_again(supervisor: Supervisor, told: Told) -> None:
    """As long as another one runs, a stopped actor is missed as one that died is."""
    supervisor.start("other", Mortal, "n")
    first = supervisor.start("mortal", Mortal, "m")
    first.stop()
    told.wait_for("mortal runs again")
    assert supervisor.actors["mortal"].ask("well?", timeout=PATIENCE) == "well?"


def test_stopping_all_actors_is_taken_for_a_stop() -> None:
    """A host that stops every Pykka actor at its end does not find them running again."""
    stopped = threading.Event()
    supervisor = Supervisor(all_stopped=stopped.set)
    supervisor.start("one", Mortal, "n")
    supervisor.start("two", Mortal, "m")
    pykka.ActorRegistry.stop_all()
    assert stopped.wait(PATIENCE)
    assert pykka.ActorRegistry.get_all() == []


def test_the_dead_answer_with_an_error_and_never_with_silence(supervisor: Supervisor, told: Told) -> None:
    """Whoever still has the old reference is told at once."""
    first = supervisor.start("mortal", Mortal, "m")
    first.tell("die")
    told.wait_for("mortal runs again")
    with pytest.raises(pykka.ActorDeadError):
        first.ask("well?", timeout=PATIENCE)


def test_a_failing_on_start_is_reported_with_its_cause(supervisor: Supervisor) -> None:
    """The one who starts it learns why, not only that."""
    with pytest.raises(Unavailable, match='"stillborn" does not start: ValueError: no disk') as refusal:
        supervisor.start("stillborn", Stillborn)
    assert isinstance(refusal.value.__cause__, ValueError)
    assert len(supervisor.actors) == 0


def test_a_constructor_that_fails_is_reported_with_its_cause(supervisor: Supervisor) -> None:
    """An actor that does not take what it is given is refused as one that fails later."""
    with pytest.raises(Unavailable, match="TypeError"):
        supervisor.start("mortal", Mortal)


def test_an_actor_that_does_not_start_again_is_tried_again(
    supervisor: Supervisor, caplog: pytest.LogCaptureFixture
) -> None:
    """A start that fails is followed by another one; each is logged."""
    tries: list[int] = []
    well = threading.Event()

    class Invalid(pykka.ThreadingActor):
        def on_start(self) -> None:
            tries.append(1)
            if 1 < len(tries) < 4:
                raise ValueError("not yet")
            if len(tries) == 4:
                well.set()

    with caplog.at_level(logging.WARNING):
        supervisor.start("keeper", Mortal, "n")
        supervisor.start("invalid", Invalid).stop()
        assert well.wait(PATIENCE)
    assert sum("did not start again" in message for message in caplog.messages) == 2


def test_an_actor_whose_loop_breaks_is_started_again(supervisor: Supervisor, told: Told) -> None:
    """A fault below the handlers is one as well, and whoever waits is answered."""

    class Broken(Mortal):
        def _actor_loop_running(self) -> None:
            self.actor_inbox.get().reply_to.set("first")  # type: ignore[union-attr]  # a question, so it has one
            raise MemoryError

    supervisor.start("keeper", Mortal, "n")
    supervisor.start("broken", Broken, "m")
    told.wait_for("broken died of MemoryError")
    told.wait_for("broken runs again")


def test_an_actor_that_is_busy_does_not_hold_up_the_stop(caplog: pytest.LogCaptureFixture) -> None:
    """It is left behind and logged; its thread is a daemon."""
    done = threading.Event()

    class Busy(pykka.ThreadingActor):
        def on_receive(self, message: object) -> object:
            return done.wait(PATIENCE), message

    supervisor = Supervisor(patience=0.05)
    busy = supervisor.start("busy", Busy)
    answer = busy.ask("work", block=False)
    supervisor.stop()
    assert "busy is busy and did not stop" in caplog.text
    done.set()
    answer.get(timeout=PATIENCE)
    busy.stop(timeout=PATIENCE)


def test_several_that_are_busy_share_the_time_to_stop(caplog: pytest.LogCaptureFixture) -> None:
    """A process ends after one patience, not after one for each."""
    done = threading.Event()

    class Busy(pykka.ThreadingActor):
        def on_receive(self, message: object) -> object:
            return done.wait(PATIENCE), message

    supervisor = Supervisor(monotonic=itertools.count(step=1000).__next__)
    actors = [supervisor.start(f"busy {number}", Busy) for number in range(3)]
    answers = [actor_ref.ask("work", block=False) for actor_ref in actors]
    supervisor.stop()
    assert caplog.text.count("is busy and did not stop") == 3
    done.set()
    pykka.get_all(answers, timeout=PATIENCE)
    for actor_ref in actors:
        actor_ref.stop(timeout=PATIENCE)


def test_an_actor_that_does_not_answer_its_first_message_is_not_offered() -> None:
    """Nobody waits for an `on_start` that never ends."""
    go_on = threading.Event()

    class Slow(pykka.ThreadingActor):
        def on_start(self) -> None:
            go_on.wait(PATIENCE)

    supervisor = Supervisor(patience=0.05)
    with pytest.raises(Unavailable, match="does not start: Timeout"):
        supervisor.start("slow", Slow)
    assert list(supervisor.actors) == []
    go_on.set()
    supervisor.stop()
    for actor_ref in pykka.ActorRegistry.get_by_class_name("Slow"):
        actor_ref.stop(timeout=PATIENCE)


def test_an_actor_keeps_its_class_name_and_its_class(supervisor: Supervisor) -> None:
    """Pykka's registry finds a watched actor by its name and by its class."""
    actor_ref = supervisor.start("mortal", Mortal, "m")
    assert pykka.ActorRegistry.get_by_class_name("Mortal") == [actor_ref]
    assert pykka.ActorRegistry.get_by_class(Mortal) == [actor_ref]


def test_actors_with_an_underscore_are_supervised_and_not_shown(supervisor: Supervisor) -> None:
    """What a host needs for itself is not offered."""
    supervisor.start("_own", Mortal, "n")
    supervisor.start("mortal", Mortal, "m")
    assert (list(supervisor.actors), repr(supervisor.actors)) == (["mortal"], "<actors: mortal>")


def test_stopping_twice_is_no_error(supervisor: Supervisor) -> None:
    """The second stop finds nothing to do, and nothing starts any more."""
    supervisor.start("mortal", Mortal, "m")
    supervisor.stop()
    supervisor.stop()
    assert len(supervisor.actors) == 0
    with pytest.raises(Unavailable, match="being stopped"):
        supervisor.start("mortal", Mortal, "m")


def test_the_pause_grows_to_a_minute() -> None:
    """1, 2, 4 … 60 seconds, for an actor that dies each time it starts."""
    pauses, pause, seen = Pauses(), 0.0, []
    for _ in range(9):
        pause = pauses.after(pause, lived=0.5)
        seen.append(pause)
    assert seen == [1, 2, 4, 8, 16, 32, 60, 60, 60]


@pytest.mark.parametrize(("lived", "pause"), [(299.9, 60), (300, 1), (1e6, 1)])
def test_the_pause_begins_again_after_a_stable_time(lived: float, pause: float) -> None:
    """Five minutes without a death, and the past is forgotten."""
    assert Pauses().after(32, lived) == pause
