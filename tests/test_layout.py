"""The layout is held by tests: what ships, which folders are packages, and which way imports go."""

from __future__ import annotations

import ast
import configparser
import importlib
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDERS = ("actors", "bcdb", "models", "rules", "schema", "threebot")
LAYERS = {"errors": 0, "schema": 1, "models": 1, "rules": 2, "signing": 3, "bcdb": 2, "actors": 3, "threebot": 4, "": 5}
LONGEST_FUNCTION = 60
LONGEST_MODULE = 400


def package_modules() -> Iterator[Path]:
    """Every module that ships, relative to the repository."""
    for path in sorted(REPOSITORY.glob("*.py")):
        yield path.relative_to(REPOSITORY)
    for folder in FOLDERS:
        for path in sorted((REPOSITORY / folder).rglob("*.py")):
            yield path.relative_to(REPOSITORY)


def package_folders() -> set[str]:
    """Every folder that ships, as the name of its import package."""
    folders = {path.parent for path in package_modules()}
    return {".".join(("workloadmanager", *folder.parts)) for folder in folders}


MODULES = list(package_modules())


def folder_of(module: Path) -> str:
    """The top-level part of the design that a module belongs to; empty for the root `__init__`."""
    if len(module.parts) > 1:
        return module.parts[0]
    return "" if module.stem == "__init__" else module.stem


def imported_modules(module: Path, text: str) -> Iterator[tuple[int, str]]:
    """Yield ``(line, dotted path from the repository)`` of each import inside the package."""
    package = module.parent.parts
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1]
            inside = (*base, *(node.module or "").split(".")) if node.module else base
            names = [""] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield node.lineno, ".".join(part for part in (*inside, name) if part)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "workloadmanager":
            yield node.lineno, ".".join((node.module or "").split(".")[1:])
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "workloadmanager":
                    yield node.lineno, ".".join(alias.name.split(".")[1:])


def wrong_imports(module: Path, text: str) -> list[str]:
    """Name each import of a module that goes against the direction of docs/decisions, or past a doorway."""
    importer = folder_of(module)
    found = []
    for line, target in imported_modules(module, text):
        top = target.split(".")[0]
        if top == importer:
            continue
        if top not in LAYERS or LAYERS[top] >= LAYERS[importer]:
            found.append(f"{module}:{line} imports {target or 'the root'}")
        elif any(part.startswith("_") for part in target.split(".")):
            found.append(f"{module}:{line} goes past the doorway of {top} to {target}")
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout that holds nothing but its sources."""
    copy = tmp_path_factory.mktemp("wheel") / "checkout"
    unwanted = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__")
    shutil.copytree(REPOSITORY, copy, ignore=unwanted)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    subprocess.run(build, check=True, capture_output=True, text=True)
    (built,) = (copy / "dist").glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_holds_exactly_what_the_repository_ships(wheel: Path) -> None:
    """A folder that is missing from the package list imports in a checkout and is absent from the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        members = {name for name in archive.namelist() if ".dist-info/" not in name}
    shipped = {f"workloadmanager/{path.as_posix()}" for path in package_modules()}
    shipped |= {f"workloadmanager/models/{path.name}" for path in (REPOSITORY / "models").glob("*.toml")}
    shipped |= {"workloadmanager/package.toml", "workloadmanager/py.typed"}
    assert members == shipped


def test_the_package_list_names_every_folder_with_modules() -> None:
    """setup.cfg lists the packages by hand; the list and the folders agree."""
    configuration = configparser.ConfigParser()
    configuration.read(REPOSITORY / "setup.cfg")
    listed = set(configuration["options"]["packages"].split())
    assert listed == package_folders()


def test_the_manifest_and_the_metadata_give_one_version() -> None:
    """package.toml and setup.cfg both carry the version; they are changed together."""
    configuration = configparser.ConfigParser()
    configuration.read(REPOSITORY / "setup.cfg")
    manifest = tomllib.loads((REPOSITORY / "package.toml").read_text(encoding="utf-8"))
    assert manifest["source"]["version"] == configuration["metadata"]["version"]


def test_the_manifest_and_the_metadata_require_the_same() -> None:
    """A 3Bot host reads package.toml, pip reads setup.cfg; both learn of the same libraries."""
    configuration = configparser.ConfigParser()
    configuration.read(REPOSITORY / "setup.cfg")
    manifest = tomllib.loads((REPOSITORY / "package.toml").read_text(encoding="utf-8"))
    assert manifest["requires"]["python"] == configuration["options"]["install_requires"].split("\n")[1:]


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_imports_go_one_way_and_through_doorways(module: Path) -> None:
    """errors, then schema, then rules and bcdb, then actors, then threebot, then the root; never back."""
    assert wrong_imports(module, (REPOSITORY / module).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("rules/_quorum.py", "from ..bcdb import Store"),
        ("rules/_quorum.py", "from .. import actors"),
        ("bcdb/_keys.py", "from ..rules import NextAction"),
        ("actors/_call.py", "from ..schema._registry import Registry"),
        ("schema/_registry.py", "import workloadmanager.threebot"),
        ("threebot/cli/_key.py", "from ... import start"),
    ],
)
def test_a_planted_wrong_import_is_seen(module: str, line: str) -> None:
    """The guard itself is tested: against the direction, between siblings, past a doorway, up to the root."""
    assert len(wrong_imports(Path(module), f"{line}\n")) == 1


@pytest.mark.parametrize("package", sorted(package_folders()))
def test_every_folder_has_a_doorway(package: str) -> None:
    """Each package says in `__all__` what is public, and every name in it exists."""
    doorway = importlib.import_module(package)
    assert doorway.__doc__
    missing = [name for name in doorway.__all__ if not hasattr(doorway, name)]
    assert missing == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_modules_and_functions_stay_small(module: Path) -> None:
    """No file becomes the place where everything goes, and no function is longer than a screen."""
    text = (REPOSITORY / module).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_MODULE
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert long == []


def test_every_source_folder_has_its_folder_of_tests() -> None:
    """Tests mirror the source, so that a reader finds them without a search."""
    without = [folder for folder in FOLDERS if not list((REPOSITORY / "tests" / folder).glob("test_*.py"))]
    assert without == []


def test_every_test_says_in_a_sentence_what_it_holds() -> None:
    """Each test has a docstring of one line or more."""
    silent = [
        f"{path.relative_to(REPOSITORY)}:{node.lineno} {node.name}"
        for path in sorted((REPOSITORY / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


def test_test_files_have_names_of_their_own() -> None:
    """Test folders are no packages, so two files of one name would be one module to a type checker."""
    names = [path.name for path in (REPOSITORY / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))
