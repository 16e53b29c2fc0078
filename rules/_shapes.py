"""What the rules read of a document: one protocol per model, with the attributes of the model.

The types themselves are made at start from the files in ``models/``; these shapes let a type checker
read the rules, and a test holds each to its model.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

__all__ = [
    "Capacity",
    "Connection",
    "Container",
    "Data",
    "Kubernetes",
    "Mount",
    "Network",
    "NetworkResource",
    "Peer",
    "Placed",
    "Reservation",
    "Result",
    "Signature",
    "SigningRequest",
    "StatsAggregator",
    "Volume",
    "Workload",
    "Zdb",
]


class SigningRequest(Protocol):
    """Who may sign for something, and how many of them must (``tfgrid.workloads.reservation.signing.request.1``)."""

    signers: list[int]
    quorum_min: int


class Signature(Protocol):
    """A signature that was counted (``tfgrid.workloads.reservation.signing.signature.1``)."""

    tid: int
    signature: str
    epoch: int


class Result(Protocol):
    """What a node reported about a workload (``tfgrid.workloads.reservation.result.1``)."""

    category: int
    workload_id: str
    data_json: str
    signature: bytes
    state: int
    message: str
    epoch: int


class StatsAggregator(Protocol):
    """Where a workload sends its figures (``tfgrid.workloads.reservation.statsaggregator.1``)."""

    addr: str
    port: int
    secret: str


class Mount(Protocol):
    """A volume inside a container (``tfgrid.workloads.reservation.container.mount.1``)."""

    volume_id: str
    mountpoint: str


class Connection(Protocol):
    """A container's place in a network (``tfgrid.workloads.reservation.network.connection.1``)."""

    network_id: str
    ipaddress: str
    public_ip6: bool


class Capacity(Protocol):
    """How much a container may use (``tfgrid.workloads.reservation.container.capacity.1``)."""

    cpu: int
    memory: int


class Container(Protocol):
    """A container (``tfgrid.workloads.reservation.container.1``)."""

    workload_id: int
    node_id: str
    flist: str
    hub_url: str
    environment: dict[str, Any]
    secret_environment: dict[str, Any]
    entrypoint: str
    interactive: bool
    volumes: list[Mount]
    network_connection: list[Connection]
    stats_aggregator: list[StatsAggregator]
    farmer_tid: int
    capacity: Capacity


class Volume(Protocol):
    """A volume (``tfgrid.workloads.reservation.volume.1``)."""

    workload_id: int
    node_id: str
    size: int
    type: int
    stats_aggregator: list[StatsAggregator]
    farmer_tid: int


class Zdb(Protocol):
    """A zdb namespace (``tfgrid.workloads.reservation.zdb.1``)."""

    workload_id: int
    node_id: str
    size: int
    mode: int
    password: str
    disk_type: int
    public: bool
    stats_aggregator: list[StatsAggregator]
    farmer_tid: int


class Peer(Protocol):
    """A wireguard peer of a network resource (``tfgrid.workloads.wireguard.peer.1``)."""

    public_key: str
    allowed_iprange: list[str]
    endpoint: str
    iprange: str


class NetworkResource(Protocol):
    """A network's part on one node (``tfgrid.workloads.network.net_resource.1``)."""

    node_id: str
    wireguard_private_key_encrypted: str
    wireguard_public_key: str
    wireguard_listen_port: int
    iprange: str
    peers: list[Peer]


class Network(Protocol):
    """A network over one or more nodes (``tfgrid.workloads.reservation.network.1``)."""

    name: str
    workload_id: int
    iprange: str
    stats_aggregator: list[StatsAggregator]
    network_resources: list[NetworkResource]
    farmer_tid: int


class Kubernetes(Protocol):
    """A kubernetes machine (``tfgrid.workloads.reservation.k8s.1``)."""

    workload_id: int
    node_id: str
    size: int
    network_id: str
    ipaddress: str
    cluster_secret: str
    master_ips: list[str]
    ssh_keys: list[str]
    stats_aggregator: list[StatsAggregator]
    farmer_tid: int


class Data(Protocol):
    """What is asked for; never changed (``tfgrid.workloads.reservation.data.1``)."""

    description: str
    signing_request_provision: SigningRequest
    signing_request_delete: SigningRequest
    containers: list[Container]
    volumes: list[Volume]
    zdbs: list[Zdb]
    networks: list[Network]
    kubernetes: list[Kubernetes]
    expiration_provisioning: int
    expiration_reservation: int


class Reservation(Protocol):
    """A reservation: what is asked for, and what the server knows of it (``tfgrid.workloads.reservation.1``)."""

    json: str
    data_reservation: Data
    customer_tid: int
    customer_signature: str
    next_action: int
    signatures_provision: list[Signature]
    signatures_farmer: list[Signature]
    signatures_delete: list[Signature]
    epoch: int
    results: list[Result]
    id: int


class Workload(Protocol):
    """A workload's envelope, as a node gets it (``tfgrid.workloads.reservation.workload.1``)."""

    workload_id: str
    user: str
    type: int
    content: dict[str, Any]
    created: int
    duration: int
    signature: str
    to_delete: bool


Placed: TypeAlias = Container | Volume | Zdb | Kubernetes
"""A workload that runs on one node; a network runs on several."""
