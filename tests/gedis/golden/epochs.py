"""The five dates at which the nodes' client was looked at, and what differs between them on the wire."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """One build of the client.

    Attributes:
        name: E1 to E5.
        built: the day of its commit.
        workloads: what the names of its calls on workloads begin with.
        directory: what the names of its calls on nodes and farms begin with.
        pooled: whether it keeps connections, instead of one for each call; the first three did not. What it sends does
            not depend on it, so that every build is tried with both.
        kubernetes: whether it knows that kind of workload.
        deletes: whether it sends ``workload_deleted`` and ``sign_delete``.
        secret_environment: whether it knows that field of a container.
        hypervisor: whether its proofs have that field.
        honours_to_delete: whether a deletion in a poll makes it delete; until then only expiry did.
        null_public_config: whether it sends a node without a public interface with null, instead of without the key.
        passes_by_bad_content: whether a workload with bad content is left out alone.
        moves_on: whether a reply that does not decode moves its cursor on by one.
        dates_in_envelopes: whether ``created`` may be what a date may be, instead of a whole number.
        embedded_results: whether ``data_json`` is a JSON value beside a hex signature over the state as well, instead
            of a JSON text beside a base64 signature.
        embedded_json: whether ``json`` of a reservation is a JSON value.
        reserved_key: the argument of ``update_reserved_capacity``; empty where that was not sent.
        logs: whether it knows that field of a container.
        hardware_addresses: whether its interfaces have ``macaddress``.
    """

    name: str
    built: str
    workloads: str = "tfgrid.workloads.workload_manager"
    directory: str = "tfgrid.directory"
    pooled: bool = False
    kubernetes: bool = True
    deletes: bool = True
    secret_environment: bool = True
    hypervisor: bool = True
    honours_to_delete: bool = True
    null_public_config: bool = False
    passes_by_bad_content: bool = False
    moves_on: bool = True
    dates_in_envelopes: bool = False
    embedded_results: bool = False
    embedded_json: bool = False
    reserved_key: str = "resources"
    logs: bool = False
    hardware_addresses: bool = False

    def __str__(self) -> str:
        """Return its name."""
        return self.name


E1 = Epoch(
    name="E1",
    built="2019-11-15",
    workloads="default.workload_manager",
    directory="default",
    kubernetes=False,
    deletes=False,
    secret_environment=False,
    hypervisor=False,
    honours_to_delete=False,
    null_public_config=True,
    moves_on=False,
    reserved_key="",
)
E2 = Epoch(
    name="E2",
    built="2020-02-04",
    secret_environment=False,
    hypervisor=False,
    honours_to_delete=False,
    null_public_config=True,
    moves_on=False,
    reserved_key="",
)
E3 = Epoch(name="E3", built="2020-03-13", passes_by_bad_content=True, reserved_key="resource")
E4 = Epoch(
    name="E4",
    built="2020-03-19",
    pooled=True,
    dates_in_envelopes=True,
    embedded_results=True,
    embedded_json=True,
)
E5 = Epoch(
    name="E5",
    built="2020-03-24",
    pooled=True,
    dates_in_envelopes=True,
    embedded_results=True,
    logs=True,
    hardware_addresses=True,
)

EPOCHS = (E1, E2, E3, E4, E5)
"""Each build as it was."""

CLIENTS = tuple(replace(epoch, pooled=pooled) for epoch in EPOCHS for pooled in (False, True))
"""Each build with a connection for each call, and with connections that it keeps."""

LAST_TWO = tuple(client for client in CLIENTS if client.embedded_results)
"""Those whose results are signed with their state, and whose reservations have times and numbers."""

DELETING = tuple(client for client in CLIENTS if client.deletes)
"""Those that report deletions and ask for them."""


def connecting(client: Epoch) -> str:
    """Return the name of one of `CLIENTS`, as ``E1-short``."""
    return f"{client}-{'pooled' if client.pooled else 'short'}"
