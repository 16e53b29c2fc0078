"""The manifest: one good sample, and many single mistakes with the message, the path and the line of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from workloadmanager.errors import SchemaError
from workloadmanager.threebot._manifest import Manifest, RawManifest  # the doorway offers packages, not their parsing
from workloadmanager.threebot._manifest_checks import read_manifest, validate

SAMPLE = """\
[source]
name = "visits"
threebot = "tfgrid"
version = "1.2.0"
description = "who came by"

[[bcdbs]]
name = "visit"
namespace = "tfgrid"
type = "zdb"
instance = "default"

[models]
folder = "models"

[actors]
folder = "actors"

[requires]
python = ["pykka >= 4"]
packages = ["workloadmanager >= 0.1"]

[settings]
greeting = "hello"
most = 12
loud = true
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A package's folder with both of its own folders, beside one that is not its own."""
    for name in ("visits/models", "visits/actors", "elsewhere"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "visits" / "out").symlink_to(tmp_path / "elsewhere")
    return tmp_path / "visits"


def parse(text: str, root: Path) -> Manifest:
    """Read a manifest from its text, as from the file package.toml."""
    return validate(RawManifest.parse(text, source="package.toml"), root)


def test_a_good_manifest_says_what_the_package_is(root: Path) -> None:
    """Every key arrives where the loader looks for it."""
    manifest = parse(SAMPLE, root)
    assert (manifest.name, manifest.threebot, manifest.version) == ("visits", "tfgrid", "1.2.0")
    assert (manifest.models, manifest.actors) == (root / "models", root / "actors")
    assert manifest.collections == ("visit",)
    assert [str(requirement) for requirement in manifest.python] == ["pykka>=4"]
    assert manifest.settings == {"greeting": "hello", "most": 12, "loud": True}


def test_an_original_manifest_reads_and_its_usual_folders_are_found(root: Path) -> None:
    """Packages of the original name neither folder, and say where a bcdb is kept."""
    text = """
        [source]
        name = "visits"
        description = "mypackage"
        threebot = "mybot"
        version = "1.0.0"
        [actor]
        namespace = "mybot"
        [[bcdbs]]
        namespace = "mybot"
        type = "zdb"
        instance = "default"
    """
    manifest = parse(text, root)
    assert (manifest.models, manifest.actors, manifest.collections) == (root / "models", root / "actors", ("mybot",))


def test_calls_can_be_named_one_by_one(root: Path) -> None:
    """A package may say which class answers which call instead of naming a folder."""
    manifest = parse(SAMPLE.replace('folder = "actors"', 'calls.visit_add = "actors.visit:Adder"'), root)
    assert (manifest.calls, manifest.actors) == ({"visit_add": "actors.visit:Adder"}, None)


