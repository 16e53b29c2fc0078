"""Start and stop: in order, in reverse, side by side, once, and with the cause where something fails."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import platformdirs
import pykka
import pytest

import workloadmanager
from workloadmanager.actors import CALLS
from workloadmanager.bcdb import open_store
from workloadmanager.errors import Conflict, InputError, NotFound, Unavailable
from workloadmanager.rules import Settings
from workloadmanager.threebot import WorkloadManager, default_path
from workloadmanager.threebot._manifest_checks import read_manifest  # the shipped manifest is compared with the rules
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

Start = Callable[..., WorkloadManager]
KEY = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"


def test_what_was_written_is_there_after_a_stop_and_a_start(start: Start, tmp_path: Path) -> None:
    """Users, farms, nodes and counters survive in the folder."""
    first = start(tmp_path / "store")
    first.phonebook.add(name="jane", public_key=KEY)
    first.directory.add_farm(name="farm", farmer_tid=1)
    first.directory.add_node(node_id="node-1", farm_id=1)
    first.stop()
    second = start(tmp_path / "store")
    assert second.phonebook.find("jane").id == 1
    assert second.directory.get_farm(second.directory.get_node("node-1").farm_id).threebot_id == 1
    assert second.phonebook.add(name="joe", public_key=KEY).id == 2
    assert second.store.check() == []


def test_stopping_stops_every_actor_and_closes_the_store(start: Start) -> None:
    """Nothing is left, and a second stop is no error."""
    manager = start()
    assert len(pykka.ActorRegistry.get_all()) == len({*CALLS, *DIRECTORY_CALLS, *PHONEBOOK_CALLS}) + 1
    manager.stop()
    manager.stop()
    assert pykka.ActorRegistry.get_all() == []
    with pytest.raises(Unavailable), manager.store.read():
        pass


def test_a_call_after_the_stop_says_so(start: Start) -> None:
    """The handle stays, and explains itself."""
    manager = start()
    manager.stop()
    with pytest.raises(Unavailable, match="is stopped; start it again"):
        manager.reservation_list()
    assert repr(manager) == "<WorkloadManager, stopped>"


def test_it_stops_with_its_block() -> None:
    """Also where the block is left by an error."""
    with pytest.raises(ZeroDivisionError), workloadmanager.start(":memory:") as manager:
        raise ZeroDivisionError
    assert not manager.running


def test_several_run_side_by_side(start: Start, tmp_path: Path) -> None:
    """Each has its own store and its own actors."""
    one, two, three = start(), start(), start(tmp_path / "store")
    one.phonebook.add(name="jane", public_key=KEY)
    assert (len(one.phonebook.list()), len(two.phonebook.list()), len(three.phonebook.list())) == (1, 0, 0)
    assert one.actors["reservation_get"] != two.actors["reservation_get"]
    assert len(pykka.ActorRegistry.get_by_class_name("ReservationGet")) == 3
    one.stop()
    assert two.reservation_list().reservations == []


def test_a_store_that_is_open_already_is_refused(start: Start, tmp_path: Path) -> None:
    """By whatever path; and what the second start had started is gone."""
    start(tmp_path / "store")
    (tmp_path / "link").symlink_to(tmp_path / "store")
    actors = set(pykka.ActorRegistry.get_all())
    with pytest.raises(Conflict, match="open in this process already"):
        start(tmp_path / "link")
    assert set(pykka.ActorRegistry.get_all()) == actors


def test_a_store_that_does_not_open_leaves_nothing_running(start: Start, tmp_path: Path) -> None:
    """A file, for one."""
    (tmp_path / "file").write_text("no store")
    with pytest.raises(InputError):
        start(tmp_path / "file")
    assert pykka.ActorRegistry.get_all() == []


def test_an_actor_that_does_not_start_is_reported_and_the_others_are_stopped(start: Start, tmp_path: Path) -> None:
    """The sweep is the last to start, and a clock that is broken breaks it: the cause is in the message."""

    def broken() -> float:
        raise RuntimeError("the battery is empty")

    with pytest.raises(Unavailable, match='"sweep" does not start: RuntimeError: the battery is empty'):
        start(tmp_path / "store", clock=broken)
    assert pykka.ActorRegistry.get_all() == []
    assert [thread for thread in threading.enumerate() if thread.name == "Supervisor"] == []
    open_store(tmp_path / "store").close()


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"unknown_node": "refuse"}, "unknown_node", 'did you mean "unknown_nodes"?'),
        ({"phonbook": None}, "phonbook", 'did you mean "phonebook"?'),
        ({"unknown_nodes": "maybe"}, "unknown_nodes", "not one of refuse, declared"),
        ({"maximum_workloads": 0}, "maximum_workloads", "1 or more"),
        ({"unsigned_results": "yes"}, "unsigned_results", "not true or false"),
        ({"timeout": 0}, "timeout", "more than 0"),
        ({"timeout": "60"}, "timeout", "more than 0"),
        ({"timeout": float("inf")}, "timeout", "more than 0"),
        ({"timeout": True}, "timeout", "more than 0"),
        ({"map_size": 4096}, "map_size", "1048576 or more"),
        ({"map_size": "1 TiB"}, "map_size", "1048576 or more"),
        ({"packages": "/a/folder"}, "packages", "as a list"),
        ({"path": "postgresql://host/name"}, "", "no postgresql store"),
        ({"gedis": "127.0.0.1:8901"}, "gedis.listen[0]", "is no address"),
        ({"gedis": 8901}, "gedis", "an address, a list of addresses or a Gedis"),
        ({"gedis": ["tcp://127.0.0.1:0", 5]}, "gedis.listen[1]", "is a text"),
        ({"gedi": None}, "gedi", 'did you mean "gedis"?'),
    ],
)
def test_a_wrong_option_is_refused(start: Start, options: dict[str, Any], path: str, message: str) -> None:
    """One wrong option, one error with its path; nothing is left running."""
    with pytest.raises(InputError, match=message.replace("?", r"\?")) as refusal:
        start(**options)
    assert refusal.value.path == path
    assert pykka.ActorRegistry.get_all() == []


def test_all_wrong_settings_are_reported_at_once(start: Start) -> None:
    """Unknown ones and ill ones together."""
    with pytest.raises(InputError) as refusal:
        start(unknown_node="refuse", maximum_workloads=0)
    assert [problem.path for problem in refusal.value.errors] == ["unknown_node", "maximum_workloads"]


def test_the_shipped_manifest_has_every_setting_with_its_default() -> None:
    """An operator who reads package.toml sees what the rules do."""
    import workloadmanager.rules

    root = Path(workloadmanager.rules.__file__).parent.parent
    settings: dict[str, Any] = dict(read_manifest(root).settings)
    assert Settings(**settings) == Settings()
    assert set(settings) == set(Settings.__slots__)


def test_the_usual_place_is_the_users_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path the store is where the platform keeps a user's data; the folder is made."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_path() == platformdirs.user_data_path("workloadmanager") / "bcdb"
    with workloadmanager.start() as manager:
        assert str(default_path()) in repr(manager)
    assert default_path().is_dir()


def test_a_tilde_is_the_users_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with workloadmanager.start("~/store"):
        assert (tmp_path / "store").is_dir()


def test_a_clock_may_tell_fractions(start: Start) -> None:
    """`time.time` is a clock; an epoch is a whole second."""
    manager = start(clock=time.time)
    manager.phonebook.add(name="jane", public_key=KEY)
    manager.directory.add_farm(name="farm", farmer_tid=1)
    assert isinstance(manager.directory.add_node(node_id="n", farm_id=1).created, int)


class People:
    """A host's own phonebook: whoever is asked for is there, though it seems to be empty."""

    def __len__(self) -> int:
        return 0

    def get(self, tid: int, /) -> Any:
        """Return a user of that id."""
        if tid > 100:
            raise NotFound("nobody")
        return type("User", (), {"name": f"user {tid}", "pubkey": KEY})


