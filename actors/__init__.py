"""The calls of the workload manager as Pykka actors, and the runtime they stand on.

Each documented call has a module of its name with one actor; `CALLS` lists them. ``docs/calls.md``
describes the calls for users, ``docs/embedding.md`` how a host runs and asks them.
"""

from collections.abc import Mapping
from types import MappingProxyType

from ..bcdb import Together, once_together
from ._access import acting_node, check_access
from ._actor import Actor
from ._call import CallActor, call_of
from ._caller import HOST, Caller, Request, Role
from ._context import Context, Directory, Farm, ManyNodes, ManyUsers, Node, Phonebook, User
from ._declaration import Access, Call, Schemas, schemas_of
from ._documents import Stored
from ._expiry import expire_due
from ._future import ActorStopped, ErrorDetails, Reply
from ._page import Page
from ._reply import AsyncReply, ask_async, ask_into
from .reservation_get import ReservationGet
from .reservation_list import ReservationList
from .reservation_register import ReservationRegister
from .set_workload_result import SetWorkloadResult
from .sign_customer import SignCustomer
from .sign_delete import SignDelete
from .sign_farmer import SignFarmer
from .sign_provision import SignProvision
from .workload_deleted import WorkloadDeleted
from .workload_get import WorkloadGet
from .workloads_list import WorkloadsList

__all__ = [
    "CALLS",
    "HOST",
    "Access",
    "Actor",
    "ActorStopped",
    "AsyncReply",
    "Call",
    "CallActor",
    "Caller",
    "Context",
    "Directory",
    "ErrorDetails",
    "Farm",
    "ManyNodes",
    "ManyUsers",
    "Node",
    "Page",
    "Phonebook",
    "Reply",
    "Request",
    "Role",
    "Schemas",
    "Stored",
    "Together",
    "User",
    "acting_node",
    "ask_async",
    "ask_into",
    "call_of",
    "check_access",
    "expire_due",
    "once_together",
    "schemas_of",
]

CALLS: Mapping[str, type[CallActor]] = MappingProxyType(
    {
        call_of(actor_class).name: actor_class
        for actor_class in (
            ReservationRegister,
            ReservationGet,
            ReservationList,
            WorkloadsList,
            WorkloadGet,
            SignProvision,
            SignDelete,
            SignFarmer,
            SignCustomer,
            SetWorkloadResult,
            WorkloadDeleted,
        )
    }
)
"""The actor of each documented call, by its name, in the order of the documentation."""
