"""The shapes that the rules read hold to the models."""

from __future__ import annotations

from typing import Any, get_type_hints

import pytest

from workloadmanager import rules
from workloadmanager.schema import Registry

MODELS = {
    rules.Reservation: "reservation.1",
    rules.Data: "reservation.data.1",
    rules.SigningRequest: "reservation.signing.request.1",
    rules.Signature: "reservation.signing.signature.1",
    rules.Result: "reservation.result.1",
    rules.Workload: "reservation.workload.1",
    rules.Container: "reservation.container.1",
    rules.Capacity: "reservation.container.capacity.1",
    rules.Mount: "reservation.container.mount.1",
    rules.Connection: "reservation.network.connection.1",
    rules.Volume: "reservation.volume.1",
    rules.Zdb: "reservation.zdb.1",
    rules.Network: "reservation.network.1",
    rules.NetworkResource: "network.net_resource.1",
    rules.Peer: "wireguard.peer.1",
    rules.Kubernetes: "reservation.k8s.1",
    rules.StatsAggregator: "reservation.statsaggregator.1",
}


@pytest.mark.parametrize(("shape", "url"), MODELS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_shape_has_the_attributes_of_its_model(registry: Registry, shape: type[Any], url: str) -> None:
    """The same names in the same order; a reservation has its id besides."""
    names = [each.name for each in registry.get(f"tfgrid.workloads.{url}").properties]
    extra = ["id"] if shape is rules.Reservation else []
    assert list(get_type_hints(shape)) == names + extra


@pytest.mark.parametrize(("shape", "url"), MODELS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_the_plain_attributes_have_the_types_of_the_model(registry: Registry, shape: type[Any], url: str) -> None:
    """A new document has a value of the shape's type in each of them."""
    document = registry.get(f"tfgrid.workloads.{url}").new()
    for name, hint in get_type_hints(shape).items():
        if hint in (int, str, bool, bytes):
            assert isinstance(getattr(document, name), hint) or name == "id"


def test_the_enumerations_have_the_numbers_of_the_models(registry: Registry) -> None:
    """Name by name: the order is wire format."""

    def names(url: str, field: str) -> dict[str, int]:
        document = registry.get(f"tfgrid.workloads.{url}").new()
        return {str(member): int(member) for member in type(getattr(document, field))}

    def ours(kind: type[Any]) -> dict[str, int]:
        return {member.name: int(member) for member in kind}

    assert names("reservation.1", "next_action") == ours(rules.NextAction)
    assert names("reservation.result.1", "state") == ours(rules.ResultState)
    assert names("reservation.workload.1", "type") == ours(rules.WorkloadKind)
    categories = names("reservation.result.1", "category")
    assert {kind.name: category for kind, category in rules.CATEGORY_OF.items()} == categories
