"""Packages: found, loaded in order, and where one fails it is a record with a reason, and the others run."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pykka
import pytest

from workloadmanager.actors import CALLS
from workloadmanager.threebot import WorkloadManager
from workloadmanager.threebot.directory import CALLS as DIRECTORY_CALLS
from workloadmanager.threebot.phonebook import CALLS as PHONEBOOK_CALLS

OWN = {*CALLS, *DIRECTORY_CALLS, *PHONEBOOK_CALLS}
Start = Callable[..., WorkloadManager]
WritePackage = Callable[..., Path]

ECHO = """\
import pykka

class {name}(pykka.ThreadingActor):
    def __init__(self, context):
        super().__init__()
        self._context = context

    def on_receive(self, message):
        return [self._context.package, dict(message)]
"""
MODEL = "@url = tfgrid.{name}.thing.1\nname = (S)\n"


@pytest.fixture
def write_echo(write_package: WritePackage) -> WritePackage:
    """Write a package that works: a model, and an actor that answers with what it is told."""

    def write(name: str, files: Mapping[str, str] | None = None, **texts: str) -> Path:
        works = {
            f"actors/{name}_echo.py": ECHO.format(name=f"{name.title()}Echo"),
            "models/thing.toml": MODEL.format(name=name),
        }
        return write_package(name, works | dict(files or {}), **texts)

    return write


@pytest.mark.parametrize(
    ("files", "more", "stage", "reason"),
    [
        ({"package.toml": "[source]\nname = 5\n"}, "", "manifest", "3 mistakes"),
        ({}, '[[bcdbs]]\nname = "user"\n', "manifest", 'the bcdb "user" belongs to the host'),
        ({}, '[[bcdbs]]\nname = "first_bcdb"\n', "manifest", 'the bcdb "first_bcdb" belongs to first'),
        ({}, '[requires]\npython = ["no-such-distribution"]\n', "requirements", "not installed"),
        ({}, '[requires]\npython = ["pykka < 1"]\n', "requirements", "is installed"),
        ({}, '[requires]\npackages = ["nowhere"]\n', "requirements", "which is not there"),
        ({}, '[requires]\npackages = ["first > 1"]\n', "requirements", "1.0.0 runs"),
        ({"models/thing.toml": "@url = tfgrid.broken.thing.1\nname = (Q)\n"}, "", "models", "thing.toml:2"),
        ({"models/thing.toml": "@url = tfgrid.broken.thing.1\na = (O) !no.such.url.1\n"}, "", "models", "no.such.url"),
        (
            {"models/thing.toml": "@url = tfgrid.first.thing.1\nname = (I)\n"},
            "",
            "models",
            "package first, and differs",
        ),
        ({"models/thing.toml": "@url = tfgrid.workloads.reservation.1\na = (I)\n"}, "", "models", "workloadmanager"),
        ({"actors/broken_echo.py": "import no_such_module\n"}, "", "actors", "No module named"),
        ({"actors/broken_echo.py": "raise SystemExit(1)\n"}, "", "actors", "SystemExit"),
        ({"actors/broken_echo.py": "def f(:\n"}, "", "actors", "SyntaxError"),
        ({"__init__.py": "1 / 0\n"}, "", "actors", "importing the package fails: ZeroDivisionError"),
        ({"actors/other.py": ECHO.format(name="BrokenEcho")}, "", "actors", 'two actors have the name "broken_echo"'),
        ({"actors/other.py": ECHO.format(name="FirstEcho")}, "", "actors", '"first_echo" is one of the package first'),
        ({"actors/other.py": ECHO.format(name="ReservationsList")}, "", "actors", "the package workloadmanager"),
        ({}, '[actors]\ncalls.broken_echo = "actors.broken_echo:BrokenEko"\n', "actors", 'did you mean "BrokenEcho"?'),
        ({}, '[actors]\ncalls.broken_echo = "actors.broken_echo:pykka"\n', "actors", "is no actor"),
        ({"actors/broken_echo.py": ECHO.format(name="X") + "    def on_start(self): 1 / 0\n"}, "", "start", "by zero"),
        ({"actors/broken_echo.py": ECHO.format(name="X").replace("context", "a, b")}, "", "start", "TypeError"),
    ],
)
def test_of_three_packages_one_fails_and_two_run(
    start: Start, write_echo: WritePackage, files: dict[str, str], more: str, stage: str, reason: str
) -> None:
    """Whatever the fault is, its record says at which stage and why, and the other two answer."""
    first = write_echo("first", more='[[bcdbs]]\nname = "first_bcdb"\n')
    broken, last = write_echo("broken", files, more=more), write_echo("last")
    manager = start(packages=[first, broken, last])
    record = manager.packages["broken"]
    assert (record.status, record.stage) == ("failed", stage)
    assert reason in record.reason
    assert record.errors
    assert [manager.packages[name].status for name in ("workloadmanager", "first", "last")] == ["running"] * 3
    assert manager.first_echo(said="hello") == ["first", {"said": "hello"}]
    assert manager.last_echo() == ["last", {}]


def test_a_package_that_fails_leaves_nothing_behind(start: Start, write_echo: WritePackage) -> None:
    """Neither its models nor its modules nor its actors."""
    modules = set(sys.modules)
    failing = ECHO.format(name="BrokenZecho") + "    def on_start(self): 1 / 0\n"
    manager = start(packages=[write_echo("broken", {"actors/zecho.py": failing})])
    assert "broken" not in repr(manager)
    assert set(manager.actors) == OWN
    assert pykka.ActorRegistry.get_by_class_name("BrokenEcho") == []
    assert [name for name in set(sys.modules) - modules if "broken" in name] == []


def test_the_models_of_a_package_whose_code_fails_are_taken_out_again(start: Start, write_echo: WritePackage) -> None:
    """A schema without the code that keeps to it would only mislead."""
    manager = start(packages=[write_echo("broken", {"actors/broken_echo.py": "1 / 0"}), write_echo("last")])
    assert [url for url in manager.registry.urls() if "thing" in url] == ["tfgrid.last.thing.1"]


def test_packages_that_need_each_other_in_a_circle_do_not_run(start: Start, write_echo: WritePackage) -> None:
    """The circle is named, what needs one of it is told so, and the rest runs."""
    packages = [
        write_echo(name, more=f'[requires]\npackages = ["{needs}"]\n')
        for name, needs in {"one": "two", "two": "three", "three": "one", "four": "three"}.items()
    ]
    manager = start(packages=[*packages, write_echo("free")])
    reasons = {name: record.reason for name, record in manager.packages.items() if record.status == "failed"}
    assert set(reasons) == {"one", "two", "three", "four"}
    assert "in a circle: " in reasons["one"]
    assert "which does not run: packages need each other" in reasons["four"]
    assert manager.free_echo() == ["free", {}]


def test_a_package_starts_after_those_that_it_needs(start: Start, write_echo: WritePackage) -> None:
    """The order in which they were given does not matter."""
    later = write_echo("later", more='[requires]\npackages = ["earlier >= 1", "workloadmanager"]\n')
    manager = start(packages=[later, write_echo("earlier")])
    assert [name for name in manager.actors if name not in OWN] == ["earlier_echo", "later_echo"]


def test_a_package_whose_need_fails_to_start_does_not_run(start: Start, write_echo: WritePackage) -> None:
    """What fails at the last stage takes those with it that need it, and no others."""
    failing = ECHO.format(name="NeedEcho") + "    def on_start(self): 1 / 0\n"
    need = write_echo("need", {"actors/need_echo.py": failing})
    manager = start(packages=[need, write_echo("wants", more='[requires]\npackages = ["need"]\n')])
    assert "ZeroDivisionError" in manager.packages["need"].reason
    assert "it needs the package need, which does not run" in manager.packages["wants"].reason


def test_of_two_packages_with_one_name_the_second_does_not_load(
    start: Start, write_echo: WritePackage, tmp_path: Path
) -> None:
    """It has a record too, under the name of its folder."""
    first = write_echo("twin")
    second = first.rename(tmp_path / "other")
    first = write_echo("twin")
    manager = start(packages=[first, second])
    assert manager.packages["twin"].status == "running"
    assert 'the name "twin" is that of the package in' in manager.packages["other"].reason


def test_a_package_can_not_take_the_name_of_this_one(start: Start, write_echo: WritePackage) -> None:
    """The workload manager runs, and the other one has a record."""
    manager = start(packages=[write_echo("workloadmanager")])
    assert manager.packages["workloadmanager"].status == "running"
    assert [record.status for record in manager.packages.values()] == ["running", "failed"]


def test_a_folder_without_a_package_is_a_record(start: Start, tmp_path: Path) -> None:
    """The reason says what a package is."""
    manager = start(packages=[tmp_path / "nowhere"])
    assert "no package.toml" in manager.packages["nowhere"].reason


def test_a_requirement_for_another_platform_does_not_matter(start: Start, write_echo: WritePackage) -> None:
    """Markers mean what they mean to pip."""
    marked = """[requires]\npython = ['nothing; python_version < "3"', 'pykka>=4']\n"""
    assert start(packages=[write_echo("marked", more=marked)]).packages["marked"].status == "running"


def test_a_package_reaches_its_own_modules_and_sys_path_stays_as_it_is(
    start: Start, write_package: WritePackage
) -> None:
    """Relative imports work below the folder, whose name on the disk does not matter."""
    path = list(sys.path)
    files = {
        "__init__.py": "GREETING = 'hello'\n",
        "words.py": "from . import GREETING\n",
        "actors/greet.py": "from ..words import GREETING\n"
        + ECHO.format(name="Greet").replace("dict(message)", "GREETING"),
    }
    assert start(packages=[write_package("words", files)]).greet() == ["words", "hello"]
    assert sys.path == path


def test_a_base_class_of_calls_and_a_private_class_are_no_calls(start: Start, write_package: WritePackage) -> None:
    """Only what has a call of its own is started."""
    code = """\
