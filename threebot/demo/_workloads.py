"""What every node of the demo does with a workload: it opens the secrets, and has something to tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ... import signing

__all__ = ["Workload", "mounted", "open_secrets", "told_of"]

SECRET_FIELDS = ("password", "cluster_secret", "wireguard_private_key_encrypted")


class Workload(Protocol):
    """What a poll returns of one workload."""

    workload_id: str
    type: object
    content: Mapping[str, Any]
    to_delete: bool


def open_secrets(workload: Workload, key: signing.Key) -> int:
    """Open every secret of a workload that is sealed to a node, and return how many there are.

    Raises:
        InputError: one was sealed to another key.
    """
    return len([signing.unseal(key, sealed) for sealed in _sealed(workload.content, key.node_id)])


def mounted(workload: Workload) -> Iterator[str]:
    """Yield the global ids of the volumes that a workload mounts."""
    yield from (mount["volume_id"] for mount in workload.content.get("volumes", ()))


def told_of(workload: Workload) -> dict[str, Any] | None:
    """Return what a real node tells of a workload of this kind that runs."""
    gwid, content = workload.workload_id, workload.content
    match str(workload.type):
        case "zdb":
            return {"Namespace": gwid, "IP": "10.20.2.2", "Port": 9900}
        case "container":
            address = content["network_connection"][0]["ipaddress"]
            return {"id": gwid, "ipv6": "<nil>", "ipv4": address}
        case "volume":
            return {"volume_id": gwid}
        case "kubernetes":
            return {"id": gwid, "ip": content["ipaddress"]}
    return None  # a network has nothing to tell


def _sealed(content: Mapping[str, Any], node_id: str) -> Iterator[str]:
    """Yield the sealed secrets of a workload that are for a node; of a network, those of its own resource."""
    mine = [resource for resource in content.get("network_resources", ()) if resource["node_id"] == node_id]
    for part in (content, *mine):
        yield from (part[name] for name in SECRET_FIELDS if part.get(name))
        yield from part.get("secret_environment", {}).values()
