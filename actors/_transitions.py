"""One accepted event as one change of the store: document, index rows, queue, history, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import msgspec

from ..bcdb import Record, SignatureUse, Transaction
from ..errors import Conflict, WorkloadManagerError
from ..rules import Case, DeadlinePassed, Event, Purpose, Step, apply, next_deadline
from ._checks import record_of
from ._context import Context
from ._future import chain
from ._revision import Revision

__all__ = [
    "Happening",
    "Opening",
    "SingleUse",
    "find",
    "pass_deadline",
    "replayed",
    "submit_event",
    "use_once",
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


@dataclass(frozen=True, slots=True)
class _Outcome(Generic[T]):
    """What an event comes to for a reservation as it was read.

    Attributes:
        after: what is to be stored of the reservation; None where nothing changes.
        beside: the steps that were taken, each with its entry of the history.
        reply: the answer to who brought the event.
        deadline: the next deadline of the reservation afterwards, in seconds since 1970; 0 for none.
    """

    after: Record | None
    beside: tuple[tuple[Step, bytes], ...]
    reply: T
    deadline: int

    def write(self, transaction: Transaction, reservation_id: int) -> None:
        """Write all of it, or nothing where nothing changes."""
        if self.after is not None:
            transaction.replace(self.after)
        for step, entry in self.beside:
            _write_queues(transaction, reservation_id, step)
            transaction.append_history(reservation_id, entry)


def find(context: Context, reservation_id: int) -> Revision:
    """Read a reservation that something is about to happen to.

    Raises:
        InputError: the id is below 1, which no reservation has.
        NotFound: there is no such reservation.
        Internal: it can not be read.
    """
    with context.store.read() as reader:
        record = record_of(reader, reservation_id)
    return context.revisions.open(record)


def submit_event(
    context: Context, found: Revision, event: Event, happening: Happening, reply: Callable[[Case], T]
) -> Future[T]:
    """Let an event happen to a stored reservation.

    The reservation is read, judged and written inside one transaction, so that of two events that meet the
    second is judged by what the first left. A deadline that has passed comes first.

    Since the store has but one writer, the work is done before, on what the caller read. It holds if the
    transaction finds the very same reservation; if not, or if it came to a refusal, the transaction judges anew.

    Arguments:
        context: the host.
        found: the reservation as the caller read it.
        event: what happened; its signature was verified before.
        happening: who brought it.
        reply: makes the answer of the case afterwards.

    Returns:
        A future with that answer, settled once the change is durable. Its errors are `NotFound`,
        `Conflict` and `PermissionDenied`; none of them leaves a trace in the store.
    """
    reservation_id = found.record.id
    try:
        expected = _judge(context, found, event, happening, reply)
    except WorkloadManagerError:
        expected = None

    def change(transaction: Transaction) -> _Outcome[T]:
        record = record_of(transaction, reservation_id)
        use_once(transaction, reservation_id, happening.single_use)
        outcome = expected
        if outcome is None or record != found.record:
            outcome = _judge(context, context.revisions.open(record), event, happening, reply)
        outcome.write(transaction, reservation_id)
        # Also where the signer was counted before: a listener must not use what was sent again elsewhere.
        _mark(transaction, reservation_id, happening.single_use)
        return outcome

    def finish(outcome: _Outcome[T]) -> T:
        context.tell_deadline(outcome.deadline)
        return outcome.reply

    return chain(context.store.submit(change), finish)


def _judge(
    context: Context, found: Revision, event: Event, happening: Happening, reply: Callable[[Case], T]
) -> _Outcome[T]:
    """Return what an event comes to.

    Raises:
        Conflict: the state does not allow it.
        PermissionDenied: the signer or the node is not one that may.
    """
    before = after = found.case
    steps: list[tuple[Happening, Step]] = []
    if 0 < found.record.deadline <= happening.now:
        steps.append(pass_deadline(before, happening.now))
        after = steps[-1][1].case
    steps.append((happening, apply(after, event, happening.now)))
    after = steps[-1][1].case
    return _outcome(context, before, steps, found.changed_to, reply(after))


def _outcome(
    context: Context,
    before: Case,
    steps: list[tuple[Happening, Step]],
    to_record: Callable[[Case], Record],
    reply: T,
) -> _Outcome[T]:
    """Return what some steps come to, one after another: the document once, queue rows and history for each."""
    after = steps[-1][1].case
    changed = [(happening, step) for happening, step in steps if step.changed]
    beside = []
    from_state = before.state.name
    for happening, step in changed:
        beside.append((step, _entry(context, step, happening, from_state)))
        from_state = step.case.state.name
    record = to_record(changed[-1][1].case) if changed else None
    return _Outcome(record, tuple(beside), reply, next_deadline(after) if record is None else record.deadline)


def pass_deadline(case: Case, now: int) -> tuple[Happening, Step]:
    """Return what a deadline that has passed comes to."""
    return Happening("deadline", who="", now=now), apply(case, DeadlinePassed(), now)


def write_steps(context: Context, transaction: Transaction, before: Case, steps: list[tuple[Happening, Step]]) -> None:
    """Write what some steps came to, one after another: the document once, queue and history for each."""
    _outcome(context, before, steps, context.documents.record, None).write(transaction, before.reservation.id)


@dataclass(frozen=True, slots=True)
class Opening:
    """A reservation that was opened, with everything that does not need its id: the writer does the rest.

    Attributes:
        step: what opening it came to, with a reservation that has neither id nor epoch.
        entry: the entry of its history.
        single_use: the customer's signature, where there is one.
    """

    step: Step
    entry: bytes
    single_use: SingleUse | None

    @classmethod
    def of(cls, context: Context, step: Step, happening: Happening) -> Opening:
        """Prepare what is to be written."""
        return cls(step, _entry(context, step, happening, ""), happening.single_use)

    def write(self, context: Context, transaction: Transaction, now: int) -> Case:
        """Write the reservation with the next id and an epoch that never falls; return it as it is stored."""
        opened = self.step.case
        numbered: Any = msgspec.structs.replace(
            cast("msgspec.Struct", opened.reservation),
            id=transaction.next_number("reservation"),
            epoch=transaction.raise_number("epoch", now),
        )
        case = opened.holding(numbered)
        transaction.insert(context.documents.record(case))
        _write_queues(transaction, numbered.id, self.step)
        transaction.append_history(numbered.id, self.entry)
        _mark(transaction, numbered.id, self.single_use)
        return case


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


def _write_queues(transaction: Transaction, reservation_id: int, step: Step) -> None:
    """Write the rows of the nodes' queues that a step puts there or takes out."""
    for node_id, workload_id in step.enqueue:
        transaction.enqueue(node_id, reservation_id, workload_id)
    for node_id, workload_id in step.dequeue:
        transaction.dequeue(node_id, reservation_id, workload_id)


def _entry(context: Context, step: Step, happening: Happening, from_state: str) -> bytes:
    """Return the entry of the history for a step."""
    return context.documents.history.encode(
        epoch=happening.now,
        call=happening.call,
        who=happening.who,
        from_state=from_state,
        to_state=step.case.state.name,
    )
