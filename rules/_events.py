"""What can happen to a reservation: the events that `apply` takes, frozen and checked by nobody but the table.

Signatures and reports are verified before they become events (``docs/signatures.md``); an event says that it
happened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from ._enums import Purpose, Trigger
from ._shapes import Result, Signature

__all__ = [
    "CustomerSigned",
    "DeadlinePassed",
    "DeleteSigned",
    "Event",
    "FarmerSigned",
    "Made",
    "OperatorDeleted",
    "ProvisionSigned",
    "Registered",
    "ResultReported",
    "WorkloadDeleted",
]


@dataclass(frozen=True, slots=True)
class Registered:
    """A reservation was checked and came in, with or without its customer's signature; only `open_case` makes it."""

    trigger: ClassVar[Trigger] = Trigger.register
    customer_signed: bool


@dataclass(frozen=True, slots=True)
class CustomerSigned:
    """The customer's signature (hex text) verified."""

    trigger: ClassVar[Trigger] = Trigger.sign_customer
    purpose: ClassVar[Purpose] = Purpose.customer
    signature: str


@dataclass(frozen=True, slots=True)
class ProvisionSigned:
    """A signature for provisioning verified; ``entry`` is what is kept of it."""

    trigger: ClassVar[Trigger] = Trigger.sign_provision
    purpose: ClassVar[Purpose] = Purpose.provision
    tid: int
    entry: Signature


@dataclass(frozen=True, slots=True)
class FarmerSigned:
    """A farmer's signature verified; ``entry`` is what is kept of it."""

    trigger: ClassVar[Trigger] = Trigger.sign_farmer
    purpose: ClassVar[Purpose] = Purpose.farmer
    tid: int
    entry: Signature


@dataclass(frozen=True, slots=True)
class DeleteSigned:
    """A signature for deletion verified; ``entry`` is what is kept of it."""

    trigger: ClassVar[Trigger] = Trigger.sign_delete
    purpose: ClassVar[Purpose] = Purpose.delete
    tid: int
    entry: Signature


@dataclass(frozen=True, slots=True)
class OperatorDeleted:
    """The operator decided that the reservation is deleted, without a signature of anybody."""

    trigger: ClassVar[Trigger] = Trigger.operator_delete


@dataclass(frozen=True, slots=True)
class ResultReported:
    """A node reported on a workload, and `reporter_of` found which node it was."""

    trigger: ClassVar[Trigger] = Trigger.set_workload_result
    workload_id: int
    node_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class WorkloadDeleted:
    """A node reported that a workload is gone; ``result`` is what is kept of it, as deleted whatever its state says."""

    trigger: ClassVar[Trigger] = Trigger.workload_deleted
    workload_id: int
    node_id: str
    result: Result


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The clock was looked at; nothing happens where no deadline of the reservation is due."""

    trigger: ClassVar[Trigger] = Trigger.deadline


Signed: TypeAlias = ProvisionSigned | FarmerSigned | DeleteSigned
Reported: TypeAlias = ResultReported | WorkloadDeleted
Made: TypeAlias = CustomerSigned | Signed | OperatorDeleted | Reported
"""An event that somebody made, unlike a deadline."""
Event: TypeAlias = Made | DeadlinePassed
"""Everything that `apply` takes."""
