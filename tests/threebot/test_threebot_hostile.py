"""What packages, manifests and arguments may do in bad faith: a record or a plain refusal, and nothing half loaded."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workloadmanager.errors import InputError, NotFound, SchemaError
from workloadmanager.threebot import Packages, WorkloadManager
from workloadmanager.threebot._manifest_checks import read_manifest  # the doorway offers packages, not their parsing

Start = Callable[..., WorkloadManager]
WritePackage = Callable[..., Path]

PROXY = """\
class Proxy:
    @property
    def __class__(self):
        raise RuntimeError("working outside of a request")

request = Proxy()
"""
SILENT = """\
class Silent(Exception):
    def __str__(self):
        raise ValueError("it has no text")

raise Silent()
"""
LOUD = 'raise Exception("one\\ntwo\\x1b[31m" + "x" * 100_000)\n'
EXITS = """\
import pykka

class Exits(pykka.ThreadingActor):
    def __init__(self, context):
        raise SystemExit(1)
"""
PING = """\
from workloadmanager.actors import CallActor

class Ping(CallActor):
    '''Answer.

    ```in
    {taken}
    ```

    ```out
    {returned}
    ```
    '''

    def {name}(self, *, value=None):
        return self._output.new()
"""


def ping(name: str = "ping", taken: str = "value = (S)", returned: str = "answer = (S)") -> dict[str, str]:
    """Return the files of a package with one call."""
    return {"actors/ping.py": PING.format(name=name, taken=taken, returned=returned)}


@pytest.mark.parametrize(
    ("files", "stage", "reason"),
    [
        (
            {"actors/a.py": "class X(BaseException): pass\nraise X('no')"},
            "actors",
            "a.py:2: importing actors.a fails: X",
        ),
        ({"actors/a.py": "import asyncio\nraise asyncio.CancelledError"}, "actors", "CancelledError"),
        ({"actors/a.py": "raise GeneratorExit"}, "actors", "GeneratorExit"),
        ({"actors/a.py": SILENT}, "actors", "a.py:5: importing actors.a fails: Silent"),
        ({"actors/a.py": LOUD}, "actors", "Exception: one two [31mxxx"),
        ({"__init__.py": "raise GeneratorExit"}, "actors", "importing the package fails"),
        ({"actors/a.py": EXITS}, "start", "SystemExit"),
        (ping(name="acall"), "actors", 'the call "acall" could not be reached'),
        (ping(name="running"), "actors", 'the call "running" could not be reached'),
        (ping(taken="value = (O) !no.such.url.1"), "start", "the docstring of ping:4: there is no schema"),
        (ping(returned="!no.such.url.1"), "start", "the docstring of ping:8: there is no schema"),
        (ping(taken="@url = tfgrid.phonebook.user.1\n    value = (S)"), "start", "is another schema already"),
    ],
)
def test_a_package_that_fails_in_an_odd_way_is_a_record_like_any_other(
    start: Start, write_package: WritePackage, files: dict[str, str], stage: str, reason: str
) -> None:
    """The package after it runs, its modules are forgotten, and the reason is one short line."""
    handle = start(packages=[write_package("broken", files), write_package("second", ping(name="second_ping"))])
    record = handle.packages["broken"]
    assert (record.status, record.stage) == ("failed", stage)
    assert reason in record.reason
    assert len(record.reason) < 1000
    assert record.reason.isprintable()
    assert handle.packages["second"].status == "running"
    assert not [module for module in sys.modules if module.startswith("threebot_package_broken")]


def test_a_keyboard_interrupt_stops_the_start_and_leaves_nothing_behind(
    start: Start, write_package: WritePackage
) -> None:
    """Whoever pressed the keys means it."""
    with pytest.raises(KeyboardInterrupt):
        start(packages=[write_package("broken", {"actors/a.py": "raise KeyboardInterrupt"})])
    assert not [module for module in sys.modules if module.startswith("threebot_package_broken")]


def test_a_name_that_raises_when_it_is_looked_at_is_no_actor(start: Start, write_package: WritePackage) -> None:
    """As flask's `request`, which a module of actors may well import."""
    handle = start(packages=[write_package("web", {"actors/a.py": PROXY})])
    assert handle.packages["web"].status == "running"


