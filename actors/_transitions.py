"""One accepted event as one change of the store: document, index rows, queue, history, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from ..bcdb import SignatureUse, Transaction
from ..errors import Conflict
from ..rules import Case, DeadlinePassed, Event, Purpose, Step, apply, next_deadline
from ._checks import record_of
from ._context import Context
from ._future import chain

__all__ = [
    "Happening",
    "SingleUse",
    "pass_deadline",
    "replayed",
    "submit_event",
    "use_once",
    "write_new",
    "write_steps",
]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SingleUse:
    """A signature that does not say what it is for, and counts for one use only (``docs/signatures.md``).

    Attributes:
        tid: the threebot id of the signer.
        digest: the SHA-256 of the signature, 32 bytes.
        purpose: what it is used for now.
    """

    tid: int
    digest: bytes
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Happening:
    """Who brought an event, how and when; the history keeps it.

    Attributes:
        call: the call that brought it, or ``deadline``.
        who: the threebot id or the node id of who did it, as text; empty for a deadline.
        now: when, in seconds since 1970.
        single_use: the signature behind it, where it counts for one use only.
    """

    call: str
    who: str
    now: int
    single_use: SingleUse | None = None


def submit_event(
    context: Context, reservation_id: int, event: Event, happening: Happening, reply: Callable[[Case], T]
) -> Future[T]:
    """Let an event happen to a stored reservation.

    The case is read, judged and written inside one transaction, so that of two events that meet the
    second is judged by what the first left. A deadline that has passed comes first.

    Arguments:
        context: the host.
        reservation_id: the reservation.
        event: what happened; its signature was verified before.
        happening: who brought it.
        reply: makes the answer of the case afterwards.

    Returns:
        A future with that answer, settled once the change is durable. Its errors are `NotFound`,
        `Conflict` and `PermissionDenied`; none of them leaves a trace in the store.
    """

    def change(transaction: Transaction) -> tuple[T, int]:
        record = record_of(transaction, reservation_id)
        before = after = context.documents.case(record)
        steps: list[tuple[Happening, Step]] = []
        if 0 < record.deadline <= happening.now:
            steps.append(pass_deadline(before, happening.now))
            after = steps[-1][1].case
        use_once(transaction, reservation_id, happening.single_use)
        steps.append((happening, apply(after, event, happening.now)))
        write_steps(context, transaction, before, steps)
        # Also where the signer was counted before: a listener must not use what was sent again elsewhere.
        _mark(transaction, reservation_id, happening.single_use)
        after = steps[-1][1].case
        return reply(after), next_deadline(after)

    def finish(outcome: tuple[T, int]) -> T:
        context.tell_deadline(outcome[1])
        return outcome[0]

    return chain(context.store.submit(change), finish)


def pass_deadline(case: Case, now: int) -> tuple[Happening, Step]:
    """Return what a deadline that has passed comes to."""
    return Happening("deadline", who="", now=now), apply(case, DeadlinePassed(), now)


def write_steps(context: Context, transaction: Transaction, before: Case, steps: list[tuple[Happening, Step]]) -> None:
    """Write what some steps came to, one after another: the document once, queue and history for each."""
    changed = [(happening, step) for happening, step in steps if step.changed]
    if not changed:
        return
    transaction.replace(context.documents.record(changed[-1][1].case))
    from_state = before.state.name
    for happening, step in changed:
        _write_beside(context, transaction, step, happening, from_state)
        from_state = step.case.state.name


def write_new(context: Context, transaction: Transaction, step: Step, happening: Happening) -> None:
    """Write a reservation that has just been opened."""
    transaction.insert(context.documents.record(step.case))
    _write_beside(context, transaction, step, happening, "")
    _mark(transaction, step.case.reservation.id, happening.single_use)


def use_once(transaction: Transaction, reservation_id: int, single_use: SingleUse | None) -> None:
    """See that a single-use signature was not used for anything else.

    Raises:
        Conflict: it was; the same use again is none.
    """
    if single_use is None:
        return
    used = transaction.signature_use(single_use.tid, single_use.digest)
    if used is not None and used != SignatureUse(reservation_id, str(single_use.purpose)):
        raise replayed(used)


def replayed(used: SignatureUse, *, path: str = "signature") -> Conflict:
    """Return the error for a single-use signature that was used for something else."""
    return Conflict(
        f"this signature was used for {used.purpose} of reservation {used.reservation_id} already, and one that "
        "does not say what it is for counts once: make a bound signature, which names purpose and reservation",
        path=path,
    )


def _mark(transaction: Transaction, reservation_id: int, single_use: SingleUse | None) -> None:
    """Keep what a single-use signature was used for."""
    if single_use is not None:
        use = SignatureUse(reservation_id, str(single_use.purpose))
        transaction.use_signature(single_use.tid, single_use.digest, use)


def _write_beside(
    context: Context, transaction: Transaction, step: Step, happening: Happening, from_state: str
) -> None:
    """Write what belongs to a step beside the document: queue rows and the history."""
    reservation_id = step.case.reservation.id
    for node_id, workload_id in step.enqueue:
        transaction.enqueue(node_id, reservation_id, workload_id)
    for node_id, workload_id in step.dequeue:
        transaction.dequeue(node_id, reservation_id, workload_id)
    entry = context.documents.history.encode(
        epoch=happening.now,
        call=happening.call,
        who=happening.who,
        from_state=from_state,
        to_state=step.case.state.name,
    )
    transaction.append_history(reservation_id, entry)
