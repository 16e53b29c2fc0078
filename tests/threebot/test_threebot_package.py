"""`package` and `j`: packages by name, as in a shell, with one workload manager for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from workloadmanager.errors import Conflict, SchemaError, Unavailable
from workloadmanager.threebot import J, Packages, j, package

WritePackage = Callable[..., Path]

ACTOR = """\
import pykka

class {name}(pykka.ThreadingActor):
    def __init__(self, context):
        super().__init__()

    def on_receive(self, message):
        return "hello"
"""


@pytest.fixture
def packages() -> Iterator[Packages]:
    """The packages of a process; whatever runs is stopped with the test."""
    packages = Packages()
    yield packages
    packages.stop()


@pytest.fixture
def greeter(write_package: WritePackage) -> Path:
    """A small package that works."""
    return write_package("greeter", {"actors/greet.py": ACTOR.format(name="Greet")})


def test_the_original_way_to_start_works() -> None:
    """From `package`, and from `j`, it is the same thing."""
    manager = package.workloadmanager.start(":memory:")
    try:
        assert manager.reservation_list().reservations == []
        assert j.threebot.package is package
        assert j.threebot.package.workloadmanager.start() is manager
    finally:
        package.workloadmanager.stop()
    assert not manager.running


def test_a_second_start_returns_what_runs(packages: Packages) -> None:
    """Without options; with options it can not be what was asked for."""
    manager = packages.workloadmanager.start(":memory:")
    assert packages.workloadmanager.start() is manager
    for options in ({"path": ":memory:"}, {"timeout": 5}):
        with pytest.raises(Conflict, match="runs already; stop it"):
            packages.workloadmanager.start(**options)


def test_after_a_stop_it_starts_anew(packages: Packages) -> None:
    """Whoever stopped it, the package or the handle."""
    first = packages.workloadmanager.start(":memory:")
    first.stop()
    second = packages.workloadmanager.start(":memory:")
    assert second is not first
    packages.workloadmanager.stop()
    packages.workloadmanager.stop()
    assert not second.running


def test_a_package_that_is_added_is_listed_completed_and_started(packages: Packages, greeter: Path) -> None:
    """From its folder; adding it twice is adding it once."""
    added = packages.add(greeter)
    packages.add(str(greeter))
    assert repr(added) == "<package greeter 1.0.0: found>"
    assert [(record.name, record.status) for record in packages.list()] == [
        ("workloadmanager", "found"),
        ("greeter", "found"),
    ]
    assert {"workloadmanager", "greeter", "add", "list"} <= set(dir(packages))
    assert packages.greeter.start(":memory:").greet() == "hello"
    assert [str(record) for record in packages.list()] == ["workloadmanager 0.1.0: running", "greeter 1.0.0: running"]


def test_packages_given_at_the_start_come_beside_those_that_were_added(
    packages: Packages, greeter: Path, write_package: WritePackage
) -> None:
    """Both kinds of paths are taken."""
    packages.add(greeter)
    more = write_package("more", {"actors/wave.py": ACTOR.format(name="Wave")})
    manager = packages.workloadmanager.start(":memory:", packages=[more])
    assert (manager.greet(), manager.wave()) == ("hello", "hello")


def test_an_unknown_package_has_a_near_miss(packages: Packages) -> None:
    """As an attribute error, which completion expects."""
    with pytest.raises(AttributeError, match='no package "workloadmanagr"; did you mean "workloadmanager"'):
        packages.workloadmanagr.start()


def test_a_folder_with_mistakes_is_not_added(packages: Packages, write_package: WritePackage, tmp_path: Path) -> None:
    """All its mistakes are told at once."""
    with pytest.raises(SchemaError, match="2 mistakes"):
        packages.add(write_package("ill", manifest='[source]\nname = "ill"\n'))
    with pytest.raises(SchemaError, match=r"no package\.toml"):
        packages.add(tmp_path)
    assert [record.name for record in packages.list()] == ["workloadmanager"]


def test_a_package_whose_manifest_breaks_later_is_listed_as_failed(packages: Packages, greeter: Path) -> None:
    """A list never fails for one of its rows."""
    packages.add(greeter)
    (greeter / "package.toml").write_text("[source")
    assert [(record.name, record.status) for record in packages.list()] == [
        ("workloadmanager", "found"),
        ("greeter", "failed"),
    ]


def test_a_name_that_is_taken_is_not_added(packages: Packages, write_package: WritePackage) -> None:
    """Neither this package's nor another's."""
    with pytest.raises(Conflict, match='the name "workloadmanager" is that of'):
        packages.add(write_package("workloadmanager"))


def test_a_package_that_was_added_after_the_start_runs_from_the_next_one_on(packages: Packages, greeter: Path) -> None:
    """Its start says so, and what runs goes on."""
    manager = packages.workloadmanager.start(":memory:")
    added = packages.add(greeter)
    with pytest.raises(Conflict, match="added after the start"):
        added.start()
    assert manager.running
    packages.workloadmanager.stop()
    assert added.start(":memory:").greet() == "hello"


def test_starting_a_package_that_fails_says_why_and_leaves_nothing_running(
    packages: Packages, write_package: WritePackage
) -> None:
    """The others can still be started by their own names."""
    broken = packages.add(write_package("broken", {"actors/greet.py": "1 / 0"}))
    with pytest.raises(Unavailable, match=r'"broken" does not run \(actors\): .*ZeroDivisionError'):
        broken.start(":memory:")
    assert packages.workloadmanager.start(":memory:").running
    with pytest.raises(Unavailable, match="ZeroDivisionError"):
        broken.start()
    assert broken.record.status == "failed"


def test_everything_reads_as_a_line(packages: Packages) -> None:
    """For the prompt."""
    assert repr(packages) == "<packages: workloadmanager 0.1.0: found>"
    assert repr(J(packages)) == "<j: threebot>"
    assert repr(J(packages).threebot) == "<threebot: package>"