def test_a_module_that_answers_for_its_names_may_fail_at_it(start: Start, write_package: WritePackage) -> None:
    """Its manifest names a class, and the module raises instead of having none."""
    files = {"a.py": "def __getattr__(name):\n    raise RuntimeError(name)\n"}
    handle = start(packages=[write_package("lazy", files, more='[actors.calls]\nping = "a:Ping"\n')])
    assert "a.py:2: importing a fails: RuntimeError: " in handle.packages["lazy"].reason


def test_a_module_that_is_not_there_is_called_by_its_own_name(start: Start, write_package: WritePackage) -> None:
    """Not by the one that was made for the package."""
    handle = start(packages=[write_package("empty", more='[actors.calls]\nping = "ping:Ping"\n')])
    assert handle.packages["empty"].reason.endswith("ModuleNotFoundError: No module named 'ping'")


def test_a_condition_that_says_nothing_is_a_requirement_that_is_not_met(
    start: Start, write_package: WritePackage
) -> None:
    """`packaging` raises when it compares what has no order."""
    root = write_package("picky", more="[requires]\npython = [\"pykka; os_name ~= 'posix'\"]\n")
    record = start(packages=[root]).packages["picky"]
    assert (record.stage, record.errors[0].path) == ("requirements", "requires.python[0]")
    assert "condition" in record.reason


@pytest.mark.parametrize("path", ["a\0b", "~nobody-has-this-name/packages"])
def test_a_path_that_no_folder_can_have_is_a_record(start: Start, path: str) -> None:
    """It is one package that is not there, and the others run."""
    record = start(packages=[path]).packages[path]
    assert (record.status, record.stage) == ("failed", "manifest")
    assert "there can be no folder" in record.reason
    with pytest.raises(InputError, match="there can be no folder"):
        Packages().add(path)


@pytest.mark.parametrize("packages", [5, "sibling", b"sibling", [5], [None], [b"sibling"]])
def test_packages_are_a_list_of_folders(start: Start, packages: Any) -> None:
    """A single text would be read letter by letter."""
    with pytest.raises(InputError, match="folder") as refusal:
        start(packages=packages)
    assert refusal.value.path.startswith("packages")


@pytest.mark.parametrize("path", [5, b"store", "~nobody-has-this-name/store"])
def test_the_store_has_a_folder_that_can_be(start: Start, path: Any) -> None:
    """A number would become the name of a folder."""
    with pytest.raises(InputError) as refusal:
        start(path)
    assert refusal.value.path == "path"


SOURCE = '[source]\nname = "visits"\nthreebot = "tfgrid"\nversion = "1.0.0"\n'


@pytest.mark.parametrize(
    ("text", "path", "line", "message"),
    [
        (SOURCE + '[models]\nfolder = "a\\u0000b"\n', "models.folder", 6, 'there is no folder "a b"'),
        (SOURCE + f'[models]\nfolder = "{"a" * 5000}"\n', "models.folder", 6, "there is no folder"),
        (SOURCE + '[source]\nname = "again"\n', "", 6, 'not TOML: Key "source" already exists.'),
        (SOURCE.replace("[source]", '[source]\nname = "a"'), "", 3, 'not TOML: Key "name" already exists.'),
        (SOURCE.replace("1.0.0", "1" * 100_000), "source.version", 4, "give a version"),
        (SOURCE.replace("visits", "x" * 100_000 + "-"), "source.name", 2, "lower-case letters"),
        (SOURCE.replace("visits", "class"), "source.name", 2, "no word of Python"),
        (SOURCE.replace("visits", "list"), "source.name", 2, "no word of Python or of the shell"),
        (SOURCE + "[requires]\npackages = [\"a; os_name == 'x'\"]\n", "requires.packages[0]", 6, "more than a name"),
        (SOURCE + '[requires]\npackages = ["a @ file:///etc"]\n', "requires.packages[0]", 6, "more than a name"),
        ("[" + " " * 20_000 + "x", "", 1, "not TOML"),
    ],
    ids=["nul", "long", "table twice", "key twice", "digits", "name", "word", "shell", "marker", "url", "spaces"],
)
def test_a_hostile_manifest_is_one_short_message(tmp_path: Path, text: str, path: str, line: int, message: str) -> None:
    """With its path and its line, whatever is in it."""
    (tmp_path / "package.toml").write_text(text)
    with pytest.raises(SchemaError) as refusal:
        read_manifest(tmp_path)
    (problem,) = refusal.value.errors
    assert (problem.path, problem.line) == (path, line)
    assert message in problem.message
    assert len(problem.message) < 500


