"""The docs are held to the code: every call, argument, error and public name is documented, every snippet runs."""

from __future__ import annotations

import configparser
import functools
import importlib
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from shutil import which
from typing import NoReturn, get_origin

import pytest

from workloadmanager import errors, start
from workloadmanager.actors import CALLS
from workloadmanager.rules import Settings

from .pages import PAGES, REPOSITORY, blocks, names
from .terminal import Transcript, commands_of, type_in, variables

DOORWAYS = (
    "",
    ".actors",
    ".bcdb",
    ".rules",
    ".schema",
    ".threebot",
    ".threebot.client",
    ".threebot.directory",
    ".threebot.gedis",
    ".threebot.phonebook",
    ".threebot.service",
    ".errors",
    ".signing",
)
LINK = re.compile(r"\]\((?P<target>[^)#\s]+)?(?:#(?P<anchor>[^)]*))?\)")
MENTION = re.compile(r"`(?P<page>docs/[\w./-]+)`")
HEADING = re.compile(r"^#+ (?P<words>.+)$", re.MULTILINE)

PAGES_WITH_PYTHON = [page for page in PAGES if any(not block.file for block in blocks(page, "python"))]
PAGES_WITH_COMMANDS = [page for page in PAGES if list(blocks(page, "console"))]
PACKAGES = {"redis-cli": "redis-tools", "node": "nodejs", "go": "golang-go"}
"""The programs that pages need beside the package, each with the package of Debian that has it."""

NOT_IN_CI = frozenset({"go"})
"""Those that CI does not install; every other one has to be there."""

PROGRAMS = [
    pytest.param(page, program, id=f"{page.name}-{program}")
    for page in PAGES_WITH_COMMANDS
    for program in sorted({block.needs for block in blocks(page) if block.needs})
]


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_WITH_PYTHON, ids=names(PAGES_WITH_PYTHON))
def test_the_python_of_a_page_runs_from_top_to_bottom(page: Path, tmp_path: Path) -> None:
    """A reader can type in a page's Python in order, in one interpreter, and it works without a warning."""
    script = tmp_path / "page.py"
    texts = ["\n" * block.line + block.text for block in blocks(page, "python")]
    source = "\n".join(f"exec(compile({text!r}, {page.name!r}, 'exec'), globals())" for text in texts)
    script.write_text(source, encoding="utf-8")
    finished = subprocess.run(
        [sys.executable, "-W", "error", str(script)],
        cwd=REPOSITORY / "examples",
        env=variables(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (finished.returncode, finished.stderr) == (0, "")


def pass_over(program: str, page: Path) -> NoReturn:
    """End a test that needs a program which is not installed: it is skipped, or fails where CI has to have it."""
    message = f"{program} is not installed ({PACKAGES[program]} in Debian), so that a part of {page.name} did not run"
    if "CI" in os.environ and program not in NOT_IN_CI:
        pytest.fail(f"{message}; CI has to have it")
    pytest.skip(message)


@pytest.fixture(scope="session")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Transcript]:
    """Type in the commands of a page, once for all tests: ``typed(page)``."""

    @functools.cache
    def type_one(page: Path) -> Transcript:
        found = list(blocks(page))
        if any("redis-cli" in block.text for block in found if block.kind == "console") and not which("redis-cli"):
            pass_over("redis-cli", page)
        folder = tmp_path_factory.mktemp(page.stem)
        return type_in(found, folder, variables(folder) | {"EXAMPLES": str(REPOSITORY / "examples")})

    return type_one


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=names(PAGES_WITH_COMMANDS))
def test_the_commands_of_a_page_run_from_top_to_bottom(page: Path, typed: Callable[[Path], Transcript]) -> None:
    """A reader can type in a page's commands in order, in one terminal; each succeeds, and prints what is shown."""
    transcript = typed(page)
    last, printed = list(transcript.printed.items())[-1]
    assert transcript.status == 0, f"{page.name}:{last.line}: {last.text}\n{printed}"
    for command, printed in transcript.printed.items():
        shown = f"{page.name}:{command.line}: {command.text}\n--- shows\n{command.shown}\n--- prints\n{printed}"
        assert command.prints(printed), shown


@pytest.mark.slow
@pytest.mark.parametrize(("page", "program"), PROGRAMS)
def test_what_needs_a_program_runs_where_it_is(page: Path, program: str, typed: Callable[[Path], Transcript]) -> None:
    """Snippets in another language are run wherever their compiler or interpreter is installed; in CI, Node.js is."""
    transcript = typed(page)
    if program in transcript.missing:
        pass_over(program, page)
    wanted = [each for block in blocks(page, "console") if block.needs == program for each in commands_of(block)]
    assert wanted
    assert [command.text for command in wanted if command not in transcript.printed] == []