def test_a_host_may_bring_its_own_phonebook(start: Start) -> None:
    """The directory in the store asks it for farmers."""
    people = People()
    manager = start(phonebook=people)
    phonebook: object = manager.phonebook
    assert phonebook is people
    assert manager.directory.add_farm(name="farm", farmer_tid=7).threebot_id == 7
    with pytest.raises(NotFound, match="add the farmer first"):
        manager.directory.add_farm(name="other", farmer_tid=101)


class Nowhere:
    """A host's own directory, which knows no node."""

    def get_node(self, node_id: str, /) -> Any:
        """Know none."""
        raise NotFound(f"{node_id} is not ours")

    def get_farm(self, farm_id: int, /) -> Any:
        """Know none."""
        raise NotFound(f"{farm_id} is not ours")


def test_a_host_may_bring_its_own_directory(start: Start) -> None:
    """What it does not know is refused, as what the store's does not know."""
    manager = start(directory=Nowhere())
    manager.phonebook.add(name="jane", public_key=KEY)
    data = {"volumes": [{"workload_id": 1, "node_id": "node-1", "size": 1}]}
    with pytest.raises(InputError) as refusal:
        manager.reservation_register(reservation={"customer_tid": 1, "data_reservation": data})
    assert "data_reservation.volumes[0].node_id" in [problem.path for problem in refusal.value.errors]


def test_stopping_all_actors_of_the_process_stops_it(start: Start, tmp_path: Path) -> None:
    """A host that ends with `pykka.ActorRegistry.stop_all` finds the store closed, and nothing running again."""
    manager = start(tmp_path / "store")
    pykka.ActorRegistry.stop_all()
    manager.stop()
    assert not manager.running
    assert pykka.ActorRegistry.get_all() == []
    open_store(tmp_path / "store").close()


def test_two_threads_may_stop_it_at_once(start: Start) -> None:
    """One of them does it, and both come back when it is done."""
    manager = start()
    threads = [threading.Thread(target=manager.stop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pykka.ActorRegistry.get_all() == []


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_does_not_stop_what_its_parent_runs(start: Start, tmp_path: Path) -> None:
    """The threads stayed in the parent: the child is told at once, and the parent answers."""
    manager = start(tmp_path / "store")
    child = os.fork()
    if child == 0:
        began, told = time.monotonic(), False
        try:
            manager.reservation_list()
        except Unavailable as error:
            told = "came through a fork" in str(error)
        manager.stop()
        os._exit(0 if told and time.monotonic() - began < 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert manager.reservation_list().reservations == []


@pytest.mark.parametrize("name", Settings.__slots__)
def test_a_setting_is_documented_with_its_default(repository: Path, name: str) -> None:
    """docs/operating.md has a row for each."""
    default = getattr(Settings(), name)
    shown = f'`"{default}"`' if isinstance(default, str) else f"`{default}`" if isinstance(default, bool) else default
    assert f"| `{name}` | {shown} |" in (repository / "docs" / "operating.md").read_text(encoding="utf-8")