def test_a_manifest_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Some editors write one."""
    (tmp_path / "package.toml").write_text("\ufeff" + SOURCE, encoding="utf-8")
    assert read_manifest(tmp_path).name == "visits"


def _endless(file: Path) -> None:
    file.symlink_to("/dev/zero")


def _large(file: Path) -> None:
    file.write_text(SOURCE + "#" * 300_000)


def _latin(file: Path) -> None:
    file.write_bytes(SOURCE.encode() + b'description = "\xe9"\n')


@pytest.mark.parametrize(
    ("make", "line", "message"),
    [
        (os.mkfifo, 0, "it is no file"),
        (Path.mkdir, 0, "it is no file"),
        (_endless, 0, "it is no file"),
        (_large, 0, "it is larger than 262144 bytes"),
        (_latin, 5, "it is no UTF-8 text"),
    ],
)
def test_a_manifest_is_a_file_of_a_few_lines(
    tmp_path: Path, make: Callable[[Path], None], line: int, message: str
) -> None:
    """Nothing waits for it, and nothing reads it without end."""
    make(tmp_path / "package.toml")
    with pytest.raises(SchemaError) as refusal:
        read_manifest(tmp_path)
    (problem,) = refusal.value.errors
    assert (problem.line, problem.message) == (line, f"the manifest can not be read: {message}")


@pytest.mark.parametrize("folder", ["models", "actors"])
def test_the_usual_folders_do_not_lead_out_of_the_package_either(tmp_path: Path, folder: str) -> None:
    """A link is followed only where it stays inside."""
    root, elsewhere = tmp_path / "visits", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    (root / "package.toml").write_text(SOURCE)
    (root / folder).symlink_to(elsewhere)
    with pytest.raises(SchemaError, match=f'"{folder}" leads out of the package') as refusal:
        read_manifest(root)
    assert refusal.value.errors[0].path == f"{folder}.folder"


class Unwritable:
    """A value that has no text."""

    def __repr__(self) -> str:
        raise RuntimeError("it has no text")


@pytest.mark.parametrize("value", [None, b"x", [], 1.5, True, pytest.param(10**5000, id="huge"), Unwritable()])
def test_what_is_looked_up_is_refused_where_it_cannot_be_looked_up(start: Start, value: Any) -> None:
    """Every method of the phonebook and the directory says so in our words."""
    handle = start()
    phonebook, directory = handle.phonebook, handle.directory
    for look_up in (phonebook.get, phonebook.find, directory.get_farm, directory.get_node, directory.list_nodes):
        if look_up == directory.list_nodes and value is None:
            continue
        with pytest.raises(InputError):
            look_up(value)


@pytest.mark.parametrize("value", [b"x", [], 1.5, True, pytest.param(10**5000, id="huge"), Unwritable()])
def test_what_is_added_is_refused_in_plain_words(start: Start, value: Any) -> None:
    """Nothing of a value but its type is needed to refuse it."""
    handle = start()
    with pytest.raises(InputError):
        handle.phonebook.add(name=value, public_key=value, tid=value)
    with pytest.raises(InputError):
        handle.directory.add_farm(name=value, farmer_tid=value)
    with pytest.raises(InputError):
        handle.directory.add_node(node_id=value, farm_id=value, public_key=value)


def test_nobody_is_found_under_a_long_name_in_a_short_sentence(start: Start) -> None:
    """What was asked for is quoted as far as it helps."""
    with pytest.raises(NotFound) as refusal:
        start().phonebook.find("x" * 1_000_000)
    assert len(str(refusal.value)) < 500
