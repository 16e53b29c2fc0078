"""The calls of the directory and the phonebook run where these are kept in the store, and read as all others do."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from workloadmanager.errors import InputError
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

Start = Callable[..., WorkloadManager]
WritePackage = Callable[..., Path]


ACTOR = """\
import pykka

class NodesGet(pykka.ThreadingActor):
    def __init__(self, context):
        super().__init__()
"""


class Everybody:
    """A host's own phonebook, in which everybody is."""

    def get(self, tid: int) -> SimpleNamespace:
        """Return a member."""
        return SimpleNamespace(name=f"member {tid}", pubkey="")


class Everything:
    """A host's own directory, in which every node is in farm 1."""

    def get_node(self, node_id: str) -> SimpleNamespace:
        """Return a node."""
        return SimpleNamespace(farm_id=len(node_id[:1]), public_key_hex="")

    def get_farm(self, farm_id: int) -> SimpleNamespace:
        """Return a farm."""
        return SimpleNamespace(threebot_id=farm_id)


def test_they_are_methods_with_signature_and_help(start: Start) -> None:
    """As the documented calls are: for a prompt, for help, and for completion."""
    manager = start()
    assert {*DIRECTORY_CALLS, *PHONEBOOK_CALLS} <= {*dir(manager)} & {*manager.packages["workloadmanager"].calls}
    parameters = inspect.signature(manager.nodes_update_used_capacity).parameters
    assert list(parameters) == ["node_id", "resource", "resources"]
    assert "Return a user by threebot id" in (manager.users_get.__doc__ or "")
    with pytest.raises(InputError, match=r"wm\.nodes_get\(node_id="):
        manager.nodes_get("node-1")
    with pytest.raises(AttributeError, match='did you mean "nodes_get"'):
        _ = manager.node_get


@pytest.mark.parametrize(
    ("own", "there", "absent"),
    [
        ({"phonebook": Everybody()}, DIRECTORY_CALLS, PHONEBOOK_CALLS),
        ({"directory": Everything()}, PHONEBOOK_CALLS, DIRECTORY_CALLS),
    ],
    ids=["phonebook", "directory"],
)
def test_a_host_that_brings_its_own_takes_care_of_it(
    start: Start, own: dict[str, Any], there: dict[str, type], absent: dict[str, type]
) -> None:
    """The calls of the other one run."""
    manager = start(**own)
    assert set(there) <= set(manager.actors)
    assert set(absent).isdisjoint(manager.actors)


def test_farms_are_registered_for_members_of_a_hosts_own_phonebook(start: Start) -> None:
    """The directory asks whoever knows the users."""
    assert start(phonebook=Everybody()).farms_register(farm={"name": "farm", "threebot_id": 70}).farm_id == 1


def test_another_package_can_not_take_their_names(start: Start, write_package: WritePackage) -> None:
    """Neither of a call nor of a collection; where the host brings its own directory, the names are free."""
    calls = write_package("calls", {"actors/nodes_get.py": ACTOR})
    collections = write_package("collections", more='[[bcdbs]]\nname = "node_proof"\n')
    manager = start(packages=[calls, collections])
    assert "one of the package workloadmanager already" in manager.packages["calls"].reason
    assert "belongs to the host already" in manager.packages["collections"].reason
    assert manager.nodes_list().nodes == []
    assert start(packages=[calls], directory=Everything()).packages["calls"].status == "running"