from workloadmanager.actors import CallActor

class Base(CallActor):
    pass

class Wave(Base):
    \"\"\"Wave back.

    ```in
    times = (I)
    ```
    ```out
    waves = (LI)
    ```
    \"\"\"

    def wave(self, *, times: int) -> object:
        return self._output.new(waves=list(range(times)))

class _Hidden(Wave):
    pass
"""
    manager = start(packages=[write_package("waves", {"actors/wave.py": code})])
    assert manager.packages["waves"].calls == ("wave",)
    assert manager.wave(times=3).waves == [0, 1, 2]


def test_a_package_without_actors_brings_its_models(start: Start, write_package: WritePackage) -> None:
    """Several packages may share one."""
    manager = start(packages=[write_package("shared", {"models/thing.toml": MODEL.format(name="shared")})])
    assert manager.packages["shared"].status == "running"
    assert "tfgrid.shared.thing.1" in manager.registry.urls()


def test_a_package_that_is_started_again_has_its_new_code(start: Start, write_echo: WritePackage) -> None:
    """A shell user edits, stops and starts; two at once have their own modules."""
    first = start(packages=[write_echo("edited")])
    second = start(packages=[write_echo("edited", {"actors/edited_echo.py": ECHO.format(name="Edited")})])
    assert (first.edited_echo(), second.edited()) == (["edited", {}], ["edited", {}])


def test_stopping_forgets_the_modules_of_packages(start: Start, write_echo: WritePackage) -> None:
    """Nothing grows in a process that starts and stops all day."""
    manager = start(packages=[write_echo("gone")])
    assert any(name.startswith("threebot_package_gone_") for name in sys.modules)
    manager.stop()
    assert not any(name.startswith("threebot_package_gone_") for name in sys.modules)


def test_an_installed_package_is_found_by_its_entry_point(
    start: Start, write_echo: WritePackage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its code runs under its own name; an entry point that leads nowhere is a record."""
    root = write_echo("installed")
    information = root.parent / "installed-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: installed\nVersion: 1.0\n")
    points = "[threebot.packages]\ninstalled = installed\nlost = no_such_package\nworse = pykka.nothing.there\n"
    (information / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(root.parent)
    manager = start()
    assert manager.installed_echo() == ["installed", {}]
    assert manager.actors["installed_echo"].actor_class.__module__ == "installed.actors.installed_echo"
    assert "no importable folder" in manager.packages["lost"].reason
    assert "can not be followed" in manager.packages["worse"].reason
    for name in [name for name in sys.modules if name.partition(".")[0] == "installed"]:
        monkeypatch.delitem(sys.modules, name)


def test_the_manifest_of_this_package_gives_the_calls_of_the_documentation(start: Start) -> None:
    """The loader finds in the folder what `actors.CALLS` lists; the directory and the phonebook bring their own."""
    assert set(start().packages["workloadmanager"].calls) == OWN


def test_a_record_reads_as_a_line(start: Start, write_echo: WritePackage) -> None:
    """For the shell: name, version, how it is, and why."""
    packages = start(packages=[write_echo("fine"), write_echo("broken", {"actors/broken_echo.py": "1 / 0"})]).packages
    assert str(packages["fine"]) == "fine 1.0.0: running"
    assert str(packages["broken"]).startswith("broken 1.0.0: failed (actors): ")
    assert repr(packages).startswith("<packages: workloadmanager ")
