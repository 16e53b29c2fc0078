"""The private names of Pykka that the runtime stands on: when one changes, a test here says which."""

from __future__ import annotations

import inspect
from importlib import metadata
from typing import Any

import pykka
import pytest
from pykka import messages

from workloadmanager.actors import Actor
from workloadmanager.actors._future import Future
from workloadmanager.actors._inbox import Inbox
from workloadmanager.actors._pykka import ActorStop, Envelope, Unset
from workloadmanager.actors._reference import ActorRef


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (pykka.Actor, "_create_future", []),
        (pykka.Actor, "_create_actor_inbox", []),
        (pykka.Actor, "_actor_loop", ["self"]),
        (pykka.Actor, "_actor_loop_setup", ["self"]),
        (pykka.Actor, "_actor_loop_running", ["self"]),
        (pykka.Actor, "_actor_loop_teardown", ["self"]),
        (pykka.Actor, "_handle_receive", ["self", "message"]),
        (pykka.Actor, "_handle_failure", ["self", "exception_type", "exception_value", "traceback"]),
        (pykka.Actor, "_stop", ["self"]),
        (Envelope, "__init__", ["self", "message", "reply_to"]),
    ],
)
def test_a_private_method_of_pykka_is_what_the_runtime_expects(owner: Any, name: str, parameters: list[str]) -> None:
    """Its name and its parameters."""
    method = getattr(owner, name, None)
    assert method is not None, f"pykka {metadata.version('pykka')} has no {owner.__name__}.{name} any more"
    assert list(inspect.signature(method).parameters) == parameters


def test_the_loop_still_consists_of_the_three_parts_that_are_overridden() -> None:
    """Set-up, running, teardown: Pykka's own `_actor_loop` calls the two that this package replaces."""
    source = inspect.getsource(pykka.Actor._actor_loop)
    for part in ("_actor_loop_setup", "_actor_loop_running", "_actor_loop_teardown"):
        assert f"self.{part}()" in source
    assert Actor._actor_loop is pykka.Actor._actor_loop


def test_an_envelope_has_a_message_and_its_reply() -> None:
    """And nothing else."""
    reply: pykka.Future[Any] = pykka.ThreadingFuture()
    envelope = Envelope("text", reply_to=reply)
    assert (envelope.message, envelope.reply_to) == ("text", reply)
    assert Envelope("text").reply_to is None


def test_a_future_of_pykka_has_its_get_hook_and_nothing_else() -> None:
    """The light future has the same two on its class, and does not call Pykka's `__init__`."""
    own = vars(pykka.Future())
    assert list(own) == ["_get_hook", "_get_hook_result"]
    assert not own.keys() & vars(Future()).keys()
    assert own["_get_hook"] is vars(Future)["_get_hook"] is None
    assert type(own["_get_hook_result"]) is type(vars(Future)["_get_hook_result"]) is Unset


def test_stopping_still_sends_the_message_that_the_inbox_lets_through() -> None:
    """A reference's `stop` puts an ActorStop in an Envelope."""

    class Listener(pykka.ThreadingActor):
        pass

    ref = Listener.start()
    sent: list[Envelope[Any]] = []
    original = ref.actor_inbox
    ref.actor_inbox = type("Tap", (), {"put": lambda _, envelope: sent.append(envelope)})()
    ref.stop(block=False)
    (envelope,) = sent
    assert type(envelope) is Envelope
    assert type(envelope.message) is ActorStop
    ref.actor_inbox = original
    ref.stop()


def test_no_message_of_pykka_is_a_dict() -> None:
    """The loop hands a dict to `on_receive` without looking for Pykka's own messages first."""
    kinds = [ActorStop, messages.ProxyCall, messages.ProxyGetAttr, messages.ProxySetAttr]
    assert not any(issubclass(kind, dict) for kind in kinds)


def test_an_inbox_gives_and_takes_envelopes_as_one_of_pykka() -> None:
    """Whatever puts one in itself, or runs a loop of its own, need not know of it."""
    inbox = Inbox(limit=3)
    reply: pykka.Future[Any] = Future()
    inbox.put(Envelope("text", reply_to=reply))
    assert not inbox.empty()
    envelope = inbox.get()
    assert (type(envelope), envelope.message, envelope.reply_to) == (Envelope, "text", reply)
    assert inbox.empty()


def test_a_reference_still_has_what_the_shorter_way_needs() -> None:
    """And its methods take what Pykka's take."""

    class Listener(Actor):
        pass

    actor = Listener()
    assert isinstance(actor.actor_ref, ActorRef)
    assert actor.actor_ref.actor_inbox is actor.actor_inbox
    assert actor.actor_ref.actor_stopped is actor.actor_stopped
    for name in ("ask", "tell"):
        ours, theirs = (inspect.signature(getattr(kind, name)).parameters for kind in (ActorRef, pykka.ActorRef))
        assert [(each.name, each.kind, each.default) for each in ours.values()] == [
            (each.name, each.kind, each.default) for each in theirs.values()
        ]


def test_a_future_of_pykka_keeps_its_hook_where_ours_reads_it() -> None:
    """`_get_hook` is None until a hook is set."""
    future: pykka.Future[int] = pykka.ThreadingFuture()
    assert future._get_hook is None
    future.set_get_hook(lambda _: 1)
    assert future._get_hook is not None
