"""The checks of the workloads at registration (``docs/registration.md``): ids, nodes, sizes, containers, mounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import InputError, Problem
from ..schema import NOT_SET
from ._addresses import is_port
from ._application import Application
from ._case import Found
from ._enums import WorkloadKind
from ._gwid import local_workload_id, parse_gwid
from ._settings import Settings
from ._shapes import Capacity, Container, Kubernetes, Mount, Volume, Zdb

__all__ = ["containers", "count", "ids", "mounts", "nodes", "sizes", "stats_aggregators"]

LONGEST_NODE_ID = 255
"""Bytes of UTF-8 that a node id may have: what the store can keep as a key."""

LARGEST_KUBERNETES_SIZE = 255
"""A node keeps the size in one byte; a larger one loses it its whole poll."""


def count(application: Application) -> Iterator[Problem]:
    """There is at least one workload, and there are not too many."""
    amount, limit = len(application.found), application.settings.maximum_workloads
    if not amount:
        yield Problem("there is no workload in it", "data_reservation")
    elif amount > limit:
        yield Problem(f"{amount} workloads; the most is {limit}", "data_reservation")


def ids(application: Application) -> Iterator[Problem]:
    """Workload ids are exactly 1 to n over all kinds."""
    amount = len(application.found)
    wanted = f"the ids of {amount} workloads are 1 to {amount}" if amount > 1 else "the id of a single workload is 1"
    taken: dict[int, Found] = {}
    for found in application.found:
        workload_id = found.workload.workload_id
        if workload_id == NOT_SET:
            yield Problem(f"is not set; {wanted}", f"{found.path}.workload_id")
        elif not 1 <= workload_id <= amount:
            yield Problem(f"is {workload_id}; {wanted}", f"{found.path}.workload_id")
        elif (earlier := taken.setdefault(workload_id, found)) is not found:
            yield Problem(f"is {workload_id}, which {earlier.path} has already", f"{found.path}.workload_id")


def nodes(application: Application) -> Iterator[Problem]:
    """Every workload names its node, a network every node of its resources, and every node has a farmer."""
    for found in application.found:
        undeclared = False
        for place, node_id in enumerate(found.node_ids):
            if not node_id:
                yield Problem("names no node", found.node_path(place))
            elif len(node_id.encode(errors="surrogatepass")) > LONGEST_NODE_ID:
                yield Problem(f"a node id has at most {LONGEST_NODE_ID} bytes", found.node_path(place))
            elif node_id not in application.surroundings.farmers:
                if application.settings.unknown_nodes == "refuse":
                    yield Problem(f"node {node_id!r} is not in the directory", found.node_path(place))
                undeclared = True
        if undeclared and application.settings.unknown_nodes == "declared":
            yield from _declared_farmer(application, found)


def _declared_farmer(application: Application, found: Found) -> Iterator[Problem]:
    tid, path = found.workload.farmer_tid, f"{found.path}.farmer_tid"
    if tid == NOT_SET:
        yield Problem("is not set, and the directory does not know the node: nobody could sign as its farmer", path)
    elif tid not in application.surroundings.known_tids:
        yield Problem(f"threebot {tid} is not in the phonebook", path)


def sizes(application: Application) -> Iterator[Problem]:
    """Sizes are more than 0, and a kubernetes size fits what a node can read."""
    data = application.data
    families: tuple[tuple[str, Sequence[Volume | Zdb | Kubernetes]], ...]
    families = (("volumes", data.volumes), ("zdbs", data.zdbs), ("kubernetes", data.kubernetes))
    for name, workloads in families:
        for position, size in enumerate([workload.size for workload in workloads]):
            if size == NOT_SET:
                yield Problem("is not set", f"data_reservation.{name}[{position}].size")
            elif size < 1:
                yield Problem(f"is {size}; a size is more than 0", f"data_reservation.{name}[{position}].size")
            elif name == "kubernetes" and size > LARGEST_KUBERNETES_SIZE:
                message = f"is {size}; the largest is {LARGEST_KUBERNETES_SIZE}"
                yield Problem(message, f"data_reservation.{name}[{position}].size")


def stats_aggregators(application: Application) -> Iterator[Problem]:
    """The port of a stats aggregator is one."""
    for found in application.found:
        for position, aggregator in enumerate(found.workload.stats_aggregator):
            if not is_port(aggregator.port):
                path = f"{found.path}.stats_aggregator[{position}].port"
                yield Problem(f"{_number(aggregator.port)}; a port is 1 to 65535", path)


def containers(application: Application) -> Iterator[Problem]:
    """A container has what its node needs to start it."""
    for position, container in enumerate(application.data.containers):
        path = f"data_reservation.containers[{position}]"
        for field, text in (("flist", container.flist), ("hub_url", container.hub_url)):
            if not text:
                yield Problem("is empty; a node cannot start the container without it", f"{path}.{field}")
        if not container.network_connection:
            yield Problem("is empty; a container is in at least one network", f"{path}.network_connection")
        yield from _environment(container.environment, f"{path}.environment", application.settings)
        yield from _environment(container.secret_environment, f"{path}.secret_environment", application.settings)
        yield from _capacity(container.capacity, f"{path}.capacity")


def _environment(environment: Mapping[Any, Any], path: str, settings: Settings) -> Iterator[Problem]:
    if len(environment) > settings.maximum_environment_entries:
        yield Problem(f"{len(environment)} entries; the most is {settings.maximum_environment_entries}", path)
    for name, value in environment.items():
        if not isinstance(name, str) or not isinstance(value, str):
            kind = type(value if isinstance(name, str) else name).__name__
            yield Problem(f"is of type {kind}; an environment holds texts only", f"{path}.{name}")
        elif (size := len(value.encode(errors="surrogatepass"))) > settings.maximum_environment_bytes:
            yield Problem(f"{size} bytes; the most is {settings.maximum_environment_bytes}", f"{path}.{name}")


def _capacity(capacity: Capacity, path: str) -> Iterator[Problem]:
    # 0 and not set leave it to the node: real clients do not know the field.
    for field, amount in (("cpu", capacity.cpu), ("memory", capacity.memory)):
        if amount < 0:
            yield Problem(f"is {amount}; it cannot be negative", f"{path}.{field}")


def mounts(application: Application) -> Iterator[Problem]:
    """A mount is of a volume of this reservation on the same node, or of a volume that this customer has there."""
    by_id = {found.workload.workload_id: found for found in application.found}
    for position, container in enumerate(application.data.containers):
        for place, mount in enumerate(container.volumes):
            path = f"data_reservation.containers[{position}].volumes[{place}]"
            if not mount.mountpoint:
                yield Problem("is empty; say where in the container the volume is seen", f"{path}.mountpoint")
            problem = _mount_problem(application, by_id, container, mount)
            if problem:
                yield Problem(problem, f"{path}.volume_id")


def _mount_problem(
    application: Application, by_id: Mapping[int, Found], container: Container, mount: Mount
) -> str | None:
    local = local_workload_id(mount.volume_id)
    if local is not None:
        return _local_mount_problem(by_id.get(local), local, container)
    try:
        parse_gwid(mount.volume_id)
    except InputError:
        return (
            "is neither -<workload id>, for a volume of this reservation as in -3, "
            "nor <reservation id>-<workload id>, for one of another as in 12-3"
        )
    volume = application.surroundings.volumes.get(mount.volume_id)
    if volume is None or volume.customer_tid != application.reservation.customer_tid:
        return f"this customer has no volume {mount.volume_id}"
    return _elsewhere(mount.volume_id, volume.node_id, container)


def _local_mount_problem(found: Found | None, local: int, container: Container) -> str | None:
    if found is None:
        return f"there is no workload {local} in this reservation"
    if found.kind != WorkloadKind.volume:
        return f"workload {local} is of kind {found.kind.name}, not a volume"
    ((node_id, _),) = found.nodes
    return _elsewhere(f"-{local}", node_id, container)


def _elsewhere(volume: str, node_id: str, container: Container) -> str | None:
    if node_id == container.node_id:
        return None
    return f"volume {volume} is on node {node_id!r}, but the container is on node {container.node_id!r}"


def _number(number: int) -> str:
    return "is not set" if number == NOT_SET else f"is {number}"