def anchors(page: Path) -> set[str]:
    """The headings of a page, as links name them."""
    headings = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=names(PAGES))
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    """A link inside the repository, and a page named in the text, exists; so does the heading that a link names."""
    text = page.read_text(encoding="utf-8")
    links = [(found["target"] or "", found["anchor"]) for found in LINK.finditer(text)]
    inside = [(page.parent / target if target else page, anchor) for target, anchor in links if "://" not in target]
    mentions = [(REPOSITORY / found["page"], None) for found in MENTION.finditer(text)]
    assert [str(target) for target, _ in (*inside, *mentions) if not target.exists()] == []
    named = [(target, anchor) for target, anchor in inside if anchor and target.suffix == ".md"]
    assert [f"{target.name}#{anchor}" for target, anchor in named if anchor not in anchors(target)] == []


def installation() -> configparser.ConfigParser:
    """What is installed."""
    parser = configparser.ConfigParser()
    parser.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    return parser


def test_the_readme_has_a_row_for_each_folder_and_each_extra() -> None:
    """A stranger finds every part that is installed, and what is to be installed for it."""
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    rows = "\n".join(line for line in text.splitlines() if line.startswith("|"))
    parts = [name.partition(".")[2].replace(".", "/") for name in installation()["options"]["packages"].split()]
    assert [part for part in parts if part and f"`{part}/`" not in rows] == []
    assert [extra for extra in installation()["options.extras_require"] if f"`{extra}`" not in rows] == []


def test_the_libraries_are_listed_with_a_reason_each() -> None:
    """docs/decisions/0008-dependencies.md has every requirement of the core, and of each extra."""
    text = (REPOSITORY / "docs" / "decisions" / "0008-dependencies.md").read_text(encoding="utf-8")
    wanted = [installation()["options"]["install_requires"], *installation()["options.extras_require"].values()]
    libraries = [re.split(r"\W", line.strip().replace("-", "_"))[0] for part in wanted for line in part.split("\n")]
    assert (
        sorted(name for name in set(libraries) if name and not re.search(rf"\b{name}\b", text.replace("-", "_"))) == []
    )


@pytest.mark.parametrize("call", CALLS)
def test_a_call_is_documented_with_each_of_its_arguments(call: str) -> None:
    """docs/calls.md has a section for the call that names every argument its docstring declares."""
    text = (REPOSITORY / "docs" / "calls.md").read_text(encoding="utf-8")
    section = re.search(rf"^## `?{call}`?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/calls.md has no section {call}"
    documentation = CALLS[call].__doc__ or ""
    declared = re.search(r"```in\n(.*?)```", documentation, re.DOTALL)
    assert declared
    arguments = re.findall(r"^\s*(\w+)\s*=", declared[1], re.MULTILINE)
    assert arguments
    assert [name for name in arguments if f"`{name}`" not in section[1]] == []


OPTIONS = [
    *(field.name for field in fields(Settings)),
    *(each.name for each in inspect.signature(start).parameters.values() if each.kind is not each.VAR_KEYWORD),
]


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_documented(option: str) -> None:
    """docs/operating.md has a row for each setting of the manifest and each argument of start()."""
    text = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("|")]
    assert any(f"`{option}`" in row for row in rows)


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name not in {"Problem", "WorkloadManagerError"}])
def test_an_error_is_documented_with_its_kind(name: str) -> None:
    """docs/errors.md has a row for each error class, with its kind."""
    text = (REPOSITORY / "docs" / "errors.md").read_text(encoding="utf-8")
    assert f"| `{getattr(errors, name).kind}` | `{name}` |" in text


def test_the_reference_page_is_what_its_script_writes() -> None:
    """docs/reference.md lists what each doorway offers today, with its first sentence, and nothing else."""
    script = REPOSITORY / "docs" / "write_reference.py"
    finished = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize("doorway", DOORWAYS)
def test_every_public_name_has_a_docstring(doorway: str) -> None:
    """What a doorway offers explains itself; plain values are explained on the reference page."""
    module = importlib.import_module(f"workloadmanager{doorway}")
    offered = {name: getattr(module, name) for name in module.__all__}
    explained = {name: value for name, value in offered.items() if callable(value) and get_origin(value) is None}
    assert [name for name, value in explained.items() if not value.__doc__] == []
