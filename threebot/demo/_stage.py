"""What the steps of every story share: who takes part, and how a step is checked and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...errors import WorkloadManagerError
from ._parties import Cast, Node, Person

if TYPE_CHECKING:
    from ...signing import Form
    from .. import WorkloadManager
    from ..client import Client
    from ._screen import Screen

__all__ = ["Fault", "Stage"]


class Fault(Exception):
    """Something in the story is not as it should be; the text says what, in one sentence."""


@dataclass(slots=True, kw_only=True)
class Stage(ABC):
    """Where a story takes place; its steps fill it and use what earlier ones put there.

    Attributes:
        screen: where it is shown.
        patience: how many seconds to wait for others, each time.
        keeper: who keeps the workload manager running, as it is shown.
        running: what is ended when the story ends, at whatever step.
        cast: the people.
        nodes: the two nodes.
        reservation_id: the reservation whose life is told.
        json: its signed text.
    """

    screen: Screen
    patience: float
    keeper: str
    running: ExitStack = field(default_factory=ExitStack)
    cast: Cast = field(init=False)
    nodes: tuple[Node, Node] = field(init=False)
    reservation_id: int = 0
    json: str = ""

    @property
    @abstractmethod
    def calls(self) -> WorkloadManager | Client:
        """What makes calls for whoever keeps the workload manager running."""

    @abstractmethod
    def calls_of(self, person: Person) -> WorkloadManager | Client:
        """Return what makes calls for a person."""

    @abstractmethod
    def facts(self) -> tuple[str, ...]:
        """Return what there is to tell in the last line."""

    def end(self) -> None:
        """End whatever runs, the latest first."""
        self.running.close()

    def reservation(self, *, seen_by: Person | None = None) -> Any:  # noqa: ANN401 - its type is made from the models
        """Return the reservation as it is stored, or as a person sees it."""
        calls = self.calls if seen_by is None else self.calls_of(seen_by)
        return calls.reservation_get(reservation_id=self.reservation_id)

    def done(self, party: str, action: str, state: object, *, should_be: str) -> None:
        """Show a step that changed something, if it led where it should.

        Raises:
            Fault: it led to another state.
        """
        self.expect(state == should_be, f"{party} {action}: the state should be {should_be} then, and is {state}")
        self.screen.done(party, action, state)

    def expect(self, is_so: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as `expect(a == b, "…")`
        """End the story unless something is as it should be.

        Raises:
            Fault: it is not.
        """
        if not is_so:
            raise Fault(otherwise)

    def signs(
        self, person: Person, purpose: str, action: str, *, counted: int, should_be: str, form: Form = "bound"
    ) -> None:
        """Let a person sign, and show how many have signed and who may still.

        Arguments:
            person: who signs.
            purpose: ``customer``, ``provision``, ``delete`` or ``farmer``.
            action: what the person does, in words.
            counted: how many signatures should be counted then.
            should_be: the state that should follow.
            form: the form of the signed bytes.

        Raises:
            Fault: another number was counted, or another state follows.
        """
        signature = person.sign(purpose, self.reservation_id, self.json, form)
        arguments = {"reservation_id": self.reservation_id, "signature": signature}
        if purpose != "customer":
            arguments["tid"] = person.tid
        reply = getattr(self.calls_of(person), f"sign_{purpose}")(**arguments)
        missing = self.cast.names_of(reply.missing)
        amount = f"{len(reply.signed)} of {reply.needed}{f', missing {missing}' if missing else ''}"
        self.expect(
            len(reply.signed) == counted, f"{person.name} {action}: {amount}, where {counted} should be counted"
        )
        self.done(person.name, f"{action}: {amount}", reply.next_action, should_be=should_be)

    def refused(
        self, party: str, action: str, attempt: Callable[[], object], *, kind: type[WorkloadManagerError]
    ) -> None:
        """Show an attempt, if it was refused for the right reason and changed nothing.

        Raises:
            Fault: it was accepted, refused for another reason, or left a trace.
        """
        before = self.reservation()
        try:
            attempt()
        except kind as error:
            reason = error.message
        except WorkloadManagerError as error:
            raise Fault(f"{party} {action}: refused as {error.kind} instead of {kind.kind}: {error.message}") from error
        else:
            raise Fault(f"{party} {action}, and it was accepted; it should be refused")
        after = self.reservation()
        self.expect(after == before, f"{party} {action}: it was refused, and changed the reservation all the same")
        self.screen.refused(party, action, reason, after.next_action)
