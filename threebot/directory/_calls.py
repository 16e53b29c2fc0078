"""The calls of the directory, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ...actors import CallActor, call_of
from ._capacity_calls import NodesUpdateReservedCapacity, NodesUpdateTotalCapacity, NodesUpdateUsedCapacity
from ._farm_calls import FarmsGet, FarmsList, FarmsRegister
from ._network_calls import NodesPublishInterfaces, NodesPublishWgPorts, NodesSetPublicIface
from ._node_calls import NodesAdd, NodesGet, NodesList
from ._state_calls import NodesAddProof, NodesUptimeUpdate

__all__ = ["CALLS"]

CALLS: Mapping[str, type[CallActor]] = MappingProxyType(
    {
        call_of(actor_class).name: actor_class
        for actor_class in (
            NodesAdd,
            NodesGet,
            NodesList,
            NodesUpdateTotalCapacity,
            NodesUpdateUsedCapacity,
            NodesUpdateReservedCapacity,
            NodesUptimeUpdate,
            NodesAddProof,
            NodesPublishInterfaces,
            NodesSetPublicIface,
            NodesPublishWgPorts,
            FarmsRegister,
            FarmsGet,
            FarmsList,
        )
    }
)
"""The actor of each call of the directory, by its name, in the order of the documentation."""
