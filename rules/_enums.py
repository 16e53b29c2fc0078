"""The words of the field as numbers: what is stored and what travels (``docs/states.md``).

The order of each enumeration is wire format. Values are written out, so that moving a line changes nothing.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

__all__ = [
    "CATEGORY_OF",
    "HAND_OUT_ORDER",
    "NextAction",
    "Purpose",
    "ResultState",
    "Trigger",
    "WorkloadKind",
]


class NextAction(IntEnum):
    """The state of a reservation: the step that is wanted next, not the one that was reached."""

    create = 0
    sign = 1
    pay = 2
    deploy = 3
    delete = 4
    invalid = 5
    deleted = 6


class ResultState(IntEnum):
    """What a node says about a workload."""

    error = 0
    ok = 1
    deleted = 2


class WorkloadKind(IntEnum):
    """The kind of a workload, as it stands in a workload's envelope."""

    zdb = 0
    container = 1
    volume = 2
    network = 3
    kubernetes = 4


class Purpose(StrEnum):
    """What a signature is for (``docs/signatures.md``)."""

    customer = "customer"
    provision = "provision"
    delete = "delete"
    farmer = "farmer"


class Trigger(StrEnum):
    """What can move a reservation: the calls, the operator, a deadline, or a condition that is met at once."""

    register = "register"
    sign_customer = "sign_customer"
    sign_provision = "sign_provision"
    sign_farmer = "sign_farmer"
    sign_delete = "sign_delete"
    operator_delete = "operator_delete"
    set_workload_result = "set_workload_result"
    workload_deleted = "workload_deleted"
    deadline = "deadline"
    at_once = "at once"


CATEGORY_OF = {
    WorkloadKind.zdb: 0,
    WorkloadKind.container: 1,
    WorkloadKind.network: 2,
    WorkloadKind.volume: 3,
    WorkloadKind.kubernetes: 4,
}
"""The category of a result by the kind of its workload; results number the kinds in another order."""

HAND_OUT_ORDER = (
    WorkloadKind.network,
    WorkloadKind.zdb,
    WorkloadKind.volume,
    WorkloadKind.container,
    WorkloadKind.kubernetes,
)
"""The order in which a node gets the workloads of one reservation: what others need comes first (``docs/lists.md``)."""
