"""The model files: complete, explained, and in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workloadmanager.models import FOLDER
from workloadmanager.schema import Property, Registry, Schema

DOCUMENTS = {
    "tfgrid.directory.farm.1",
    "tfgrid.directory.node.2",
    "tfgrid.phonebook.user.1",
    "tfgrid.workload.actionable.1",
    "tfgrid.workloads.reservation.1",
    "tfgrid.workloads.reservation.workload.1",
}


@pytest.fixture(scope="module")
def models() -> Registry:
    """The shipped models and nothing else."""
    registry = Registry()
    registry.add_folder(FOLDER)
    return registry


def _fields(models: Registry) -> Iterator[tuple[Schema, Property]]:
    return ((schema, each) for schema in models for each in schema.properties)


def test_every_reference_leads_to_a_model(models: Registry) -> None:
    """The folder stands on its own."""
    models.resolve()


def test_every_schema_and_every_field_is_explained(models: Registry) -> None:
    """In words of more than its own name."""
    unexplained = [f"{schema.url}.{each.name}" for schema, each in _fields(models) if len(each.help.split()) < 2]
    unexplained += [schema.url for schema in models if len(schema.help.split()) < 3]
    assert unexplained == []


def test_every_number_says_its_unit_or_what_it_counts(models: Registry) -> None:
    """A date says that it counts seconds; a size says of what."""
    dates = [each for _, each in _fields(models) if each.kind.name == "T"]
    sizes = [
        each
        for _, each in _fields(models)
        if each.name in ("size", "memory", "mru", "hru", "sru") and each.kind.name == "I"
    ]
    assert all("seconds since 1970" in each.help for each in dates)
    assert all("GiB" in each.help or "MiB" in each.help or "size of the machine" in each.help for each in sizes)
    assert (len(dates), len(sizes)) == (9, 7)


def test_the_documents_are_those_that_are_stored_on_their_own(models: Registry) -> None:
    """They carry a number; everything else lies inside one of them."""
    assert {schema.url for schema in models if schema.has_id} == DOCUMENTS


def test_fields_that_are_looked_up_are_marked(models: Registry) -> None:
    """The markers are the original's."""
    marked = {f"{schema.url}.{each.name}{each.index}" for schema, each in _fields(models) if each.index}
    assert marked == {
        "tfgrid.directory.farm.1.name**",
        "tfgrid.directory.farm.1.threebot_id**",
        "tfgrid.directory.node.2.farm_id**",
        "tfgrid.directory.node.2.node_id**",
        "tfgrid.directory.node.2.os_version**",
        "tfgrid.phonebook.user.1.email**",
        "tfgrid.phonebook.user.1.name**",
        "tfgrid.workload.actionable.1.node_id**",
        "tfgrid.workload.actionable.1.workload_id**",
        "tfgrid.workloads.reservation.network.1.name**",
    }


@pytest.mark.parametrize(
    ("url", "field", "choices"),
    [
        ("tfgrid.workloads.reservation.1", "next_action", "create sign pay deploy delete invalid deleted"),
        ("tfgrid.workloads.reservation.result.1", "state", "error ok deleted"),
        ("tfgrid.workloads.reservation.result.1", "category", "zdb container network volume kubernetes"),
        ("tfgrid.workloads.reservation.workload.1", "type", "zdb container volume network kubernetes"),
        ("tfgrid.workloads.reservation.volume.1", "type", "HDD SSD"),
        ("tfgrid.workloads.reservation.zdb.1", "mode", "seq user"),
        ("tfgrid.workloads.reservation.zdb.1", "disk_type", "hdd ssd"),
        ("tfgrid.directory.node.public_iface.1", "type", "macvlan vlan"),
        ("tfgrid.directory.node.resource.price.1", "currency", "EUR USD TFT AED GBP"),
    ],
)
def test_the_order_of_enumerations_is_wire_format(models: Registry, url: str, field: str, choices: str) -> None:
    """Clients send the position of a value."""
    (each,) = (each for each in models.get(url).properties if each.name == field)
    assert each.choices == tuple(choices.split())


def test_every_model_makes_an_object_that_is_read_back(models: Registry) -> None:
    """With nothing but defaults."""
    for schema in models:
        made = schema.new()
        assert schema.decode(schema.encode(made)) == made
        assert schema.convert(schema.to_dict(made)) == made


def test_the_folder_is_the_one_that_ships(repository: Path) -> None:
    """The installed model files are those of the repository."""
    shipped = {
        entry.name: entry.read_text(encoding="utf-8") for entry in FOLDER.iterdir() if entry.name.endswith(".toml")
    }
    own = {path.name: path.read_text(encoding="utf-8") for path in (repository / "models").glob("*.toml")}
    assert shipped == own
    assert len(own) == 13


def test_comments_of_a_file_stand_in_line(repository: Path) -> None:
    """A model file is a table to read: within a file, the comments of fields begin in one column."""
    for path in (repository / "models").glob("*.toml"):
        lines = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if "=" in line and not line.startswith(("#", "["))
        ]
        assert len({line.rindex("  # ") for line in lines}) == 1, path.name
