"""The farms over their calls: registered, registered again, found, and each mistake with its own error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from workloadmanager.errors import Conflict, InputError, NotFound
from workloadmanager.threebot import WorkloadManager

FARM: dict[str, Any] = {
    "id": 0,
    "threebot_id": 1,
    "iyo_organization": "green",
    "name": "Green Valley",
    "wallet_addresses": ["GBX3"],
    "location": {"city": "Cairo", "country": "EG", "continent": "Africa", "latitude": 30.06, "longitude": 31.2},
    "email": "farmer@example.org",
    "resource_prices": [{"currency": 2, "cru": 1.5, "mru": 2, "hru": 0, "sru": 0.5, "nru": 0}],
}


def test_a_farm_is_registered_and_read_back(grid: WorkloadManager) -> None:
    """All that was sent; the range that nobody set is empty."""
    assert grid.farms_register(farm=FARM).farm_id == 3
    farm = grid.farms_get(farm_id=3)
    assert (farm.id, farm.name, farm.threebot_id, farm.email) == (3, "Green Valley", 1, "farmer@example.org")
    assert (farm.location.city, farm.wallet_addresses, farm.prefix_zero) == ("Cairo", ["GBX3"], "")
    (price,) = farm.resource_prices
    assert (price.currency, price.cru, price.mru) == ("TFT", 1.5, 2.0)
    assert grid.directory.get_farm(3) == farm


def test_the_same_farmer_and_name_is_the_same_farm(grid: WorkloadManager) -> None:
    """Registering again writes it anew, in whatever case the name is; the id stays."""
    grid.farms_register(farm=FARM)
    again = {**FARM, "name": "GREEN valley", "email": "new@example.org", "id": 77}
    assert grid.farms_register(farm=again).farm_id == 3
    farm = grid.farms_get(farm_id=3)
    assert (farm.name, farm.email, farm.id) == ("GREEN valley", "new@example.org", 3)
    assert grid.directory.add_farm(name="green valley", farmer_tid=1) == farm
    assert len(grid.farms_list().farms) == 3


def test_farms_are_listed_by_city_and_country(grid: WorkloadManager) -> None:
    """In whatever case; empty texts keep all."""
    grid.farms_register(farm=FARM)

    def listed(**arguments: object) -> list[int]:
        return [farm.id for farm in grid.farms_list(**arguments).farms]

    assert listed(city="", country="") == listed() == [1, 2, 3]
    assert listed(city="cairo", country="eg") == listed(country="Eg") == [3]
    assert listed(city="cairo", country="be") == []


@pytest.mark.parametrize(
    ("wrong", "error", "path", "message"),
    [
        ({"name": ""}, InputError, "farm.name", "1 to 40 characters"),
        ({"name": "x" * 41}, InputError, "farm.name", "1 to 40 characters"),
        ({"name": "a\tb"}, InputError, "farm.name", "does not print"),
        ({"name": 5}, InputError, "farm.name", "must be a text"),
        ({"name": "FARM 2"}, Conflict, "farm.name", "is the name of farm 2 already"),
        ({"threebot_id": None}, InputError, "farm.threebot_id", "whole number of 1"),
        ({"threebot_id": 0}, InputError, "farm.threebot_id", "whole number of 1"),
        ({"threebot_id": 9}, NotFound, "farm.threebot_id", "add the farmer first"),
        ({"email": "nobody"}, InputError, "farm.email", "must be an email address"),
        ({"iyo_organization": "x" * 256}, InputError, "farm.iyo_organization", "at most 255 characters"),
        ({"wallet_addresses": ["x" * 256]}, InputError, "farm.wallet_addresses[0]", "at most 255 characters"),
        ({"wallet_addresses": ["x"] * 1025}, InputError, "farm.wallet_addresses", "at most 1024 entries"),
        ({"location": {"latitude": 91}}, InputError, "farm.location.latitude", "from -90 to 90 degrees"),
        ({"location": {"longitude": -181}}, InputError, "farm.location.longitude", "from -180 to 180 degrees"),
        ({"location": {"city": "a\nb"}}, InputError, "farm.location.city", "does not print"),
        ({"resource_prices": [{"cru": -1}]}, InputError, "farm.resource_prices[0].cru", "must be 0 or more"),
        ({"resource_prices": [{"currency": 5}]}, InputError, "farm.resource_prices[0].currency", "must be one of"),
        ({"resource_prices": [{}, {}]}, InputError, "farm.resource_prices[1]", "prices in EUR already"),
        ({"prefix_zero": "10.0.0.0/8"}, InputError, "farm.prefix_zero", "must be an IPv6 range"),
        ({"prefix_zero": "fd00::"}, InputError, "farm.prefix_zero", "an address with its mask"),
    ],
)
def test_a_mistake_is_refused(
    quick: Any, wrong: Mapping[str, object], error: type[Exception], path: str, message: str
) -> None:
    """One mistake in a good farm, one error with its path, and nothing is stored."""
    with pytest.raises(error, match=message) as refusal:
        quick.farms_register(farm={**FARM, **wrong})
    assert getattr(refusal.value, "path", None) == path
    assert len(quick.farms_list().farms) == 2


def test_all_mistakes_are_reported_at_once(quick: Any) -> None:
    """Name, farmer and place."""
    with pytest.raises(InputError) as refusal:
        quick.farms_register(farm={"location": {"latitude": 100}})
    assert [problem.path for problem in refusal.value.errors] == [
        "farm.name",
        "farm.threebot_id",
        "farm.location.latitude",
    ]


def test_an_unknown_farm_is_not_found(quick: Any) -> None:
    """Whatever number it is; a list does not take an argument that it does not have."""
    for farm_id in (3, 0, -1):
        with pytest.raises(NotFound, match=f"no farm {farm_id}"):
            quick.farms_get(farm_id=farm_id)
    with pytest.raises(InputError, match="no argument of farms_list"):
        quick.farms_list(town="Cairo")