@pytest.mark.parametrize(
    ("good", "bad", "path", "line", "message"),
    [
        ('name = "visits"', 'name = "Visits"', "source.name", 2, "lower-case letters"),
        ('name = "visits"', 'nam = "visits"', "source.nam", 2, 'did you mean "name"?'),
        ('threebot = "tfgrid"', 'threebot = " "', "source.threebot", 3, "not empty"),
        ('version = "1.2.0"', "version = 1.2", "source.version", 4, "a version"),
        ('version = "1.2.0"', 'version = "one"', "source.version", 4, "a version"),
        ('description = "who came by"', "description = 1", "source.description", 5, "a text"),
        ("[models]", "[modles]", "modles", 13, 'did you mean "models"?'),
        ("[models]", '["my models"]', "my models", 13, "no table"),
        ('folder = "models"', 'folder = "model"', "models.folder", 14, 'no folder "model"'),
        ('folder = "models"', 'folder = "../elsewhere"', "models.folder", 14, "out of the package"),
        ('folder = "models"', 'folder = "/"', "models.folder", 14, "out of the package"),
        ('folder = "models"', 'folder = "out"', "models.folder", 14, "out of the package"),
        ('folder = "actors"', "folder = []", "actors.folder", 17, "a text"),
        ('folder = "actors"', 'calls = "all"', "actors.calls", 17, "a table of calls"),
        ('folder = "actors"', 'calls.add = "actors/visit.py"', "actors.calls.add", 0, "module:Class"),
        ('folder = "actors"', 'calls.Add = "actors:Add"', "actors.calls.Add", 0, "lower-case letters"),
        ('folder = "actors"', 'folder = "actors"\ncalls = {}', "actors.calls", 18, "not both"),
        ('python = ["pykka >= 4"]', 'python = "pykka >= 4"', "requires.python", 20, "a list of texts"),
        ('python = ["pykka >= 4"]', 'python = ["pykka", "=> 4"]', "requires.python[1]", 20, "no requirement"),
        ('python = ["pykka >= 4"]', "python = [4]", "requires.python[0]", 20, "no requirement"),
        ("packages =", "package =", "requires.package", 21, 'did you mean "packages"?'),
        ("most = 12", "most = [12]", "settings.most", 25, "a text, a number, true or false"),
        ('name = "visit"', 'title = "visit"', "bcdbs[0].title", 8, "unknown key"),
        ('name = "visit"\nnamespace = "tfgrid"', 'name = ""', "bcdbs[0]", 7, "a name of 1 to 64 bytes"),
        ('instance = "default"', '[[bcdbs]]\nname = "visit"', "bcdbs[1].name", 12, "already"),
    ],
)
def test_a_single_mistake_has_its_message_path_and_line(
    root: Path, good: str, bad: str, path: str, line: int, message: str
) -> None:
    """One change to the good sample, one mistake in the report."""
    assert good in SAMPLE
    with pytest.raises(SchemaError) as refusal:
        parse(SAMPLE.replace(good, bad, 1), root)
    matching = [problem for problem in refusal.value.errors if problem.path == path]
    assert [(problem.line, problem.source) for problem in matching] == [(line, "package.toml")]
    assert message in matching[0].message


def test_all_mistakes_are_reported_at_once(root: Path) -> None:
    """Three mistakes, three messages."""
    text = SAMPLE.replace('"visits"', '"Visits"').replace('"1.2.0"', '"one"').replace("[settings]", "[setings]")
    with pytest.raises(SchemaError) as refusal:
        parse(text, root)
    assert sorted(problem.path for problem in refusal.value.errors) == ["setings", "source.name", "source.version"]


@pytest.mark.parametrize("table", ["source", "models", "requires"])
def test_a_table_that_is_a_value_is_refused(root: Path, table: str) -> None:
    """`models = "models"` is a natural mistake, and says how to write it."""
    with pytest.raises(SchemaError, match=rf"write \[{table}\]"):
        parse(f'{table} = "models"\n', root)


def test_bcdbs_that_are_no_list_of_tables_are_refused(root: Path) -> None:
    """One pair of brackets instead of two."""
    with pytest.raises(SchemaError, match=r"\[\[bcdbs\]\]"):
        parse(SAMPLE.replace("[[bcdbs]]", "[bcdbs]"), root)


@pytest.mark.parametrize(("text", "line"), [("[source\n", 1), ("[source]\nname =\n", 2)])
def test_what_is_not_toml_is_refused_with_its_line(root: Path, text: str, line: int) -> None:
    """The parser's own message, at the line that it stopped at."""
    with pytest.raises(SchemaError, match="not TOML") as refusal:
        parse(text, root)
    assert refusal.value.errors[0].line == line


def test_a_key_that_is_written_twice_is_refused(root: Path) -> None:
    """TOML forbids it."""
    with pytest.raises(SchemaError, match="not TOML"):
        parse('[source]\nname = "a"\nname = "b"\n', root)


def test_a_folder_without_a_manifest_says_so(tmp_path: Path) -> None:
    """The message names the file that is missing."""
    with pytest.raises(SchemaError, match=r"no package\.toml"):
        read_manifest(tmp_path)


def test_a_manifest_that_is_not_text_says_so(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a mistake of the file, not a traceback."""
    (tmp_path / "package.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SchemaError, match="can not be read"):
        read_manifest(tmp_path)
